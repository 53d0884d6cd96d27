"""The single-line files of Annexe F (`docs/rules/exports.md`)."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.domain.columns import (
    PROFILES,
    ClawbackSign,
    ExportLine,
    csv_line,
    csv_text,
    csv_value,
    file_name,
    row_cells,
    row_values,
    takes_back,
)
from accounting.domain.entry import EntryType, LineRole, entries_for
from accounting.domain.operation import Accounts, Facts, OperationKind
from tests.support.rules import Row, case_id, number, rows
from tests.support.strategies import cents, relaxed
from winvest.core.domain.cells import FORMULA_STARTS
from winvest.core.errors import Invalid

ZERO = Decimal(0)

F4, F7, STANDARD = PROFILES["F4"], PROFILES["F7"], PROFILES["standard"]

BOX = ExportLine(
    entry_date=date(2025, 9, 1),
    company_code="FT",
    company_name="France Téléphone",
    product="FT-BOX-001",
    partner_name="",
    partner_export_label="",
    entry_type=EntryType.REVENUE,
    account="706100",
    journal="VENTE",
    cost_center="BOX",
    debit=Decimal(0),
    credit=Decimal("24.92"),
    vat_amount=Decimal("4.98"),
    vat_rate=Decimal("20.00"),
    contract_ref="0198f0c0-0000-7000-8000-000000000001",
    client_ref="0198f0c0-0000-7000-8000-000000000002",
)
FEE = replace(
    BOX,
    company_code="WINVEST",
    company_name="Winvest Capital",
    product="PSP-Slimpay",
    entry_type=EntryType.FEE,
    account="627100",
    debit=Decimal("15.00"),
    credit=Decimal(0),
    vat_amount=Decimal("3.00"),
)


def commission(day: int, sku: str, amount: str) -> ExportLine:
    return replace(
        BOX,
        entry_date=date(2025, 9, day),
        company_code="AP",
        company_name="Action Prévoyance",
        product=sku,
        partner_name="OggoData",
        partner_export_label="Oggodata",
        entry_type=EntryType.COMMISSION,
        account="756200",
        credit=Decimal(amount),
        vat_amount=Decimal(0),
        vat_rate=Decimal(0),
        cost_center="",
        contract_ref="",
        client_ref="",
    )


AP_LINES = [
    commission(1, "AP-SANTE-001", "120.00"),
    commission(2, "AP-SANTE-002", "98.00"),
    commission(5, "AP-SANTE-003", "145.00"),
]


@pytest.mark.requirement("F.2-01", "F.2-04", "F.4.1-03")
def test_golden_file_of_ft() -> None:
    assert csv_text(F4, [BOX]).encode() == (
        b"\xef\xbb\xbf"
        b"Date;Societe;Produit;Type;Compte;Debit;Credit;TVA;TauxTVA\r\n"
        b"2025-09-01;France T\xc3\xa9l\xc3\xa9phone;FT-BOX-001;CA;706100;0;29,90;4,98;20%\r\n"
    )


@pytest.mark.requirement("F.4.2-02", "F.4.2-03")
def test_golden_file_of_ap() -> None:
    assert csv_text(F4, AP_LINES) == (
        "\ufeffDate;Societe;Produit;Type;Compte;Debit;Credit;TVA;TauxTVA\r\n"
        "2025-09-01;Action Prévoyance;AP-SANTE-001;Commission;756200;0;120,00;0;0%\r\n"
        "2025-09-02;Action Prévoyance;AP-SANTE-002;Commission;756200;0;98,00;0;0%\r\n"
        "2025-09-05;Action Prévoyance;AP-SANTE-003;Commission;756200;0;145,00;0;0%\r\n"
    )


@pytest.mark.requirement("F.4.3-03")
def test_golden_file_of_winvest() -> None:
    assert csv_text(F4, [FEE]) == (
        "\ufeffDate;Societe;Produit;Type;Compte;Debit;Credit;TVA;TauxTVA\r\n"
        "2025-09-01;Winvest Capital;PSP-Slimpay;Frais;627100;15,00;0;3,00;20%\r\n"
    )


@pytest.mark.requirement("F.7-01", "F.7-02")
def test_golden_rows_of_f7() -> None:
    assert F7.xlsx_headings == (
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
    )
    assert [row_cells(F7, line) for line in AP_LINES] == [
        (
            date(2025, 9, day),
            "AP",
            sku,
            "Oggodata",
            "Commission",
            "756200",
            ZERO,
            Decimal(amount),
            ZERO,
            "0%",
        )
        for day, sku, amount in [
            (1, "AP-SANTE-001", 120),
            (2, "AP-SANTE-002", 98),
            (5, "AP-SANTE-003", 145),
        ]
    ]


@pytest.mark.requirement(
    *("F.3-01", "F.3-02", "F.3-03", "F.3-04", "F.3-05", "F.3-06", "F.3-07"),
    *("F.3-08", "F.3-09", "F.3-10", "F.3-11", "F.3-12", "F.3-13", "F.3-14"),
)
def test_standard_row_has_the_fourteen_columns() -> None:
    assert csv_text(STANDARD, [BOX]) == (
        "\ufeffDate;Societe;Produit;Partenaire;Type;Compte;Journal;CentreCouts;"
        "Debit;Credit;TVA;TauxTVA;RefContrat;RefClient\r\n"
        "2025-09-01;FT;FT-BOX-001;;CA;706100;VENTE;BOX;0;29,90;4,98;20%;"
        "0198f0c0-0000-7000-8000-000000000001;0198f0c0-0000-7000-8000-000000000002\r\n"
    )
    assert ";OggoData;Commission;" in csv_line(row_values(STANDARD, AP_LINES[0]))


def test_a_partner_without_export_label_keeps_its_name() -> None:
    unlabelled = replace(AP_LINES[0], partner_export_label="")

    assert row_values(F7, unlabelled)[3] == "OggoData"


@pytest.mark.parametrize("row", rows("exports", "Profils"), ids=lambda row: row["profil"])
def test_profiles_table(row: Row) -> None:
    profile = PROFILES[row["profil"]]

    assert (profile.company, profile.partner) == (row["société"], row["partenaire"])
    assert csv_line(profile.columns) == row["en-tête CSV"] + "\r\n"
    assert ";".join(profile.xlsx_headings) == row["en-tête Excel"]


@pytest.mark.requirement("F.5-04", "F.4.1-03", "F.4.2-03", "F.4.3-03")
@pytest.mark.parametrize("row", rows("exports", "Lignes"), ids=case_id)
def test_rows_table(row: Row) -> None:
    line = replace(
        BOX,
        entry_type=EntryType(row["type"]),
        account=row["compte"],
        debit=number(row["débit"]),
        credit=number(row["crédit"]),
        vat_amount=number(row["TVA"]),
        vat_rate=number(row["taux"]),
        clawback=row["reprise"] != "non",
    )
    profile = F4
    if row["reprise"] == "autre côté":
        profile = replace(F4, clawbacks=ClawbackSign.OTHER_SIDE)

    expected = "2025-09-01;France Téléphone;FT-BOX-001;" + row["fin de ligne"] + "\r\n"
    assert csv_line(row_values(profile, line)) == expected


@pytest.mark.parametrize("row", rows("exports", "Cellules"), ids=case_id)
def test_cells_table(row: Row) -> None:
    text = row["texte"].replace("↹", "\t").replace("↵", "\r")
    cell = row["cellule"].replace("↹", "\t").replace("↵", "\r")

    assert csv_line(["x", csv_value(text)]) == f"x;{cell}\r\n"


@pytest.mark.requirement("F.2-02", "F.2-03")
@pytest.mark.parametrize("row", rows("exports", "Noms de fichier"), ids=lambda row: row["nom"])
def test_file_names_table(row: Row) -> None:
    name = file_name(
        row["société"],
        row["mois"],
        row["extension"],
        vat=row["TVA"] == "oui",
        revision=int(row["révision"]),
    )

    assert name == row["nom"]


@pytest.mark.parametrize(
    ("company", "month", "code"),
    [
        ("../AP", "2025-09", "export.company_code"),
        ("Télé", "2025-09", "export.company_code"),
        ("", "2025-09", "export.company_code"),
        ("AP", "2025-9", "period.month"),
    ],
)
def test_unsafe_file_name_is_refused(company: str, month: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        file_name(company, month, "csv")

    assert caught.value.code == code


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@relaxed
@given(product=texts, partner=texts, center=texts, credit=cents, vat=cents)
def test_any_row_reads_back_and_runs_nothing(
    product: str, partner: str, center: str, credit: Decimal, vat: Decimal
) -> None:
    line = replace(
        BOX,
        product=product,
        partner_name=partner,
        cost_center=center,
        credit=credit,
        vat_amount=vat,
    )

    [cells] = csv.reader(
        io.StringIO(csv_line(row_values(STANDARD, line)), newline=""), delimiter=";"
    )

    for text, cell in zip((product, partner, center), (cells[2], cells[3], cells[7]), strict=True):
        assert cell.removeprefix("'") == text.removeprefix("'")
        assert not cell.startswith(FORMULA_STARTS)
    assert number(cells[9]) == credit + vat
    assert number(cells[10]) == vat


@relaxed
@given(amount=st.decimals("0.03", 10**6, places=2), rate=st.sampled_from(["0", "5.5", "20"]))
def test_the_file_shows_a_sale_as_it_was_entered(amount: Decimal, rate: str) -> None:
    facts = Facts(
        kind=OperationKind.SALE,
        amount=amount,
        currency="EUR",
        tax_included=True,
        rate=Decimal(rate),
        accounts=Accounts(revenue="706100", client="411000", vat_collected="445710"),
        subject="FT-BOX-001",
    )
    [entry] = entries_for(facts)
    [main] = [line for line in entry.lines if line.role is LineRole.MAIN]
    shown = replace(
        BOX,
        debit=main.debit,
        credit=main.credit,
        vat_amount=main.vat_amount,
        vat_rate=Decimal(rate),
    )

    assert row_cells(F4, shown)[5:7] == (ZERO, amount)


@pytest.mark.requirement("F.5-02")
@pytest.mark.parametrize(
    ("entry_type", "account", "side", "expected"),
    [
        (EntryType.COMMISSION, "756200", "debit", True),
        (EntryType.COMMISSION, "756200", "credit", False),
        (EntryType.COMMISSION, "622200", "credit", True),
        (EntryType.COMMISSION, "622200", "debit", False),
        (EntryType.COMMISSION, "411000", "debit", False),
        (EntryType.REVENUE, "706100", "debit", False),
        (EntryType.FEE, "627100", "credit", False),
    ],
)
def test_a_commission_on_the_wrong_side_is_taken_back(
    entry_type: EntryType, account: str, side: str, expected: bool
) -> None:
    amounts = {"debit": ZERO, "credit": ZERO, side: Decimal(70)}

    assert takes_back(entry_type, account, **amounts) is expected
