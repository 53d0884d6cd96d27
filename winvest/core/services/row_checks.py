"""Checking the rows of a file, without a query per row (`design/performance.md`, imports).

The very code of `full_clean` judges each row: `clean_fields`, then `clean`; foreign keys come from
look-ups loaded once. Uniqueness and constraints are the database's: `winvest.core.services.staging`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from winvest.core.domain.tables import (
    ImportProblem,
    TableError,
    TableProblem,
    check_cell,
    error,
    unshielded,
)
from winvest.core.models.columns import JsonKind
from winvest.core.permissions import Access, AccessProblem
from winvest.core.resources import RowResource

SHOWN = 200  # characters of a wrong value in a message


class Fate(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"


@dataclass(slots=True)
class Verdict:
    """One row of the file, judged; `row` is what to write, `seen` the state it replaces."""

    line: int
    label: str
    fate: Fate
    row: Any = None
    seen: str = ""
    changed: list[str] = field(default_factory=list)
    errors: list[TableError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Existing:
    """A row of the database as an export writes it."""

    pk: Any
    cells: tuple[str, ...]
    by_heading: Mapping[str, str]


class RowChecker:
    """Judges the rows of one file, in the company of its resource, as its actor."""

    def __init__(self, resource: RowResource, headings: Sequence[str], access: Access) -> None:
        """Keep the columns in the order of the file, and a new row to copy."""
        self.resource = resource
        self.headings = list(headings)
        self.access = access
        by_heading = {column.heading: column for column in resource.columns}
        self._columns = [by_heading[heading] for heading in headings]
        self._identity = [column for column in resource.columns if column.heading not in headings]
        self._headings = {column.attribute: column.heading for column in resource.columns}
        self._first: dict[tuple[str, ...], int] = {}
        fields = resource.model._meta.concrete_fields
        self._foreign_keys = {item.name for item in fields if item.is_relation}
        rules = resource.model._meta.constraints
        self._kinds = [rule for rule in rules if isinstance(rule, JsonKind)]
        self._model = NewRow(resource)
        filled = {column.attribute for column in self._columns}
        self._elsewhere = {item.name for item in fields if item.name not in filled}

    def judge(self, lines: Sequence[tuple[int, list[str]]]) -> Iterator[Verdict]:
        """Judge a batch: one query compares it with what exists, one reads what changes."""
        cells = {
            number: self._by_heading(row) for number, row in lines if len(row) == len(self.headings)
        }
        keys = {self._key(row) for row in cells.values()}
        self.resource.prepare(keys)
        existing = self._existing(keys)
        changing = {
            found.pk
            for row in cells.values()
            if (found := existing.get(self._key(row))) and not self._is_same(found, row)
        }
        rows = self._read(changing)
        for number, row in lines:
            yield self._judge_line(number, row, existing, rows)

    def _existing(self, keys: set[tuple[str, ...]]) -> dict[tuple[str, ...], Existing]:
        """Read the rows that the keys name as an export writes them."""
        columns = [*self._columns, *self._identity]
        names = [column.heading for column in columns]
        cells = {f"cell_{n}": column.expression() for n, column in enumerate(columns)}
        rows = self.resource.find(keys).annotate(**cells).values_list("pk", *cells)
        found = {}
        for pk, *values in rows:
            by_heading = dict(zip(names, values, strict=True))
            cells_of_file = tuple(values[: len(self._columns)])
            found[self._key(by_heading)] = Existing(pk, cells_of_file, by_heading)
        return found

    def _read(self, keys: set[Any]) -> dict[Any, Any]:
        """Read whole rows, with what they name from the look-ups."""
        model = self.resource.model
        rows = model.objects.filter(pk__in=keys).annotate(
            import_seen=SeenState(model._meta.db_table)
        )
        found = {row.pk: row for row in rows}
        for row in found.values():
            self.resource.attach(row)
        return found

    def _judge_line(
        self,
        number: int,
        cells: list[str],
        existing: Mapping[tuple[str, ...], Existing],
        rows: Mapping[Any, Any],
    ) -> Verdict:
        expected = len(self.headings)
        if len(cells) != expected:
            wrong = error(TableProblem.ROW_WIDTH, line=number, found=len(cells), expected=expected)
            return Verdict(number, "", Fate.REFUSED, errors=[wrong])
        wrong_cells = list(self._wrong_cells(number, cells))
        by_heading = self._by_heading(cells)
        key = self._key(by_heading)
        verdict = Verdict(number, " / ".join(filter(None, key)), Fate.REFUSED, errors=wrong_cells)
        if wrong_cells:
            return verdict
        first = self._first.setdefault(key, number)
        if first != number:
            column = next(column.heading for column in self._columns if column.key)
            verdict.errors = [
                error(
                    TableProblem.TWICE,
                    line=number,
                    column=column,
                    value=by_heading[column],
                    first=first,
                )
            ]
            return verdict
        found = existing.get(key)
        if found is not None and self._is_same(found, by_heading):
            # A row that stays as it is needs no right and no check.
            verdict.fate = Fate.SAME
        elif found is not None and found.pk not in rows:
            verdict.errors = [error(ImportProblem.STALE, line=number)]
        else:
            self._compare(verdict, by_heading, rows[found.pk] if found else None)
        return verdict

    def _wrong_cells(self, number: int, cells: list[str]) -> Iterator[TableError]:
        for column, cell in zip(self._columns, cells, strict=True):
            found = check_cell(cell, signed=column.widget.signed)
            if found is not None:
                problem, params = found
                value = cell.replace("\x00", "\N{SYMBOL FOR NULL}")[:SHOWN]
                yield error(problem, line=number, column=column.heading, value=value, **params)

    def _compare(self, verdict: Verdict, cells: dict[str, str], before: Any) -> None:
        """Judge what the row becomes."""
        if before is not None and not self._may_write(before):
            self._refuse_right(verdict)
            return
        row = self._model.make() if before is None else copy_of(before)
        found = self._fill(row, cells, before)
        found = self._clean(row, before, found)
        verdict.errors += self._told(verdict.line, found, cells)
        if verdict.errors:
            return
        verdict.changed = self._changed(before, row) if before is not None else []
        if before is not None and not verdict.changed:
            verdict.fate = Fate.SAME
        elif not self._may_write(row):
            self._refuse_right(verdict)
        elif closed := self._closed_columns(before, row):
            for heading in closed:
                self._refuse_right(verdict, heading, cells[heading])
        else:
            verdict.fate = Fate.CREATE if before is None else Fate.CHANGE
            verdict.row, verdict.seen = row, getattr(before, "import_seen", "")

    def _by_heading(self, cells: Iterable[str]) -> dict[str, str]:
        return {
            heading: unshielded(cell.strip())
            for heading, cell in zip(self.headings, cells, strict=True)
        }

    def _key(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(part.replace("\x00", "") for part in self.resource.key_of(cells))

    def _is_same(self, found: Existing, cells: Mapping[str, str]) -> bool:
        repeated = found.cells == tuple(cells.values())
        return repeated and self.resource.is_settled(found.by_heading, cells)

    def _may_write(self, row: Any) -> bool:
        owner = self.resource.owner_of(row)
        if owner is not None and owner != self.resource.owner.pk:
            return False
        return self.access.allowed_on(self.resource.edit_action, row, owner)

    def _closed_columns(self, before: Any, row: Any) -> list[str]:
        """Return the headings of what changes in the row and is not the actor's to write."""
        owner = self.resource.owner_of(row)
        old = self._model.row if before is None else before
        return [
            column.heading
            for column in self._columns
            if column.action is not None
            and getattr(old, column.attribute) != getattr(row, column.attribute)
            and not self.access.allowed_on(column.action, row, owner)
        ]

    def _refuse_right(self, verdict: Verdict, column: str = "", value: str = "") -> None:
        problem = AccessProblem.FORBIDDEN
        verdict.errors.append(error(problem, line=verdict.line, column=column, value=value[:SHOWN]))

    def _fill(
        self, row: Any, cells: Mapping[str, str], before: Any
    ) -> dict[str, list[ValidationError]]:
        """Give the row what the cells say; an empty cell of a new row leaves the default."""
        is_new = before is None
        errors: dict[str, list[ValidationError]] = {}
        for column in self._columns:
            text = cells[column.heading]
            target = row._meta.get_field(column.attribute)
            if is_new and not text and (target.has_default() or column.fixed):
                continue
            try:
                value = column.widget.clean(text, cells)
            except ValidationError as found:
                errors[column.attribute] = [found]
                continue
            if value in ("", None):
                value = _nothing(target, value)
            setattr(row, column.attribute, value)
        self.resource.complete(row, before, cells)
        # As `full_clean`: `clean()` reads the values, and Django judges no empty one.
        wrong = {rule.column: problem for rule in self._kinds if (problem := rule.problem(row))}
        return errors | {name: [problem] for name, problem in wrong.items()}

    def _clean(
        self, row: Any, before: Any, unread: dict[str, list[ValidationError]]
    ) -> dict[str, list[ValidationError]]:
        """Add what the model refuses; a row with an unread cell is not judged as a whole."""
        found = dict(unread)
        checks: list[Callable[[], None]] = [
            lambda: self._clean_fields(row, unread, is_new=before is None)
        ]
        checks += [] if unread else [row.clean, lambda: self.resource.check(row, before)]
        for check in checks:
            try:
                check()
            except ValidationError as problem:
                found = problem.update_error_dict(found)
        fixed = [column for column in self._columns if before is not None and column.fixed]
        for column in fixed:
            if getattr(row, column.attribute) != getattr(before, column.attribute):
                message = f"La colonne « {column.heading} » ne change pas par import."
                found[column.attribute] = [ValidationError(message, code="fixed")]
        return found

    def _clean_fields(self, row: Any, unread: Collection[str], *, is_new: bool) -> None:
        """Run `clean_fields`, foreign keys apart: they come from the look-ups of the scope.

        What a new row has by default is judged once, on the row that it is copied from.
        """
        errors: dict[str, list[ValidationError]] = {}
        if is_new:
            errors |= self._model.errors(self._elsewhere - self._foreign_keys)
        try:
            exclude = {*self._foreign_keys, *unread, *(self._elsewhere if is_new else ())}
            models.Model.clean_fields(row, exclude=exclude)
        except ValidationError as problem:
            errors = problem.update_error_dict(errors)
        for name in self._foreign_keys.difference(unread):
            target = row._meta.get_field(name)
            if getattr(row, target.attname) is None and not target.blank:
                code = "blank" if target.null else "null"
                errors[name] = [ValidationError(target.error_messages[code], code=code)]
        if errors:
            raise ValidationError(errors)

    def _changed(self, before: Any, row: Any) -> list[str]:
        """Return the headings of what changes; what `clean` sets beside them counts too."""
        return [
            self._headings.get(item.name, str(item.verbose_name))
            for item in row._meta.concrete_fields
            if not item.generated and getattr(before, item.attname) != getattr(row, item.attname)
        ]

    def _told(
        self, line: int, found: Mapping[str, list[ValidationError]], cells: Mapping[str, str]
    ) -> list[TableError]:
        """Return the errors of the model at their place in the file."""
        told = []
        for name, problems in found.items():
            heading = "" if name == NON_FIELD_ERRORS else self._headings.get(name, name)
            value = cells.get(heading, "")[:SHOWN]
            for problem in problems:
                for single in problem.error_list:
                    message = self._choices(name, single, value) or " ".join(single.messages)
                    told.append(TableError(line, heading, value, single.code or "invalid", message))
        places = {heading: place for place, heading in enumerate(self.headings)}
        return sorted(told, key=lambda problem: places.get(problem.column, len(places)))

    def _choices(self, name: str, problem: ValidationError, value: str) -> str:
        """Return what a closed list may hold, in the words of a file; nothing for another error."""
        if problem.code != "invalid_choice":
            return ""
        labels = [str(label) for _, label in self.resource.model._meta.get_field(name).flatchoices]
        return f"« {value} » n'est pas dans la liste : {', '.join(labels)}." if labels else ""


