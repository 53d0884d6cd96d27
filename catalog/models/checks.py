"""What several models check: JSON columns in the database, and rows that a foreign key names."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models


class IsSetOf(models.Func):
    """`json_set_of(column, allowed)`: a JSON list whose items are all allowed, none twice."""

    function = "json_set_of"
    conditional = True

    def __init__(self, column: str, allowed: Iterable[str], **extra: Any) -> None:
        """Take the column and the values that it may hold."""
        self.column, self.allowed = column, list(allowed)
        values = models.Value(self.allowed, output_field=ArrayField(models.TextField()))
        super().__init__(models.F(column), values, output_field=models.BooleanField(), **extra)

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        return ("catalog.models.checks.IsSetOf", [self.column, self.allowed], {})


class IsPayload(models.Func):
    """`pricing_payload_ok(type, payload)`: the payload has the shape of its type (A.3.3)."""

    function = "pricing_payload_ok"
    conditional = True

    def __init__(self, **extra: Any) -> None:
        """Read the columns of `pricing_rule`."""
        super().__init__(
            models.F("type"), models.F("payload"), output_field=models.BooleanField(), **extra
        )

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        return ("catalog.models.checks.IsPayload", [], {})


def known(row: Any, key: str) -> Any:
    """Return the row that the foreign key `key` names, None when it names none in the scope.

    A form or the API may name a row that never was, or another company's: `clean_fields` refuses
    both alike, and `clean` must then say nothing about it.
    """
    field = row._meta.get_field(key)
    value = getattr(row, field.attname)
    if value is None or field.is_cached(row):
        return None if value is None else getattr(row, key)
    found = field.related_model.objects.filter(pk=value).first()
    if found is not None:
        setattr(row, key, found)
    return found
