"""Readers of JSON values: each takes a value and its path, and returns it typed or refuses it.

Strict on purpose: no number in a boolean's place, no float, no digit outside ASCII, no instant
without its offset. `null` never reaches a reader: absent is null.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from winvest.core.domain.money import check_amount
from winvest.core.domain.periods import MAX_YEAR, MIN_YEAR
from winvest.core.errors import Invalid, Problem, Reason

Reader = Callable[[Any, str], Any]

QUANTITY_LIMIT = Decimal(10) ** 9
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)


class BodyProblem(Problem):
    """What can be wrong with a field."""

    REQUIRED = "required", "Ce champ est obligatoire."
    UNKNOWN = "unknown_field", "Ce champ n'existe pas."
    OBJECT = "invalid_object", "Un objet JSON est attendu."
    LIST = "invalid_list", "Une liste est attendue."
    TOO_MANY = "too_many", "{limit} éléments au plus."
    TEXT = "invalid_text", "Un texte est attendu."
    BLANK = "blank", "Ce texte est vide."
    TOO_LONG = "max_length", "{limit} caractères au plus."
    UNPRINTABLE = "unprintable", "Ce texte contient des caractères invisibles."
    BOOLEAN = "invalid_boolean", "Vrai ou faux est attendu (true, false)."
    NUMBER = "invalid_number", "Un nombre est attendu."
    WHOLE = "invalid_integer", "Un nombre entier à partir de 1 est attendu."
    QUANTITY = "quantity_limit", "La quantité dépasse un milliard."
    CHOICE = "invalid_choice", "Valeur inconnue ; attendu : {choices}."
    UUID = "invalid_uuid", "Un identifiant UUID est attendu."
    DAY = "invalid_date", "Une date AAAA-MM-JJ est attendue."
    INSTANT = "invalid_datetime", "Une date et heure ISO 8601 est attendue."
    NO_OFFSET = "offset", "L'heure doit porter son décalage (par exemple +02:00)."


def read_fields(
    value: object, readers: Mapping[str, Reader], *, required: Collection[str] = (), path: str = ""
) -> tuple[dict[str, Any], list[Reason]]:
    """Return the fields of an object that could be read, and every reason against the others."""
    if not isinstance(value, Mapping):
        return {}, [_reason(BodyProblem.OBJECT, path)]
    values: dict[str, Any] = {}
    reasons: list[Reason] = []
    for name, item in value.items():
        place = f"{path}.{name}" if path else str(name)
        if name not in readers:
            reasons.append(_reason(BodyProblem.UNKNOWN, place))
        elif item is not None:
            try:
                values[name] = readers[name](item, place)
            except Invalid as error:
                reasons += error.reasons
    told = {name for name, item in value.items() if item is not None}
    for name in required:
        if name not in told:
            reasons.append(_reason(BodyProblem.REQUIRED, f"{path}.{name}" if path else name))
    return values, reasons


def text(limit: int) -> Reader:
    """Return the reader of a printable text of 1 to `limit` characters."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise Invalid(BodyProblem.TEXT, path=path)
        if not value.strip():
            raise Invalid(BodyProblem.BLANK, path=path)
        if len(value) > limit:
            raise Invalid(BodyProblem.TOO_LONG, path=path, limit=limit)
        if not value.isprintable():
            raise Invalid(BodyProblem.UNPRINTABLE, path=path)
        return value

    return read


def one_of(choices: Iterable[str]) -> Reader:
    """Return the reader of one of these codes, given back as the collection writes it."""
    known = {str(choice): choice for choice in choices}

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in known:
            raise Invalid(BodyProblem.CHOICE, path=path, choices=", ".join(known))
        return known[value]

    return read


def names(keys: Collection[str], *, limit: int) -> Reader:
    """Return the reader of an object of texts under known keys."""
    return record(dict.fromkeys(keys, text(limit)), build=dict)


def record(
    readers: Mapping[str, Reader], *, required: Collection[str] = (), build: Callable[..., Any]
) -> Reader:
    """Return the reader of an object, built from its fields."""

    def read(value: Any, path: str) -> Any:
        values, reasons = read_fields(value, readers, required=required, path=path)
        if reasons:
            raise Invalid.several(BodyProblem.OBJECT, reasons)
        return build(**values)

    return read


def items(reader: Reader, *, limit: int) -> Reader:
    """Return the reader of a list of at most `limit` items."""

    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Invalid(BodyProblem.LIST, path=path)
        if len(value) > limit:
            raise Invalid(BodyProblem.TOO_MANY, path=path, limit=limit)
        found, reasons = [], []
        for index, item in enumerate(value):
            try:
                found.append(reader(item, f"{path}.{index}"))
            except Invalid as error:
                reasons += error.reasons
        if reasons:
            raise Invalid.several(BodyProblem.LIST, reasons)
        return tuple(found)

    return read


def amount(value: Any, path: str) -> Decimal:
    """Read an amount given as a string or a number: not negative, 4 decimals, below 10^14."""
    return check_amount(_number(value, path), path=path)


def quantity(value: Any, path: str) -> Decimal:
    """Read a quantity: an amount's form, at most 10⁹."""
    read = amount(value, path)
    if read > QUANTITY_LIMIT:
        raise Invalid(BodyProblem.QUANTITY, path=path)
    return read


def whole(value: Any, path: str) -> int:
    """Read an integer from 1 to 2,147,483,647, written as a number."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**31:
        raise Invalid(BodyProblem.WHOLE, path=path)
    return value


def true_or_false(value: Any, path: str) -> bool:
    """Read a boolean, never a number or a text."""
    if not isinstance(value, bool):
        raise Invalid(BodyProblem.BOOLEAN, path=path)
    return value


def uuid(value: Any, path: str) -> UUID:
    """Read a UUID in its usual form."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise Invalid(BodyProblem.UUID, path=path)
    return UUID(value)


def day(value: Any, path: str) -> date:
    """Read a date `AAAA-MM-JJ`."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise Invalid(BodyProblem.DAY, path=path)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Invalid(BodyProblem.DAY, path=path) from error


def instant(value: Any, path: str) -> datetime:
    """Read an ISO 8601 instant, with its offset."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise Invalid(BodyProblem.INSTANT, path=path)
    try:
        read = datetime.fromisoformat(value)
    except ValueError as error:
        raise Invalid(BodyProblem.INSTANT, path=path) from error
    if read.tzinfo is None:
        raise Invalid(BodyProblem.NO_OFFSET, path=path)
    if not MIN_YEAR <= read.year <= MAX_YEAR:
        raise Invalid(BodyProblem.INSTANT, path=path)
    return read


def moment(value: Any, path: str) -> date | datetime:
    """Read a date, or an instant with its offset."""
    short = isinstance(value, str) and _DAY.fullmatch(value)
    return day(value, path) if short else instant(value, path)


def _number(value: Any, path: str) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise Invalid(BodyProblem.NUMBER, path=path)


def _reason(problem: Problem, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(**params), path)
