"""What people do with a product on sale, by hand: stop it, retire it, change its commission (H.2.3)."""

import re
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from playwright.sync_api import expect

from catalog.domain.tiers import TierMode
from catalog.models import Product, ProductVersion
from commissions.domain.scheme import Basis, Tier, ValueType
from commissions.domain.simulation import Terms, commission
from commissions.domain.tiers import Facts
from tests.e2e.deeds import crm, map_revenue, publish_documents
from tests.e2e.keyboard import unreached
from tests.e2e.review import faults
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.services.notifications import mail_notifications

# The documents of the demo's offer, which a new version takes over as drafts.
DOCUMENTS = 4
MANAGER, SELLER = "produit.mtv@winvest.example", "vente.mtv@winvest.example"
# The approval; then the account to enter, and the documents to publish.
WAITING = {"admin": "1", "compta": "2", "juriste": "2"}
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
def test_a_sale_is_stopped_and_the_product_retired(product, sign_in):
    base = f"/catalogue/produits/{product.pk}/"
    page, watch = sign_in(MANAGER, f"{base}?onglet=tarification")
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
    sells, sold = sign_in(SELLER, link)
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
    # No contract renews: nothing of it is in force any more.
    visit(page, f"{base}?onglet=documents")
    expect(page.get_by_role("heading", name="Documents de la version")).to_be_visible()
    expect(page.locator("#sheet tr").filter(has_text="Publié")).to_have_count(0)
    visit(page, "/documents/productdocument/?state__exact=archived")
    expect(page.locator("tr.data-row", has_text="Archivé")).to_have_count(DOCUMENTS)
    assert watch.problems == []


def commission_in_force(call, product, sales):
    """Return what the scheme in force now makes of so many sales of 9,90 € (8,25 € without tax).

    Read as the module of commissions does, by the API, and counted by the rules.
    """
    moment = f"as_of={now():%Y-%m-%dT%H:%M:%S}Z"
    (version,) = call(f"products/{product.pk}/versions?{moment}")["results"]
    path = f"versions/{version['id']}/commission-schemes?{moment}"
    (scheme,) = call(path)["results"]
    tiers = [
        Tier(
            basis=Basis(one["basis"]),
            min=Decimal(one["min"]),
            max=None if one["max"] is None else Decimal(one["max"]),
            value_type=ValueType(one["value_type"]),
            value=Decimal(one["value"]),
        )
        for one in scheme["tiers"]
    ]
    split = {key: Decimal(str(share)) for key, share in scheme["split"].items()}
    facts = Facts(volume=Decimal(sales), revenue=Decimal("8.25") * sales)
    terms = Terms(tiers=tiers, split=split, currency="EUR", mode=TierMode(scheme["tier_mode"]))
    return version["version"], commission(terms, facts).amount


def see_in_force(sign_in, product, number, rate):
    """See the version that applies, its price at the seller's and its commission at the manager's."""
    for who, tab in ((SELLER, "tarification"), (MANAGER, "commissions")):
        page, watch = sign_in(who, f"/catalogue/produits/{product.pk}/?onglet={tab}")
        if who == SELLER:
            expect(quote(page).get_by_text(f"Version {number}")).to_be_visible()
        else:
            chosen = page.locator("#sheet-version option:checked")
            expect(chosen).to_have_text(f"Version {number} — En vigueur")
            expect(page.get_by_role("cell", name=rate)).to_be_visible()
        assert watch.problems == []


@pytest.mark.requirement("H.2.3-02", "4-05", "4-06", "D.3.2-02", "D.3.2-03")
def test_a_commission_changes_at_midnight_of_the_first(product, sign_in, live_server):
    first = next_month_start(now(), "Europe/Paris")
    page, watch = sign_in(MANAGER, f"/catalogue/produits/{product.pk}/")
    page.get_by_role("link", name="Actions", exact=True).click()
    page.get_by_role("link", name="Dupliquer la version").first.click()
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
    visit(page, f"/catalog/productversion/{version.pk}/submit/")
    page.get_by_role("button", name="Soumettre à validation").click()
    expect(page.get_by_text("est en validation")).to_be_visible()

    # Three people, each from his tasks, with what changes in view.
    for who in ("admin", "compta", "juriste"):
        reviewer, told = sign_in(f"{who}.mtv@winvest.example", "/mes-taches/")
        expect(reviewer.locator("[title='À faire']")).to_have_text(WAITING[who])
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
        sheet = f"/catalogue/produits/{product.pk}/?version=2&onglet="
        if who == "compta":
            map_revenue(reviewer, f"{sheet}parametres")
        if who == "juriste":
            publish_documents(reviewer, f"{sheet}documents", DOCUMENTS)
        visit(reviewer, "/mes-taches/")
        expect(reviewer.locator("[title='À faire']")).to_have_count(0)
        assert told.problems == []

    visit(page, f"/catalog/productversion/{version.pk}/release/")
    page.get_by_role("button", name="Mettre en production").click()
    expect(page.get_by_text("est en production.")).to_be_visible()
    publisher, told = sign_in(
        "adv.mtv@winvest.example", f"/catalogue/produits/{product.pk}/?version=2"
    )
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

    call = crm(live_server.url, MANAGER)
    with time_machine.travel(first - timedelta(seconds=1), tick=False):
        assert commission_in_force(call, product, 600) == (1, Decimal("742.50"))
        see_in_force(sign_in, product, 1, "15 %")
    with time_machine.travel(first, tick=False):
        assert commission_in_force(call, product, 600) == (2, Decimal("792.00"))
        see_in_force(sign_in, product, 2, "16 %")


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
    # Signed out meanwhile: the part says so and leads back, the sign-in never stands in it.
    Session.objects.all().delete()
    page.locator("#calendar-after").click()
    told = page.get_by_role("alert").filter(has_text="Vous n'êtes plus connecté")
    way = told.get_by_role("link", name="Se connecter")
    expect(way).to_have_attribute("href", re.compile(r"^/login/\?next=%2Fmes-taches%2F"))
    assert watch.problems == []
