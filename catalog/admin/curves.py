"""The curve of a grid of prices: what it asks in all for each quantity, and where more costs less."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from catalog.admin.sheet_blocks import Drawing
from catalog.domain.tiers import (
    TierBase,
    TierMode,
    curve,
    inversion_warnings,
    inversions,
    read_tiers,
)


def price_curve(
    name: str, payload: Any, mode: str | None, currency: str, *, tax_included: bool
) -> Drawing:
    """Draw a grid that keeps its schema and has no problem; `name` is what it prices."""
    counted = TierMode(mode or TierMode.SLAB)
    tiers = read_tiers(payload)
    points = curve(tiers, counted)
    turned = {point: total for point, total in points if point in inversions(tiers, counted)}
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
            "warnings": [one.message for one in inversion_warnings(payload, mode)],
        },
    )


def _points(found: Iterable[tuple[Decimal, Decimal]]) -> str:
    """Return points as the script reads them: a drawing needs no exact figures."""
    return json.dumps([{"x": float(x), "y": float(y)} for x, y in found])
