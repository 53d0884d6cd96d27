"""Values of the indices brought as a file (P-05, 14-04): checked first, then whole or not at all."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter
from django.urls import reverse

from catalog.models import IndexValue
from tests.support.imports import problems, table
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("everything"),
    pytest.mark.requirement("1-13", "14-04"),
]
HEADINGS = "Indice;À partir du;Valeur;Source"


def test_checked_then_imported_by_the_group(importer):
    old = IndexValue.objects.create(index="energy", valid_on="2026-01-01", value=Decimal("100"))
    same = IndexValue.objects.create(index="cpi", valid_on="2026-01-01", value=Decimal("119.5"))
    person = importer(Role.GROUP_ADMIN)
    run = person.check(
        "index",
        table(
            HEADINGS,
            "Énergie;01/01/2026;112,5;CRE",
            "cpi;2026-01-01;119,5;",
            "spot;01/02/2026;87.123456;EPEX",
        ),
    )
    assert (run.state, run.to_create, run.to_change, run.unchanged) == ("ready", 1, 1, 1)
    assert IndexValue.objects.count() == 2
    assert person.start(run).state == "imported"
    old.refresh_from_db()
    assert (old.value, old.source) == (Decimal("112.5"), "CRE")
    made = IndexValue.objects.get(index="spot")
    assert (made.valid_on, made.value) == (date(2026, 2, 1), Decimal("87.123456"))
    assert old.history.count() == 2
    assert AuditEntry.objects.filter(table="index_value", record_id=same.pk).count() == 1
    assert "Énergie;01/01/2026;112,5;CRE" in person.export("index").decode("utf-8-sig")


def test_a_workbook_has_real_dates(importer):
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS.split(";"))
        sheet.write_row(1, 0, ["Énergie", "", 112.5, "CRE"])
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 1, date(2026, 3, 1), day)
    person = importer(Role.GROUP_ADMIN)
    run = person.check("index", content.getvalue(), "indices.xlsx")
    assert (run.state, run.problems) == ("ready", [])
    person.start(run)
    assert IndexValue.objects.get().valid_on == date(2026, 3, 1)


def test_every_wrong_cell_is_told(importer):
    run = importer(Role.GROUP_ADMIN).check(
        "index",
        table(
            HEADINGS,
            "or;01/01/2026;1;",
            "cpi;31/02/2026;1;",
            "cpi;;1;",
            "cpi;01/01/2026;;",
            "cpi;02/01/2026;un;",
            "cpi;03/01/2026;1e30;",
            "cpi;04/01/2026;1,1234567;",
            "cpi;05/01/2026;1;",
            "IPC;05/01/2026;2;",
            "cpi;2026-01-05;2;",
            "spot;01/01/0001;1;",
            "spot;31/12/9999;1;",
            "spot;\uff11/01/2026;1;",
        ),
    )
    assert run.state == "refused"
    found = {(line, column) for line, column, _ in problems(run)}
    assert {(2, "Indice"), (3, "À partir du"), (4, "À partir du"), (5, "Valeur")} <= found
    assert {(6, "Valeur"), (7, "Valeur"), (8, "Valeur"), (10, "Indice")} <= found
    assert {(12, "À partir du"), (13, "À partir du"), (14, "À partir du")} <= found
    assert 11 in {line for line, _ in found}
    assert not IndexValue.objects.exists()


def test_only_the_group_brings_them(importer, browser_as, user_with, company):
    run = importer(Role.GROUP_ADMIN).check("index", table(HEADINGS, "cpi;01/01/2026;1;"))
    assert run.state == "ready"
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert browser.get(reverse("admin:catalog_indexvalue_import")).status_code == 403
