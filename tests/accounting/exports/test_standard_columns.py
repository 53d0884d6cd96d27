"""The fourteen columns of F.3, each by its heading, type and content, in CSV and in XLSX."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from python_calamine import CalamineWorkbook

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.models import ExportRun
from accounting.services.exports import request_export
from tests.support.ledger import book, make_operation
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.services.jobs import run_job

CONTRACT = UUID("c0000000-0000-4000-8000-000000000001")
CLIENT = UUID("c1000000-0000-4000-8000-000000000002")
# requirement: heading and content in the CSV, heading and content in the workbook.
COLUMNS = {
    "F.3-01": ("Date", "2025-09-12", "Date opération", date(2025, 9, 12)),
    "F.3-02": ("Societe", "AP", "Société", "AP"),
    "F.3-03": ("Produit", "AP-BOX-001", "Produit", "AP-BOX-001"),
    "F.3-04": ("Partenaire", "OggoData", "Partenaire", "OggoData"),
    "F.3-05": ("Type", "CA", "Type écriture", "CA"),
    "F.3-06": ("Compte", "706100", "Compte comptable", "706100"),
    "F.3-07": ("Journal", "VENTE", "Journal", "VENTE"),
    "F.3-08": ("CentreCouts", "BOX-IDF", "Centre de coûts", "BOX-IDF"),
    "F.3-09": ("Debit", "0", "Débit", 0.0),
    "F.3-10": ("Credit", "1999,99", "Crédit", 1999.99),
    "F.3-11": ("TVA", "333,33", "TVA", 333.33),
    "F.3-12": ("TauxTVA", "20%", "Taux TVA", "20%"),
    "F.3-13": ("RefContrat", str(CONTRACT), "Référence contrat", str(CONTRACT)),
    "F.3-14": ("RefClient", str(CLIENT), "Référence client", str(CLIENT)),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement(
    *("F.3-01", "F.3-02", "F.3-03", "F.3-04", "F.3-05", "F.3-06", "F.3-07"),
    *("F.3-08", "F.3-09", "F.3-10", "F.3-11", "F.3-12", "F.3-13", "F.3-14"),
)
def test_each_column_has_its_heading_type_and_content(company, user_with):
    accountant = user_with(Role.ACCOUNTING, company)
    with scoping.everything():
        with transaction.atomic():
            book(
                company,
                day=date(2025, 9, 12),
                operation=make_operation(
                    company,
                    accounting_date=date(2025, 9, 12),
                    contract_ref=CONTRACT,
                    client_ref=CLIENT,
                ),
                account="706100",
                credit=Decimal("1666.66"),
                tax_amount=Decimal("333.33"),
                tax_rate=Decimal(20),
                product_label="AP-BOX-001",
                partner_label="OggoData",
                cost_center="BOX-IDF",
            )
        made = {kind: _export(accountant, company, kind) for kind in ("csv", "xlsx")}
    text = made["csv"].read_text(encoding="utf-8-sig")
    assert list(csv.reader(text.splitlines(), delimiter=";")) == [
        [heading for heading, _, _, _ in COLUMNS.values()],
        [content for _, content, _, _ in COLUMNS.values()],
    ]
    assert CalamineWorkbook.from_path(made["xlsx"]).get_sheet_by_index(0).to_python() == [
        [heading for _, _, heading, _ in COLUMNS.values()],
        [content for _, _, _, content in COLUMNS.values()],
    ]


def _export(accountant, company, kind: str) -> Path:
    export = request_export(
        actor=accountant,
        company_id=company.pk,
        kind=ExportKind.ACCOUNTING,
        period="2025-09",
        profile=ExportProfile.STANDARD,
        format=ExportFormat(kind),
    )
    run_job(job_id=export.job_id)
    return Path(ExportRun.objects.get(pk=export.pk).file.path)
