"""A number as people write it or as a spreadsheet holds it: « 1 234,50 € », « 1.234,50 », « 12,5 % »."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from winvest.core.errors import Invalid, Problem

WRITTEN = re.compile(
    r"(?P<sign>[-+−]?)\s*(?P<digits>\d[\d.,\s'’]*|[.,]\d+)(?P<unit>€|%|eur|euros?|xpf|f)?",
    re.IGNORECASE,
)
WHOLE = re.compile(r"\d+|\d{1,3}(?:(?P<by>[ .,'])\d{3})(?:(?P=by)\d{3})*")


class NumberProblem(Problem):
    """Why what is written is no number."""

    UNREADABLE = "number.unreadable", "« {text} » n'est pas un nombre."
    AMBIGUOUS = (
        "number.ambiguous",
        "« {text} » peut se lire {whole} ou {decimals} : écrivez l'un ou l'autre.",
    )


class WrittenUnit(StrEnum):
    """What stands behind a number."""

    NONE = ""
    AMOUNT = "amount"
    PERCENT = "percent"


UNITS = {"": WrittenUnit.NONE, "%": WrittenUnit.PERCENT}


@dataclass(frozen=True, slots=True)
class Written:
    """A number, and the unit it was written with."""

    value: Decimal
    unit: WrittenUnit


def read_number(text: str) -> Written:
    """Read a number written in French, in English, or by a spreadsheet; `Invalid` for any other text.

    A single dot before three digits reads both ways: it is refused rather than guessed.
    """
    found = WRITTEN.fullmatch(" ".join(text.split()))
    if found is None:
        raise Invalid(NumberProblem.UNREADABLE, text=text.strip())
    digits = found["digits"].strip().replace("’", "'")
    whole, decimals = _parts(digits)
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        either = {"whole": digits.replace(".", ""), "decimals": digits.replace(".", ",")}
        raise Invalid(NumberProblem.AMBIGUOUS, text=text.strip(), **either)
    if (whole and not WHOLE.fullmatch(whole)) or not re.fullmatch(r"\d*", decimals):
        raise Invalid(NumberProblem.UNREADABLE, text=text.strip())
    exact = re.sub(r"[^0-9]", "", whole) or "0"
    value = Decimal(f"{exact}.{decimals}" if decimals else exact)
    unit = UNITS.get(found["unit"] or "", WrittenUnit.AMOUNT)
    return Written(-value if found["sign"] in ("-", "−") else value, unit)


def _parts(digits: str) -> tuple[str, str]:
    """Part the whole from the decimals: the last sign, unless it stands there several times."""
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0 or digits.count(digits[last]) > 1:
        return digits, ""
    return digits[:last], digits[last + 1 :]
