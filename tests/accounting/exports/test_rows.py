"""The rows that PostgreSQL formats are those that the pure rules say (`domain.columns`)."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.choices import EntryType
from accounting.domain.columns import (
    PROFILES,
    ClawbackSign,
    ExportLine,
    csv_line,
    csv_text,
    row_cells,
    shown_amounts,
    takes_back,
)
from accounting.domain.entry import EntryType as DomainEntryType
from accounting.domain.vat_breakdown import VatLine, break_down, vat_values
from accounting.selectors.export_rows import Rows, Totals, entry_rows, totals, vat_rows
from tests.factories import PartnerFactory, UserFactory
from tests.support.ledger import book, make_operation
from tests.support.offers import make_released
from tests.support.strategies import RATES
from winvest.core.models import Company
from winvest.core.writers.csv import write_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

MONTH = "2025-09"
FIRST = date(2025, 9, 1)

# Each example writes into the test's transaction and takes it back.
in_a_savepoint = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def texts(longest: int) -> st.SearchStrategy[str]:
    """Draw labels, often with what CSV or a spreadsheet treats apart."""
    nasty = st.text("=+-@;\"'\r\n\t ,é|\\", max_size=min(longest, 8))
    return nasty | st.text(
        st.characters(codec="utf-8", exclude_characters="\0"), max_size=min(longest, 12)
    )


amounts = st.decimals(0, 10**7, places=4)

flows = st.sampled_from(
    [
        (EntryType.REVENUE, "706100"),
        (EntryType.COMMISSION, "756200"),
        (EntryType.COMMISSION, "709100"),
        (EntryType.COMMISSION, "622200"),
        (EntryType.COMMISSION, "641300"),
        (EntryType.FEE, "627100"),
    ]
)


@dataclass(frozen=True)
class Drawn:
    """A main line to book."""

    day: int
    flow: tuple[EntryType, str]
    debit: bool
    amount: Decimal
    vat: Decimal
    rate: Decimal
    product: str
    partner: str
    center: str
    contract: UUID | None


drawn_lines = st.builds(
    Drawn,
    day=st.integers(0, 29),
    flow=flows,
    debit=st.booleans(),
    amount=amounts,
    vat=amounts,
    rate=st.sampled_from(RATES),
    product=texts(80),
    partner=texts(160),
    center=texts(20),
    contract=st.none() | st.uuids(),
)


def book_drawn(company: Company, number: int, drawn: Drawn) -> ExportLine:
    """Book a line and return what the oracle needs to know of it."""
    day = FIRST + timedelta(days=drawn.day)
    entry_type, account = drawn.flow
    line = book(
        company,
        day=day,
        number=number,
        entry_type=entry_type,
        operation=make_operation(company, accounting_date=day, contract_ref=drawn.contract),
        account=account,
        debit=drawn.amount if drawn.debit else Decimal(0),
        credit=Decimal(0) if drawn.debit else drawn.amount,
        tax_amount=drawn.vat,
        tax_rate=drawn.rate,
        product_label=drawn.product,
        partner_label=drawn.partner,
        cost_center=drawn.center,
    )
    flow_type = DomainEntryType(entry_type.value)
    return ExportLine(
        entry_date=day,
        company_code=company.code,
        company_name=company.legal_name,
        product=drawn.product,
        partner_name=drawn.partner,
        partner_export_label=drawn.partner,
        entry_type=flow_type,
        account=account,
        journal="VENTE",
        cost_center=drawn.center,
        debit=line.debit,
        credit=line.credit,
        vat_amount=drawn.vat,
        vat_rate=drawn.rate,
        contract_ref=str(drawn.contract or ""),
        client_ref="",
        clawback=takes_back(flow_type, account, line.debit, line.credit),
    )


def written(rows: Rows, path) -> str:
    """Return what COPY writes, without the headings."""
    connection.ensure_connection()
    write_csv(
        path, connection.connection, rows.text, rows.params, header=b"", advance=lambda _: None
    )
    return path.read_bytes().decode()


@pytest.mark.requirement("F.1-02", "F.1-03", "F.2-01", "F.5-02", "F.5-04")
@in_a_savepoint
@given(
    lines=st.lists(drawn_lines, max_size=5),
    code=st.sampled_from(sorted(PROFILES)),
    clawbacks=st.sampled_from(ClawbackSign),
)
def test_any_month_is_written_as_the_rules_say(company, tmp_path, lines, code, clawbacks):
    profile = replace(PROFILES[code], clawbacks=clawbacks)
    rows = entry_rows(company_id=company.pk, month=MONTH, profile=profile)
    with transaction.atomic():
        UserFactory()
        expected = [book_drawn(company, n, drawn) for n, drawn in enumerate(lines, start=1)]
        expected.sort(key=lambda line: line.entry_date)

        text = written(rows, tmp_path / "rows")
        typed = connection.connection.execute(rows.typed, rows.params).fetchall()
        sums = totals(connection.connection, rows)
        transaction.set_rollback(True)

    assert "\ufeff" + csv_line(profile.columns) + text == csv_text(profile, expected)
    reread = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    assert [len(cells) for cells in reread] == [len(profile.columns)] * len(lines)
    assert typed == [
        tuple(to_the_cent(cell) for cell in row_cells(profile, line)) for line in expected
    ]
    shown = [[to_the_cent(part) for part in shown_amounts(profile, line)] for line in expected]
    assert sums == Totals(len(lines), sum(row[0] for row in shown), sum(row[1] for row in shown))


def to_the_cent(cell):
    if not isinstance(cell, Decimal):
        return cell
    return cell.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")


@pytest.mark.requirement("F.4.4-01", "F.4.4-02")
@in_a_savepoint
@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(["445710", "445711", "445660", "445800"]),
            st.sampled_from(RATES),
            st.decimals(0, 10**6, places=2),
            st.decimals("0.01", 10**6, places=2),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_any_vat_breakdown_is_that_of_the_rules(company, tmp_path, lines):
    rows = vat_rows(company_id=company.pk, month=MONTH)
    expected = []
    with transaction.atomic():
        UserFactory()
        for number, (account, rate, base, vat, debit) in enumerate(lines, start=1):
            book(
                company,
                number=number,
                vat_account=account,
                account="706100",
                debit=base if debit else Decimal(0),
                credit=Decimal(0) if debit else base,
                tax_amount=vat,
                tax_rate=rate,
            )
            # A main line of zero is booked on the credit side.
            on_debit = debit and base > 0
            sides = (vat, Decimal(0)) if on_debit else (Decimal(0), vat)
            expected.append(VatLine(account, rate, base, *sides))

        text = written(rows, tmp_path / "rows")
        transaction.set_rollback(True)

    assert text == "".join(
        csv_line(vat_values(company.code, MONTH, total)) for total in break_down(expected)
    )


@pytest.mark.requirement("F.2-02", "1-01")
def test_only_the_company_and_the_month(company, other_company, tmp_path):
    for owner in (company, other_company):
        for day in (date(2025, 8, 31), FIRST, date(2025, 9, 30), date(2025, 10, 1)):
            book(owner, day=day, account="706100", credit=Decimal(1), product_label=f"{day}")

    rows = entry_rows(company_id=company.pk, month=MONTH, profile=PROFILES["standard"])
    cells = [line.split(";")[:3] for line in written(rows, tmp_path / "rows").splitlines()]

    assert cells == [
        ["2025-09-01", "AP", "2025-09-01"],
        ["2025-09-30", "AP", "2025-09-30"],
    ]


def test_order_is_date_number_journal(company, tmp_path):
    for day, number, journal in ((2, 1, "VENTE"), (1, 10, "VENTE"), (1, 2, "+Z"), (1, 2, "(A")):
        book(
            company,
            day=date(2025, 9, day),
            number=number,
            journal=journal,
            account="706100",
            credit=Decimal(1),
            product_label=f"{day}/{number}/{journal}",
        )

    rows = entry_rows(company_id=company.pk, month=MONTH, profile=PROFILES["standard"])

    assert [line.split(";")[2] for line in written(rows, tmp_path / "rows").splitlines()] == [
        "1/2/(A",
        "1/2/+Z",
        "1/10/VENTE",
        "2/1/VENTE",
    ]


@pytest.mark.requirement("F.3-04", "F.1-04")
def test_partner_s_name_or_label_by_profile(company, tmp_path):
    partner = PartnerFactory(company=company, name="OggoData", export_label="Oggodata")
    version = make_released(company=company, sku="AP-SANTE-009", plans={}, partner=partner)
    book(
        company,
        operation=make_operation(company, product_version=version),
        entry_type=EntryType.COMMISSION,
        account="756200",
        credit=Decimal(120),
        partner_label="Oggodata",
    )

    shown = {}
    for code in ("standard", "F7"):
        rows = entry_rows(company_id=company.pk, month=MONTH, profile=PROFILES[code])
        shown[code] = written(rows, tmp_path / "rows").split(";")[3]

    assert shown == {"standard": "OggoData", "F7": "Oggodata"}
