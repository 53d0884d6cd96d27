"""Products, versions, plans and prices in the back-office."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.choices import LifecycleStatus, RevenueModel, VersionState
from catalog.models import PricingRule, Product, ProductPlan, ProductVersion
from tests.factories import (
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.offers import approve, make_released
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Company

pytestmark = pytest.mark.usefixtures("everything")
FIXED = {"type": "fixed", "tax_included": "on", "tax_code": "FR20"}


def empty_rows(*prefixes):
    return {
        f"{prefix}-{name}": 0 for prefix in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }


def rows(prefix, *new):
    data = {f"{prefix}-TOTAL_FORMS": len(new), f"{prefix}-INITIAL_FORMS": 0}
    for index, row in enumerate(new):
        data |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return data


def version_form(version, **fields):
    start = version.effective_from
    return {
        "effective_from_0": f"{start:%d/%m/%Y}",
        "effective_from_1": "00:00:00",
        "applies_to_inforce": "none",
        "notes": "",
        **empty_rows(
            *("plans", "pricing_rules", "bundle_components", "billings", "logistics", "cq_rules")
        ),
        **fields,
    }


def product_form(company: Company, **fields):
    return {
        "company": company.pk,
        "brand": "",
        "sku": "NOUVEAU-001",
        "name": "Nouveau",
        "short_name": "",
        "partner": "",
        "revenue_model": RevenueModel.REVENUE,
        "unit": "unit",
        **fields,
    }


def draft_by_hand(browser, product) -> ProductVersion:
    """Make a version that takes effect on 1 February 2027, by the form."""
    browser.post(
        reverse("admin:catalog_productversion_add"),
        {
            "product": product.pk,
            "effective_from_0": "01/02/2027",
            "effective_from_1": "00:00:00",
            "applies_to_inforce": "none",
            "notes": "",
        },
    )
    return ProductVersion.objects.get(product=product)


def price_by_hand(browser, version) -> PricingRule:
    """Add a plan, then its price, by the forms below the version."""
    page = reverse("admin:catalog_productversion_change", args=[version.pk])
    plan = {"code": "BASE", "name": "Base", "recurrence": "monthly", "position": 1}
    browser.post(page, version_form(version, **rows("plans", plan)))
    made = ProductPlan.objects.get(product_version=version)
    kept = rows("plans", plan | {"id": made.pk, "product_version": version.pk})
    price = {"plan": made.pk, "fixed_amount": "29.90", **FIXED}
    browser.post(
        page,
        version_form(version, **rows("pricing_rules", price)) | kept | {"plans-INITIAL_FORMS": 1},
    )
    return PricingRule.objects.get(product_version=version)


@pytest.mark.requirement("1-04", "3.8-03", "1-23")
def test_a_catalogue_manager_makes_a_product_sellable_by_hand(company, user_with, browser_as):
    actor = user_with(Role.CATALOG_MANAGER, company)
    browser = browser_as(actor)
    risk = RiskFactory(company=company)
    browser.post(reverse("admin:catalog_product_add"), product_form(company, risk=risk.pk))
    product = Product.objects.get(sku="NOUVEAU-001")
    assert (product.created_by, product.lifecycle_status) == (actor, LifecycleStatus.DRAFT)
    version = draft_by_hand(browser, product)
    assert (version.version, version.company) == (1, company)
    assert version.effective_from == datetime(2027, 1, 31, 23, tzinfo=UTC)
    rule = price_by_hand(browser, version)
    assert rule.payload == {"amount": Decimal("29.90")}
    assert (rule.tax_rate, rule.currency) == (Decimal("20.00"), "EUR")
    page = reverse("admin:catalog_productversion_change", args=[version.pk])
    for step, state in (("submit", VersionState.IN_REVIEW), ("release", VersionState.RELEASED)):
        if step == "release":
            approve(version)
        assert browser.get(page.replace("change", step)).status_code == 200
        browser.post(page.replace("change", step))
        version.refresh_from_db()
        assert version.state == state
    assert "contenu figé" in browser.get(page).text
    move = reverse("admin:catalog_product_change", args=[product.pk]).replace("change", "move")
    page = reverse("admin:catalog_product_change", args=[product.pk])
    for name in ("lifecycle_status", "created_by", "id"):
        forced = browser.post(page, product_form(company, risk=risk.pk) | {name: "active"})
        assert forced.status_code == 403, name
    for status in ("test", "active"):
        browser.post(move, {"to": status})
    log = AuditEntry.objects.filter(table="product", record_id=product.pk).order_by("id")
    assert {entry.actor_id for entry in log} == {actor.pk}
    assert [entry.after["lifecycle_status"] for entry in log] == ["draft", "test", "active"]


@pytest.mark.requirement("1-04", "1-22")
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("fixed_amount", "-1", "supérieure ou égale à 0"),
        ("fixed_amount", "1.00001", "4 chiffres après la virgule"),
        ("fixed_amount", "gratuit", "nombre"),
        ("tax_code", "FR99", "Sélectionnez un choix valide"),
    ],
)
def test_a_bad_price_is_refused_beside_its_field(
    field, value, message, company, user_with, browser_as
):
    plan = PlanFactory(product_version=VersionFactory(product=ProductFactory(company=company)))
    version = plan.product_version
    price = {"plan": plan.pk, "fixed_amount": "1", **FIXED}
    answer = browser_as(user_with(Role.CATALOG_MANAGER, company)).post(
        reverse("admin:catalog_productversion_change", args=[version.pk]),
        version_form(version, **rows("pricing_rules", price | {field: value})),
    )
    assert answer.status_code == 200
    assert message in answer.text
    assert not PricingRule.objects.filter(product_version=version).exists()


@pytest.mark.requirement("3.8-03", "1-23")
def test_released_content_is_read_only_and_never_deleted(company, user_with, browser_as):
    version = make_released(company=company, sku="FIGE-001", plans={"BASE": "9.90"})
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    page = reverse("admin:catalog_productversion_change", args=[version.pk])
    assert browser.post(page, version_form(version)).status_code == 403
    assert browser.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    product = reverse("admin:catalog_product_delete", args=[version.product_id])
    answer = browser.post(product, {"post": "yes"}, follow=True)
    assert "Seul un brouillon jamais publié" in answer.text
    assert "Une version du produit a été mise en production" in answer.text
    assert ProductVersion.objects.filter(pk=version.pk, state=VersionState.RELEASED).exists()


def test_a_publication_on_sale_is_not_deleted(company, user_with, browser_as):
    publication = PublicationFactory(
        product_version=VersionFactory(product=ProductFactory(company=company))
    )
    answer = browser_as(user_with(Role.ADV, company)).post(
        reverse("admin:catalog_publication_delete", args=[publication.pk]),
        {"post": "yes"},
        follow=True,
    )
    assert "se termine, sans s&#x27;effacer" in answer.text
    assert type(publication).objects.filter(pk=publication.pk).exists()


@pytest.mark.requirement("3.8-02", "3.8-13", "G.2-03")
def test_no_version_is_made_for_a_product_that_one_only_sells(
    company, other_company, user_with, browser_as
):
    version = make_released(company=other_company, sku="AUTRE-001", plans={"BASE": "9.90"})
    PublicationFactory(product_version=version, company=company, owner_company=other_company)
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert "AUTRE-001" in browser.get(reverse("admin:catalog_product_changelist")).text
    answer = browser.post(
        reverse("admin:catalog_productversion_add"),
        {
            "product": version.product_id,
            "effective_from_0": "01/02/2027",
            "effective_from_1": "00:00:00",
            "applies_to_inforce": "none",
        },
    )
    assert "Sélectionnez un choix valide" in answer.text
    page = reverse("admin:catalog_product_change", args=[version.product_id])
    assert browser.post(page, {"name": "Volé"}).status_code == 403
    assert browser.post(page.replace("change", "move"), {"to": "frozen"}).status_code == 403
    assert ProductVersion.objects.filter(product=version.product_id).count() == 1


@pytest.mark.requirement("3.8-04", "3.8-05", "3.8-06", "G.2-03")
@pytest.mark.parametrize(
    "role",
    [Role.ACCOUNTING, Role.ADV, Role.SALES, Role.MARKETING, Role.AUDITOR, Role.LEGAL, Role.IT],
)
def test_other_roles_write_neither_products_nor_prices(role, company, user_with, browser_as):
    rule = PricingRuleFactory(
        plan=PlanFactory(product_version=VersionFactory(product=ProductFactory(company=company)))
    )
    version = rule.product_version
    PublicationFactory(product_version=version)
    browser = browser_as(user_with(role, company))
    pages = [
        reverse("admin:catalog_product_change", args=[version.product_id]),
        reverse("admin:catalog_product_add"),
        reverse("admin:catalog_productversion_change", args=[version.pk]),
        reverse("admin:catalog_productversion_add"),
        reverse("admin:catalog_risk_add"),
        reverse("admin:partners_partner_add"),
    ]
    for page in pages:
        assert browser.post(page, {"name": "Volé"}).status_code in (403, 404), page
    rule.refresh_from_db()
    assert rule.payload == {"amount": Decimal("29.90")}


@pytest.mark.requirement("3.8-06", "3.8-13")
@pytest.mark.parametrize("role", [Role.SALES, Role.MARKETING])
def test_sellers_see_what_is_on_sale_only(role, company, user_with, browser_as):
    shown = make_released(company=company, sku="EN-VENTE", plans={"BASE": "9.90"})
    hidden = [
        make_released(
            company=company,
            sku=f"CACHE-{status}",
            plans={"BASE": "9.90"},
            lifecycle_status=status,
        ).product
        for status in ("draft", "test", "frozen", "retired")
    ]
    browser = browser_as(user_with(role, company))
    page = browser.get(reverse("admin:catalog_product_changelist")).text
    assert shown.product.sku in page
    assert "CACHE-" not in page
    for product in hidden:
        address = reverse("admin:catalog_product_change", args=[product.pk])
        assert browser.get(address).status_code == 404
    found = browser.get(reverse("admin:search"), {"s": "CACHE"})
    assert "CACHE-" not in found.text


@pytest.mark.requirement("1-20", "3.8-13")
def test_autocompletes_offer_rows_in_scope_only(company, other_company, user_with, browser_as):
    for owner in (company, other_company):
        make_released(company=owner, sku=f"AUTO-{owner.code}", plans={"BASE": "1"})
    answer = browser_as(user_with(Role.CATALOG_MANAGER, company)).get(
        reverse("admin:autocomplete"),
        {
            "term": "AUTO",
            "app_label": "catalog",
            "model_name": "productversion",
            "field_name": "product",
        },
    )
    assert [row["text"][:7] for row in answer.json()["results"]] == ["AUTO-AP"]


def test_a_chosen_company_hides_the_others(company, other_company, user_with, browser_as):
    products = {
        owner.code: make_released(company=owner, sku=f"CHOIX-{owner.code}", plans={}).product
        for owner in (company, other_company)
    }
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    browser.post(reverse("admin:switch-company"), {"company": company.code})
    page = browser.get(reverse("admin:catalog_product_changelist")).text
    assert "CHOIX-AP" in page
    assert "CHOIX-MTV" not in page
    other = reverse("admin:catalog_product_change", args=[products["MTV"].pk])
    assert browser.get(other).status_code == 404
    with scoping.everything():
        assert Product.objects.filter(sku="CHOIX-MTV").exists()
