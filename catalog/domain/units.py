"""Units in which a quantity is told, and conversions between those of one dimension (§1, 2.1-plan).

Decimal prefixes: 1 Go is 1,000 Mo. Worked table: `docs/rules/prix.md`.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from winvest.core.errors import Invalid, Problem

STEP = Decimal("0.0001")
# Far above any quantity that is accepted, far below what makes arithmetic slow.
LIMIT = Decimal(10) ** 18


class UnitProblem(Problem):
    """Why a quantity cannot be told in the unit of the price."""

    INCOMPATIBLE = (
        "unit.incompatible",
        "Une quantité en « {source} » ne se convertit pas en « {target} ».",
    )
    NONE = "unit.none", "Ce prix ne dit pas d'unité : la quantité se donne sans."
    AMBIGUOUS = "unit.ambiguous", "Les tarifs de cette formule n'ont pas la même unité."


@dataclass(frozen=True, slots=True)
class Unit:
    """How many of its dimension's smallest unit one is."""

    name: str
    dimension: str
    size: Decimal


_KNOWN = (
    Unit("Wh", "energy", Decimal(1)),
    Unit("kWh", "energy", Decimal(10) ** 3),
    Unit("MWh", "energy", Decimal(10) ** 6),
    Unit("GWh", "energy", Decimal(10) ** 9),
    Unit("Ko", "data", Decimal(1)),
    Unit("Mo", "data", Decimal(10) ** 3),
    Unit("Go", "data", Decimal(10) ** 6),
    Unit("To", "data", Decimal(10) ** 9),
    Unit("s", "time", Decimal(1)),
    Unit("min", "time", Decimal(60)),
    Unit("h", "time", Decimal(3600)),
    Unit("j", "time", Decimal(86400)),
)
# Other names of the same units: the catalogue's own codes, English, whole words.
_ALIASES = {
    "kb": "Ko",
    "mb": "Mo",
    "gb": "Go",
    "tb": "To",
    "sec": "s",
    "seconde": "s",
    "secondes": "s",
    "minute": "min",
    "minutes": "min",
    "hour": "h",
    "heure": "h",
    "heures": "h",
    "day": "j",
    "jour": "j",
    "jours": "j",
}
_BY_NAME = {unit.name.casefold(): unit for unit in _KNOWN} | {
    alias: unit for alias, name in _ALIASES.items() for unit in _KNOWN if unit.name == name
}


def convert(quantity: Decimal, source: str, target: str) -> Decimal:
    """Return a quantity in `source` as one in `target`, half-up to 4 decimals.

    The same unit leaves it as it is, whatever its name; `Invalid` between two dimensions, or where
    one of the units is not known.
    """
    one, other = _find(source), _find(target)
    if source.casefold() == target.casefold() or (one is not None and one == other):
        return quantity
    if one is None or other is None or one.dimension != other.dimension:
        raise Invalid(UnitProblem.INCOMPATIBLE, path="unit", source=source, target=target)
    if not quantity.is_finite() or abs(quantity) >= LIMIT:
        return quantity  # refused by the bounds of quantities, whatever the unit
    return (quantity * one.size / other.size).quantize(STEP, rounding=ROUND_HALF_UP)


def told(quantity: Decimal, source: str, target: str) -> str:
    """Return in words how `convert` reaches its quantity: « 0.32 MWh = 0.32 * 1000 kWh »."""
    one, other = _find(source), _find(target)
    sum_ = f"{quantity}"
    if one is not None and other is not None and one != other:
        ratio = Fraction(one.size) / Fraction(other.size)
        sum_ += f" * {ratio.numerator}" if ratio.numerator > 1 else ""
        sum_ += f" / {ratio.denominator}" if ratio.denominator > 1 else ""
    return f"{quantity} {source} = {sum_} {target}"


def _find(name: str) -> Unit | None:
    return _BY_NAME.get(name.strip().casefold())
