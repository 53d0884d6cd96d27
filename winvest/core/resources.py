"""What a file of rows may hold: the columns of each model, declared once for import and export.

A resource is django-import-export's, with French headings; its columns name their widget and, for
another table, the natural key. `winvest.core.services.imports` checks and writes the rows.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast, Coalesce, NullIf
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import Widget

from winvest.core import json
from winvest.core.choices import ImportTarget
from winvest.core.domain.periods import MAX_YEAR, MIN_YEAR
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.models.company import Company

TEXT = models.TextField()
YES, NO = "oui", "non"
OTHER_COMPANY = "Cette société n'est pas celle de l'import."
_YES = {YES, "o", "vrai", "true", "1", "x"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}([.,][0-9]{1,10})?")
_NO = {NO, "n", "faux", "false", "0"}


class Cell(Widget):  # type: ignore[misc]
    """Text as it is, without the spaces around it, as a form takes it."""

    signed: ClassVar[bool] = False

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return the value of the column; the model then judges it."""
        return value.strip()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the cell of a value."""
        return "" if value is None else str(value)

    def explanation(self, field: Any) -> str:
        """Return what may be written, in words."""
        length = f"Texte de {field.max_length} caractères au plus." if field.max_length else ""
        return " ".join(filter(None, (length, str(field.help_text))))

    def expression(self, path: str) -> Any:
        """Return the SQL of `render`, for the column at `path`."""
        return Coalesce(Cast(models.F(path), TEXT), models.Value(""), output_field=TEXT)


class Choice(Cell):
    """One of a closed list, by its French label or by its code."""

    def __init__(self, choices: Iterable[tuple[Any, Any]]) -> None:
        """Take Django's choices."""
        super().__init__()
        self.labels = {code: str(label) for code, label in choices if code}
        self.codes = {label: code for code, label in self.labels.items()}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return the code; the model refuses what is neither."""
        text = value.strip()
        return self.codes.get(text, text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the label."""
        return self.labels.get(value, super().render(value))

    def explanation(self, field: Any) -> str:
        """Return the labels."""
        return f"{', '.join(self.labels.values())}."

    def expression(self, path: str) -> Any:
        """Return the label in SQL."""
        cases = [
            models.When(**{path: code}, then=models.Value(label))
            for code, label in self.labels.items()
        ]
        return models.Case(*cases, default=super().expression(path), output_field=TEXT)


