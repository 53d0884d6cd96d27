"""One bad value through each door: how it is spelled, sent and refused (`tests/parity`)."""

import csv
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import CharField, JSONField, TextField
from django.forms import SplitDateTimeField

from winvest.core.admin.numbers import as_text
from winvest.core.admin.records import RecordsField
from winvest.core.admin.schema_fields import SchemaWidget
from winvest.core.models.base import new_id

Errors = set[tuple[str, str]] | None


def read_cases(path: Path) -> list[dict[str, str]]:
    """Return the lines of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def spelled(change: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a change: a row by its name after `@`, 160 letters x by `x*160`."""
    values = {}
    for name, value in change.items():
        if isinstance(value, str):
            sign, times, count = value.partition("*")
            values[name] = known.get(value, sign * int(count) if times else value)
        else:
            values[name] = value
    return values


def in_boxes(form: Any, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a person types in the boxes of a form; None where a value has no box."""
    typed: dict[str, Any] = {}
    for name, value in row.items():
        if name not in form.fields:
            return None
        field = form.fields[name]
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, SchemaWidget):
            if not set(value) <= {box.key for box in widget.boxes}:
                return None
            typed |= {f"{name}-{key}": _text(part) for key, part in value.items()}
        elif isinstance(field, RecordsField):
            rows = field.prepare_value(value)
            if not isinstance(rows, list) or (value and not rows):
                return None
            typed |= {
                f"{name}-{number}-{part}": as_text(item)
                for number, record in enumerate(rows)
                for part, item in record.items()
            }
        elif isinstance(field, SplitDateTimeField):
            day = datetime.fromisoformat(value).strftime("%d/%m/%Y") if value else ""
            typed |= {f"{name}_0": day, f"{name}_1": "00:00:00" if value else ""}
        elif isinstance(value, list | bool):
            typed[name] = value if isinstance(value, list) else "on" if value else ""
        elif isinstance(value, dict):
            return None
        else:
            typed[name] = "" if value is None else getattr(value, "pk", value)
    return typed


def _text(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list) else as_text(value)


def form_errors(answer: Any) -> set[tuple[str, str]]:
    """Return the fields and codes that a page shown again, written or not, refuses."""
    errors = answer.context_data["adminform"].form.errors.get_json_data()
    return {
        ("" if name == "__all__" else name, error["code"] or "invalid")
        for name, found in errors.items()
        for error in found
    }


def insert(model: Any, row: Mapping[str, Any]) -> str:
    """Insert by SQL; return the constraint that refuses, or the SQLSTATE, `-` for none."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    values = {"id": new_id()}
    for name, value in row.items():
        text = json.dumps(value) if isinstance(fields[name], JSONField) else value
        # An empty text stays one; an empty date, number, object or key is an absent one.
        absent = value == "" and not isinstance(fields[name], CharField | TextField)
        values[fields[name].column] = None if absent else getattr(value, "pk", text)
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(["%s"] * len(values))
    query = f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})"
    return _refusal(query, [*values.values()])


def change(table: str, assignment: str, key: Any) -> str:
    """Change one row by SQL; return what refuses, as `insert` does."""
    return _refusal(f"UPDATE {table} SET {assignment} WHERE id = %s", [key])


def _refusal(query: str, values: list[Any]) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of a transaction
    except DatabaseError as error:
        cause: Any = error.__cause__
        return str(cause.diag.constraint_name or cause.sqlstate)
    return "-"
