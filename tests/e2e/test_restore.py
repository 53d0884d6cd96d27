"""An old version taken back, and what others do not see of it, by hand (3.1-10, 3.8-13)."""

import pytest
from playwright.sync_api import expect

from catalog.models import Product
from catalog.services.copies import duplicate_version
from catalog.services.versions import release_version, submit_version
from tests.e2e.watch import visit
from tests.support.offers import approve
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.models import User

OFFER = "MTV-OFFRE-001"


@pytest.mark.requirement("3.1-10", "3.8-13", "1-02", "3.4-07")
def test_a_version_is_taken_back_unseen_by_others(open_page):
    with scoping.everything():
        offer = Product.objects.get(sku=OFFER)
        first = offer.versions.get()
        manager = User.objects.get(email="produit.mtv@winvest.example")
        second = duplicate_version(actor=manager, version=first, effective_from=now())
        submit_version(actor=manager, version=second)
        approve(second)
        release_version(actor=manager, version=second)
    sheet = f"/catalogue/produits/{offer.pk}/"
    page, watch = open_page("produit.mtv@winvest.example")
    visit(page, f"{sheet}?onglet=historique")
    page.get_by_role("link", name="Revenir à cette version").first.click()
    page.get_by_role("button", name="Revenir à la version 1").click()
    expect(page.get_by_text("Brouillon créé, au contenu exact de")).to_be_visible()
    with scoping.everything():
        third = offer.versions.latest("version")
    assert (third.state, third.notes) == ("draft", "Retour à la version 1.")
    visit(page, f"{sheet}comparer/?de=1&a=3")
    expect(page.get_by_text("le même contenu")).to_be_visible()
    # The Escape key gives back the place where a menu was opened.
    visit(page, "/catalogue/")
    views = page.locator("summary").filter(has_text="Vues")
    views.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(views).to_be_focused()
    assert watch.problems == []

    # A seller of the company finds what is on sale, and in it neither drafts nor commissions.
    seller, watch = open_page("vente.mtv@winvest.example")
    visit(seller, "/catalogue/")
    expect(seller.get_by_role("link", name=offer.name)).to_have_count(0)
    seller.get_by_role("link", name="Crédits vidéo à la demande").click()
    expect(seller.get_by_role("link", name="Tarification")).to_be_visible()
    expect(seller.get_by_role("link", name="Commissions")).to_have_count(0)
    expect(seller.get_by_text("Brouillon")).to_have_count(0)
    assert watch.problems == []

    # For another company there is no such product, by its name nor by its address.
    stranger, _watch = open_page("produit.ap@winvest.example")
    visit(stranger, f"/catalogue/?search={OFFER}")
    expect(stranger.locator(".pane-products tbody th a")).to_have_count(0)
    visit(stranger, sheet)
    expect(
        stranger.get_by_role("heading", name="Cette fiche ne vous est pas ouverte")
    ).to_be_visible()
    expect(stranger.get_by_text(offer.name)).to_have_count(0)
