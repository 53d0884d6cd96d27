"""The price of a version that is on sale nowhere yet (E.2.2-03, screens.md 2).

A trial is no quote: nothing is signed, kept or sold, and no API gives it.
"""

from dataclasses import dataclass
from decimal import Decimal

from catalog.choices import Recurrence
from catalog.domain.eligibility import SellableProblem, reasons_not_to_price
from catalog.domain.pricing import Price, price_plan
from catalog.domain.rules import Asked
from catalog.models import Product, ProductVersion
from catalog.selectors.quote import Offer, read_trial
from integrations.services.quote import QuoteRequest
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict
from winvest.core.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the price would be, were the version on sale."""

    offer: Offer
    price: Price

    @property
    def recurrence(self) -> str:
        """How often the price would be due; once for a product without plans."""
        return self.offer.recurrence or Recurrence.ONE_SHOT


def try_version(*, actor: User, product: Product, version: int, asked: QuoteRequest) -> Trial:
    """Price a version of the owner's product: right `pricing.edit` on it while it is still written,
    `catalog.view_all` once it is released.

    With the VAT rates, the indices and the promotions of the day asked. `Conflict` with every
    reason when it has no price, `Invalid` when what is asked gives none.
    """
    is_released = ProductVersion.objects.filter(
        product=product, version=version, released_at__isnull=False
    ).exists()
    right = Action.CATALOG_VIEW_ALL if is_released else Action.PRICING_EDIT
    permissions.require_on(actor, right, product)
    offer = read_trial(
        company_id=product.company_id,
        sku=product.sku,
        version=version,
        plan=asked.plan,
        channel=asked.channel,
        at=asked.at,
        promo_code=asked.promo_code,
    )
    if offer is None or offer.version_id is None:
        raise Conflict(SellableProblem.VERSION, path="version")
    reasons = [*reasons_not_to_price(offer.facts), *offer.refused]
    if reasons or offer.price is None:
        raise Conflict.several(SellableProblem.NOT_SELLABLE, reasons)
    told = Asked(Decimal(asked.quantity), asked.base_amount, asked.unit)
    return Trial(offer=offer, price=price_plan(offer.price, told, options=asked.options))
