"""The catalogue as booking sees it: versions, plans, VAT codes, mappings and publications."""

from collections.abc import Iterable
from uuid import UUID

from accounting.choices import MappingState
from accounting.domain.books import AccountSetting, KnownProduct, KnownVersion
from accounting.domain.mapping_rules import Nature
from accounting.models import AccountingMapping
from catalog.choices import LifecycleStatus, VersionState
from catalog.domain.inforce import Policy
from catalog.domain.pricing import RevenueModel
from catalog.models import PricingRule, Product, ProductPlan, ProductVersion, Publication
from winvest.core import scoping
from winvest.core.domain.periods import Period


def read_products(company_id: UUID, skus: Iterable[str]) -> dict[str, KnownProduct]:
    """Return by SKU the products that the company sees, ready for booking (6 queries).

    The scope must be that company alone: it decides what is seen (reading R-10).
    """
    wanted = set(skus) - {""}
    if not wanted:
        return {}
    products: dict[UUID, KnownProduct] = {}
    for row in Product.objects.filter(sku__in=wanted).select_related("partner"):
        partner = row.partner
        products[row.pk] = KnownProduct(
            sku=row.sku,
            revenue_model=RevenueModel(row.revenue_model),
            is_active=row.lifecycle_status == LifecycleStatus.ACTIVE,
            partner_label=(partner.export_label or partner.name) if partner else "",
            is_insurance=partner is not None and partner.is_insurance,
        )
    versions: dict[UUID, KnownVersion] = {}
    released = ProductVersion.objects.filter(product__in=products, state=VersionState.RELEASED)
    for row in released:
        period = Period(row.effective_from, row.effective_to)
        versions[row.pk] = KnownVersion(row.pk, row.version, period, Policy(row.applies_to_inforce))
        products[row.product_id].versions.append(versions[row.pk])
    _fill(company_id, versions)
    return {product.sku: product for product in products.values()}


def _fill(company_id: UUID, versions: dict[UUID, KnownVersion]) -> None:
    """Add what hangs on the versions, each read at once for all of them."""
    # Plans and prices are the owner's rows; whoever sees the version sells by them.
    with scoping.everything():
        plans = ProductPlan.objects.filter(product_version__in=versions)
        for version_id, code, plan_id in plans.values_list("product_version_id", "code", "pk"):
            versions[version_id].plans[code] = plan_id
        rules = PricingRule.objects.filter(product_version__in=versions)
        for version_id, plan_id, tax_code in rules.values_list(
            "product_version_id", "plan_id", "tax_code"
        ):
            versions[version_id].tax_codes[plan_id].add(tax_code)
    own = {"product_version__in": versions, "company": company_id}
    for row in AccountingMapping.objects.filter(**own, state=MappingState.VALIDATED):
        versions[row.product_version_id].mappings[Nature(row.nature)] = AccountSetting(
            row.gl_account, row.journal or "", row.cost_center or "", row.tax_code or ""
        )
    for row in Publication.objects.filter(**own):
        period = Period(row.start_at, row.end_at)
        versions[row.product_version_id].publications.append((row.channels, period))
