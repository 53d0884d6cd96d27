"""What the rows below each product of a page tell, for the columns that ask for it (§3.7)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from catalog.choices import PricingModel
from catalog.domain.moments import Moment
from catalog.models import PricingRule
from catalog.selectors.products import priced_rows, priced_versions, selling
from catalog.selectors.visibility import running
from winvest.core.permissions import Access


@dataclass(slots=True)
class Details:
    """Where a product is on sale, and the forms of its prices that the reader sees."""

    channels: set[str] = field(default_factory=set)
    is_published: bool = False
    forms: set[str] = field(default_factory=set)


def read_details(
    access: Access,
    products: Collection[UUID],
    *,
    at: datetime,
    sales: bool,
    prices: bool,
    company: UUID | None = None,
) -> dict[UUID, Details]:
    """Return what is asked of the products of a page, in a few statements whatever their number.

    As for the filters: on sale in the companies of the reader, or in the one chosen.
    """
    found: dict[UUID, Details] = defaultdict(Details)
    if sales and products:
        rows = running(selling(access, company), at=at).filter(product__in=products)
        for product, channels in rows.order_by().values_list("product", "channels"):
            found[product].is_published = True
            found[product].channels.update(channels)
    if prices and products:
        versions = priced_versions(access, Moment(at)).filter(product__in=products)
        owners = dict(versions.order_by().values_list("pk", "product"))
        rules = PricingRule._base_manager.filter(product_version__in=list(owners)).order_by()
        for version, form in rules.values_list("product_version", "type").distinct():
            found[owners[version]].forms.add(form)
        for form in (PricingModel.RECURRING, PricingModel.BUNDLE):
            priced = priced_rows(form).filter(product_version__in=list(owners))
            for version in priced.values_list("product_version", flat=True).distinct():
                found[owners[version]].forms.add(form.value)
    return found
