"""`manage.py load_reference`: the reference data that every installation starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Risk
from winvest.backoffice.demo.files import read_rows
from winvest.backoffice.demo.rows import add
from winvest.core import scoping
from winvest.core.models import Company, VatRate
from winvest.core.services.access import sync_groups
from winvest.core.transaction import transaction


class Command(BaseCommand):
    """Add VAT rates (P-08) and the group's risks (§2.1) that are missing, and sync the groups.

    Running twice changes nothing, and what somebody edited since is left as it is: a file only
    proposes, the back-office decides.
    """

    help = "Charge les données de référence manquantes : taux de TVA, risques du groupe."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load both files in one transaction and print how many rows were added."""
        with scoping.everything(), transaction(None):
            rates = [_add_rate(row) for row in read_rows("reference/vat_rates.csv")]
            risks = [_add_risk(row) for row in read_rows("reference/risks.csv")]
            for company in Company.objects.all():
                sync_groups(company)
        self.stdout.write(f"Référence : {sum(rates)} taux de TVA et {sum(risks)} risques ajoutés.")


def _add_rate(row: dict[str, str]) -> bool:
    key = {name: row[name] for name in ("code", "country", "valid_from")}
    if VatRate.objects.filter(**key).exists():
        return False
    add(VatRate(**key, label=row["label"], rate=row["rate"], valid_to=row["valid_to"] or None))
    return True


def _add_risk(row: dict[str, str]) -> bool:
    if Risk.objects.filter(code=row["code"], is_global=True).exists():
        return False
    add(Risk(**row, is_global=True))
    return True