class YesNo(Cell):
    """« oui » or « non »."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return True or False; nothing written is « non »."""
        text = value.strip().lower()
        if text in _YES:
            return True
        if text in _NO or not text:
            return False
        raise ValidationError("Écrivez « oui » ou « non ».", code="invalid")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return « oui » or « non »."""
        return YES if value else NO

    def explanation(self, field: Any) -> str:
        """Return the two words, and what they mean."""
        return " ".join(filter(None, (f"« {YES} » ou « {NO} ».", str(field.help_text))))

    def expression(self, path: str) -> Any:
        """Return the same in SQL."""
        return models.Case(
            models.When(**{path: True}, then=models.Value(YES)),
            default=models.Value(NO),
            output_field=TEXT,
        )


class Number(Cell):
    """A number in French or in plain notation: 1234,5 or 1234.5."""

    signed = True

    def __init__(self, *, whole: bool = False) -> None:
        """`whole`: a number without decimals, which the model would cut off."""
        super().__init__()
        self.whole = whole

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return an exact number, or None; no exponent, which a few signs make endless."""
        text = value.strip()
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise ValidationError("Saisissez un nombre.", code="invalid")
        number = Decimal(text.replace(",", "."))
        if number == number.to_integral_value():
            return int(number)
        if self.whole:
            raise ValidationError("Saisissez un nombre entier.", code="invalid")
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the number with a comma and no useless zero."""
        if value is None:
            return ""
        text = f"{Decimal(value):f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")

    def explanation(self, field: Any) -> str:
        """Return what a number may be."""
        return " ".join(filter(None, ("Nombre.", str(field.help_text))))

    def expression(self, path: str) -> Any:
        """Return the same in SQL."""
        plain = models.Func(
            Cast(models.F(path), models.DecimalField(max_digits=40, decimal_places=10)),
            function="trim_scale",
            output_field=models.DecimalField(),
        )
        text = models.Func(
            Cast(plain, TEXT), models.Value("."), models.Value(","), function="replace"
        )
        return Coalesce(text, models.Value(""), output_field=TEXT)


class Day(Cell):
    """A date: 31/01/2026, or 2026-01-31 as files from another machine have it."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return the date, None for an empty cell."""
        text = value.strip()
        if not text:
            return None
        for layout in ("%d/%m/%Y", "%Y-%m-%d"):
            try:
                day = datetime.strptime(text, layout).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            if text.isascii() and MIN_YEAR <= day.year <= MAX_YEAR:
                return day
        raise ValidationError("Une date s'écrit 31/01/2026.", code="invalid")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the date as people write it."""
        return "" if value is None else f"{value:%d/%m/%Y}"

    def explanation(self, field: Any) -> str:
        """Return how it is written."""
        return " ".join(filter(None, ("Date, 31/01/2026.", str(field.help_text))))

    def expression(self, path: str) -> Any:
        """Return the same in SQL."""
        text = models.Func(
            models.F(path), models.Value("DD/MM/YYYY"), function="to_char", output_field=TEXT
        )
        return Coalesce(text, models.Value(""), output_field=TEXT)


class Json(Cell):
    """A structured value as JSON text; its schema is the model's to check."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return the value with exact numbers, None for an empty cell."""
        text = value.strip()
        if not text:
            return None
        try:
            return json.loads_strict(text.encode("utf-8", "surrogatepass"))
        except json.MalformedJSON as error:
            raise ValidationError(str(error), code="json") from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the JSON text, nothing for an empty object."""
        return json.dumps(value) if value else ""

    def explanation(self, field: Any) -> str:
        """Return how it is written."""
        return " ".join(filter(None, ("Objet ou liste JSON.", str(field.help_text))))

    def expression(self, path: str) -> Any:
        """Return the same in SQL."""
        text = Cast(models.F(path), TEXT)
        return Coalesce(NullIf(text, models.Value("{}")), models.Value(""), output_field=TEXT)


class Reference(Cell):
    """A row of another table by its natural key; what the user does not see does not exist."""

    def __init__(self, key: str, *, unknown: str = "Cet objet n'existe pas.") -> None:
        """`key` is the attribute of the other row that the cells show."""
        super().__init__()
        self.key = key
        self.unknown = unknown
        self.found: Mapping[str, Any] = {}
        self.by_pk: Mapping[Any, Any] = {}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return the row, None for an empty cell."""
        text = value.strip()
        found = self.found.get(text) if text else None
        if text and found is None:
            raise ValidationError(self.unknown, code="unknown")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the natural key."""
        return "" if value is None else str(getattr(value, self.key))

    def explanation(self, field: Any) -> str:
        """Return by what the other row is named."""
        target = field.related_model._meta
        named = str(target.get_field(self.key).verbose_name)
        return f"{named.capitalize()} : {target.verbose_name} qui existe déjà."

    def expression(self, path: str) -> Any:
        """Return the natural key in SQL."""
        return super().expression(f"{path}__{self.key}")


class Column(Field):  # type: ignore[misc]
    """A column of a file: `attribute` of the model under a French heading.

    `key` columns identify the row; a `fixed` one is shown, and given at the creation at most.
    """

    def __init__(
        self,
        attribute: str,
        heading: str,
        widget: Cell | None = None,
        *,
        key: bool = False,
        fixed: bool = False,
        action: Action | None = None,
    ) -> None:
        """Declare the column; writing it asks for `action` besides the row's own right."""
        super().__init__(attribute=attribute, column_name=heading, widget=widget or Cell())
        self.heading = heading
        self.key = key
        self.fixed = fixed
        self.action = action

    def expression(self) -> Any:
        """Return the cells of the column in SQL."""
        return self.widget.expression(self.attribute)

    def explanation(self, model: Any) -> str:
        """Return what may be written, and that it only may be at the creation."""
        words: str = self.widget.explanation(model._meta.get_field(self.attribute))
        return f"{words} Ne change plus ensuite." if self.fixed else words


