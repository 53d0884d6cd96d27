"""Workbooks: true types, nothing that runs, sheets that split."""

import zipfile
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from winvest.core.writers.xlsx import xlsx_file


def write(path, rows, **options):
    with xlsx_file(path, title="Écritures", headings=("A", "B"), widths=(9, 9), **options) as sheet:
        for row in rows:
            sheet.write(row)
    return CalamineWorkbook.from_path(path)


@pytest.mark.requirement("F.2-01")
def test_types_and_frozen_headings(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [(date(2025, 9, 1), Decimal("29.90")), ("756200", Decimal("-70.00")), ("", "0%")]

    book = write(path, rows)

    assert book.sheet_names == ["Écritures"]
    assert book.get_sheet_by_index(0).to_python() == [
        ["A", "B"],
        [date(2025, 9, 1), 29.9],
        ["756200", -70],
        ["", "0%"],
    ]
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<pane ySplit="1"' in sheet
    assert 'state="frozen"' in sheet
    assert list(tmp_path.iterdir()) == [path]


def test_no_text_is_run_or_linked(tmp_path):
    path = tmp_path / "a.xlsx"
    texts = ["=1+1", "{=1+1}", "+33", "@SUM(A1)", "http://x.example", "mailto:a@b.example", "12"]

    book = write(path, [(text, text) for text in texts])

    assert book.get_sheet_by_index(0).to_python()[1:] == [[text, text] for text in texts]
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_a_full_sheet_opens_the_next(tmp_path):
    book = write(tmp_path / "a.xlsx", [(f"{n}", Decimal(n)) for n in range(1, 8)], rows_per_sheet=3)

    assert book.sheet_names == ["Écritures", "Écritures 2", "Écritures 3"]
    sheets = [book.get_sheet_by_index(n).to_python() for n in range(3)]
    assert [sheet[0] for sheet in sheets] == [["A", "B"]] * 3
    assert [row[1] for sheet in sheets for row in sheet[1:]] == [1, 2, 3, 4, 5, 6, 7]


def test_an_exact_sheet_opens_no_empty_one(tmp_path):
    book = write(tmp_path / "a.xlsx", [("a", "b")] * 3, rows_per_sheet=3)

    assert book.sheet_names == ["Écritures"]


def test_a_stopped_workbook_is_no_file(tmp_path):
    path = tmp_path / "a.xlsx"

    with pytest.raises(ZeroDivisionError):
        write(path, ((f"{n}", f"{1 // (3 - n)}") for n in range(5)))

    assert not path.exists()
