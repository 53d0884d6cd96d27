"""`manage.py load_reference`: the reference data that every installation starts with."""

import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import models

from catalog.models import Risk
from winvest.core import scoping
from winvest.core.models import VatRate
from winvest.core.transaction import transaction

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "reference"


class Command(BaseCommand):
    """Add VAT rates (P-08) and the group's risks (§2.1) that are missing.

    Running twice changes nothing, and what somebody edited since is left as it is: a file only
    proposes, the back-office decides.
    """

    help = "Charge les données de référence manquantes : taux de TVA, risques du groupe."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load both files in one transaction and print how many rows were added."""
        with scoping.everything(), transaction(None):
            rates = [_rate(row) for row in _rows("vat_rates.csv")]
            risks = [_risk(row) for row in _rows("risks.csv")]
        self.stdout.write(f"Référence : {sum(rates)} taux de TVA et {sum(risks)} risques ajoutés.")


def _rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a semicolon-separated UTF-8 file with a header line."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _rate(row: dict[str, str]) -> bool:
    key = {name: row[name] for name in ("code", "country", "valid_from")}
    if VatRate.objects.filter(**key).exists():
        return False
    return _add(
        VatRate(**key, label=row["label"], rate=row["rate"], valid_to=row["valid_to"] or None)
    )


def _risk(row: dict[str, str]) -> bool:
    if Risk.objects.filter(code=row["code"], is_global=True).exists():
        return False
    return _add(Risk(**row, is_global=True))


def _add(row: models.Model) -> bool:
    row.full_clean()
    row.save()
    return True
