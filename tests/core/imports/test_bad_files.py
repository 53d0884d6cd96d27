"""Files that no import takes: a typed error at its place, nothing changed, never a 500."""

import io
import zipfile
from itertools import pairwise

import pytest
from django.utils.html import escape

from catalog.models import Product, Risk
from partners.models import Partner
from tests.factories import ProductFactory, RiskFactory
from tests.support.imports import archive, problems, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

HEADINGS = "SKU;Nom;Risque;Monétisation"
ROW = "AP-9;Offre;SANTE;CA interne"
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
BOOK = {
    "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    b"</Relationships>",
    "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    b'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    b'<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/'
    b'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    b"</Relationships>",
}


def workbook(sheet: bytes, **more: bytes) -> bytes:
    """Return a workbook of one sheet with this XML."""
    return archive(**BOOK, **{"xl/worksheets/sheet1.xml": sheet}, **more)


def formulas() -> bytes:
    """A cell with a formula whose value looks harmless."""
    return workbook(
        SHEET + b'<row r="1"><c r="A1" t="str"><f>CONCAT("S","KU")</f><v>SKU</v></c></row>'
        b"</sheetData></worksheet>"
    )


def split_formulas() -> bytes:
    """A formula whose tag is written over two lines."""
    return workbook(
        SHEET + b'<row r="1"><c\nr="A1" t="str"><f\n>CONCAT("S","KU")</f><v>SKU</v></c></row>'
        b"</sheetData></worksheet>"
    )


def errors() -> bytes:
    """A cell in error, which a reader would take for an empty one."""
    return workbook(
        SHEET + b'<row r="1"><c r="A1" t="str"><v>SKU</v></c></row>'
        b'<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>'
    )


def bomb() -> bytes:
    """A sheet that swells two hundred times and more."""
    return workbook(SHEET + b" " * (12 * 1024 * 1024) + b"</sheetData></worksheet>")


def lying_bomb() -> bytes:
    """The same, whose directory says that the sheet is small."""
    size = len(SHEET) + 12 * 1024 * 1024 + len(b"</sheetData></worksheet>")
    return bomb().replace(size.to_bytes(4, "little"), (900).to_bytes(4, "little"))


def far_cell() -> bytes:
    """One cell in the last corner of the sheet: an array of 17 thousand million cells."""
    return workbook(
        SHEET + b'<row r="1"><c r="A1" t="str"><v>SKU</v></c></row><row r="1048576">'
        b'<c r="XFD1048576" t="str"><v>x</v></c></row></sheetData></worksheet>'
    )


def entities() -> bytes:
    """Entities that multiply (« billion laughs »)."""
    names = "abcdefghij"
    inner = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{inner}]>'
    cell = b'<row r="1"><c r="A1" t="str"><v>&j;</v></c></row></sheetData></worksheet>'
    return workbook(text.encode() + SHEET + cell)


def many_parts() -> bytes:
    """An archive of more parts than any workbook has."""
    return workbook(
        SHEET + b"</sheetData></worksheet>", **{f"xl/media/{n}": b"x" for n in range(300)}
    )


def truncated() -> bytes:
    """A workbook whose upload broke off."""
    return workbook(SHEET + b"</sheetData></worksheet>")[:-30]


