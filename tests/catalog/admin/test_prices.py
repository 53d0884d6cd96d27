"""Prices of every type by the version's page."""

from decimal import Decimal

import pytest

from catalog.models import (
    PricingRule,
    ProductVersion,
)
from tests.factories import (
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    VersionFactory,
)
from tests.support.forms import form_of
from tests.support.pages import add_row, errors_of_rows, page_of, spaced
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")


GRID = {
    "tiers-0-min": "0",
    "tiers-0-max": "99",
    "tiers-0-amount": "10,50",
    "tiers-1-min": "100",
    "tiers-1-amount": "9",
}


# What is typed for each type, the payload and the words.
PRICES = [
    ({"type": "fixed", "fixed_amount": "29.90"}, {"amount": Decimal("29.9")}, "29,90 €"),
    (
        {"type": "usage", "unit": "minute", "unit_price": "0.1234", "min_charge": "2"},
        {"unit": "minute", "unit_price": Decimal("0.1234"), "min_charge": 2},
        "0,1234 € par minute, minimum 2,00 €",
    ),
    (
        {"type": "indexed", "index": "energy", "formula": "base * index"},
        {"index": "energy", "formula": "base * index"},
        "base * index (indice : Énergie)",
    ),
    (
        {"type": "tiered", "tier_mode": "slab", **GRID},
        [{"min": 0, "max": 99, "amount": Decimal("10.5")}, {"min": 100, "amount": 9}],
        "de 0 à 99 : 10,50 € ; à partir de 100 : 9,00 € (par palier entier)",
    ),
    (
        {"type": "tiered", "tier_mode": "progressive", **GRID, "fixed_amount": "gratuit"},
        [{"min": 0, "max": 99, "amount": Decimal("10.5")}, {"min": 100, "amount": 9}],
        "de 0 à 99 : 10,50 € ; à partir de 100 : 9,00 € (par tranche)",
    ),
    # An end where the next tier begins is that one's.
    (
        {"type": "tiered", "tier_mode": "slab", **GRID, "tiers-0-max": "100"},
        [{"min": 0, "max": 100, "amount": Decimal("10.5")}, {"min": 100, "amount": 9}],
        "de 0 à moins de 100 : 10,50 € ; à partir de 100 : 9,00 € (par palier entier)",
    ),
]


WRONG = [
    ({"type": ""}, "type", "obligatoire"),
    ({"type": "fixed"}, "fixed_amount", "obligatoire"),
    ({"type": "usage", "unit": "minute"}, "unit_price", "obligatoire"),
    ({"type": "usage", "unit_price": "1", "unit": "x" * 21}, "unit", "20 caractères"),
    ({"type": "indexed", "index": "energy", "formula": "index / ("}, "formula", "ne se lit pas"),
    ({"type": "indexed", "index": "energy", "formula": "taux"}, "formula", "nom connu"),
    ({"type": "indexed", "index": "energy"}, "formula", "obligatoire"),
    ({"type": "tiered", **GRID}, "tier_mode", "comment les paliers comptent"),
    ({"type": "tiered", "tier_mode": "slab"}, "tiers", "au moins un palier"),
    (
        {"type": "tiered", "tier_mode": "slab", **GRID, "tiers-1-min": "150"},
        "tiers",
        "trou ou recouvrement",
    ),
    ({"type": "tiered", "tier_mode": "slab", **GRID, "tiers-0-amount": ""}, "tiers", "manque"),
    (
        {"type": "tiered", "tier_mode": "slab", **GRID, "tiers-0-amount": "1e99"},
        "tiers",
        "n'est pas un nombre",
    ),
    (
        {"type": "tiered", "tier_mode": "slab", **GRID, "tiers-1-amount": "-9"},
        "tiers",
        "Ligne 2, « montant » : le nombre doit être au moins 0",
    ),
]


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(company):
    plan = PlanFactory(
        product_version=VersionFactory(product=ProductFactory(company=company)),
        parameters={"base": 12},
    )
    return plan.product_version


