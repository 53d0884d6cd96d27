"""Step 2 of the wizard: plans and tiers in small tables, and what they cost while one types."""

import json
import re

import pytest
from django.urls import reverse

from catalog.choices import WizardStep
from catalog.models import PricingRule, ProductPlan
from tests.factories import VersionFactory, WizardDraftFactory
from tests.support.forms import form_of
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

LINE = {"recurrence": "monthly", "tax_code": "FR20", "tax_included": "on", "method": "fixed"}


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(company):
    version = VersionFactory(product__company=company)
    return WizardDraftFactory(product_version=version, step=WizardStep.PRICING)


def line(number, **typed):
    return {f"plans-{number}-{name}": text for name, text in (LINE | typed).items()}


def tier(number, low, high, amount, plan="volume", base=""):
    typed = {"plan": plan, "min": low, "max": high, "amount": amount, "base": base}
    return {f"tiers-{number}-{name}": text for name, text in typed.items()}


def volume(*tiers, method="slab"):
    """Return a plan by tiers and its lines, as one pastes them."""
    lines = [tier(number, *one) for number, one in enumerate(tiers)]
    lines.append({"tiers-TOTAL_FORMS": str(len(lines))})
    made = line(1, code="VOLUME", name="Volume", method=method)
    return made | {name: text for one in lines for name, text in one.items()}


GRID = (("0", "99", "10"), ("100", "499", "9"), ("500", "", "8"))


def page_of(draft, name="wizard-step"):
    return reverse(name, args=[draft.pk, WizardStep.PRICING.value])


