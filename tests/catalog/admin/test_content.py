"""What versions, products and families hold, by the forms: every type of price, every column."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import (
    CqRule,
    ExternalMapping,
    PricingRule,
    ProductPlan,
    ProductVersion,
    Publication,
)
from tests.factories import (
    CqRuleFactory,
    ExternalMappingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.forms import form_of
from tests.support.pages import add_row, errors_of_rows, page_of, spaced
from tests.support.sheet import plain
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")


FIELDS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["plafond"],
    "properties": {
        "plafond": {"title": "Plafond", "type": "number", "minimum": 10},
        "niveau": {"title": "Niveau", "type": "string", "enum": ["bas", "haut"]},
        "depuis": {"title": "Depuis", "type": "string", "format": "date"},
        "soins": {
            "title": "Soins",
            "type": "array",
            "uniqueItems": True,
            "items": {"enum": ["dents", "yeux"]},
        },
        "ferme": {"title": "Engagement", "type": "boolean"},
    },
}


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


@pytest.mark.requirement("2.1-plan-01", "2.1-plan-02", "2.1-plan-03")
def test_a_plan_holds_dates_parameters_and_extras(manager, draft):
    plan = {
        "code": "TOUT",
        "name": "Tout",
        "recurrence": "custom",
        "billing_cycle_days": "45",
        "position": "2",
        "valid_from_0": "01/02/2027",
        "valid_from_1": "00:00:00",
        "parameters-0-name": "base",
        "parameters-0-value": "12,5",
        "options-0-code": "AIDE",
        "options-0-name": "Assistance",
        "options-0-amount": "2",
        "options-0-mandatory": "true",
        "surcharges-0-code": "FUM",
        "surcharges-0-name": "Fumeur",
        "surcharges-0-kind": "percent",
        "surcharges-0-value": "10",
        "discounts-0-code": "BIENV",
        "discounts-0-name": "Bienvenue",
        "discounts-0-kind": "amount",
        "discounts-0-value": "5",
    }
    page = page_of(draft)
    assert add_row(manager, page, "plans", plan).status_code == 302
    made = ProductPlan.objects.get(code="TOUT")
    assert made.parameters == {"base": Decimal("12.5")}
    assert made.options == [{"code": "AIDE", "name": "Assistance", "amount": 2, "mandatory": True}]
    assert made.surcharges[0]["kind"] == "percent"
    assert made.discounts[0]["value"] == 5
    assert manager.post(page, form_of(manager.get(page))).status_code == 302
    assert made.history.count() == 1
    told = spaced(manager.get(page.replace("change/", "history/")).text)
    assert "Assistance : 2,00 € (obligatoire)" in told
    for wrong, field, message in (
        ({"options-0-amount": "deux"}, "options", "n'est pas un nombre"),
        ({"surcharges-0-value": "110"}, "surcharges", "Ligne 1, « valeur »"),
        ({"options-1-code": "aide", "options-1-name": "x", "options-1-amount": "1"}, "options", ""),
        ({"parameters-1-name": "base", "parameters-1-value": "1"}, "parameters", "deux fois"),
        ({"parameters-1-name": "Base", "parameters-1-value": "1"}, "parameters", "caractères"),
    ):
        answer = add_row(manager, page, "plans", plan | {"code": "AUTRE"} | wrong)
        errors = errors_of_rows(answer, "plans")
        assert list(errors) == [field], wrong
        assert message in errors[field][0]


@pytest.mark.requirement("2.1-product-07", "2.1-product-08", "2.1-product-09")
def test_a_version_has_channels_an_area_and_conditions(manager, draft):
    page = page_of(draft)
    told = {
        "channels": ["web", "field"],
        "geography-zones": ["bretagne"],
        "geography-departments": "75, 2A",
        "eligibility-age_min": "18",
        "eligibility-customer_types": ["personal"],
    }
    assert manager.post(page, form_of(manager.get(page)) | told).status_code == 302
    draft.refresh_from_db()
    assert draft.channels == ["web", "field"]
    assert draft.geography == {"zones": ["bretagne"], "departments": ["75", "2A"]}
    assert draft.eligibility == {"age_min": 18, "customer_types": ["personal"]}
    history = manager.get(page.replace("change/", "history/")).text
    assert "Zones : Bretagne, Départements : 75, 2A" in history
    for wrong, field, message in (
        ({"geography-departments": "75, 20"}, "geography", "« Départements »"),
        ({"geography-zones": ["lune"]}, "geography", "« Zones »"),
        ({"eligibility-age_min": "dix"}, "eligibility", "« Âge minimum » : la valeur attendue"),
        ({"eligibility-age_max": "3"}, "eligibility", "dépasse"),
        ({"channels": ["fax"]}, "channels", "choix valide"),
    ):
        answer = manager.post(page, form_of(manager.get(page)) | wrong)
        errors = answer.context["adminform"].form.errors
        assert list(errors) == [field], wrong
        assert message in errors[field][0]
    nothing = dict.fromkeys(told, "") | {"channels": [], "geography-zones": []}
    nothing["eligibility-customer_types"] = []
    assert manager.post(page, form_of(manager.get(page)) | nothing).status_code == 302
    draft.refresh_from_db()
    assert (draft.channels, draft.geography, draft.eligibility) == ([], {}, {})


@pytest.mark.requirement("2.1-risk-02", "2.1-risk-03", "2.1-risk-04")
def test_a_family_has_a_parent_rules_fields_and_an_icon(manager, company):
    parent = RiskFactory(company=company, code="RACINE")
    risk = RiskFactory(company=company, code="FEUILLE", field_schema=FIELDS)
    page = page_of(risk)
    told = {
        "parent": parent.pk,
        "icon": "pets",
        "constraints-channels": ["web"],
        "constraints-tax_codes": "FR20, FR0",
        "constraints-age_min": "18",
        "constraints-partner": "forbidden",
    }
    assert manager.post(page, form_of(manager.get(page)) | told).status_code == 302
    risk.refresh_from_db()
    assert (risk.parent, risk.icon, risk.field_schema) == (parent, "pets", FIELDS)
    rules = {"channels": ["web"], "tax_codes": ["FR20", "FR0"], "age_min": 18}
    assert risk.constraints == rules | {"partner": "forbidden"}
    assert "pets</span>" in manager.get(reverse("admin:catalog_risk_changelist")).text
    row = {"key": "duree", "title": "Durée", "kind": "integer", "low": "1", "required": "true"}
    more = {f"field_schema-9-{part}": text for part, text in row.items()}
    assert manager.post(page, form_of(manager.get(page)) | more).status_code == 302
    risk.refresh_from_db()
    assert risk.field_schema["properties"]["duree"] == {
        "title": "Durée",
        "type": "integer",
        "minimum": 1,
    }
    assert risk.field_schema["required"] == ["plafond", "duree"]
    other = more | {"field_schema-9-key": "autre"}
    for wrong, message in (
        ({"field_schema-9-key": "plafond"}, "figure deux fois"),
        ({"field_schema-9-key": "Durée"}, "caractères"),
        ({"field_schema-9-kind": "choice"}, "donnez les valeurs"),
        ({"field_schema-9-values": "a ; b"}, "seule une liste"),
        ({"field_schema-0-title": ""}, "manque"),
    ):
        answer = manager.post(page, form_of(manager.get(page)) | other | wrong)
        assert message in answer.context["adminform"].form.errors["field_schema"][0], wrong
    loop = manager.post(
        page_of(parent), form_of(manager.get(page_of(parent))) | {"parent": risk.pk}
    )
    assert list(loop.context["adminform"].form.errors) == ["parent"]


@pytest.mark.requirement("2.1-risk-04", "2.1-product-10")
def test_the_fields_of_the_family_stand_on_the_product(manager, company):
    risk = RiskFactory(company=company, field_schema=FIELDS)
    product = ProductFactory(company=company, risk=risk, lifecycle_status="active")
    page = page_of(product)
    refused = manager.post(page, form_of(manager.get(page)))
    assert "Plafond" in refused.context["adminform"].form.errors["attributes"][0]
    told = {
        "attributes-plafond": "1 500,50",
        "attributes-niveau": "haut",
        "attributes-depuis": "2026-02-01",
        "attributes-soins": ["dents", "yeux"],
        "attributes-ferme": "false",
        "badges-promo": "true",
        "badges-new": "false",
        "carrier": "Porteur SA",
        "unit": "person",
    }
    assert manager.post(page, form_of(manager.get(page)) | told).status_code == 302
    product.refresh_from_db()
    assert product.attributes == {
        "plafond": Decimal("1500.5"),
        "niveau": "haut",
        "depuis": "2026-02-01",
        "soins": ["dents", "yeux"],
        "ferme": False,
    }
    assert product.badges == {"promo": True, "new": False}
    assert (product.carrier, product.unit) == ("Porteur SA", "person")
    saved = manager.post(page, form_of(manager.get(page)), follow=True)
    assert f"Enregistré : produit « {product} »." in plain(saved.text)
    # What is sent as it was shown writes nothing.
    assert product.history.count() == 2
    for wrong, message in (
        ({"attributes-plafond": "beaucoup"}, "« Plafond » : la valeur attendue est de type nombre"),
        ({"attributes-plafond": "9"}, "au moins 10"),
        ({"attributes-niveau": "moyen"}, "« Niveau »"),
        ({"attributes-depuis": "hier"}, "AAAA-MM-JJ"),
    ):
        answer = manager.post(page, form_of(manager.get(page)) | told | wrong)
        assert message in answer.context["adminform"].form.errors["attributes"][0], wrong
    history = spaced(manager.get(page.replace("change/", "history/")).text)
    assert "Plafond : 1 500,5" in history
    assert "Soins : dents, yeux" in history


def test_a_publication_tells_conditions_availability_and_whether_the_price_shows(
    draft, user_with, browser_as, company
):
    publication = PublicationFactory(product_version=draft)
    browser = browser_as(user_with(Role.ADV, company))
    page = page_of(publication)
    told = {"conditions": "Sur dossier", "availability": "limited"}
    data = form_of(browser.get(page)) | told
    data.pop("price_visible")
    assert browser.post(page, data).status_code == 302
    row = Publication.objects.get(pk=publication.pk)
    assert (row.conditions, row.availability, row.price_visible) == (
        "Sur dossier",
        "limited",
        False,
    )
    assert (
        "Disponibilité limitée" in browser.get(reverse("admin:catalog_publication_changelist")).text
    )


@pytest.mark.requirement("3.6-02", "3.6-03", "3.8-05")
def test_adv_keeps_the_quality_rules(draft, user_with, browser_as, company, manager):
    adv = browser_as(user_with(Role.ADV, company))
    add = reverse("admin:catalog_cqrule_add")
    told = {"product_version": draft.pk, "required_fields": ["CNI", "RIB"], "notes": "À l'oral"}
    assert manager.post(add, told).status_code == 403
    assert adv.post(add, told | {"required_fields": ["ADN"]}).status_code == 200
    assert adv.post(add, told | {"rule_sets": ["identity"]}).status_code == 302
    rule = CqRule.objects.get(product_version=draft)
    assert (rule.required_fields, rule.rule_sets) == (["CNI", "RIB"], ["identity"])
    for browser, offered in ((adv, True), (manager, False)):
        page = browser.get(page_of(draft)).text
        assert "Identité vérifiée" in page
        assert ("Ajouter une règle" in page) is offered
    found = adv.get(reverse("admin:catalog_cqrule_changelist"), {"q": draft.product.sku})
    assert "Pièce d&#x27;identité" in found.text
    assert "Identité vérifiée" in manager.get(page_of(draft).replace("change/", "history/")).text
    assert manager.post(page_of(rule), {"notes": "Volé"}).status_code == 403
    ProductVersion.objects.filter(pk=draft.pk).update(
        state="released", released_at=now(), content_hash="x"
    )
    assert adv.post(page_of(rule), told).status_code == 403
    assert "règle figée" in adv.get(page_of(rule)).text


@pytest.mark.requirement("2.2-03", "C.2-01", "A.2.2-external_mapping-01")
def test_external_codes_stand_on_the_product_and_are_found_by_code(manager, draft):
    plan, page = draft.plans.get(), page_of(draft.product)
    code = {"system": "OggoData", "external_code": "Og-77", "plan": plan.pk}
    code["integration_status"] = "import"
    assert add_row(manager, page, "external_mappings", code).status_code == 302
    row = ExternalMapping.objects.get(external_code="Og-77")
    assert (row.plan, row.company) == (plan, draft.company)
    other = PlanFactory(product_version=VersionFactory(product=ProductFactory()))
    foreign = code | {"external_code": "Og-78", "plan": other.pk}
    assert add_row(manager, page, "external_mappings", foreign).status_code == 200
    twice = add_row(manager, page, "external_mappings", code | {"plan": ""})
    assert "déjà pris dans ce système" in str(errors_of_rows(twice, "external_mappings"))
    found = manager.get(reverse("admin:catalog_externalmapping_changelist"), {"q": "og-7"}).text
    assert "Og-77" in found
    assert "Code externe OggoData" in manager.get(page.replace("change/", "history/")).text
    add = reverse("admin:catalog_externalmapping_add")
    new = {"product": draft.product_id, "system": "Swiss", "external_code": "S1", "plan": plan.pk}
    assert manager.post(add, new | {"integration_status": "none"}).status_code == 302
    page_ = page_of(ExternalMapping.objects.get(external_code="S1"))
    assert manager.post(page_, {**form_of(manager.get(page_)), "plan": ""}).status_code == 302


@pytest.mark.requirement("1-23", "3.8-09")
def test_the_history_of_a_version_tells_each_change_of_its_parts(manager, draft):
    rule = PricingRuleFactory(plan=draft.plans.get())
    page = page_of(draft)
    data = form_of(manager.get(page))
    data["pricing_rules-0-fixed_amount"] = "31.00"
    assert manager.post(page, data).status_code == 302
    data = form_of(manager.get(page)) | {"pricing_rules-0-DELETE": "on"}
    assert manager.post(page, data).status_code == 302
    assert not PricingRule.objects.filter(pk=rule.pk).exists()
    history = spaced(manager.get(page.replace("change/", "history/")).text)
    assert "29,90 €" in history
    assert "31,00 €" in history
    assert history.index("Effacé") < history.index("Modifié") < history.index("Créé")
    # Who changed it, and as what; the fixtures' rows have no author.
    assert history.count("<td>Catalogue Manager (Produit)</td>") == 2


def test_a_page_asks_as_much_whatever_the_number_of_its_parts(manager, draft):
    plan, page = draft.plans.get(), page_of(draft)
    product = page_of(draft.product)
    addresses = (page, page.replace("change/", "history/"), product)

    def statements():
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert manager.get(address).status_code == 200
            counts.append(len(captured))
        return counts

    def add(number):
        for _ in range(number):
            PricingRuleFactory(plan=plan)
            PlanFactory(product_version=draft)
            CqRuleFactory(product_version=draft)
            ExternalMappingFactory(product=draft.product, plan=PlanFactory(product_version=draft))

    add(2)
    statements()  # what is read once per process is not the pages'
    before = statements()
    add(4)
    assert statements() == before


def test_a_list_of_rows_holds_no_nul(manager, draft):
    """PostgreSQL keeps none in JSON: told beside the field, never an internal error."""
    plan = {"code": "NUL", "name": "Nul", "recurrence": "monthly", "position": "1"}
    plan |= {"options-0-code": "A", "options-0-name": "a\x00b", "options-0-amount": "1"}
    answer = add_row(manager, page_of(draft), "plans", plan)
    assert answer.status_code == 200
    assert "caractère NUL" in errors_of_rows(answer, "plans")["options"][0]
