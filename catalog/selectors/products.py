"""Read models of the catalogue: plain values, never model instances (`design/performance.md`)."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from catalog.models import PricingRule, Product, ProductPlan, Publication, Risk
from catalog.selectors.visibility import running, visible_products, visible_versions
from partners.models import Partner
from winvest.core.models import Company
from winvest.core.models.sorting import FrenchSort
from winvest.core.permissions import Access

MAX_WORDS = 8

Rows = QuerySet[Any, Any]


def list_products(access: Access, *, at: datetime, **filters: Any) -> Rows:
    """Return the products the user sees at `at`; filters: company, risk, partner, status,
    channel (published there at `at`), search.
    """
    products = visible_products(access, at=at)
    plain = {"risk": "risk_id", "partner": "partner_id", "status": "lifecycle_status"}
    for name, column in plain.items():
        if filters.get(name):
            products = products.filter(**{column: filters[name]})
    companies = access.all_companies
    if company := filters.get("company"):
        companies = frozenset({company})
        products = products.filter(_sold_by(company))
    if channel := filters.get("channel"):
        on_channel = running(companies, at=at).filter(channels__contains=[channel])
        products = products.filter(Exists(on_channel))
    for word in filters.get("search", "").split()[:MAX_WORDS]:
        products = products.filter(_matches(word))
    return _product_rows(products)


def _sold_by(company: UUID) -> Q:
    published = Publication._base_manager.filter(
        company_id=company, product_version__product=OuterRef("pk")
    )
    return Q(company_id=company) | Q(Exists(published))


def _matches(word: str) -> Q:
    """A word of the name, accents and case left out, or the beginning of the SKU."""
    return Q(sort_label__contains=FrenchSort(Value(word))) | Q(sku__istartswith=word)


def _product_rows(products: QuerySet[Product, Any]) -> Rows:
    return products.values(
        "id",
        "sku",
        "name",
        "short_name",
        "company_id",
        "risk_id",
        "partner_id",
        "revenue_model",
        "lifecycle_status",
        "sort_label",
        "created_at",
        "updated_at",
        company_code=F("company__code"),
        risk_label=F("risk__label"),
        partner_name=F("partner__name"),
        brand_name=F("brand__name"),
    )


def read_product(access: Access, product_id: UUID, *, at: datetime) -> dict[str, Any] | None:
    """Return a product the user sees, with its versions, plans, prices and publications.

    None when he does not see it; five statements, whatever it holds.
    """
    product = _product_rows(visible_products(access, at=at).filter(pk=product_id)).first()
    if product is None:
        return None
    versions: list[Any] = list(
        visible_versions(access, at=at)
        .filter(product_id=product_id)
        .order_by("-version")
        .values(
            "id",
            "version",
            "state",
            "effective_from",
            "effective_to",
            "applies_to_inforce",
            "breaking_changes",
            "content_hash",
            "notes",
        )
    )
    ids = [version["id"] for version in versions]
    plans, prices, publications = _plans(ids), _prices(ids), _publications(ids)
    for version in versions:
        version["plans"] = plans[version["id"]]
        version["pricing_rules"] = prices[version["id"]]
        version["publications"] = publications[version["id"]]
    return {**product, "versions": versions}


def _by_version(rows: Rows) -> dict[UUID, list[dict[str, Any]]]:
    grouped: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.pop("product_version_id")].append(row)
    return grouped


# Plans and prices belong to versions that were chosen above, where the seller may not be the
# owner: the scope of the rows themselves is the owner's.
def _plans(versions: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    plans = ProductPlan._base_manager.filter(product_version_id__in=versions)
    return _by_version(
        plans.order_by("position", "code").values(
            "product_version_id",
            "id",
            "code",
            "name",
            "recurrence",
            "billing_cycle_days",
            "position",
        )
    )


def _prices(versions: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    rules = PricingRule._base_manager.filter(product_version_id__in=versions)
    return _by_version(
        rules.order_by("plan__position", "id").values(
            "product_version_id",
            "id",
            "plan_id",
            "type",
            "currency",
            "payload",
            "tax_code",
            "tax_included",
        )
    )


def _publications(versions: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    publications = Publication.objects.filter(product_version_id__in=versions)
    return _by_version(
        publications.order_by("start_at", "id").values(
            "product_version_id", "id", "company_id", "channels", "visibility", "start_at", "end_at"
        )
    )


def list_companies() -> Rows:
    """Return the companies in scope."""
    return Company.objects.values(
        "id",
        "code",
        "legal_name",
        "brand_name",
        "siren",
        "siret_default",
        "vat_number",
        "country",
        "currency",
        "timezone",
        "vat_regime",
        "is_active",
    )


def list_risks() -> Rows:
    """Return the risks in scope, the group's included."""
    return Risk.objects.values(
        "id", "company_id", "code", "label", "icon", "scope", "is_global", "sort_label"
    )


def list_partners() -> Rows:
    """Return the partners in scope: managed by, or activated for, a company of it."""
    return Partner.objects.values(
        "id",
        "company_id",
        "type",
        "name",
        "legal_name",
        "export_label",
        "siren",
        "is_insurance",
        "status",
    )
