"""The rows of the accounting files, formatted by PostgreSQL (Annexe F; `performance.md`).

Plain SQL, outside the scope: each query names its company. `accounting.domain.columns` and
`accounting.domain.vat_breakdown` say what the cells must be; a property test compares both.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from accounting.domain.columns import (
    ClawbackSign,
    Column,
    CompanyShown,
    PartnerShown,
    Profile,
)
from winvest.core.domain.cells import FORMULA_STARTS, TEXT_MARK
from winvest.core.domain.periods import parse_month


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file: queries for text and for typed cells, their order, their parameters."""

    text: sql.Composed
    typed: sql.Composed
    source: sql.Composed
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many rows a file has, and the sums of its Debit and Credit columns."""

    rows: int
    debit: Decimal
    credit: Decimal


# One row per main line, with the amounts as the file shows them: CA tax included, the rest
# excluding tax; `taken_back` is a commission on the side opposite to its account's class.
_LINES = sql.SQL("""
SELECT entry_date, number, journal, position, company, product, partner, entry_type, account,
       cost_center, contract_ref, client_ref, tax_rate,
       CASE WHEN negative AND taken_back THEN -credit ELSE debit END AS debit,
       CASE WHEN negative AND taken_back THEN -debit ELSE credit END AS credit,
       CASE WHEN negative AND taken_back THEN -vat ELSE vat END AS vat
FROM (
    SELECT entry.date AS entry_date, entry.number, entry.journal, line.position,
           {company} AS company,
           line.product_label AS product,
           {partner} AS partner,
           entry.type AS entry_type, line.account, line.cost_center, line.tax_rate,
           coalesce(operation.contract_ref::text, '') AS contract_ref,
           coalesce(operation.client_ref::text, '') AS client_ref,
           line.debit + CASE WHEN entry.type = 'CA' AND line.debit <> 0
                             THEN line.tax_amount ELSE 0 END AS debit,
           line.credit + CASE WHEN entry.type = 'CA' AND line.debit = 0
                              THEN line.tax_amount ELSE 0 END AS credit,
           line.tax_amount AS vat,
           entry.type = 'Commission' AND CASE left(line.account, 1)
               WHEN '6' THEN line.credit <> 0
               WHEN '7' THEN line.debit <> 0
               ELSE false END AS taken_back,
           %(negative)s AS negative
    FROM accounting_entry entry
    JOIN accounting_line line ON line.entry_id = entry.id AND line.role = 'main'
    JOIN operation ON operation.id = entry.operation_id
    JOIN company ON company.id = entry.company_id
    {partners}
    WHERE entry.company_id = %(company_id)s
      AND entry.date >= %(start)s AND entry.date < %(end)s
) AS line
""")

_COMPANY = {
    CompanyShown.NAME: sql.SQL("company.legal_name"),
    CompanyShown.CODE: sql.SQL("company.code"),
}
# The ledger keeps the label for the files; the partner's own name is read from the product.
_PARTNER = {
    PartnerShown.EXPORT_LABEL: sql.SQL("line.partner_label"),
    PartnerShown.NAME: sql.SQL(
        "CASE WHEN line.partner_label = '' THEN '' "
        "ELSE coalesce(partner.name, line.partner_label) END"
    ),
}
_PARTNERS = {
    PartnerShown.EXPORT_LABEL: sql.SQL(""),
    PartnerShown.NAME: sql.SQL(
        "LEFT JOIN product_version version ON version.id = operation.product_version_id "
        "LEFT JOIN product ON product.id = version.product_id "
        "LEFT JOIN partner ON partner.id = product.partner_id"
    ),
}

_VAT_GROUPS = sql.SQL("""
SELECT company.code AS company, %(period)s AS period, direction, account, tax_rate,
       sum(CASE WHEN vat >= 0 THEN base ELSE -base END) AS base, sum(vat) AS vat,
       sum(line.debit) AS debit, sum(line.credit) AS credit
