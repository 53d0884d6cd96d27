"""A product of Mondial TV (§13) made in the wizard, by hand (H.2.3, E.2.3)."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.drafts import MISSING, missing_documents
from tests.e2e.watch import visit
from winvest.core.pdf.render import render_pdf

MANAGER = "produit.mtv@winvest.example"
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const asked = { clipboardData: data, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", asked));
}"""
HEAD = "Référence\tLibellé\tPériodicité\tPrix TTC\tTaxe"
LINES = "ESSENTIEL\tEssentiel\tMensuelle\t9,90\t20\nCONFORT\tConfort\tQuotidienne\t19,90 €\t5,5 %"


@pytest.mark.requirement("3.1-01", "E.2.3-01", "E.2.3-02", "E.2.3-03", "E.2.3-04", "E.2.3-06")
def test_a_product_is_made_step_by_step(open_page):
    page, watch = open_page(MANAGER)
    visit(page, "/assistant/")
    page.get_by_role("button", name="Mondial TV").click()
    page.locator("[name=name]").fill("Bouquet week-end")
    page.locator(".field-risk .select2-selection").click()
    page.keyboard.type("OTT")
    page.get_by_role("option", name=re.compile("OTT")).click()
    kept = page.get_by_role("status")
    expect(kept).to_contain_text("Gardé à")
    # Left and taken up again: everything typed is there, and nothing is written yet.
    with page.expect_response(re.compile("saisie")):
        page.locator("[name=short_name]").fill("Week-end")
    page.goto("/assistant/")
    page.get_by_role("link", name="Nouveau produit").click()
    expect(kept).to_contain_text("est revenu")
    expect(page.locator("[name=name]")).to_have_value("Bouquet week-end")
    expect(page.locator("[name=short_name]")).to_have_value("Week-end")
    page.get_by_role("button", name="Continuer").dblclick()

    expect(page).to_have_url(re.compile("tarification"))
    page.locator("[name=plans-0-code]").click()
    # The head of a spreadsheet that has its own names is no plan; what no list holds is not guessed.
    page.evaluate(PASTE, f"{HEAD}\n{LINES}")
    expect(page.locator("[name=plans-0-code]")).to_have_value("ESSENTIEL")
    expect(page.locator("[name=plans-1-tax_code]")).to_have_value("FR55")
    page.get_by_role("button", name="Continuer").click()
    told = page.locator(".wizard-wrong").filter(has=page.locator("[name=plans-1-recurrence]"))
    expect(told).to_contain_text("Quotidienne")
    watch.problems.clear()  # the refusal is a 422
    page.locator("[name=plans-1-recurrence]").select_option("monthly")
    page.locator("[name=plans-1-tax_code]").select_option("FR20")
    page.get_by_role("button", name="Ajouter une ligne").first.click()
    page.locator("[name=plans-3-code]").fill("PREMIUM")
    page.locator("[name=plans-3-name]").fill("Premium")
    page.locator("[name=plans-3-amount]").fill("29,90")
    preview = page.locator("[data-preview]")
    expect(preview).to_contain_text("24,92")
    # Another model is looked at: the blank lines follow, nothing typed moves.
    page.get_by_role("radio", name="Usage").check()
    expect(page.locator("[name=plans-2-method]")).to_have_value("usage")
    expect(page.locator("[name=plans-2-unit]")).to_be_visible()
    expect(page.locator("[name=plans-3-unit]")).to_be_hidden()
    page.get_by_role("radio", name="Récurrent").check()
    expect(page.locator("[name=plans-2-unit]")).to_be_hidden()
    expect(page.locator("[name=plans-3-amount]")).to_have_value("29,90")
    # Tiers come when some plan asks for them, from a spreadsheet too; the curve follows.
    expect(page.locator("[name=tiers-0-plan]")).to_be_hidden()
    page.locator("[name=plans-3-method]").select_option("slab")
    page.locator("[name=tiers-0-plan]").click()
    page.evaluate(PASTE, "PREMIUM\t0\t99\t10\nPREMIUM\t100\t\t9")
    expect(preview).to_contain_text("Inversion")
    expect(preview.locator("canvas")).to_have_count(1)
    page.locator("[name=plans-3-method]").select_option("fixed")
    expect(preview.locator("canvas")).to_have_count(0)
    page.get_by_role("button", name="Continuer").click()

    expect(page).to_have_url(re.compile("commissions"))
    page.locator("[name=share_company]").fill("60")
    page.locator("[name=share_commercial]").fill("40")
    page.locator("[name=tiers-0-min]").click()
    page.evaluate(PASTE, "De\tÀ\tCommission\n0\t99\t10 %\n100\t499\t12 %\n500\t\t15 %")
    expect(preview).to_contain_text("Somme des parts : 100 %")
    expect(preview).to_contain_text(re.compile(r"Pour 150 ventes de 9,90\s€ TTC .*148,50\s€"))
    page.get_by_role("button", name="Continuer").click()

    expect(page).to_have_url(re.compile("documents"))
    file = {"name": "faux.pdf", "mimeType": "application/pdf", "buffer": b"<html></html>"}
    missing = missing_documents(page)
    first = missing.first
    first.locator("[type=file]").set_input_files([file])
    first.get_by_role("button", name="Déposer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    watch.problems.clear()  # the refusal is a 422
    for left in range(MISSING, 0, -1):
        file["buffer"] = render_pdf(f"<h1>Conditions {left}</h1>")
        missing.first.locator("[type=file]").set_input_files([file])
        missing.first.get_by_role("button", name="Déposer").click()
        expect(missing).to_have_count(left - 1)
    page.get_by_role("button", name="Continuer").click()

    expect(page.get_by_role("heading", name="Mappings")).to_be_visible()
    # Who sells, and where: the checklist follows what is ticked.
    checklist = page.locator("#wizard-checklist")
    expect(checklist).to_contain_text("Prêt à envoyer")
    expect(checklist).to_contain_text(
        "Conditions générales de vente » est déposé, mais pas publié (tous les canaux)"
    )
    page.get_by_role("checkbox", name="Web").uncheck()
    page.get_by_role("checkbox", name="Partenaires").uncheck()
    expect(checklist).not_to_contain_text("Web")
    page.get_by_role("button", name="Envoyer en validation").click()
    expect(page).to_have_url(re.compile("/catalogue/produits/"))
    expect(page.get_by_text("est en validation")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("Mondial TV Terrain, Télévente .*Prévue"))
    ).to_be_visible()
    visit(page, "/catalogue/?search=week-end")
    expect(page.locator(".pane-products tbody th a")).to_have_count(1)
    assert watch.problems == []
