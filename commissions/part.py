"""The commissions' part of a version: its schemes with their tiers."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.domain.diff import Listing
from catalog.models.plan import ProductPlan
from catalog.models.version import ProductVersion
from catalog.parts import Pair, VersionPart, copied, insert_all
from catalog.selectors.wording import money, money_or_percent, number_in_words
from commissions.choices import SplitKey
from commissions.models import CommissionScheme, CommissionTier
from commissions.selectors.wording import case_told, share_told, split_told, tier_told
from partners.models import Partner
from winvest.core import json
from winvest.core.domain.roles import Action

# What a scheme is made of, besides its axes and its tiers.
_FIELDS = (
    *("name", "direction", "applies_to", "channel", "settlement", "trigger", "offset_months"),
    *("offset_day", "mode", "flow", "base", "split", "tier_mode", "counting_scope"),
    *("counting_period", "min_amount", "max_amount", "bonus", "malus", "clawback_months"),
    *("earned_basis", "advance_months", "advance_percent", "recognition", "test_cases"),
)
_PLAN_KEY = ("product_version_id", "code", "pk")
_TIER_FIELDS = ("basis", "month_from", "month_to", "min", "max", "value_type", "value")


def schemes_content(version: ProductVersion) -> list[dict[str, Any]]:
    """Return the schemes of a version, in an order that depends on what they say only.

    A plan goes by its code, which a copy keeps. A partner goes by its identifier: its name may
    change without the scheme changing.
    """
    rows = version.commission_schemes.select_related("plan", "seller").prefetch_related("tiers")
    content = [_scheme(row) for row in rows]
    return sorted(content, key=lambda scheme: json.dumps(scheme, canonical=True))


def _scheme(row: CommissionScheme) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _FIELDS},
        "plan": row.plan.code if row.plan else None,
        "seller": row.seller.code if row.seller else None,
        "partner": str(row.partner_id) if row.partner_id else None,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "tiers": [_tier(tier) for tier in row.tiers.all()],
    }


def _tier(row: CommissionTier) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _TIER_FIELDS}


def clone_schemes(pairs: Sequence[Pair]) -> None:
    """Copy the schemes with their tiers; each names its draft's plan of the same code."""
    targets = {source.pk: target.pk for source, target in pairs}
    drawn = ProductPlan.objects.filter(product_version__in=[*targets.values()])
    plans = {(version, code): pk for version, code, pk in drawn.values_list(*_PLAN_KEY)}
    rows = CommissionScheme.objects.filter(product_version__in=targets)
    schemes: list[CommissionScheme] = []
    tiers: list[CommissionTier] = []
    for scheme in rows.select_related("plan").prefetch_related("tiers").order_by("pk"):
        target = targets[scheme.product_version_id]
        plan = plans[target, scheme.plan.code] if scheme.plan else None
        copy = copied(scheme, product_version_id=target, plan_id=plan)
        schemes.append(copy)
        tiers += [
            copied(tier, scheme_id=copy.pk, product_version_id=target)
            for tier in scheme.tiers.all()
        ]
    insert_all(schemes)
    insert_all(tiers)


def erase_schemes(version: ProductVersion) -> None:
    """Delete the schemes with their tiers."""
    for scheme in CommissionScheme.objects.filter(product_version=version):
        scheme.delete()


def _part_told(value: Any, beside: Mapping[str, Any], currency: str) -> str:
    """Return what falls to a key: the amount that a test case expects, else the share of a split."""
    return money(value, currency) if "expected" in beside else share_told(value)


def _case_amount(value: Any, _beside: Mapping[str, Any], currency: str) -> str:
    return money(value, currency)


def _partner(value: Any, beside: Mapping[str, Any], currency: str) -> str:
    """Return the partner that a scheme is limited to, or what falls to the partners."""
    return partner_name(value) if isinstance(value, str) else _part_told(value, beside, currency)


def partner_name(key: str) -> str:
    """Return the name of a partner, its identifier when it is not one of the scope."""
    named = Partner.objects.filter(pk=key).values_list("name", flat=True).first()
    return str(named or key)


SCHEMES = VersionPart(
    "commission_schemes",
    schemes_content,
    clone_schemes,
    label="Barèmes de commission",
    erase=erase_schemes,
    listings={
        "commission_schemes": Listing(
            ("direction", "applies_to", "plan", "channel", "seller", "partner"), ordered=False
        ),
        "tiers": Listing(("month_from", "min")),
        "test_cases": Listing(("name",), ordered=False),
    },
    models={"commission_schemes": CommissionScheme, "tiers": CommissionTier},
    words={"min": number_in_words},
    sentences={"tiers": tier_told, "test_cases": case_told},
    values={
        "split": lambda split, _, __: split_told(split),
        **dict.fromkeys((key.value for key in SplitKey), _part_told),
        "partner": _partner,
        **dict.fromkeys(("revenue", "margin", "expected"), _case_amount),
        "value": lambda value, tier, currency: money_or_percent(
            value, tier.get("value_type"), currency
        ),
    },
    action=Action.COMMISSION_VIEW,
)
