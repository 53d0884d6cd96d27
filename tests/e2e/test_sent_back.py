"""What comes back to somebody's work, by hand: a refusal, a communication, a closed bookmark (4-05)."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from catalog.choices import WizardStep
from catalog.models import Product
from catalog.services.copies import duplicate_version
from catalog.services.wizard import open_draft
from tests.e2e.keyboard import unreached
from tests.e2e.review import faults
from tests.e2e.test_work import MANAGER, SELLER, link_of_mail
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.models import User
from winvest.core.transaction import transaction

REVIEWER, MARKETING = "admin.mtv@winvest.example", "marketing.mtv@winvest.example"
WHY = "Le prix de Confort passe sous le coût."


@pytest.fixture
def product(demo):
    """Return Mondial TV's offer, on sale in the demo data."""
    with scoping.everything():
        return Product.objects.get(sku="MTV-OFFRE-001")


@pytest.fixture
def draft(product):
    """Return the draft of its next version, whose five steps are filled."""
    manager = User.objects.get(email=MANAGER)
    with scoping.everything():
        version = duplicate_version(actor=manager, version=product.versions.get())
        with transaction(manager, version.company_id):
            version.plans.filter(code="CONFORT").update(name="Confort plus")
        return open_draft(actor=manager, version=version, reached=WizardStep.PUBLICATION)


@pytest.mark.requirement("H.2.3-01", "4-05", "3.1-01", "E.2.3-06")
def test_a_refused_version_is_mended_where_its_e_mail_leads(draft, product, open_page, sign_in):
    page, watch = open_page(MANAGER)
    visit(page, f"/assistant/{draft.pk}/publication/")
    # Before it is sent, the checklist says whom each approval will be asked of.
    expect(page.get_by_text("Sera demandée à Admin Société MTV.")).to_be_visible()
    page.get_by_role("button", name="Envoyer en validation").click()
    expect(page.get_by_text("est en validation")).to_be_visible()
    assert watch.problems == []

    reviewer, told = open_page(REVIEWER)
    visit(reviewer, "/mes-taches/")
    waiting = reviewer.get_by_role("region", name="À approuver")
    waiting.get_by_role("link", name="Offre TV v2").click()
    # The documents open from where one decides.
    documents = reviewer.get_by_role("region", name="Documents", exact=True)
    with reviewer.expect_download():
        documents.get_by_role("link", name=re.compile("^Télécharger")).first.click()
    assert [*faults(reviewer, told), *unreached(reviewer)] == []
    reviewer.get_by_label("Commentaire").fill(WHY)
    reviewer.get_by_role("button", name="Refuser").click()
    expect(reviewer.get_by_text("Version refusée.")).to_be_visible()
    assert told.problems == []

    mail.outbox.clear()
    link, subject = link_of_mail(MANAGER)
    assert "approbation Produit refusée" in subject
    author, told = sign_in(MANAGER, link)
    expect(author).to_have_url(re.compile(r"/assistant/[^/]+/publication/$"))
    said = author.get_by_role("note").filter(has_text=WHY)
    expect(said).to_contain_text("Refusée par Admin Société MTV le")
    assert [*faults(author, told), *unreached(author)] == []
    visit(author, "/mes-taches/")
    mine = author.get_by_role("region", name="Mes brouillons")
    expect(mine.get_by_text(WHY)).to_be_visible()
    visit(author, f"/catalogue/produits/{product.pk}/")
    author.get_by_role("link", name="Reprendre la version 2 dans l'assistant").click()
    author.get_by_role("button", name="Envoyer en validation").click()
    expect(author.get_by_text("est en validation")).to_be_visible()
    expect(author.get_by_text(WHY)).to_have_count(0)
    assert told.problems == []


@pytest.mark.requirement("4-09", "3.5-04", "E.3-04")
def test_a_frozen_product_says_why_to_the_team_and_where_to_go_to_a_seller(product, open_page):
    page, watch = open_page(REVIEWER)
    sheet = f"/catalogue/produits/{product.pk}/"
    visit(page, sheet)
    page.locator("summary", has_text="Geler").click()
    page.get_by_label("Motif du gel").fill(WHY)
    page.get_by_role("button", name="Geler la vente").click()
    said = page.get_by_role("note").filter(has_text="Vente gelée par Admin Société MTV le")
    expect(said).to_contain_text(WHY)
    assert [*faults(page, watch), *unreached(page)] == []
    seller, told = open_page(SELLER)
    visit(seller, sheet)
    expect(
        seller.get_by_role("heading", name="Cette fiche ne vous est pas ouverte")
    ).to_be_visible()
    told.problems.clear()  # the 404 that was asked for
    assert [*faults(seller, told), *unreached(seller)] == []
    seller.get_by_role("searchbox", name="Rechercher un produit").fill("vidéo")
    seller.get_by_role("button", name="Rechercher", exact=True).click()
    expect(seller.get_by_role("link", name="Crédits vidéo à la demande")).to_be_visible()


@pytest.mark.requirement("D.3.2-04", "E.3-04")
def test_marketing_says_that_a_communication_is_done(demo, open_page):
    page, watch = open_page(MARKETING)
    visit(page, "/mes-taches/")
    tasks = page.get_by_role("region", name="Communication à faire").get_by_role("link")
    expect(tasks.first).to_be_visible()
    number = tasks.count()
    tasks.first.click()
    assert [*faults(page, watch), *unreached(page)] == []
    page.get_by_role("button", name="Marquer comme faite").click()
    expect(page.get_by_text("Communication faite")).to_be_visible()
    expect(tasks).to_have_count(number - 1)
    assert watch.problems == []