def other_archive() -> bytes:
    """An archive that is no workbook."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("lisez-moi.txt", "bonjour")
    return content.getvalue()


FILES = {
    "blank": (lambda: b"\r\n\r\n", "import.empty"),
    "bom only": (lambda: b"\xef\xbb\xbf", "import.empty"),
    "latin-1": (
        lambda: table(HEADINGS, ROW, "AP-8;Été;SANTE;CA interne")[1:].encode("latin-1"),
        "import.not_utf8",
    ),
    "utf-16": (lambda: table(HEADINGS, ROW)[1:].encode("utf-16"), "import.not_utf8"),
    "unknown heading": (lambda: table(HEADINGS + ";Prix", ROW + ";1"), "import.heading_unknown"),
    "NUL in a heading": (lambda: table("SKU;No\x00m", "AP-9;x"), "import.heading_unknown"),
    "english heading": (lambda: table("sku;name", "AP-9;x"), "import.heading_unknown"),
    "doubled heading": (lambda: table(HEADINGS + ";Nom", ROW + ";x"), "import.heading_doubled"),
    "heading without name": (lambda: table(HEADINGS + ";", ROW + ";x"), "import.heading_empty"),
    "no key": (lambda: table("Nom;Risque", "Offre;SANTE"), "import.heading_missing"),
    "10,001 columns": (lambda: table(";".join(["SKU"] * 10_001)), "import.too_many_columns"),
    "open quote": (lambda: table(HEADINGS, 'AP-9;"Offre;SANTE;CA interne'), "import.not_csv"),
    "a cell of 200,000 signs": (
        lambda: table(HEADINGS, f"AP-9;{'x' * 200_000};SANTE;CA interne"),
        "import.not_csv",
    ),
    "100,001 rows": (lambda: "SKU\r\n" + "x\r\n" * 100_001, "import.too_many_rows"),
    "pdf": (lambda: b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\r\n", "import.not_utf8"),
    "xlsx formulas": (formulas, "import.xlsx_formula"),
    "xlsx split formulas": (split_formulas, "import.xlsx_formula"),
    "xlsx errors": (errors, "import.xlsx_error"),
    "xlsx bomb": (bomb, "import.xlsx_too_large"),
    "xlsx bomb that lies": (lying_bomb, "import.not_xlsx"),
    "xlsx far cell": (far_cell, "import.xlsx_too_large"),
    "xlsx entities": (entities, "import.not_xlsx"),
    "xlsx parts": (many_parts, "import.xlsx_too_large"),
    "xlsx truncated": (truncated, "import.not_xlsx"),
    "zip": (other_archive, "import.not_xlsx"),
}


@pytest.fixture
def person(importer):
    return importer()


def test_a_workbook_of_these_parts_is_read(person):
    """The bad ones below are refused for what they hold, not for how they are made."""
    cell = b'<row r="1"><c r="A1" t="str"><v>SKU</v></c></row></sheetData></worksheet>'
    run = person.check("product", workbook(SHEET + cell), "essai.xlsx")
    assert (run.state, run.rows) == ("ready", 0)


@pytest.mark.requirement("4-03", "9-01", "8-07")
@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_with_its_reason(person, name):
    make, code = FILES[name]
    before = Product.objects.count()
    run = person.check("product", make(), "essai.xlsx" if name.startswith("xlsx") else "essai.csv")
    assert (run.job.state, run.state) == ("done", "refused"), run.job.error
    assert code in {found for _, _, found in problems(run)}, run.problems
    assert Product.objects.count() == before
    if name in ("latin-1", "xlsx bomb"):
        assert person.start(run).import_job is None
        assert escape(run.problems[0]["message"]) in person.page(run)
        assert code in str(person.report(run))


def test_an_empty_file_is_refused_by_the_form(person):
    answer = person.deposit("product", b"")
    assert answer.status_code == 200
    assert answer.context["form"].errors["import_file"] == ["Le fichier est vide."]
    answer = person.browser.post(answer.request["PATH_INFO"], {"company": person.company.pk})
    assert "import_file" in answer.context["form"].errors
    answer = person.browser.post(answer.request["PATH_INFO"], {"company": "x\x00"})
    assert answer.status_code == 200
    answer = person.deposit("product", table(HEADINGS, ROW), name="../../étr\u202eange\x07.csv")
    assert answer.status_code == 302


SKUS = {
    "Cyrillic А": "\u0410P-9",
    "zero-width": "AP\u200b-9",
    "zero-width at the end": "AP-9\u200d",
    "right to left": "\u202eAP-9",
    "full-width digits": "AP-\uff19",
    "combining": "AP-9\u0301",
    "accent": "ÉP-9",
    "no-break space inside": "AP\u00a0-9",
    "newline inside": '"AP\n-9"',
    "81 signs": "A" * 81,
}


@pytest.mark.requirement("A.2.2-product-04", "A.5-01", "8-07")
def test_odd_signs_in_a_sku_are_refused(person, company):
    ProductFactory(company=company, sku="AP-DEJA", risk=Risk.objects.get(code="SANTE"))
    rows = [f"{sku};Offre;SANTE;CA interne" for sku in SKUS.values()]
    twins = ["ap-deja;Offre;SANTE;CA interne", "ap-77;Offre;SANTE;CA interne"]
    run = person.check("product", table(HEADINGS, *rows, *twins, "AP-77;Offre;SANTE;CA interne"))
    found = problems(run)
    for line, name in enumerate(SKUS, start=2):
        expected = "max_length" if name == "81 signs" else "sku"
        assert (line, "SKU", expected) in found, name
    case = "constraint.product_sku_any_case"
    assert (12, "SKU", case) in found
    assert (14, "SKU", case) in found
    assert Product.objects.filter(name="Offre").exclude(sku="AP-DEJA").count() == 0
    assert len({line for line, _, _ in found}) == 12
    wrong = person.check("product", table(HEADINGS, "A B;a\u200bb;JAMAIS;x")).problems
    assert [found["column"] for found in wrong] == HEADINGS.split(";")  # as the eye reads them


@pytest.mark.requirement("A.2.2-product-05", "8-07")
def test_odd_cells_are_refused_or_kept_as_they_are(person):
    cells = {
        "=1+1": "import.formula",
        "+33 1": "import.formula",
        "-1": "import.formula",
        "@SUM(A1)": "import.formula",
        '"\tx"': "import.formula",
        "'=1+1": None,  # as our exports write it
        "a\x00b": "import.nul",
        "x" * 160: None,
        "x" * 161: "max_length",
        "é" * 160: None,
        "": "blank",
        "   ": "blank",
        "\u00a0": "blank",
        "l'été = 2": None,
    }
    rows = [f"AP-{n};{cell};SANTE;CA interne" for n, cell in enumerate(cells)]
    run = person.check("product", table(HEADINGS, *rows))
    expected = {(n, "Nom", code) for n, code in enumerate(cells.values(), start=2) if code}
    assert problems(run) == expected
    good = [row for row, code in zip(rows, cells.values(), strict=True) if code is None]
    person.start(person.check("product", table(HEADINGS, *good)))
    names = set(Product.objects.filter(sku__startswith="AP-").values_list("name", flat=True))
    assert names == {"=1+1", "x" * 160, "é" * 160, "l'été = 2"}


@pytest.mark.requirement("2.1-risk-03", "2.1-risk-04", "8-07")
def test_odd_structures_are_refused_as_a_form_refuses_them(person, company):
    heads = "Code;Libellé;Contraintes;Champs propres"
    cells = {
        "[]": "json.kind",
        "null": None,
        "12": "json.kind",
        '"""texte"""': "json.kind",
        '"{""age_min"": 1e9999}"': "json",
        '"{""age_min"": ""a\\u0000""}"': "json",
        f'"{"[" * 40}{"]" * 40}"': "json",
        '"{""inconnu"": 1}"': "schema.additionalProperties",
    }
    rows = [f"A{n};A;{cell};" for n, cell in enumerate(cells)]
    rows.append('B;B;;"[{}]"')
    run = person.check("risk", table(heads, *rows))
    found = {(line, code) for line, _, code in problems(run)}
    assert run.job.state == "done", run.job.error
    expected = [code for code in cells.values() if code]
    assert sorted(code for line, code in found if line < 2 + len(cells)) == sorted(expected)
    assert (10, "Champs propres", "json.kind") in problems(run)
    run = person.check("partner", table("Nom;Raison sociale;Type;Adresses", 'A;A;Assureur;"{}"'))
    assert problems(run) == {(2, "Adresses", "json.kind")}


@pytest.mark.requirement("2.1-risk-01", "8-07")
def test_two_lines_never_close_a_circle_of_families(person, company):
    for code in ("R1", "R2"):
        RiskFactory(company=company, code=code, label=code)
    run = person.check("risk", table("Code;Famille parente", "R1;R2", "R2;R1"))
    assert problems(run) == {(3, "Famille parente", "invalid")}


@pytest.mark.requirement("A.2.1-partner-03", "8-07")
def test_odd_numbers_dates_and_words(person):
    heads = "Nom;Raison sociale;Type;SIREN;Assurance;Disponibilité garantie (%);Résolution (heures)"
    rows = {
        "A;A;Assureur;123456789;oui;99,5;4": set(),
        "B;B;Assureur;12345678;oui;;": {"SIREN"},
        "C;C;Assureur;\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19;non;;": {"SIREN"},
        "D;D;Inventé;;non;;": {"Type"},
        "E;E;Assureur;;peut-être;;": {"Assurance"},
        "F;F;Assureur;;;1e999999999;": {"Disponibilité garantie (%)"},
        "G;G;Assureur;;;100,5;": {"Disponibilité garantie (%)"},
        "H;H;Assureur;;;NaN;1,5": {"Disponibilité garantie (%)", "Résolution (heures)"},
        "I;I;Assureur;;;-1;": {"Disponibilité garantie (%)"},
        "K;K;Assureur;;;;99999": {"Résolution (heures)"},
        "J;J;Assureur;;;\u0663;": {"Disponibilité garantie (%)"},
    }
    run = person.check("partner", table(heads, *rows))
    found = {
        line: {column for at, column, _ in problems(run) if at == line}
        for line in range(2, 2 + len(rows))
    }
    assert found == dict(enumerate(rows.values(), start=2))
    assert not Partner.objects.filter(name="A").exists()
