"""The JSON codec of the project: exact decimals both ways, and a strict reader for what comes in.

`design/architecture.md` decision 2; limits of `design/quality.md` (« any input gets a typed
answer »).
"""

import json
from decimal import Decimal
from typing import Any

import simplejson

MAX_DEPTH = 32
# Far above any amount (10^14) and any quantity (10^9), far below what makes arithmetic slow.
MAX_DIGITS = 60


# Made once: `json.loads` makes a decoder at each call that has options.
_READER = json.JSONDecoder(parse_float=Decimal)


class MalformedJSON(ValueError):
    """The text is not JSON as we accept it; the message says why, in French."""


class DecimalEncoder(json.JSONEncoder):
    """Writes decimals as JSON numbers, digit for digit (for `JSONField(encoder=…)`)."""

    def encode(self, o: Any) -> str:
        """Return the JSON text of `o`."""
        return dumps(o)


class DecimalDecoder(json.JSONDecoder):
    """Reads fractional numbers as decimals (for `JSONField(decoder=…)`)."""

    def __init__(self, **options: Any) -> None:
        """Set the number type."""
        super().__init__(**{**options, "parse_float": Decimal})


def dumps(value: Any, *, canonical: bool = False) -> str:
    """Return the JSON text of `value`; `canonical` sorts the keys and leaves out the spaces."""
    return simplejson.dumps(
        value,
        use_decimal=True,
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=canonical,
        separators=(",", ":") if canonical else None,
        default=str,
    )


def loads(text: str | bytes) -> Any:
    """Read JSON that we wrote ourselves: fractional numbers become `Decimal`."""
    return _READER.decode(text if isinstance(text, str) else text.decode())


def loads_strict(body: bytes) -> Any:
    """Read JSON from outside; raise `MalformedJSON` for anything doubtful.

    Refused: text that is not UTF-8, duplicate keys, NaN and infinities, NUL and lone surrogates
    in strings, more than 32 levels, numbers of more than 60 digits.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_keys,
        )
    except MalformedJSON:
        raise
    except UnicodeDecodeError as error:
        raise MalformedJSON("Le texte n'est pas en UTF-8.") from error
    except RecursionError as error:
        raise MalformedJSON(f"Plus de {MAX_DEPTH} niveaux imbriqués.") from error
    except ValueError as error:
        raise MalformedJSON("Le texte n'est pas du JSON.") from error
    _check(value)
    return value


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or len(text) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise MalformedJSON("Nombre trop grand ou trop long.")
    return number


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise MalformedJSON("Nombre trop grand ou trop long.")
    return int(text)


def _refuse_constant(text: str) -> Any:
    raise MalformedJSON(f"« {text} » n'est pas un nombre.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MalformedJSON("Une clé figure deux fois.")
    return value


def _check(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                _check_text(item)
        if not below:
            return
        level = below
    raise MalformedJSON(f"Plus de {MAX_DEPTH} niveaux imbriqués.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise MalformedJSON("Un texte contient le caractère NUL.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedJSON("Un texte contient un demi-caractère (surrogate).") from error
