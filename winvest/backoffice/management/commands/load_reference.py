"""`manage.py load_reference`: the reference data that every installation starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Risk
from documents.models import DocumentRequirement, DocumentType
from winvest.backoffice.demo.files import read_rows
from winvest.backoffice.demo.rows import add
from winvest.core import scoping
from winvest.core.models import Company, VatRate
from winvest.core.services.access import sync_groups
from winvest.core.transaction import transaction


class Command(BaseCommand):
    """Add the missing VAT rates (P-08), risks of the group and types of documents; sync the groups.

    Running twice changes nothing, and what somebody edited since is left as it is: a file only
    proposes, the back-office decides.
    """

    help = (
        "Charge les données de référence manquantes : taux de TVA, risques du groupe, types et "
        "exigences de documents."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the files in one transaction and print how many rows were added."""
        with scoping.everything(), transaction(None):
            rates = [_add_rate(row) for row in read_rows("reference/vat_rates.csv")]
            risks = [_add_risk(row) for row in read_rows("reference/risks.csv")]
            types = [_add_type(row) for row in read_rows("reference/document_types.csv")]
            # Only the first time: a line that somebody took away must not come back.
            asked = [] if DocumentRequirement.objects.exists() else _requirements()
            for company in Company.objects.all():
                sync_groups(company)
        self.stdout.write(
            f"Référence : {sum(rates)} taux de TVA, {sum(risks)} risques, {sum(types)} types de "
            f"documents et {len(asked)} exigences documentaires ajoutés."
        )


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


def _add_type(row: dict[str, str]) -> bool:
    if DocumentType.objects.filter(code=row["code"]).exists():
        return False
    add(DocumentType(**row))
    return True


def _requirements() -> list[DocumentRequirement]:
    families = {risk.code: risk for risk in Risk.objects.filter(is_global=True)}
    types = {kind.code: kind for kind in DocumentType.objects.all()}
    return [
        add(
            DocumentRequirement(
                family=families[row["family"]],
                channel=row["channel"] or None,
                document_type=types[row["document_type"]],
                stage=row["stage"],
                is_active=row["is_active"] == "1",
                note=row["note"],
            )
        )
        for row in read_rows("reference/document_requirements.csv")
    ]
