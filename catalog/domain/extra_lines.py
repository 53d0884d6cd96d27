"""Options, surcharges and discounts that a price grid adds: read in the words of its export."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.domain.extras import Kind, Per
from catalog.domain.price_changes import PriceFileProblem
from catalog.domain.price_grid import (
    DUE_WORDS,
    EXTRA_LISTS,
    MANDATORY,
    ON_ALL,
    PER_WORDS,
    Column,
    PriceBase,
    PriceLine,
    PriceType,
)
from winvest.core.errors import Invalid

_WORDS: dict[str, tuple[str, Any]] = {
    **{word: ("per", per.value) for per, word in PER_WORDS.items()},
    **{word: ("due", due.value) for due, word in DUE_WORDS.items()},
    MANDATORY: ("mandatory", True),
    ON_ALL: ("kind", Kind.PERCENT.value),
}
# What each list says of an item, beside its code, name and value.
_PARTS = {
    PriceType.OPTION: {"per", "due", "mandatory"},
    PriceType.SURCHARGE: {"per", "kind"},
    PriceType.DISCOUNT: {"kind"},
}


@dataclass(frozen=True, slots=True)
class NewExtra:
    """What a line adds to a plan: the list that takes it, the item without its value, its line."""

    listed: str
    item: dict[str, Any]
    line: PriceLine


def new_extra(cells: Mapping[str, str], sibling: PriceLine) -> NewExtra | None:
    """Return what a line of an unknown « Supplément » adds beside `sibling`, another of its plan.

    None for one that is no such name, or does not say what it is (« Mode de calcul »). `Invalid`
    for a word that the list does not know, or a percentage that is not told so.
    """
    kind_word, _, code = cells.get(Column.EXTRA, "").partition(" ")
    mode = cells.get(Column.MODE, "")
    kind = next((one for one in EXTRA_LISTS if one.value == kind_word), None)
    if kind is None or not code or not mode:
        return None
    parts = [part.strip() for part in mode.split(";")]
    told: dict[str, Any] = {}
    while len(parts) > 1 and parts[-1] in _WORDS:
        name, value = _WORDS[parts.pop()]
        told[name] = value
    percent = cells.get(Column.BASE) == PriceBase.PERCENT or told.get("kind") == Kind.PERCENT
    if percent and kind is PriceType.OPTION:
        raise Invalid(PriceFileProblem.EXTRA_MODE, path=Column.MODE)
    told = _checked(kind, told, percent=percent)
    line = replace(
        sibling,
        **dict.fromkeys(("rule", "tier", "tier_base", "index", "low", "high", "unit")),
        **dict.fromkeys(("price", "minimum", "amounts")),
        type=kind,
        extra=cells[Column.EXTRA],
        mode=mode,
        base=PriceBase.PERCENT if percent else sibling.base,
        editable=True,
    )
    item = {"code": code, "name": " ; ".join(parts), **told}
    return NewExtra(EXTRA_LISTS[kind][0], item, line)


def _checked(kind: PriceType, told: dict[str, Any], *, percent: bool) -> dict[str, Any]:
    """Return the words that the list of the item keeps, told as it tells them."""
    if kind is PriceType.DISCOUNT and told.get("per") == Per.LINE:
        del told["per"]  # the export says it of every amount taken off
    if set(told) - _PARTS[kind] or (percent and "per" in told):
        raise Invalid(PriceFileProblem.EXTRA_MODE, path=Column.MODE)
    if told.get("per") == Per.LINE:
        del told["per"]
    if kind is not PriceType.OPTION:
        told["kind"] = (Kind.PERCENT if percent else Kind.AMOUNT).value
    return told
