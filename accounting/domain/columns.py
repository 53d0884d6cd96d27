"""The single-line files of Annexe F: profiles as data, and what each cell says.

The worker writes these files by SQL; the functions here say what it must write, byte for byte.
Worked tables: `docs/rules/exports.md`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from accounting.domain.entry import EntryType
from winvest.core.domain.cells import BOM, csv_line, text_cell
from winvest.core.domain.money import decimal_comma, rate_label
from winvest.core.domain.periods import parse_month
from winvest.core.errors import Invalid, Problem

_SAFE_CODE = re.compile(r"[A-Za-z0-9_-]+")


class ColumnsProblem(Problem):
    """Why a file cannot be named."""

    COMPANY_CODE = (
        "export.company_code",
        "Le code société « {code} » ne peut pas entrer dans un nom de fichier.",
    )


class Column(StrEnum):
    """Columns of F.3; the values are the headings of the CSV files (reading X-02)."""

    DATE = "Date"
    COMPANY = "Societe"
    PRODUCT = "Produit"
    PARTNER = "Partenaire"
    ENTRY_TYPE = "Type"
    ACCOUNT = "Compte"
    JOURNAL = "Journal"
    COST_CENTER = "CentreCouts"
    DEBIT = "Debit"
    CREDIT = "Credit"
    VAT = "TVA"
    VAT_RATE = "TauxTVA"
    CONTRACT_REF = "RefContrat"
    CLIENT_REF = "RefClient"


class CompanyShown(StrEnum):
    """How the company is named in a row (reading X-05)."""

    NAME = "name"
    CODE = "code"


class PartnerShown(StrEnum):
    """How the partner is named in a row (reading M-16)."""

    NAME = "name"
    EXPORT_LABEL = "export_label"


class ClawbackSign(StrEnum):
    """Where a clawback goes: negative in its commission's column (F.5), or the other column."""

    NEGATIVE = "negative"
    OTHER_SIDE = "other_side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The shape of a file: columns in order, headings of the workbook, names, clawbacks."""

    code: str
    columns: tuple[Column, ...]
    xlsx_headings: tuple[str, ...]
    company: CompanyShown
    partner: PartnerShown
    clawbacks: ClawbackSign = ClawbackSign.NEGATIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """A main line of the ledger with what the files show beside it.

    `product` is the SKU, or the analytic label of a fee. `vat_amount` and `vat_rate` (percent)
    are those of the line's flow. `clawback` says that the line takes back a commission.
    """

    entry_date: date
    company_code: str
    company_name: str
    product: str
    partner_name: str
    partner_export_label: str
    entry_type: EntryType
    account: str
    journal: str
    cost_center: str
    debit: Decimal
    credit: Decimal
    vat_amount: Decimal
    vat_rate: Decimal
    contract_ref: str
    client_ref: str
    clawback: bool = False


Cell = date | Decimal | str

_SHORT_HEADINGS = {
    Column.DATE: "Date",
    Column.COMPANY: "Société",
    Column.PRODUCT: "Produit",
    Column.PARTNER: "Partenaire",
    Column.ENTRY_TYPE: "Type",
    Column.ACCOUNT: "Compte",
    Column.DEBIT: "Débit",
    Column.CREDIT: "Crédit",
    Column.VAT: "TVA",
    Column.VAT_RATE: "Taux",
}
_LONG_HEADINGS = {
    Column.DATE: "Date opération",
    Column.COMPANY: "Société",
    Column.PRODUCT: "Produit",
    Column.PARTNER: "Partenaire",
    Column.ENTRY_TYPE: "Type écriture",
    Column.ACCOUNT: "Compte comptable",
    Column.JOURNAL: "Journal",
    Column.COST_CENTER: "Centre de coûts",
    Column.DEBIT: "Débit",
    Column.CREDIT: "Crédit",
    Column.VAT: "TVA",
    Column.VAT_RATE: "Taux TVA",
    Column.CONTRACT_REF: "Référence contrat",
    Column.CLIENT_REF: "Référence client",
}
_F7_COLUMNS = tuple(_SHORT_HEADINGS)
_F4_COLUMNS = tuple(column for column in _F7_COLUMNS if column is not Column.PARTNER)

PROFILES: Mapping[str, Profile] = {
    profile.code: profile
    for profile in (
        Profile(
            code="F4",
            columns=_F4_COLUMNS,
            xlsx_headings=tuple(_SHORT_HEADINGS[column] for column in _F4_COLUMNS),
            company=CompanyShown.NAME,
            partner=PartnerShown.NAME,
        ),
        Profile(
            code="F7",
            columns=_F7_COLUMNS,
            xlsx_headings=tuple(_SHORT_HEADINGS.values()),
            company=CompanyShown.CODE,
            partner=PartnerShown.EXPORT_LABEL,
        ),
        Profile(
            code="standard",
            columns=tuple(_LONG_HEADINGS),
            xlsx_headings=tuple(_LONG_HEADINGS.values()),
            company=CompanyShown.CODE,
            partner=PartnerShown.NAME,
        ),
    )
}


