"""Step 2 of the wizard: the model of the prices, each with its own boxes (§2.2, E.2.3-02)."""

from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from catalog.choices import PricingModel, WizardStep
from catalog.models import ExternalMapping, IndexValue, PricingRule, ProductPlan
from tests.factories import (
    CredentialFactory,
    ExternalMappingFactory,
    PartnerFactory,
    PlanFactory,
    VersionFactory,
    WizardDraftFactory,
)
from tests.support.forms import form_of
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

LINE = {"recurrence": "monthly", "tax_code": "FR20", "tax_included": "on"}


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


def drafted(company, **product):
    columns = {f"product__{name}": value for name, value in product.items()}
    version = VersionFactory(product__company=company, **columns)
    return WizardDraftFactory(product_version=version, step=WizardStep.PRICING)


def page_of(draft, name="wizard-step"):
    return reverse(name, args=[draft.pk, WizardStep.PRICING.value])


def line(number, **typed):
    return {f"plans-{number}-{name}": text for name, text in (LINE | typed).items()}


USAGE = line(
    *(0,),
    code="KWH",
    name="Électricité",
    method="usage",
    amount="0,174",
    unit="kWh",
    min_charge="12",
)
INDEXED = line(
    *(1,),
    code="INDEXE",
    name="Indexée",
    method="indexed",
    index="energy",
    base="0,2",
    formula="round(base * index / 100, 4)",
)


@pytest.mark.requirement("3.1-03", "E.2.3-02", "2.2-04")
def test_the_models_are_offered_and_none_is_lost_by_looking(manager, company):
    draft = drafted(company)
    page = page_of(draft)
    shown = manager.get(page)
    for label in (*PricingModel.labels, "Automatique"):
        assert f"<strong>{label}</strong>" in shown.text
    begun = form_of(shown)
    assert (begun["model"], begun["plans-0-method"]) == ("recurring", "fixed")
    # Looking at another model keeps what is typed under the first, and comes back with it.
    typed = begun | line(0, code="FIXE", name="Fixe", method="fixed", amount="9,90")
    # What the page's script does when « Usage » is chosen: the blank lines follow.
    typed |= {"model": "usage", "plans-1-method": "usage", "plans-2-method": "usage"}
    assert manager.post(page_of(draft, "wizard-keep"), typed).status_code == 200
    back = form_of(manager.get(page))
    assert (back["model"], back["plans-0-amount"], back["plans-0-method"]) == (
        *("usage", "9,90"),
        "fixed",
    )
    assert back["plans-1-method"] == "usage"
    assert manager.post(page, back | {"_stay": ""}).status_code == 302
    assert [rule.type for rule in PricingRule.objects.all()] == ["fixed"]


@pytest.mark.requirement("3.1-03", "1-09", "1-12")
def test_a_consumption_and_an_index_are_typed_in_the_table(manager, company):
    IndexValue.objects.create(index="energy", valid_on="2020-01-01", value=Decimal("112.5"))
    draft = drafted(company)
    page = page_of(draft)
    typed = form_of(manager.get(page)) | {"model": "usage"} | USAGE | INDEXED
    preview = unescape(manager.post(page_of(draft, "wizard-preview"), typed).text)
    preview = preview.replace("\xa0", " ").replace("\u202f", " ")
    assert "0,174 € par kWh, minimum 12,00 €" in preview
    assert "17,40 €" in preview  # a hundred
    assert "0,23 €" in preview  # 0.2000 × 112.5 / 100
    assert manager.post(page, typed | {"_stay": ""}).status_code == 302
    usage, indexed = PricingRule.objects.order_by("plan__position")
    assert usage.payload == {
        "unit": "kwh",
        "unit_price": Decimal("0.174"),
        "min_charge": Decimal("12"),
    }
    assert indexed.payload == {"index": "energy", "formula": "round(base * index / 100, 4)"}
    assert indexed.plan.parameters == {"base": Decimal("0.2")}
    # They come back, and the same page writes the same.
    shown = form_of(manager.get(page))
    assert (shown["model"], shown["plans-0-unit"], shown["plans-1-base"]) == ("usage", "kWh", "0,2")
    assert manager.post(page, shown | {"_stay": ""}).status_code == 302
    assert {rule.pk: rule.payload for rule in PricingRule.objects.all()} == {
        usage.pk: usage.payload,
        indexed.pk: indexed.payload,
    }
    # Back to a single price: what the other model asked is left out, in the boxes too.
    single = {"plans-0-method": "fixed", "plans-0-min_charge": "abc", "plans-0-amount": "5"}
    shown = form_of(manager.get(page))
    assert manager.post(page, shown | single | {"_stay": ""}).status_code == 302
    usage.refresh_from_db()
    assert (usage.type, usage.payload) == ("fixed", {"amount": Decimal("5")})