def company_column() -> Column:
    """Return the column of the owner, which is the company of the import and never changes."""
    return Column("company", "Société", Reference("code", unknown=OTHER_COMPANY), fixed=True)


class RowResource(ModelResource):  # type: ignore[misc]
    """The columns of one model, and how its rows are found, made and judged in one company."""

    target: ClassVar[ImportTarget]
    edit_action: ClassVar[Action]
    model: ClassVar[Any]

    def __init__(self, company: Company | None = None, actor: User | None = None) -> None:
        """Without a company the resource only tells its columns."""
        super().__init__()
        self.company = company
        self.actor = actor

    @property
    def owner(self) -> Company:
        """Return the company of the import."""
        if self.company is None:
            raise RuntimeError("a resource without a company only tells its columns")
        return self.company

    @property
    def columns(self) -> list[Column]:
        """Return the columns in the order of the export."""
        return [self.fields[name] for name in self.get_export_order()]

    def load(self) -> None:
        """Read the look-ups once: the rows of other tables by natural key, within the scope."""
        raise NotImplementedError

    def know(self, name: str, rows: Mapping[str, Any]) -> None:
        """Let the cells of a column name these rows."""
        widget: Reference = self.fields[name].widget
        widget.found = rows
        widget.by_pk = {row.pk: row for row in rows.values()}

    def prepare(self, keys: Collection[tuple[str, ...]]) -> None:
        """Read what a batch of rows names, where reading it all in `load` would be too long."""

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Return what identifies the row of these cells (by heading)."""
        raise NotImplementedError

    def find(self, keys: Collection[tuple[str, ...]]) -> models.QuerySet[Any]:
        """Return the rows in scope that the keys may name."""
        raise NotImplementedError

    def new_row(self) -> Any:
        """Return a row to fill; the company is the import's."""
        return self.model(company=self.company)

    def attach(self, row: Any) -> None:
        """Give a row read alone what it names, from the look-ups."""
        for column in self.columns:
            if isinstance(column.widget, Reference):
                target = row._meta.get_field(column.attribute)
                other = column.widget.by_pk.get(getattr(row, target.attname))
                if other is not None:
                    target.set_cached_value(row, other)

    def is_settled(self, before: Mapping[str, str], cells: Mapping[str, str]) -> bool:
        """Whether a row that the file repeats stays as it is (`before`: every cell, as exported)."""
        return True

    def complete(self, row: Any, before: Any | None, cells: Mapping[str, str]) -> None:
        """Give the row what its cells (by heading) imply and do not say (`before`: as it was)."""

    def check(self, row: Any, before: Any | None) -> None:
        """Raise a `ValidationError` for what the import alone refuses (`before`: as it was)."""

    def owner_of(self, row: Any) -> UUID | None:
        """Return the company whose right decides; None for the group."""
        owner: UUID | None = row.company_id
        return owner


def own_first(rows: Iterable[Any], name: Callable[[Any], str], owner: UUID) -> dict[str, Any]:
    """Index rows by name: the company's own hides another's; two others' name none."""
    own: dict[str, Any] = {}
    others: dict[str, Any] = {}
    doubled: set[str] = set()
    for row in rows:
        key = name(row)
        if row.company_id == owner:
            own[key] = row
        elif key in others:
            doubled.add(key)
        else:
            others[key] = row
    return {key: row for key, row in others.items() if key not in doubled} | own


_resources: dict[ImportTarget, type[RowResource]] = {}


def register(resource: type[RowResource]) -> None:
    """Declare what an application lets be imported, in `AppConfig.ready()`."""
    _resources[resource.target] = resource


def resource_of(target: str) -> type[RowResource]:
    """Return the resource of a target; an unknown one is a bug and raises `KeyError`."""
    return _resources[ImportTarget(target)]
