"""Adds rows as a form would."""

from typing import TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def add(row: Row) -> Row:
    """Save a row that passes its model's every check and return it."""
    row.full_clean()
    row.save()
    return row