@pytest.mark.requirement("3.1-03", "E.2.3-06")
def test_what_a_model_lacks_is_told_beside_its_box(manager, company):
    draft = drafted(company)
    page = page_of(draft)
    cases = (
        (USAGE | {"plans-0-unit": ""}, "unit", "Ce champ est obligatoire."),
        (USAGE | {"plans-0-amount": ""}, "amount", "Ce champ est obligatoire."),
        (INDEXED | {"plans-1-index": ""}, "index", "Ce champ est obligatoire."),
        (INDEXED | {"plans-1-base": ""}, "base", "Le calcul lit « base » : donnez-la."),
        (INDEXED | {"plans-1-formula": "base ** 2"}, "formula", "ne se lit pas"),
        (INDEXED | {"plans-1-formula": "index / 0"}, "formula", "divise toujours par zéro"),
    )
    for typed, box, problem in cases:
        answer = manager.post(page, form_of(manager.get(page)) | typed | {"_stay": ""})
        errors = {}
        for form in answer.context["grid"].plans.forms:
            errors |= form.errors
        assert problem in " ".join(errors[box]), box
        assert not ProductPlan.objects.exists()


@pytest.mark.requirement("3.1-03", "3.2-01", "13-01")
def test_a_price_of_the_partner_says_what_it_still_lacks(manager, company):
    alone = unescape(manager.get(page_of(drafted(company))).text)
    assert "Ce produit n'a pas de partenaire" in alone
    partner = PartnerFactory(company=company, name="OggoData")
    draft = drafted(company, partner=partner, revenue_model="commission")
    page = page_of(draft)
    shown = manager.get(page)
    begun = form_of(shown)
    # A commission earned on a partner's product begins with the partner's own price.
    assert (begun["model"], begun["plans-0-method"]) == ("partner", "partner")
    product = draft.product_version.product
    add = f"{reverse('admin:catalog_externalmapping_add')}?product={product.pk}"
    told = unescape(shown.text)
    assert f'href="{add}"' in told
    assert "Le code du produit chez OggoData n'est pas saisi." in told
    assert form_of(manager.get(add))["product"] == str(product.pk)
    assert "accès API" in told  # IT's
    typed = begun | line(0, code="SANTE", name="Santé", method="partner")
    assert manager.post(page, typed | {"_next": ""}).url == f"{page}?manque=1#ecrit"
    assert not PricingRule.objects.exists()

    # What was chosen stays chosen while the code is missing.
    kept = form_of(manager.get(page))
    assert (kept["model"], kept["plans-0-method"]) == ("partner", "partner")
    code = ExternalMappingFactory(product=product, system="OggoData", external_code="S-1")
    assert "choisissez cet état" in unescape(manager.get(page).text)
    CredentialFactory(partner=partner)
    ExternalMapping.objects.filter(pk=code.pk).update(integration_status="api")
    told = unescape(manager.get(page).text)
    assert "Le code « S-1 » n'a pas encore d'essai réussi en sandbox." in told
    assert "API du partenaire donne son prix" in unescape(
        manager.post(page_of(draft, "wizard-preview"), form_of(manager.get(page))).text
    )
    goes = manager.post(page, form_of(manager.get(page)) | {"_next": ""})
    assert "commissions" in goes.url
    # A price of its own, then the partner's again: the price goes.
    own = {"plans-0-method": "fixed", "plans-0-amount": "9", "plans-0-tax_code": "FR20"}
    assert manager.post(page, form_of(manager.get(page)) | own | {"_stay": ""}).status_code == 302
    assert PricingRule.objects.get().plan.code == "SANTE"
    again = form_of(manager.get(page)) | {"plans-0-method": "partner", "_stay": ""}
    assert manager.post(page, again).status_code == 302
    assert not PricingRule.objects.exists()
    assert ProductPlan.objects.get().code == "SANTE"


@pytest.mark.requirement("3.1-03", "1-10")
def test_a_bundle_has_its_own_small_form(manager, company):
    draft = drafted(company)
    sold = PlanFactory(product_version__product__company=company, code="BOX")
    page = page_of(draft)
    small = f"{page}?complet=1&bundle=1"
    assert f'href="{small}"' in unescape(manager.get(page).text)
    first = manager.get(small)
    assert "pricing_rules-TOTAL_FORMS" not in first.text
    assert "plans-0-options" not in first.text
    boxes = form_of(first) | {
        "plans-TOTAL_FORMS": "1",
        "plans-0-code": "PACK",
        "plans-0-name": "Pack",
        "plans-0-recurrence": "monthly",
        "plans-0-bundle_kind": "fixed",
        "plans-0-bundle_value": "30",
        "plans-0-bundle_tax_included": "on",
    }
    stayed = manager.post(small, boxes | {"_stay": ""})
    assert stayed.url == f"{small}#ecrit"
    plan = ProductPlan.objects.get(code="PACK")
    assert (plan.bundle_kind, plan.bundle_value) == ("fixed", 30)
    boxes = form_of(manager.get(small))
    prefix = next(name for name in boxes if "TOTAL_FORMS" in name and "plans" not in name)
    prefix = prefix.removesuffix("-TOTAL_FORMS")
    boxes |= {
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-0-plan": str(plan.pk),
        f"{prefix}-0-product": str(sold.product_version.product_id),
        f"{prefix}-0-plan_code": "BOX",
        f"{prefix}-0-quantity": "1",
        f"{prefix}-0-position": "0",
    }
    assert manager.post(small, boxes | {"_stay": ""}).status_code == 302
    assert plan.components.get().plan_code == "BOX"
    shown = manager.get(page)
    assert form_of(shown)["model"] == "bundle"
    assert "Pack" in shown.text
