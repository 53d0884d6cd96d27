"""The files of Annexe F, byte for byte, made by the whole chain from the demo operations."""

import hashlib
import zipfile
from datetime import date
from pathlib import Path

import pytest
from django.test import override_settings
from python_calamine import CalamineWorkbook

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.models import ExportRun
from accounting.services.exports import request_export
from tests.support.demo import cloned_demo
from winvest.core import scoping
from winvest.core.choices import JobState
from winvest.core.domain.roles import Role
from winvest.core.models import Company, User
from winvest.core.services.jobs import run_job

# One worker: the files are made once.
pytestmark = pytest.mark.xdist_group("golden")
GOLDEN = Path(__file__).parents[2] / "golden"

FILES = {
    ("FT", "accounting", "F4", "csv"),
    ("AP", "accounting", "F4", "csv"),
    ("WINVEST", "accounting", "F4", "csv"),
    ("AP", "accounting", "standard", "csv"),
    ("AP", "accounting", "F7", "xlsx"),
    ("FT", "accounting", "standard", "xlsx"),
    ("FT", "vat", "standard", "csv"),
    ("FT", "vat", "standard", "xlsx"),
    ("MTV", "price_grid", "standard", "csv"),
}


@pytest.fixture(scope="module")
def files(demo_template, django_db_setup, django_db_blocker, tmp_path_factory):
    """Export September 2025 from the demo data, each company by its accountant."""
    with (
        cloned_demo(django_db_blocker, demo_template, django_db_setup),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        scoping.everything(),
    ):
        yield {key: export(*key) for key in sorted(FILES)}


def export(code: str, kind: str, profile: str, file_format: str) -> Path:
    """Return the file that a worker made."""
    company = Company.objects.get(code=code)
    made = request_export(
        actor=User.objects.get(memberships__company=company, memberships__role=Role.ACCOUNTING),
        company_id=company.pk,
        kind=ExportKind(kind),
        period="2025-09",
        profile=ExportProfile(profile),
        format=ExportFormat(file_format),
    )
    run_job(job_id=made.job_id)
    made = ExportRun.objects.select_related("job").get(pk=made.pk)
    assert (made.job.state, made.job.error) == (JobState.DONE, "")
    path = Path(made.file.path)
    assert made.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.name == made.file_name
    return path


@pytest.mark.requirement(
    "F.1-01", "F.2-01", "F.2-02", "F.2-03", "F.2-04", "F.4.1-03", "F.4.2-03", "F.4.3-03", "3.6-03"
)
@pytest.mark.parametrize("code", ["FT", "AP", "WINVEST"])
def test_f4_byte_for_byte(files, code):
    made = files[code, "accounting", "F4", "csv"]

    assert made.name == f"EXPORT_{code}_2025-09.csv"
    assert made.read_bytes() == (GOLDEN / f"F4_{made.name}").read_bytes()


@pytest.mark.requirement("F.3-04")
def test_standard_shows_the_partner_s_own_name(files):
    made = files["AP", "accounting", "standard", "csv"]

    assert made.read_bytes() == (GOLDEN / f"standard_{made.name}").read_bytes()


@pytest.mark.requirement("F.1-03", "F.4.1-02", "F.4.4-01", "F.4.4-02")
def test_vat_file_byte_for_byte(files):
    made = files["FT", "vat", "standard", "csv"]

    assert made.name == "EXPORT_FT_2025-09_TVA.csv"
    assert made.read_bytes() == (GOLDEN / made.name).read_bytes()

    made = files["FT", "vat", "standard", "xlsx"]
    assert CalamineWorkbook.from_path(made).get_sheet_by_index(0).to_python() == [
        ["Société", "Période", "Sens", "Compte", "Taux TVA", "Base HT", "TVA"],
        ["FT", "2025-09", "Collectee", "445710", "20%", 24.92, 4.98],
    ]


@pytest.mark.requirement("5-05", "2.1-plan-02")
def test_price_grid_byte_for_byte(files):
    made = files["MTV", "price_grid", "standard", "csv"]

    assert made.name == "GRILLE_MTV_2025-09.csv"
    assert made.read_bytes() == (GOLDEN / made.name).read_bytes()


@pytest.mark.requirement("F.7-01", "F.7-02", "F.2-01")
def test_f7_workbook_holds_exactly_the_rows_of_f7(files):
    made = files["AP", "accounting", "F7", "xlsx"]
    assert made.name == "EXPORT_AP_2025-09.xlsx"
    workbook = CalamineWorkbook.from_path(made)

    assert len(workbook.sheet_names) == 1
    assert workbook.get_sheet_by_index(0).to_python() == [
        [
            "Date",
            "Société",
            "Produit",
            "Partenaire",
            "Type",
            "Compte",
            "Débit",
            "Crédit",
            "TVA",
            "Taux",
        ],
        *(
            [date(2025, 9, day), "AP", sku, "Oggodata", "Commission", "756200", 0, amount, 0, "0%"]
            for day, sku, amount in (
                (1, "AP-SANTE-001", 120),
                (2, "AP-SANTE-002", 98),
                (5, "AP-SANTE-003", 145),
            )
        ),
    ]
    with zipfile.ZipFile(made) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert 'formatCode="dd/mm/yyyy"' in styles  # shown 01/09/2025
    assert 'formatCode="#,##0.00;-#,##0.00;0"' in styles  # shown 120,00 in French, and 0


def test_standard_workbook_has_the_headings_of_f3_and_true_types(files):
    made = files["FT", "accounting", "standard", "xlsx"]

    [headings, row] = CalamineWorkbook.from_path(made).get_sheet_by_index(0).to_python()

    assert headings == [
        "Date opération",
        "Société",
        "Produit",
        "Partenaire",
        "Type écriture",
        "Compte comptable",
        "Journal",
        "Centre de coûts",
        "Débit",
        "Crédit",
        "TVA",
        "Taux TVA",
        "Référence contrat",
        "Référence client",
    ]
    assert row[:7] == [date(2025, 9, 1), "FT", "FT-BOX-001", "", "CA", "706100", "VENTE"]
    assert row[8:12] == [0, 29.9, 4.98, "20%"]
