"""The prices of versions that are being prepared, to see whether a file asks for them again."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from catalog.choices import VersionState
from catalog.domain.price_grid import EXTRA_LISTS, named_extra
from catalog.selectors import price_grid_sql
from winvest.core import json
from winvest.core.prepared import Statement

_PREPARED = Statement(price_grid_sql.PREPARED)

# A price within a version: the code of its plan ("" without), its rank there (0: a bundle), and the
# name of an option, a surcharge or a discount.
PlanRank = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """A rule with its type, payload and mode of tiers; for a bundle, its plan and value; for an option, a surcharge
    or a discount, its plan, the list that holds it (`type`), and the whole of it.
    """

    pk: UUID
    type: str
    payload: Any
    mode: str | None = None
    # Of an option, a surcharge or a discount that a file adds: nothing has it yet.
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class PreparedVersion:
    """A version that is not in force yet, and its prices."""

    pk: UUID
    number: int
    is_draft: bool
    prices: dict[PlanRank, KnownPrice]


def prepared_versions(
    products: Collection[UUID], *, at: datetime
) -> dict[UUID, list[PreparedVersion]]:
    """Return the versions being prepared by product, the newest number first."""
    asked = {"products": list(products), "at": at}
    rows = _PREPARED.rows(asked)
    found: dict[UUID, list[PreparedVersion]] = defaultdict(list)
    for _, group in groupby(rows, key=lambda row: row.version_id):
        version = list(group)
        first = version[0]
        draft = first.state == VersionState.DRAFT
        made = PreparedVersion(first.version_id, first.version, draft, _prices(version))
        found[first.product_id].append(made)
    return dict(found)


def _prices(rows: list[Any]) -> dict[PlanRank, KnownPrice]:
    prices: dict[PlanRank, KnownPrice] = {}
    for code, group in groupby(rows, key=lambda row: row.plan_code or ""):
        for rank, row in enumerate(group, start=1):
            if rank == 1:
                prices |= {(code, 0, name): price for name, price in extras_of(row).items()}
            if row.bundle_kind:
                prices[code, 0, ""] = KnownPrice(row.plan_id, "", row.bundle_value)
            elif row.rule_id is not None:
                payload = json.loads(row.payload)
                prices[code, rank, ""] = KnownPrice(
                    row.rule_id, row.rule_type, payload, row.tier_mode
                )
    return prices


def extras_of(row: Any) -> dict[str, KnownPrice]:
    """Return what the plan of a row adds to its price and takes off it, by its name in a file."""
    return {
        named_extra(kind, item["code"]): KnownPrice(row.plan_id, listed, item)
        for kind, (listed, _) in EXTRA_LISTS.items()
        for item in json.loads(getattr(row, listed) or "[]")
    }
