"""What a person pastes from a spreadsheet into the small tables of the wizard (E.2.3-02)."""

import re

import pytest
from playwright.sync_api import expect

from catalog.models import PricingRule
from tests.e2e.drafts import prepared
from tests.e2e.test_wizard import MANAGER, PASTE
from tests.e2e.watch import visit
from winvest.core import scoping

LINES = (
    "PRO\tPro\tMensuel\t1.234,50 €\t20\tnon",
    "EQUIPE\tÉquipe\tpar an\t1\u202f234,50\u00a0€\t5,5 %\tTTC",
    "CLUB\tClub\tHebdomadaire\t12,5 %\t20 %\tpeut-être",
)


@pytest.mark.requirement("E.2.3-02", "3.1-03")
def test_a_spreadsheet_is_read_as_it_is_written(open_page):
    page, watch = open_page(MANAGER)
    draft = prepared(MANAGER)
    visit(page, f"/assistant/{draft.pk}/tarification/")
    blank = page.locator("[data-grid=plans] tbody [name$=-code]")
    first = blank.count() - 3
    blank.nth(first).click()
    page.evaluate(PASTE, "\n".join(LINES))

    def box(number, name):
        return page.locator(f"[name=plans-{first + number}-{name}]")

    for number, texts in enumerate((("monthly", "1234,50"), ("yearly", "1234,50"))):
        for name, text in zip(("recurrence", "amount"), texts, strict=True):
            expect(box(number, name)).to_have_value(text)
    expect(box(0, "tax_included")).not_to_be_checked()
    expect(box(1, "tax_included")).to_be_checked()
    expect(box(1, "tax_code")).to_have_value("FR55")
    # What cannot be read is told beside its cell, and stays as it came.
    told = page.locator("td.wizard-wrong")
    for name, text in (
        ("recurrence", "« Hebdomadaire » n'est pas dans la liste."),
        ("tax_included", "« peut-être » n'est ni oui ni non."),
    ):
        expect(told.filter(has=box(2, name))).to_contain_text(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer l'étape").click()
    expect(told.filter(has=box(2, "amount"))).to_contain_text("« 12,5 % » est un pourcentage")
    # One cell at a time, into a list and into a number.
    box(2, "recurrence").focus()
    page.evaluate(PASTE, "Mensuelle")
    expect(box(2, "recurrence")).to_have_value("monthly")
    box(2, "amount").select_text()
    page.evaluate(PASTE, "2 000 €")
    expect(box(2, "amount")).to_have_value("2000")
    page.get_by_role("button", name="Enregistrer l'étape").click()
    expect(page).to_have_url(re.compile("tarification/$"))
    with scoping.everything():
        rules = PricingRule.objects.filter(product_version=draft.product_version)
        amounts = dict(rules.values_list("plan__code", "payload"))
    assert [float(amounts[code]["amount"]) for code in ("PRO", "EQUIPE", "CLUB")] == [
        *(1234.5, 1234.5, 2000.0)
    ]
    watch.problems = [one for one in watch.problems if "status 422" not in one]
    assert watch.problems == []