FROM (
    SELECT entry.company_id, line.account, line.tax_rate, line.tax_base AS base,
           line.debit, line.credit,
           CASE left(line.account, 4) WHEN '4457' THEN 'Collectee' ELSE 'Deductible' END
               AS direction,
           CASE left(line.account, 4) WHEN '4457' THEN line.credit - line.debit
                                      ELSE line.debit - line.credit END AS vat
    FROM accounting_entry entry
    JOIN accounting_line line ON line.entry_id = entry.id
     AND line.role = 'vat' AND left(line.account, 4) IN ('4457', '4456')
    WHERE entry.company_id = %(company_id)s
      AND entry.date >= %(start)s AND entry.date < %(end)s
) AS line
JOIN company ON company.id = line.company_id
GROUP BY company.code, direction, account, tax_rate
""")

_NAMES: dict[Column, str] = {
    Column.DATE: "entry_date",
    Column.COMPANY: "company",
    Column.PRODUCT: "product",
    Column.PARTNER: "partner",
    Column.ENTRY_TYPE: "entry_type",
    Column.ACCOUNT: "account",
    Column.JOURNAL: "journal",
    Column.COST_CENTER: "cost_center",
    Column.DEBIT: "debit",
    Column.CREDIT: "credit",
    Column.VAT: "vat",
    Column.VAT_RATE: "tax_rate",
    Column.CONTRACT_REF: "contract_ref",
    Column.CLIENT_REF: "client_ref",
}
# Qualified, or a formatted cell that keeps its name would be taken for the column.
_LINE_ORDER = sql.SQL('shown.entry_date, shown.number, shown.journal COLLATE "C", shown.position')
_VAT_ORDER = sql.SQL('shown.direction COLLATE "C", shown.account COLLATE "C", shown.tax_rate')
_VAT_NAMES = ("company", "period", "direction", "account", "tax_rate", "base", "vat")
_AMOUNTS = frozenset({"debit", "credit", "vat", "base"})
_RATE = sql.SQL("replace(trim_scale(tax_rate)::text, '.', ',') || '%%'")


def entry_rows(*, company_id: UUID, month: str, profile: Profile) -> Rows:
    """Return the rows of a single-line file of a month `AAAA-MM`, in the profile's columns.

    Ordered by date, entry number, journal and line.
    """
    source = _LINES.format(
        company=_COMPANY[profile.company],
        partner=_PARTNER[profile.partner],
        partners=_PARTNERS[profile.partner],
    )
    negative = profile.clawbacks is ClawbackSign.NEGATIVE
    names = [_NAMES[column] for column in profile.columns]
    return _rows(source, names, _LINE_ORDER, _params(company_id, month, negative=negative))


def vat_rows(*, company_id: UUID, month: str) -> Rows:
    """Return the rows of the `_TVA` file: by direction, account and rate (F.4.4)."""
    return _rows(
        _VAT_GROUPS.format(), _VAT_NAMES, _VAT_ORDER, _params(company_id, month, period=month)
    )


def totals(reader: psycopg.Connection[Any], rows: Rows) -> Totals:
    """Count the rows and add up debits and credits as the file shows them, to the cent."""
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(round(debit, 2)), 0), coalesce(sum(round(credit, 2)), 0)"
        " FROM ({source}) AS shown"
    ).format(source=rows.source)
    [row] = reader.execute(query, rows.params)
    return Totals(*row)


def _params(company_id: UUID, month: str, **more: object) -> dict[str, object]:
    period = parse_month(month)
    return {
        "company_id": company_id,
        "start": period.start,
        "end": period.end or date.max,
        "starts": list(FORMULA_STARTS),
        "mark": TEXT_MARK,
        **more,
    }


def _rows(
    source: sql.Composed, names: list[str] | tuple[str, ...], order: sql.SQL, params: dict[str, Any]
) -> Rows:
    template = sql.SQL("SELECT {cells} FROM ({source}) AS shown ORDER BY {order}")
    text, typed = (
        template.format(
            cells=sql.SQL(", ").join(cell(name) for name in names), source=source, order=order
        )
        for cell in (_text_cell, _typed_cell)
    )
    return Rows(text, typed, source, params)


def _typed_cell(name: str) -> sql.Composable:
    """Write a workbook's cell: a date, an amount to the cent, a text; rates are texts (X-06)."""
    if name in _AMOUNTS:
        return sql.SQL("round({name}, 2)").format(name=sql.Identifier(name))
    return _RATE if name == "tax_rate" else sql.Identifier(name)


def _text_cell(name: str) -> sql.Composable:
    """Write a CSV cell as `columns.csv_value` does."""
    if name in _AMOUNTS:
        template = (
            "CASE WHEN round({name}, 2) = 0 THEN '0'"
            " ELSE replace(round({name}, 2)::text, '.', ',') END"
        )
    elif name == "entry_date":
        template = "to_char({name}, 'YYYY-MM-DD')"
    elif name == "tax_rate":
        return _RATE
    else:
        template = (
            "CASE WHEN left({name}, 1) = ANY(%(starts)s) THEN %(mark)s || {name} ELSE {name} END"
        )
    return sql.SQL(template).format(name=sql.Identifier(name))
