"""« Création produit complet », by hand: from the wizard to a sale (H.2.3, §4, D.3.1)."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import expect

from tests.e2e.deeds import crm, map_revenue, publish_documents
from tests.e2e.drafts import MISSING, missing_documents
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.models import Company
from winvest.core.pdf.render import render_pdf

NAME = "Bouquet soirée"
TODAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
# The 1st of December at midnight in Paris, which the wizard proposes (4-06).
OPENING = datetime(2026, 11, 30, 23, tzinfo=UTC)


def address(role):
    return f"{role}.mtv@winvest.example"


@pytest.fixture
def clock():
    """Let the product live at the date of the story, before anybody signs in."""
    with time_machine.travel(TODAY) as traveller:
        yield traveller


@pytest.fixture
def at(clock, sign_in):
    """Return a function that leads a role's own page to an address; no page has a problem.

    Each person signs in by the form, on each day.
    """
    pages, watches = {}, []

    def go(role, path):
        key = role, now().date()  # nobody stays signed in for days
        if key in pages:
            visit(pages[key], path)
        else:
            pages[key], watch = sign_in(address(role), path)
            watches.append(watch)
        return pages[key]

    yield go
    assert [problem for watch in watches for problem in watch.problems] == []


@pytest.mark.requirement("H.2.3-01", "4-05", "B.6-02", "D.3.1-01", "H.5-04")
def test_a_product_goes_from_the_wizard_to_a_sale(clock, at, live_server):
    sheet = submit(at("produit", "/assistant/"))
    for role in ("compta", "juriste", "admin"):
        page = at(role, "/mes-taches/")
        # Other boxes of the page may name it too, and come first.
        page.get_by_role("region", name="À approuver").get_by_role("link", name=NAME).click()
        page.get_by_role("button", name="Approuver").click()
        expect(page.get_by_text("Version approuvée.")).to_be_visible()

    for step, button in (
        ("Mettre en production", "Mettre en production"),
        ("Mettre en test", "Changer le statut"),
        ("Activer", "Changer le statut"),
    ):
        page = at("produit", f"{sheet}actions/")
        page.get_by_role("link", name=step).click()
        page.get_by_role("button", name=button).click()
        expect(page.locator(".sheet-head")).to_contain_text(NAME)
    expect(page.locator(".sheet-head")).to_contain_text("Actif")

    tab = f"{sheet}?onglet=documents"
    publish_documents(at("juriste", tab), tab, MISSING)
    tab = f"{sheet}?onglet=parametres"
    map_revenue(at("compta", tab), tab)

    # ADV finds what the wizard planned, and puts it on sale from its day: until then a seller does
    # not find it.
    page = at("adv", "/mes-taches/")
    task = page.get_by_role("region", name="À mettre en vente")
    expect(task).to_contain_text("Mondial TV : Terrain, Télévente, Web, dès le 01/12/2026")
    task.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Publier").click()
    expect(page.locator("[name=start_at_0]")).to_have_value("01/12/2026")
    expect(page.get_by_label("Web")).to_be_checked()
    expect(page.get_by_label("Partenaires")).not_to_be_checked()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Enregistré : publication")).to_be_visible()
    expect(at("vente", "/catalogue/").get_by_role("link", name=NAME)).to_have_count(0)

    clock.move_to(OPENING)
    page = at("vente", "/catalogue/")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Tarification").click()
    page.get_by_label("Canal").select_option("web")
    page.get_by_role("button", name="Calculer").click()
    expect(page.locator("#sheet-quote-answer")).to_contain_text("9,90 €")
    assert sell(live_server.url) == ["411000 9.90 0.00", "706100 0.00 8.25", "445710 0.00 1.65"]
    sold = at("compta", "/accounting/operation/").get_by_role("row", name=re.compile("MTV-OTT-001"))
    expect(sold).to_contain_text("9,90 €")


def submit(page):
    """Make the product in the five steps of the wizard; return the address of its sheet."""
    page.get_by_role("button", name="Mondial TV").click()
    page.locator("[name=name]").fill(NAME)
    page.locator(".field-risk .select2-selection").click()
    page.keyboard.type("OTT")
    page.get_by_role("option", name=re.compile("OTT")).click()
    page.get_by_role("button", name="Continuer").click()

    page.locator("[name=plans-0-code]").fill("SOIR")
    page.locator("[name=plans-0-name]").fill("Soirée")
    page.locator("[name=plans-0-amount]").fill("9,90")
    page.get_by_role("button", name="Continuer").click()

    page.locator("[name=share_company]").fill("60")
    page.locator("[name=share_commercial]").fill("40")
    page.locator("[name=tiers-0-min]").fill("0")
    page.locator("[name=tiers-0-value]").fill("10")
    page.get_by_role("button", name="Continuer").click()

    expect(page).to_have_url(re.compile("documents"))
    missing = missing_documents(page)
    for left in range(MISSING, 0, -1):
        content = render_pdf(f"<h1>Conditions {left}</h1>")
        file = {"name": "conditions.pdf", "mimeType": "application/pdf", "buffer": content}
        missing.first.locator("[type=file]").set_input_files([file])
        missing.first.get_by_role("button", name="Déposer").click()
        expect(missing).to_have_count(left - 1)
    page.get_by_role("button", name="Continuer").click()

    expect(page.get_by_role("heading", name="Mappings")).to_be_visible()
    # The checks on their way when a page is left are told to the console.
    expect(page.locator(".checklist-verdict")).to_be_visible()
    with page.expect_response(re.compile("/publication/apercu/")):
        page.get_by_role("checkbox", name="Partenaires").uncheck()
    page.get_by_role("button", name="Envoyer en validation").click()
    expect(page).to_have_url(re.compile("/catalogue/produits/"))
    return page.url.partition("?")[0]


def sell(base):
    """Post the sale as the CRM's other modules do; return the lines booked: account, debit, credit."""
    with scoping.everything():
        company = Company.objects.get(code="MTV")
    sale = {
        "source": "crm",
        "external_id": "V-1",
        "kind": "sale",
        "company_id": str(company.pk),
        "sku": "MTV-OTT-001",
        "plan": "SOIR",
        "amount": "9.90",
        "channel": "web",
        "occurred_at": OPENING.isoformat(),
    }
    entries = crm(base, address("compta"))("operations", sale)["entries"]
    return [
        f"{line['account']} {line['debit']} {line['credit']}"
        for entry in entries
        for line in entry["lines"]
    ]
