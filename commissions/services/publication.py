"""The commissions' check of a publication (`design/domain.md` §2)."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog.choices import Channel, RevenueModel
from catalog.domain.publication import Finding, Sale, failed
from catalog.models import ProductPlan, ProductVersion
from commissions.choices import Direction
from commissions.domain import publication as rules
from commissions.domain.scheme import split_problems
from commissions.models import CommissionScheme
from commissions.services.simulate import failing_recounts
from winvest.core.models import Company

TARGET = "commissions.commissionscheme"
EARNS = (RevenueModel.COMMISSION, RevenueModel.MIXED)


def check_commissions(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """A scheme received on each channel where the product earns one; tiers, splits, cases."""
    rows = CommissionScheme._base_manager.filter(product_version=version)
    schemes = list(rows.select_related("company").prefetch_related("tiers").order_by("pk"))
    if version.product.revenue_model in EARNS:
        seller = Company._base_manager.get(pk=sale.seller)
        day = sale.start.astimezone(ZoneInfo(seller.timezone)).date()
        named = ProductPlan._base_manager.filter(product_version=version)
        plans: list[UUID | None] = [*named.values_list("pk", flat=True)] or [None]
        running = [one for one in schemes if _runs(one, version, sale, day)]
        bare = [
            str(channel.label)
            for channel in Channel
            if channel.value in sale.channels
            and not all(_holds(running, plan, channel.value) for plan in plans)
        ]
        if bare:
            where = "tous les canaux" if len(bare) == len(sale.channels) else ", ".join(bare)
            yield failed(rules.NO_SCHEME, target=TARGET, channels=where)
    for scheme in schemes:
        if not scheme.tiers.all():
            yield failed(rules.NO_TIERS, target=TARGET, key=scheme.pk, name=str(scheme))
        if split_problems(scheme.split):
            yield failed(rules.SPLIT, target=TARGET, key=scheme.pk, name=str(scheme))
    for scheme in schemes:
        for one in failing_recounts(scheme):
            rank, name = one.index + 1, str(scheme)
            yield failed(rules.CASE, target=TARGET, key=scheme.pk, name=name, rank=rank)


def _holds(schemes: list[CommissionScheme], plan: UUID | None, channel: str) -> bool:
    return any(
        scheme.channel in (None, channel) and scheme.plan_id in (None, plan) for scheme in schemes
    )


def _runs(scheme: CommissionScheme, version: ProductVersion, sale: Sale, day: date) -> bool:
    return (
        scheme.direction == Direction.INBOUND
        and scheme.partner_id in (None, version.product.partner_id)
        and scheme.seller_id in (None, sale.seller)
        and (scheme.valid_from or date.min) <= day
        and (scheme.valid_to is None or day < scheme.valid_to)
    )
