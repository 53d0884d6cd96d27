"""What quality control finds in a sales file, by the rules of its version (3.6-05, 3.6-06, 3.6-08).

Pure: the words of the labels are given. No message repeats what the file says of a person.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from stdnum import iban
from stdnum.fr import nir

from winvest.core.errors import Reason

# The law names no age; the firms' codes of conduct begin their closer checks there.
SENIOR_FROM = 65
OLDEST = 120
RIB, BIRTH_DATE, IBAN = "RIB", "DateNaissance", "IBAN"
IDENTITY_PIECES = {"CNI", "TitreSejour"}

PHONE = re.compile(r"(?:\+|00)?[0-9]{9,15}")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
# Operator, kind of client (entreprise, particulier), reference, control key.
RIO = re.compile(r"[0-9]{2}[EP][0-9A-Z]{6}[0-9A-Z+]{3}")
# An electricity point of 14 digits, or a gas one that may begin by GI.
PDL = re.compile(r"[0-9]{14}|GI[0-9]{6}")
_BLANKS = re.compile(r"[\s.\-]+")


@dataclass(frozen=True, slots=True)
class SalesFile:
    """What was gathered for a sale: fields typed, pieces received, checks made by a person."""

    fields: Mapping[str, str] = field(default_factory=dict)
    pieces: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Demand:
    """What the rules of a version ask for: fields and pieces, and sets of checks."""

    required: frozenset[str]
    rule_sets: frozenset[str]


def evaluate(
    demand: Demand, sale: SalesFile, *, today: date, labels: Mapping[str, str]
) -> list[Reason]:
    """Return everything that the file lacks on that day, in the order of the demands.

    A field that is given is judged even where nothing asks for it.
    """
    return [
        *_fields(demand, sale, today, labels),
        *_pieces(demand, sale, labels),
        *_checks(demand, sale, today, labels),
    ]


def age_on(born: date, today: date) -> int:
    """Return the age in whole years; someone born on 29 February grows older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _fields(
    demand: Demand, sale: SalesFile, today: date, labels: Mapping[str, str]
) -> Iterator[Reason]:
    wanted = demand.required & set(FIELDS)
    if "bank" in demand.rule_sets:
        wanted |= {IBAN}
    if "senior" in demand.rule_sets:
        wanted |= {BIRTH_DATE}
    for name, is_right in FIELDS.items():
        text = sale.fields.get(name, "").strip()
        if text and not is_right(text, today):
            yield Reason("cq.field_invalid", f"{labels[name]} : valeur incorrecte.", _path(name))
        elif not text and name in wanted:
            yield Reason("cq.field_missing", f"{labels[name]} : à renseigner.", _path(name))


def _pieces(demand: Demand, sale: SalesFile, labels: Mapping[str, str]) -> Iterator[Reason]:
    wanted = demand.required - set(FIELDS)
    if "bank" in demand.rule_sets:
        wanted |= {RIB}
    for name in sorted(wanted - sale.pieces):
        yield Reason("cq.piece_missing", f"{labels[name]} : pièce manquante.", "pieces")
    if "identity" in demand.rule_sets and not IDENTITY_PIECES & (sale.pieces | wanted):
        told = " ou ".join(labels[name] for name in sorted(IDENTITY_PIECES))
        yield Reason("cq.piece_missing", f"{told} : pièce manquante.", "pieces")


def _checks(
    demand: Demand, sale: SalesFile, today: date, labels: Mapping[str, str]
) -> Iterator[Reason]:
    wanted = set(demand.rule_sets)
    if not _is_senior(sale, today):
        wanted.discard("senior")
    for name in sorted(wanted - sale.checks):
        yield Reason("cq.check_missing", f"{labels[name]} : contrôle à faire.", "checks")


def _is_senior(sale: SalesFile, today: date) -> bool:
    born = _birth_date(sale.fields.get(BIRTH_DATE, "").strip(), today)
    return born is not None and age_on(born, today) >= SENIOR_FROM


def _birth_date(text: str, today: date) -> date | None:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return None
    return born if born <= today and age_on(born, today) <= OLDEST else None


def _like(pattern: re.Pattern[str]) -> Callable[[str, date], bool]:
    return lambda text, today: pattern.fullmatch(_BLANKS.sub("", text)) is not None


# The fields that a file types, with what makes one right.
FIELDS: dict[str, Callable[[str, date], bool]] = {
    BIRTH_DATE: lambda text, today: _birth_date(text, today) is not None,
    "NumeroSecu": lambda text, today: nir.is_valid(text),
    "Email": lambda text, today: EMAIL.fullmatch(text) is not None,
    "Telephone": _like(PHONE),
    "RIO": _like(RIO),
    "PDL": _like(PDL),
    IBAN: lambda text, today: iban.is_valid(text),
}


def _path(name: str) -> str:
    return f"fields.{name}"
