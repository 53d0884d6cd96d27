"""The curve of a grid of prices: what it asks in all for each quantity, and where more costs less."""

import json
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from catalog.admin.sheet_blocks import Drawing
from catalog.domain.tiers import (
    TierBase,
    TierMode,
    curve,
    inversions,
    read_tiers,
)
from catalog.selectors.wording import money, number_in_words

Point = tuple[Decimal, Decimal]


def price_curve(
    name: str, payload: Any, mode: str | None, currency: str, *, tax_included: bool
) -> Drawing:
    """Draw a grid that keeps its schema and has no problem; `name` is what it prices."""
    counted = TierMode(mode or TierMode.SLAB)
    tiers = read_tiers(payload)
    points = curve(tiers, counted)
    falls = inversions(tiers, counted)
    turned = {point: total for point, total in points if point in falls}
    in_percent = tiers[0].base is TierBase.PERCENT
    return Drawing(
        f"Courbe du prix : {name}",
        "admin/catalog/sheet/_curve.html",
        {
            "points": _points(points),
            "turned": _points(turned.items()),
            "axis": "Montant de base" if in_percent else "Quantité",
            "currency": currency,
            "total": f"Prix {'TTC' if tax_included else 'HT'} en tout",
            "warnings": [
                _fall(before, after, currency)
                for before, after in pairwise(points)
                if after[0] in falls and after[1] < before[1]
            ],
        },
    )


def _fall(before: Point, after: Point, currency: str) -> str:
    """Return in words where buying more costs less in all, and by how much."""
    totals = f"{money(before[1], currency)} à {money(after[1], currency)}"
    return (
        f"À {number_in_words(after[0])}, le total passe de {totals} : acheter plus coûte moins en "
        "tout."
    )


def _points(found: Iterable[Point]) -> str:
    """Return points as the script reads them: a drawing needs no exact figures."""
    return json.dumps([{"x": float(x), "y": float(y)} for x, y in found])
