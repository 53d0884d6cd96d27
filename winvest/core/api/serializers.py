"""Strict serializers: what is not exactly expected is refused, never coerced or ignored."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from winvest.core.domain.money import AMOUNT_LIMIT, MAX_DECIMALS
from winvest.core.domain.periods import MAX_YEAR, MIN_YEAR

UNKNOWN_FIELD = "unknown_field"
FIXED_FIELD = "fixed_field"
# Absent means null (`design/api.md`).
OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True, "default": None}

_decimal = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-5][0-9])?",
    re.ASCII,
)
_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_uuid = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_whole = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


class StrictSerializer(serializers.Serializer[Any]):
    """An object whose every key is known.

    `fixed` names the fields that a change may no longer give.
    """

    def __init__(self, *args: Any, fixed: frozenset[str] = frozenset(), **options: Any) -> None:
        """Leave the fixed fields out."""
        super().__init__(*args, **options)
        self.fixed = fixed
        for name in fixed:
            self.fields.pop(name)

    default_error_messages = {  # noqa: RUF012 - as in the framework
        "unknown_field": "Ce champ n'existe pas.",
        "fixed_field": "Ce champ ne change plus après la création.",
        "invalid": "Un objet est attendu.",
    }

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values; unknown keys are told with the other errors."""
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not unknown or not isinstance(error.detail, dict):
                raise
            raise serializers.ValidationError({**error.detail, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {name for name, field in self.fields.items() if not field.read_only}
        return {name: [self._refusal(name)] for name in data if name not in known}

    def _refusal(self, name: str) -> ErrorDetail:
        code = FIXED_FIELD if name in self.fixed else UNKNOWN_FIELD
        return ErrorDetail(str(self.error_messages[code]), code=code)


class TextField(serializers.CharField):
    """A text; numbers are not texts, the spaces around it are left out, as in the forms."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse anything but a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """A UUID in its usual form of 36 characters."""

    def to_internal_value(self, data: Any) -> UUID:
        """Refuse numbers and the other spellings."""
        if not isinstance(data, str) or not _uuid.fullmatch(data):
            self.fail("invalid", value=data)
        return UUID(data)


class WholeField(serializers.IntegerField):
    """A JSON integer; with `from_text`, the digits of a query parameter."""

    def __init__(self, *, from_text: bool = False, **options: Any) -> None:
        """Set where the number comes from."""
        self.from_text = from_text
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Refuse booleans, texts and fractions."""
        if self.from_text and isinstance(data, str) and _whole.fullmatch(data):
            return int(data)
        if type(data) is not int:
            self.fail("invalid")
        return int(data)


class YesNoField(serializers.BooleanField):
    """A JSON boolean; with `from_text`, `true` or `false` in a query parameter."""

    def __init__(self, *, from_text: bool = False, **options: Any) -> None:
        """Set where the answer comes from."""
        self.from_text = from_text
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> bool:
        """Refuse 1, "yes" and the like."""
        if self.from_text and data in ("true", "false"):
            return bool(data == "true")
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class OneOfField(serializers.ChoiceField):
    """A code of a closed list."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse a number that looks like a code."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^-?(0|[1-9]\d*)(\.\d{1,4})?$", "example": "29.90"},
            {"type": "number", "example": 29.9},
        ]
    }
)
class NumberField(serializers.DecimalField):
    """A decimal, given as a string or a number: at most 4 `decimals`, below 10^14."""

    def __init__(self, *, decimals: int = MAX_DECIMALS, **options: Any) -> None:
        """`min_value` and `max_value` as in the framework."""
        digits = AMOUNT_LIMIT.adjusted() + decimals
        super().__init__(max_digits=digits, decimal_places=decimals, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the number as it was written, without padding or rounding it."""
        if isinstance(data, str) and len(data) <= self.MAX_STRING_LENGTH:
            number = Decimal(data) if _decimal.fullmatch(data) else None
        elif isinstance(data, int | Decimal) and not isinstance(data, bool):
            number = Decimal(data)
        else:
            number = None
        if number is None:
            self.fail("invalid")
        exponent = number.as_tuple().exponent
        if (
            isinstance(exponent, int)
            and exponent > 0
            and number.adjusted() < AMOUNT_LIMIT.adjusted()
        ):
            number = number.quantize(Decimal(1))
        return super().validate_precision(number) + Decimal(0)


class InstantField(serializers.DateTimeField):
    """An instant with its offset (RFC 3339), kept in UTC."""

    default_error_messages = {  # noqa: RUF012 - as in the framework
        "invalid": "Un instant s'écrit 2026-01-31T09:00:00+01:00.",
        "offset": "Le décalage horaire manque : 2026-01-31T09:00:00+01:00.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        """Refuse an instant without offset, or far outside our time."""
        match = _instant.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.fail("invalid")
        if match["offset"] is None:
            self.fail("offset")
        try:
            instant = datetime.fromisoformat(match[0])
        except ValueError:
            self.fail("invalid")
        if not MIN_YEAR <= instant.year <= MAX_YEAR:
            self.fail("invalid")
        return instant.astimezone(UTC)


class DayField(serializers.DateField):
    """A date, `AAAA-MM-JJ`."""

    def to_internal_value(self, value: Any) -> date:
        """Refuse instants and other spellings."""
        if not isinstance(value, str) or not _day.fullmatch(value):
            self.fail("invalid", format="AAAA-MM-JJ")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail("invalid", format="AAAA-MM-JJ")
        if not MIN_YEAR <= day.year <= MAX_YEAR:
            self.fail("invalid", format="AAAA-MM-JJ")
        return day


class ListQuery(StrictSerializer):
    """Parameters that every list takes."""

    cursor = TextField(required=False, max_length=500, help_text="Donné par `next` ou `previous`.")
    page_size = WholeField(
        from_text=True, required=False, min_value=1, max_value=200, help_text="50 par défaut."
    )


def query_values(parameters: QueryDict) -> dict[str, Any]:
    """Return the parameters of an address as a serializer reads them; one given twice is refused."""
    twice = [name for name, values in parameters.lists() if len(values) > 1]
    if twice:
        message = ErrorDetail("Ce paramètre figure deux fois.", code="repeated")
        raise serializers.ValidationError({name: [message] for name in twice})
    return dict(parameters.items())