@pytest.mark.requirement("1-06", "2.2-04", "A.3.3-01")
@pytest.mark.parametrize(("typed", "payload", "words"), PRICES)
def test_a_price_of_any_type_is_typed_shown_again_and_told(typed, payload, words, manager, draft):
    plan = draft.plans.get()
    page = page_of(draft)
    price = {"plan": plan.pk, "tax_included": "on", "tax_code": "FR20", **typed}
    assert add_row(manager, page, "pricing_rules", price).status_code == 302
    rule = PricingRule.objects.get(product_version=draft)
    assert (rule.payload, rule.tier_mode) == (payload, typed.get("tier_mode"))
    shown = manager.get(page)
    assert manager.post(page, form_of(shown)).status_code == 302
    rule.refresh_from_db()
    assert rule.payload == payload
    assert rule.history.count() == 1
    history = spaced(manager.get(page.replace("change/", "history/")).text)
    assert words in history
    assert f"Règle de prix {plan.code}" in history
    ProductVersion.objects.filter(pk=draft.pk).update(
        state="released", released_at=now(), content_hash="x"
    )
    assert words in spaced(manager.get(page).text)


@pytest.mark.requirement("2.2-04")
def test_the_six_types_are_chosen_and_shown_again(manager, draft, company):
    """« Récurrent » is a fixed price of a plan that comes again, « Bundle » the plan's own price."""
    draft.plans.update(recurrence="one_shot")
    plan, page = draft.plans.get(), page_of(draft)
    browser = manager
    offered = browser.get(page).text
    for label in ("Fixe", "Récurrent", "Usage", "Indexé", "Palier", "Bundle"):
        assert f">{label}</option>" in offered
    own = {"plan": plan.pk, "tax_included": "on", "tax_code": "FR20"}
    recurring = own | {"type": "recurring", "fixed_amount": "29.90"}
    once = add_row(browser, page, "pricing_rules", recurring)
    assert "une seule fois" in errors_of_rows(once, "pricing_rules")["type"][0]
    # The recurrence may be given on the same page.
    data = form_of(browser.get(page)) | {"plans-0-recurrence": "monthly"}
    data |= {f"pricing_rules-0-{name}": value for name, value in recurring.items()}
    assert browser.post(page, data | {"pricing_rules-TOTAL_FORMS": 1}).status_code == 302
    rule = PricingRule.objects.get(product_version=draft)
    assert (rule.type, rule.payload) == ("fixed", {"amount": Decimal("29.9")})
    shown = form_of(browser.get(page))
    assert shown["pricing_rules-0-type"] == "recurring"
    bundle = own | {"type": "bundle", "bundle_kind": "percent", "bundle_value": "10"}
    taken = add_row(browser, page, "pricing_rules", bundle)
    assert "déjà un tarif" in errors_of_rows(taken, "pricing_rules")["plan"][0]
    turned = browser.post(page, shown | {"pricing_rules-0-type": "bundle"})
    assert "ne devient pas un bundle" in errors_of_rows(turned, "pricing_rules")["type"][0]

    duo = PlanFactory(product_version=draft, code="DUO", recurrence="monthly")
    bundle["plan"] = duo.pk
    for wrong, field in (
        ({"plan": ""}, "plan"),
        ({"bundle_value": ""}, "bundle_value"),
        ({"bundle_kind": ""}, "bundle_kind"),
        ({"bundle_value": "101"}, "__all__"),
    ):
        answer = add_row(browser, page, "pricing_rules", bundle | wrong)
        assert list(errors_of_rows(answer, "pricing_rules")) == [field], wrong
    assert add_row(browser, page, "pricing_rules", bundle).status_code == 302
    duo.refresh_from_db()
    assert (duo.bundle_kind, duo.bundle_value, duo.bundle_tax_included) == ("percent", 10, True)
    assert PricingRule.objects.get(product_version=draft) == rule
    usage = {"type": "usage", "payload": {"unit": "Go", "unit_price": 1}}
    PricingRuleFactory(plan=plan, **usage)
    ProductVersion.objects.filter(pk=draft.pk).update(
        state="released", released_at=now(), content_hash="x"
    )
    table = spaced(browser.get(page).text)
    for label in ("Récurrent", "Usage, récurrent", "Remise en % sur la somme : 10 %"):
        assert label in table


@pytest.mark.requirement("1-06", "A.3.3-01")
@pytest.mark.parametrize(("typed", "field", "message"), WRONG)
def test_a_bad_price_is_told_beside_its_box(typed, field, message, manager, draft):
    price = {"plan": draft.plans.get().pk, "tax_code": "FR20", **typed}
    answer = add_row(manager, page_of(draft), "pricing_rules", price)
    assert answer.status_code == 200
    errors = errors_of_rows(answer, "pricing_rules")
    assert list(errors) == [field]
    assert message in errors[field][0]
