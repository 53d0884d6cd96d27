"""What PostgreSQL itself refuses of one column: a shape of text, a kind of JSON, a step of a state.

Each rule is written once, in the model's `Meta`: the doors check it with the other constraints of
the row, and say the same French sentence as the database.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.lookups import Exact

TEXT = models.TextField()
# What Python strips from the ends of a text; PostgreSQL's \s leaves out the no-break spaces.
_SPACE = r"\s\u00a0\u202f"
# Neither empty nor with a space around.
FILLED = rf"^[^{_SPACE}](.*[^{_SPACE}])?$"

# The same, without a control, formatting or line sign, which nobody sees.
PRINTED = (
    rf"^(?!.*[\u0001-\u001f\u007f-\u00a0\u00ad\u061c\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    rf"\u3000\ufeff\ufff9-\ufffb])[^{_SPACE}](.*[^{_SPACE}])?$"
)

# A country code of ISO 3166.
COUNTRY = "^[A-Z]{2}$"


def shaped(
    column: str, pattern: str, message: str, *, blank: bool = False
) -> models.CheckConstraint:
    """Return the constraint that a text follows the regular expression, or is NULL.

    With `blank`, an empty text is accepted too. The pattern says its own ends, by `^` and `$`.
    """
    condition = models.Q(**{f"{column}__regex": pattern})
    if blank:
        condition |= models.Q(**{column: ""})
    return models.CheckConstraint(
        condition=condition, name=f"%(class)s_{column}_shape", violation_error_message=message
    )


def matches(column: str, validator: RegexValidator) -> models.CheckConstraint:
    """Return the constraint that a text follows the field's own validator, with its message.

    Python and PostgreSQL read the same pattern: its ends are `\\A` and `\\Z`.
    """
    regex: Any = validator.regex
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__regex": regex.pattern}),
        name=f"%(class)s_{column}_signs",
        violation_error_message=str(validator.message).replace("%", "%%"),
    )


def filled(column: str, label: str) -> models.CheckConstraint:
    """Return the constraint that a text says something, without a space around it."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__regex": FILLED}),
        name=f"%(class)s_{column}_filled",
        violation_error_message=f"{label} : ni vide, ni espace au début ou à la fin.",
    )


class JsonKind(models.CheckConstraint):
    """A JSON column holds an object, or a list, and nothing else; `ScopedModel` reads it too."""

    KINDS: ClassVar[dict[type, tuple[str, str]]] = {
        dict: ("object", "Un objet est attendu."),
        list: ("array", "Une liste est attendue."),
    }

    def __init__(self, column: str, kind: type, *, name: str = "") -> None:
        """Take the column and the Python type of what it holds."""
        self.column, self.kind = column, kind
        self.word, message = self.KINDS[kind]
        found = models.Func(models.F(column), function="jsonb_typeof", output_field=TEXT)
        super().__init__(
            condition=models.Q(**{f"{column}__isnull": True}) | models.Q(Exact(found, self.word)),
            name=name or f"%(class)s_{column}_kind",
            violation_error_message=message,
        )

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        path = f"{type(self).__module__}.{type(self).__name__}"
        return path, [self.column, self.kind], {"name": self.name}

    def problem(self, row: models.Model) -> ValidationError | None:
        """Return what is wrong with the row's value: nothing reads it before that."""
        field = row._meta.get_field(self.column)
        value = getattr(row, self.column)
        if isinstance(value, self.kind) or (value is None and field.null):
            return None
        return ValidationError(str(self.violation_error_message), code="json.kind")


def kinds(**columns: type) -> tuple[JsonKind, ...]:
    """Return the constraints of several columns: `kinds(attributes=dict, channels=list)`."""
    return tuple(JsonKind(column, kind) for column, kind in columns.items())


def steps(
    column: str, following: Mapping[Any, Iterable[Any]], constraint: str
) -> pgtrigger.Trigger:
    """Return the trigger that refuses a change of state which the graph `following` does not have."""
    known = ", ".join(
        f"('{state.value}', '{target.value}')"
        for state, targets in following.items()
        for target in targets
    )
    return pgtrigger.Trigger(
        name=f"{column}_steps",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Condition(f"OLD.{column} IS DISTINCT FROM NEW.{column}"),
        func=(
            f"IF (OLD.{column}, NEW.{column}) NOT IN ({known}) THEN "
            f"RAISE EXCEPTION '% %: {column} does not go from % to %', TG_TABLE_NAME, NEW.id, "
            f"OLD.{column}, NEW.{column} USING ERRCODE = 'check_violation', "
            f"CONSTRAINT = '{constraint}'; END IF; RETURN NEW;"
        ),
    )