def takes_back(entry_type: EntryType, account: str, debit: Decimal, credit: Decimal) -> bool:
    """Say whether a main line takes a commission back (F.5): it lies on the wrong side.

    Commissions received are products (class 7, credit), those paid are charges (class 6, debit).
    """
    wrong_side = {"6": credit, "7": debit}.get(account[:1], Decimal(0))
    return entry_type is EntryType.COMMISSION and wrong_side != 0


def shown_amounts(profile: Profile, line: ExportLine) -> tuple[Decimal, Decimal, Decimal]:
    """Return debit, credit and VAT as a row shows them.

    CA is shown tax included, commissions and fees excluding tax; the VAT takes its amount's side
    and sign, so that it is negative beside a clawback shown as a negative amount.
    """
    debit, credit, vat = line.debit, line.credit, line.vat_amount
    if line.entry_type is EntryType.REVENUE:
        # A main line of 0 (a part of one cent, all VAT) is shown on the credit side.
        debit, credit = (debit + vat, credit) if debit else (debit, credit + vat)
    if line.clawback and profile.clawbacks is ClawbackSign.NEGATIVE:
        return -credit, -debit, -vat
    return debit, credit, vat


def row_cells(profile: Profile, line: ExportLine) -> tuple[Cell, ...]:
    """Return the typed cells of a row, for a workbook: dates, numbers, and texts as they are."""
    debit, credit, vat = shown_amounts(profile, line)
    by_code = profile.company is CompanyShown.CODE
    by_label = profile.partner is PartnerShown.EXPORT_LABEL and line.partner_export_label
    cells: dict[Column, Cell] = {
        Column.DATE: line.entry_date,
        Column.COMPANY: line.company_code if by_code else line.company_name,
        Column.PRODUCT: line.product,
        Column.PARTNER: line.partner_export_label if by_label else line.partner_name,
        Column.ENTRY_TYPE: line.entry_type.value,
        Column.ACCOUNT: line.account,
        Column.JOURNAL: line.journal,
        Column.COST_CENTER: line.cost_center,
        Column.DEBIT: debit,
        Column.CREDIT: credit,
        Column.VAT: vat,
        Column.VAT_RATE: rate_label(line.vat_rate),
        Column.CONTRACT_REF: line.contract_ref,
        Column.CLIENT_REF: line.client_ref,
    }
    return tuple(cells[column] for column in profile.columns)


def row_values(profile: Profile, line: ExportLine) -> tuple[str, ...]:
    """Return the cells of a CSV row: ISO date, decimal comma, zero as `0`, texts neutralised."""
    return tuple(csv_value(cell) for cell in row_cells(profile, line))


def csv_value(cell: Cell) -> str:
    """Write one cell; a text that a spreadsheet would run as a formula gets a leading `'`."""
    if isinstance(cell, Decimal):
        return decimal_comma(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return text_cell(cell)


def csv_text(profile: Profile, lines: Iterable[ExportLine]) -> str:
    """Return a whole file, its byte order mark and headings first, to be encoded as UTF-8."""
    rows = "".join(csv_line(row_values(profile, line)) for line in lines)
    return BOM + csv_line(profile.columns) + rows


def file_name(
    company_code: str, month: str, extension: str, *, vat: bool = False, revision: int = 1
) -> str:
    """Return `EXPORT_{Societe}_{AAAA-MM}[_TVA][_R2].csv` (F.2, reading X-04).

    The company's code must be safe in a file name; the first revision has no suffix.
    """
    parse_month(month)
    suffix = "_TVA" if vat else ""
    return f"EXPORT_{_safe(company_code)}_{month}{suffix}{_revision(revision)}.{extension}"


def grid_name(
    company_code: str, period: str, extension: str, *, channel: str = "", revision: int = 1
) -> str:
    """Return `GRILLE_{Societe}_{AAAA-MM-JJ}[_{canal}][_R2].csv`, the name of a price grid (5-05)."""
    suffix = f"_{channel}" if channel else ""
    return f"GRILLE_{_safe(company_code)}_{period}{suffix}{_revision(revision)}.{extension}"


def _safe(company_code: str) -> str:
    if _SAFE_CODE.fullmatch(company_code) is None:
        raise Invalid(ColumnsProblem.COMPANY_CODE, path="company_id", code=company_code)
    return company_code


def _revision(number: int) -> str:
    return f"_R{number}" if number > 1 else ""
