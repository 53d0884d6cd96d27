"""The catalogue side by side: risks, then partners, then products (§3.7, E.2.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.choices import IntegrationStatus
from catalog.domain.facets import BY_COLUMNS, INTERNAL
from catalog.models import ExternalMapping, Risk
from catalog.selectors.counts import kept
from catalog.selectors.facets import Facet, count_facets
from catalog.selectors.mappings import BEST_FIRST
from partners.choices import PartnerStatus
from partners.models import Partner
from winvest.core.permissions import Access


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a pane: what it is called, and how many products it would leave on the right."""

    value: str
    label: str
    count: int
    is_exact: bool
    icon: str = ""
    depth: int = 0
    # How the partner is linked, or that we no longer work with it; nothing for « Interne ».
    status: str = ""


@dataclass(frozen=True, slots=True)
class Panes:
    """The two panes on the left, and the counts of the filters that products' own columns answer."""

    risks: list[Choice]
    partners: list[Choice]
    facets: list[Facet]
    # Whether more partners leave something than are listed.
    are_partners_cut: bool


def read_panes(access: Access, *, at: datetime, partner_named: str = "", **filters: Any) -> Panes:
    """Return the panes for what is chosen: a choice narrows what stands on its right, never its left.

    The filters are those of `list_products`, under the same rights; `partner_named` lists the
    partners whose name holds its words.
    """
    found = count_facets(
        access,
        at=at,
        names=BY_COLUMNS,
        free={"risk": ("partner",)},
        partner_named=partner_named,
        **filters,
    )
    by_name = {facet.name: facet for facet in found}
    partners = by_name["partner"]
    return Panes(_risks(by_name["risk"]), _partners(partners), found, partners.is_cut)


def _risks(facet: Facet) -> list[Choice]:
    """Return the risks of the facet, each below the one that contains it."""
    rows = Risk.objects.order_by("sort_label").values_list("pk", "parent_id", "icon")
    known = {str(pk): (str(parent) if parent else None, icon) for pk, parent, icon in rows}
    counted = {value["value"]: value for value in facet.values}

    def below(parent: str | None, depth: int) -> Iterable[Choice]:
        for key, (above, icon) in known.items():
            if key not in counted or (above if above in counted else None) != parent:
                continue
            value = counted[key]
            yield Choice(
                key, value["label"], value["count"], facet.exact, icon or "category", depth
            )
            yield from below(key, depth + 1)

    return list(below(None, 0))


def _partners(facet: Facet) -> list[Choice]:
    """Return the partners of the facet, « Interne » first."""
    tables, statuses = ("partner", "external_mapping", "product"), {}
    if any(value["value"] != INTERNAL for value in facet.values):
        statuses = kept(tables, "statuses", _statuses)
    return [
        Choice(
            value["value"],
            value["label"],
            value["count"],
            facet.exact,
            status=statuses.get(value["value"], ""),
        )
        for value in facet.values
    ]


def _statuses() -> dict[str, str]:
    """Return how each partner is linked: inactive or in test for all, else its best integration."""
    stands = dict(Partner._base_manager.order_by().values_list("pk", "status"))
    linked = ExternalMapping._base_manager.exclude(product__partner=None).order_by()
    best: dict[UUID, int] = {}
    for key, status in linked.values_list("product__partner", "integration_status").distinct():
        rank = BEST_FIRST.index(IntegrationStatus(status))
        best[key] = min(rank, best.get(key, rank))
    found = {}
    for key, stand in stands.items():
        if stand != PartnerStatus.ACTIVE:
            found[str(key)] = stand
        elif key in best:
            found[str(key)] = BEST_FIRST[best[key]].value
    return found
