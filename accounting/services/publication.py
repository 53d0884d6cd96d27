"""The accountants' check of a publication (`design/domain.md` §2)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from accounting.choices import MappingState, Nature
from accounting.domain import publication as rules
from accounting.models import AccountingMapping
from accounting.services.mapping import mapping_problems
from catalog.choices import RevenueModel
from catalog.domain.publication import Finding, Sale, failed
from catalog.models import ProductVersion
from winvest.core import scoping
from winvest.core.models import Company

TARGET = "accounting.accountingmapping"
NATURES = {
    RevenueModel.REVENUE: (Nature.REVENUE,),
    RevenueModel.COMMISSION: (Nature.COMMISSION,),
    RevenueModel.MIXED: (Nature.REVENUE, Nature.COMMISSION),
}


def check_accounting(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Each nature that the product books has a validated account of the seller, still right."""
    seller = Company._base_manager.get(pk=sale.seller)
    rows = AccountingMapping._base_manager.filter(product_version=version, company=seller).exclude(
        state=MappingState.REPLACED
    )
    by_nature: dict[str, list[AccountingMapping]] = {}
    for row in rows.select_related("product_version__product__partner", "company"):
        by_nature.setdefault(row.nature, []).append(row)
    for nature in NATURES[RevenueModel(version.product.revenue_model)]:
        told: dict[str, Any] = {"nature": nature.label, "company": seller.brand_name}
        found = by_nature.get(nature, [])
        validated = [row for row in found if row.state == MappingState.VALIDATED]
        if not found:
            yield failed(rules.NOT_MAPPED, target=TARGET, **told)
        elif not validated:
            [row, *_] = found
            state = row.get_state_display().lower()
            yield failed(rules.NOT_VALIDATED, target=TARGET, key=row.pk, state=state, **told)
        for row in validated:
            with scoping.scope({seller.pk}):
                reasons = mapping_problems(row)
            for reason in reasons:
                rule = replace(rules.WRONG, code=reason.code)
                yield failed(rule, target=TARGET, key=row.pk, reason=reason.message, **told)
