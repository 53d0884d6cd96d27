"""What people do with a product on sale, by hand: stop it, retire it, change its commission (H.2.3)."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from playwright.sync_api import expect

from accounting.choices import Nature
from catalog.models import Product, ProductVersion
from documents.models import ProductDocument
from tests.e2e.keyboard import unreached
from tests.e2e.review import faults
from tests.e2e.watch import visit
from tests.factories import MappingFactory
from tests.support.publishable import add_document
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.models import User
from winvest.core.services.notifications import mail_notifications
from winvest.core.transaction import transaction

MANAGER, SELLER = "produit.mtv@winvest.example", "vente.mtv@winvest.example"
PASSWORD = "un-mot-de-passe-de-vente"
REASON = "Décodeur rappelé par le fabricant"


@pytest.fixture
def product(demo):
    """Return Mondial TV's offer, on sale in the demo data."""
    with scoping.everything():
        return Product.objects.get(sku="MTV-OFFRE-001")


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
    expect(quote(page)).to_contain_text(re.compile(f"Produit gelé depuis le .* : {REASON}"))

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


def complete(version):
    """Publish the documents and map the sale: two tasks that have their own tests.

    The files of the demo stay where it was made: others take the place of the copies.
    """
    with scoping.everything(), transaction(None):
        for copy in ProductDocument.objects.filter(product_version=version):
            told = {"title": copy.title, "channels": copy.channels}
            copy.delete()
            add_document(version, copy.type_id, **told)
        MappingFactory(product_version=version, nature=Nature.REVENUE)


def see_in_force(open_page, product, number, rate):
    """See the version that applies, its price at the seller's and its commission at the manager's."""
    for who, tab in ((SELLER, "tarification"), (MANAGER, "commissions")):
        page, watch = open_page(who)
        visit(page, f"/catalogue/produits/{product.pk}/?onglet={tab}")
        if who == SELLER:
            expect(quote(page).get_by_text(f"Version {number}")).to_be_visible()
        else:
            chosen = page.locator("#sheet-version option:checked")
            expect(chosen).to_have_text(f"Version {number} — En vigueur")
            expect(page.get_by_role("cell", name=rate)).to_be_visible()
        assert watch.problems == []


@pytest.mark.requirement("H.2.3-02", "4-05", "4-06", "D.3.2-02", "D.3.2-03")
def test_a_commission_changes_at_midnight_of_the_first(product, open_page):
    first = next_month_start(now(), "Europe/Paris")
    page, watch = open_page(MANAGER)
    visit(page, f"/catalogue/produits/{product.pk}/")
    page.get_by_role("link", name="Actions", exact=True).click()
    page.get_by_role("link", name="Dupliquer la version").click()
    # The first of the next month is proposed.
    expect(page.locator("[name=effective_from_0]")).to_have_value(re.compile("^01/"))
    page.get_by_role("button", name="Dupliquer").click()
    expect(page.get_by_text(re.compile("Brouillon créé"))).to_be_visible()
    with scoping.everything():
        version = ProductVersion.objects.get(product=product, version=2)
    visit(page, f"/catalogue/produits/{product.pk}/?onglet=commissions&version=2")
    page.get_by_role("link", name="Ouvrir le barème").click()
    page.locator("[name=tiers-2-value]").fill("16")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    complete(version)
    visit(page, f"/catalog/productversion/{version.pk}/submit/")
    page.get_by_role("button", name="Soumettre à validation").click()
    expect(page.get_by_text("est en validation")).to_be_visible()

    # Three people, each from his tasks, with what changes in view.
    for who in ("admin", "compta", "juriste"):
        reviewer, told = open_page(f"{who}.mtv@winvest.example")
        visit(reviewer, "/mes-taches/")
        expect(reviewer.locator("[title='À faire']")).to_have_text("1")
        waiting = reviewer.get_by_role("region", name="À approuver")
        waiting.get_by_role("link", name="Offre TV v2").click()
        expect(reviewer.get_by_text("Par rapport à la version 1, en vigueur.")).to_be_visible()
        if who != "juriste":  # he reads no commission
            expect(reviewer.locator(".side-after mark", has_text="16")).to_be_visible()
        if who == "compta":
            assert [*faults(reviewer, told), *unreached(reviewer)] == []
            reviewer.get_by_role("button", name="Refuser").click()
            expect(reviewer.get_by_text("Un refus dit pourquoi.")).to_be_visible()
        reviewer.get_by_label("Commentaire").fill("D'accord")
        reviewer.get_by_role("button", name="Approuver").click()
        expect(reviewer.get_by_text("Version approuvée.")).to_be_visible()
        expect(reviewer.locator("[title='À faire']")).to_have_count(0)
        assert told.problems == []

    visit(page, f"/catalog/productversion/{version.pk}/release/")
    page.get_by_role("button", name="Mettre en production").click()
    expect(page.get_by_text("est en production.")).to_be_visible()
    publisher, told = open_page("adv.mtv@winvest.example")
    visit(publisher, f"/catalogue/produits/{product.pk}/?version=2")
    publisher.get_by_role("link", name="Publier").click()
    publisher.get_by_role("link", name="Publier", exact=True).click()
    publisher.wait_for_load_state()
    for box in publisher.locator("[name=channels]").all():
        box.check()
    wall = first.astimezone(ZoneInfo("Europe/Paris"))
    publisher.locator("[name=start_at_0]").fill(f"{wall:%d/%m/%Y}")
    publisher.locator("[name=start_at_1]").fill("00:00:00")
    publisher.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(publisher).to_have_url(re.compile("/catalog/publication/$"))
    visit(publisher, f"/mes-taches/calendrier/?mois={wall:%Y-%m}")
    planned = publisher.get_by_role("link", name=re.compile("Publication Offre TV v2"))
    expect(planned).to_be_visible()
    assert told.problems == []
    assert watch.problems == []

    with time_machine.travel(first - timedelta(seconds=1), tick=False):
        see_in_force(open_page, product, 1, "15 %")
    with time_machine.travel(first, tick=False):
        see_in_force(open_page, product, 2, "16 %")


@pytest.mark.requirement("1-22", "E.3-04")
def test_the_pages_of_work_are_for_everybody(open_page):
    page, watch = open_page(MANAGER)
    for path in (
        "/mes-taches/",
        f"/mes-taches/calendrier/?mois={now():%Y-%m}",
        "/core/notification/",
    ):
        visit(page, path)
        assert [*faults(page, watch), *unreached(page)] == [], path
    # Turned by the keyboard, the calendar keeps its place; back, it shows what it showed.
    visit(page, "/mes-taches/")
    shown = page.locator("#calendar h3").inner_text()
    page.locator("#calendar-after").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#calendar h3")).not_to_have_text(shown)
    expect(page.locator("#calendar-after")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/mes-taches/\?mois="))
    page.locator("#calendar-before").click()
    expect(page.locator("#calendar h3")).to_have_text(shown)
    assert watch.problems == []
