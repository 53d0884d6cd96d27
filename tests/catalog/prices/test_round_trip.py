"""What is exported is imported: unchanged it changes nothing, in both formats (5-05, 4-06)."""

import csv
import io

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from accounting.models import ExportRun
from catalog.models import IndexValue, PricingRule, ProductVersion
from catalog.services.approvals import decide
from catalog.services.versions import release_version, submit_version
from tests.factories import PublicationFactory
from tests.support.offers import make_released
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]

PRICES = [
    {"payload": {"amount": 29.9}},
    {
        "type": "tiered",
        "tier_mode": "slab",
        "payload": [
            {"min": 0, "max": 10, "amount": 5, "base": "percent"},
            {"min": 10, "max": None, "amount": 3.1234, "base": "percent"},
        ],
    },
    {"type": "usage", "payload": {"unit": "kWh", "unit_price": 0.174, "min_charge": 12}},
    {"type": "indexed", "payload": {"index": "energy", "formula": "base * index / 300"}},
]


@pytest.mark.requirement("5-05", "4-06", "2.1-plan-02")
def test_exported_changed_imported_approved_released(importer, api, user_with, company):
    IndexValue.objects.create(index="energy", valid_on="2025-01-01", value=100)
    version = make_released(
        company=company,
        sku="SKU",
        name="@produit",
        plans={"A": "0", "B": "0"},
        prices=PRICES,
        extras={"parameters": {"base": 1}},
    )
    person = importer()
    client = api(person.user)

    def export(file_format):
        body = {"kind": "price_grid", "company_id": str(company.pk), "format": file_format}
        body["period"] = f"{now():%Y-%m-%d}"
        asked = client.post("/api/catalog/exports", body, content_type="application/json").json()
        run_job(job_id=ExportRun.objects.get(pk=asked["id"]).job_id)
        return b"".join(client.get(f"/api/catalog/exports/{asked['id']}/download"))

    for file_format in ("csv", "xlsx"):
        run = person.check("price_grid", export(file_format), f"grille.{file_format}")
        assert (run.state, run.problems) == ("ready", []), file_format
        assert (run.rows, run.to_change, run.unchanged) == (10, 0, 10)

    run = person.start(person.check("price_grid", changed(export("xlsx")), "grille.xlsx"))
    assert (run.state, run.to_change, run.to_create) == ("imported", 2, 1)
    [draft] = ProductVersion.objects.filter(state="draft")
    first, *_ = PricingRule.objects.filter(product_version=draft, type="fixed").order_by("pk")
    assert float(first.payload["amount"]) == 31.5

    text = export("csv").decode("utf-8-sig")
    submit_version(actor=person.user, version=draft)
    decide(actor=user_with(Role.COMPANY_ADMIN, company), version=draft, decision="approved")
    head = user_with(Role.GROUP_ADMIN)
    release_version(actor=head, version=draft, effective_from=now(), reason="Sans attendre.")
    version.refresh_from_db()
    PublicationFactory(product_version=draft, start_at=version.effective_to)
    run = person.check("price_grid", text, "grille.csv")
    assert {problem["code"] for problem in run.problems} == {"grid.not_in_force"}
    row = next(csv.DictReader(io.StringIO(export("csv").decode("utf-8-sig")), delimiter=";"))
    assert (row["Version"], row["Prix"]) == ("2", "31,50")


def changed(content: bytes) -> bytes:
    """Change the first price and the bound of a tier, as a person does in a spreadsheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    heads, *rows = book.get_sheet_by_index(0).to_python()
    price, low = heads.index("Prix"), heads.index("Palier")
    rows[0][price] = 31.5
    next(row for row in rows if row[low] == 2)[price] = 3
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet()
        for place, row in enumerate([heads, *rows]):
            for column, cell in enumerate(row):
                if not isinstance(cell, str):
                    cell = f"{cell:%Y-%m-%d}" if hasattr(cell, "year") else cell  # noqa: PLW2901
                sheet.write(place, column, cell)
    return made.getvalue()