def _nothing(target: Any, value: Any) -> Any:
    """Return what an empty cell stands for in a column: NULL, an empty text, else its default."""
    if target.null:
        return None
    return target.get_default() if value is None and target.has_default() else value


class SeenState(models.Expression):
    """The state of a row: every write, by whatever door, gives it another (`xmin`)."""

    output_field = models.TextField()

    def __init__(self, table: str) -> None:
        """Take the table, which the query names."""
        super().__init__()
        self.table = table

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """Name the system column of the table."""
        return f"{connection.ops.quote_name(self.table)}.xmin::text", ()


class NewRow:
    """The row that new ones are copied from: building each one costs more than checking it."""

    def __init__(self, resource: RowResource) -> None:
        """Make it, and note which defaults are drawn for each row."""
        self.row = resource.new_row()
        fields = self.row._meta.concrete_fields
        self.drawn = [item for item in fields if item.has_default() and callable(item.default)]
        self._errors: dict[str, list[ValidationError]] | None = None

    def make(self) -> Any:
        """Return a new row with its own identifier, instants and lists."""
        made = copy_of(self.row)
        for item in self.drawn:
            setattr(made, item.attname, item.get_default())
        return made

    def errors(self, names: set[str]) -> dict[str, list[ValidationError]]:
        """Return what is wrong with the defaults of these fields."""
        if self._errors is None:
            others = {item.name for item in self.row._meta.fields if item.name not in names}
            try:
                models.Model.clean_fields(self.row, exclude=others)
                self._errors = {}
            except ValidationError as problem:
                self._errors = problem.update_error_dict({})
        return {name: list(found) for name, found in self._errors.items()}


def copy_of(row: Any) -> Any:
    """Return a copy of a row that may change without changing the row, which it remembers."""
    made = object.__new__(type(row))
    made.__dict__.update(row.__dict__)
    made._state = copy(row._state)
    made._state.fields_cache = dict(row._state.fields_cache)
    made.read_as = row
    return made
