"""Reads the reference and demo data of `fixtures/`, written for the customer to read and change."""

import csv
from pathlib import Path
from typing import Any

from django.conf import settings

from winvest.core import json

FOLDER = Path(settings.BASE_DIR) / "fixtures"


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a semicolon-separated UTF-8 file with a header line."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def read_json(name: str) -> Any:
    """Return the content of a JSON file; fractional numbers become `Decimal`."""
    return json.loads((FOLDER / name).read_bytes())


def read_bytes(name: str) -> bytes:
    """Return the content of a file."""
    return (FOLDER / name).read_bytes()