def told(answer):
    """Return the texts of the cells of the preview, row by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", answer.text, re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[cell.replace("\xa0", " ").replace("\u202f", " ") for cell in row] for row in cells]


@pytest.mark.requirement("E.2.3-02", "3.1-03")
def test_what_is_typed_shows_its_price_to_the_cent(manager, draft):
    preview = page_of(draft, "wizard-preview")
    typed = form_of(manager.get(page_of(draft))) | volume(*GRID)
    typed |= line(0, code="ESSENTIEL", name="Essentiel", amount="9,90")
    shown = manager.post(preview, typed)
    head = ["Quantité", "HT", "TVA", "TTC"]
    assert told(shown) == [
        *(head, ["1", "8,25 €", "1,65 €", "9,90 €"], head),
        ["1", "8,33 €", "1,67 €", "10,00 €"],
        ["100", "750,00 €", "150,00 €", "900,00 €"],
        ["500", "3 333,33 €", "666,67 €", "4 000,00 €"],
    ]
    turned = re.search('data-turned="([^"]*)"', shown.text)[1].replace("&quot;", '"')
    assert json.loads(turned) == [{"x": 100.0, "y": 900.0}, {"x": 500.0, "y": 4000.0}]
    assert shown.text.count("badge-warning") == 2
    # Slice by slice, without tax: nothing turns, and the 500th unit is at its own price.
    typed |= volume(*GRID, method="progressive")
    typed.pop("plans-1-tax_included")
    shown = manager.post(preview, typed)
    assert told(shown)[-1] == ["500", "4 598,00 €", "919,60 €", "5 517,60 €"]
    assert "badge-warning" not in shown.text
    # Half typed: the other lines are shown all the same.
    assert len(told(manager.post(preview, typed | {"tiers-1-min": "2"}))) == 2
    assert "paraissent ici" in manager.post(preview, {"plans-TOTAL_FORMS": "x"}).text
    assert manager.get(preview).status_code == 405
    assert not ProductPlan.objects.exists()
    draft.refresh_from_db()
    assert draft.typed == {}


@pytest.mark.requirement("E.2.3-02", "3.1-03")
def test_tiers_are_written_with_their_plan(manager, draft):
    page = page_of(draft)
    stay = {"_stay": ""}
    wrong = (
        (volume(), "Donnez ses paliers"),
        (volume(("0", "99", "10"), ("200", "", "9")), "Palier 2 : il ne suit pas"),
        (volume(("0", "99", "10"), ("100", "499", "9")), "Seul le dernier palier"),
        (volume(("0", "99", "10"), ("100", "", "9", "AUTRE")), "Aucune formule n&#x27;a ce code"),
        (volume(("0", "99", "")), "Ce champ est obligatoire"),
        (volume(("0", "99", "-1")), "supérieure ou égale à 0"),
        (line(1, code="NU", name="Nu"), "Ce champ est obligatoire"),
    )
    for typed, problem in wrong:
        refused = manager.post(page, form_of(manager.get(page)) | typed | stay)
        assert problem in refused.text, problem
        assert not ProductPlan.objects.exists()
    # Pasted in any order.
    typed = form_of(manager.get(page)) | volume(*reversed(GRID)) | stay
    assert manager.post(page, typed).status_code == 302
    rule = PricingRule.objects.select_related("plan").get()
    assert (rule.type, rule.tier_mode, rule.plan.code) == ("tiered", "slab", "VOLUME")
    assert [(one["min"], one["max"], one["amount"], one["base"]) for one in rule.payload] == [
        *((0, 99, 10, None), (100, 499, 9, None), (500, None, 8, None))
    ]
    shown = form_of(manager.get(page))
    assert (shown["plans-0-method"], shown["tiers-2-min"]) == ("slab", "500")
    # The same page again writes the same; a tier that is emptied goes.
    manager.post(page, shown | stay)
    assert PricingRule.objects.get().payload == rule.payload
    shown = form_of(manager.get(page))
    emptied = shown | tier(2, "", "", "", plan="") | tier(1, "100", "", "9", plan="Volume")
    manager.post(page, emptied | stay)
    assert [one["max"] for one in PricingRule.objects.get().payload] == [99, None]
    # Back to a price of its own, then taken out with its tiers.
    single = {"plans-0-method": "fixed", "plans-0-amount": "12", "plans-0-code": "SEUL"}
    kept = form_of(manager.get(page)) | tier(0, "0", "", "9", plan="SEUL")
    manager.post(page, kept | {"tiers-TOTAL_FORMS": "1"} | single | stay)
    back = PricingRule.objects.get()
    assert (back.pk, back.type, back.tier_mode) == (rule.pk, "fixed", None)
    manager.post(page, form_of(manager.get(page)) | volume(*GRID) | stay)
    gone = form_of(manager.get(page)) | {"plans-1-DELETE": "on"} | stay
    assert manager.post(page, gone).status_code == 302
    assert ProductPlan.objects.get().code == "SEUL"


@pytest.mark.requirement("E.2.3-02", "E.2.3-06")
def test_an_emptied_line_goes_and_a_missing_price_is_told_in_its_box(manager, draft):
    page, sent = page_of(draft), {"_next": ""}
    # Begun then emptied again, with empty lines of tiers below: nothing is asked of it.
    begun = line(1, code=" ", name="", method="slab") | tier(0, "", "", "", "")
    typed = line(0, code="BASIC", name="Basique", amount="9,90") | begun
    assert manager.post(page, form_of(manager.get(page)) | typed | {"_stay": ""}).status_code == 302
    assert [plan.code for plan in draft.product_version.plans.all()] == ["BASIC"]
    # A line that is written, with its tiers, emptied like a row of a spreadsheet.
    typed = form_of(manager.get(page)) | volume(*GRID) | {"_stay": ""}
    assert manager.post(page, typed).status_code == 302
    shown = form_of(manager.get(page))
    emptied = {"plans-1-code": "", "plans-1-name": "", "plans-1-amount": ""}
    assert manager.post(page, shown | emptied | {"_stay": ""}).status_code == 302
    assert [plan.code for plan in draft.product_version.plans.all()] == ["BASIC"]
    # The last one gone, the step cannot be left: it says so at the table, then in the box.
    shown = form_of(manager.get(page))
    emptied = {"plans-0-code": "", "plans-0-name": "", "plans-0-amount": ""}
    gone = manager.post(page, shown | emptied | sent)
    assert gone.url == f"{page}?manque=1#ecrit"
    table = manager.get(gone.url).text.partition('id="plans"')[2].partition("</table>")[0]
    assert "La version n&#x27;a aucun prix" in table
    blank = manager.post(page, form_of(manager.get(page)) | sent)
    assert blank.context["grid"].plans.forms[0].errors == {
        "amount": ["Donnez au moins un prix : une formule, son prix et sa TVA."]
    }


@pytest.mark.requirement("E.2.3-02", "3.1-03")
def test_prices_are_read_as_a_spreadsheet_writes_them(manager, draft):
    page = page_of(draft)
    typed = form_of(manager.get(page)) | line(0, code="AN", name="Annuelle", amount="1.234,50 €")
    wrong = (
        (line(1, code="P", name="P", amount="12,5 %"), "« 12,5 % » est un pourcentage"),
        (line(1, code="P", name="P", amount="1.234"), "peut se lire 1234 ou 1,234"),
        (line(1, code="P", name="P", amount="douze"), "« douze » n&#x27;est pas un nombre"),
        (volume(("0", "", "12,5 %")), "choisissez « Pourcentage d&#x27;une assiette »"),
        (volume(("0", "", "5 €", "volume", "percent")), "ce palier est un pourcentage"),
        (volume(("0 €", "", "5")), "donnez ici un nombre sans unité"),
    )
    for more, problem in wrong:
        assert problem in manager.post(page, typed | more | {"_stay": ""}).text, problem
        assert not ProductPlan.objects.exists()
    more = volume(("0", "1 000", "1 234,5 €"), ("1001", "", "9"))
    assert manager.post(page, typed | more | {"_stay": ""}).status_code == 302
    single, tiered = PricingRule.objects.order_by("plan__position")
    assert str(single.payload["amount"]) == "1234.50"
    assert [str(one["amount"]) for one in tiered.payload] == ["1234.5", "9"]
    assert tiered.payload[0]["max"] == 1000
