"""What people do with a product on sale, by hand: stop it, retire it, change its commission (H.2.3)."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from catalog.models import Product
from tests.e2e.test_accessibility import _serious
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.models import User
from winvest.core.services.notifications import mail_notifications
from winvest.core.transaction import transaction

MANAGER, SELLER = "produit.mtv@winvest.example", "vente.mtv@winvest.example"
PASSWORD = "un-mot-de-passe-de-vente"
REASON = "Décodeur rappelé par le fabricant"
# Wider than the window is what a person has to push aside.
FITS = "document.documentElement.scrollWidth <= window.innerWidth"


@pytest.fixture
def product(demo):
    """Return Mondial TV's offer, on sale in the demo data."""
    with scoping.everything():
        return Product.objects.get(sku="MTV-OFFRE-001")


def look(page, watch, path):
    """Open a page, and see that it fits and that axe finds nothing serious."""
    visit(page, path)
    assert page.evaluate(FITS), path
    watch.paused = True  # axe itself breaks the policy
    assert _serious(page) == [], path
    watch.paused = False


def quote(page):
    """Ask the price on the sheet, and return what it answers."""
    asked = page.locator(".sheet-quote")
    asked.get_by_label("Formule").select_option("BASIC")
    asked.get_by_label("Canal").select_option("web")
    asked.get_by_role("button", name="Calculer").click()
    return page.locator("#sheet-quote-answer")


def link_of_mail(address):
    """Return the path that the last e-mail to this person leads to, and its subject."""
    while mail_notifications():
        pass
    last = next(one for one in reversed(mail.outbox) if one.to == [address])
    return re.search(r"/core/notification/\S+", last.body)[0], last.subject


@pytest.mark.requirement("H.2.3-03", "4-09", "4-10", "D.3.5-02")
def test_a_sale_is_stopped_and_the_product_retired(product, open_page, settings):
    with scoping.everything():
        seller = User.objects.get(email=SELLER)
        with transaction(seller):
            seller.set_password(PASSWORD)
            seller.save()
    base = f"/catalogue/produits/{product.pk}/"
    page, watch = open_page(MANAGER)
    visit(page, f"{base}?onglet=tarification")
    expect(quote(page).get_by_text("TTC").first).to_be_visible()

    # Two clicks, and the reason between them.
    page.get_by_text("Geler", exact=True).click()
    page.get_by_label("Motif du gel").fill(REASON)
    page.get_by_role("button", name="Geler la vente").click()
    expect(page.locator(".sheet-head .badge", has_text="Gelé")).to_be_visible()
    expect(page.get_by_text("les vendeurs sont prévenus")).to_be_visible()
    visit(page, f"{base}?onglet=tarification")
    expect(quote(page).get_by_text("statut : Gelé")).to_be_visible()

    # The seller signs in by the link of his e-mail, and reads why.
    link, subject = link_of_mail(SELLER)
    assert subject == "[Winvest] MTV-OFFRE-001 : vente gelée"
    sells, sold = open_page()
    visit(sells, link)
    sells.locator("[name=username]").fill(SELLER)
    sells.locator("[name=password]").fill(PASSWORD)
    sells.get_by_role("button", name="Se connecter").click()
    expect(sells.get_by_text(REASON)).to_be_visible()
    visit(sells, "/core/notification/?etat=a-lire")
    expect(sells.get_by_text("vente gelée")).to_have_count(0)
    visit(sells, "/core/notification/?etat=lues")
    expect(sells.get_by_text("MTV-OFFRE-001 : vente gelée")).to_be_visible()
    assert sold.problems == []

    # Retired for good: what it ends is shown, its plan is asked.
    page.get_by_role("link", name="Actions", exact=True).click()
    page.get_by_role("link", name="Retirer du catalogue").click()
    expect(page.get_by_role("heading", name="Documents qui restent")).to_be_visible()
    page.get_by_label("Motif").fill(REASON)
    page.get_by_role("button", name="Retirer du catalogue").click()
    expect(page.get_by_text("Dites ce que deviennent les clients")).to_be_visible()
    page.get_by_label("Plan de sortie").fill("Échange du décodeur jusqu'au terme des contrats.")
    page.get_by_label("J'ai lu ce que le retrait termine").check()
    page.get_by_role("button", name="Retirer du catalogue").click()
    expect(page.locator(".sheet-head .badge", has_text="Retiré")).to_be_visible()
    expect(page.get_by_text("Geler", exact=True)).to_have_count(0)
    _, subject = link_of_mail(SELLER)
    assert subject == "[Winvest] MTV-OFFRE-001 : produit retiré"
    marketing = [one.subject for one in mail.outbox if one.to == ["marketing.mtv@winvest.example"]]
    assert "[Winvest] MTV-OFFRE-001 : informer les clients du retrait" in marketing
    assert watch.problems == []
