"""Booked entries for tests, written to the ledger without passing by the operations' API."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db import connection, transaction

from accounting.choices import EntryType, LineRole, OperationKind, OperationState
from accounting.models import Entry, Line, Operation
from tests.factories import UserFactory
from winvest.core.models import Company, User


def make_operation(company: Company, **fields) -> Operation:
    day = fields.pop("accounting_date", date(2025, 9, 1))
    fields.setdefault("kind", OperationKind.SALE)
    fields.setdefault("amount", Decimal(1))
    fields.setdefault("entry_count", 1)
    fields.setdefault("state", OperationState.BOOKED)
    fields.setdefault("posted_by", User.objects.first() or UserFactory())
    number = Operation._base_manager.filter(company=company).count()
    operation = Operation(
        company=company,
        source="test",
        external_id=f"op-{number}",
        accounting_date=day,
        occurred_at=datetime.combine(day, time(9), UTC),
        booked_at=datetime.combine(day, time(9), UTC),
        body={},
        body_hash="",
        **fields,
    )
    operation.save()
    return operation


def book(
    company: Company,
    *,
    day: date = date(2025, 9, 1),
    number: int | None = None,
    journal: str = "VENTE",
    entry_type: EntryType = EntryType.REVENUE,
    vat_account: str = "445710",
    operation: Operation | None = None,
    **main,
) -> Line:
    """Book one main line with its VAT and third-party lines; return the main line."""
    debit, credit = main.pop("debit", Decimal(0)), main.pop("credit", Decimal(0))
    vat = main.setdefault("tax_amount", Decimal(0))
    is_debit = bool(debit)
    with transaction.atomic():
        entry = Entry.objects.create(
            company=company,
            operation=operation or make_operation(company, accounting_date=day),
            journal=journal,
            year=day.year,
            number=number or Entry._base_manager.filter(company=company).count() + 1,
            date=day,
            type=entry_type,
            label="test",
            line_count=3 if vat else 2,
        )
        line = Line(
            entry=entry,
            company=company,
            position=1,
            role=LineRole.MAIN,
            debit=debit,
            credit=credit,
            **main,
        )
        others = []
        if vat:
            others.append(
                Line(
                    entry=entry,
                    company=company,
                    position=2,
                    role=LineRole.VAT,
                    account=vat_account,
                    debit=vat if is_debit else 0,
                    credit=0 if is_debit else vat,
                    tax_rate=main.get("tax_rate", Decimal(0)),
                    tax_base=debit + credit,
                )
            )
        total = debit + credit + vat
        others.append(
            Line(
                entry=entry,
                company=company,
                position=3,
                role=LineRole.THIRD_PARTY,
                account="411000",
                debit=0 if is_debit else total,
                credit=total if is_debit else 0,
            )
        )
        Line.objects.bulk_create([line, *others])
    return line


def book_many(company: Company, count: int, *, first: int = 1) -> None:
    """Fill September 2025 with `count` sales at once; the triggers sleep while it lasts."""
    operation = make_operation(company, entry_count=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            """
            WITH entries AS (
                INSERT INTO accounting_entry
                    (id, company_id, operation_id, journal, year, number, date, type, label,
                     line_count)
                SELECT gen_random_uuid(), %(company)s, %(operation)s, 'VENTE', 2025, n,
                       date '2025-09-01' + n %% 30, 'CA', 'test', 3
                FROM generate_series(%(first)s, %(first)s + %(count)s - 1) AS n
                RETURNING id
            )
            INSERT INTO accounting_line
                (id, company_id, entry_id, position, role, account, auxiliary, debit, credit,
                 product_label, partner_label, cost_center, tax_code, tax_rate, tax_base,
                 tax_amount)
            SELECT gen_random_uuid(), %(company)s, id, position, role, account, '', debit, credit,
                   'FT-BOX-001', '', 'BOX', 'FR20', 20, 24.92, vat
            FROM entries, (VALUES (1, 'main', '706100', 0, 24.92, 4.98),
                                  (2, 'vat', '445710', 0, 4.98, 0),
                                  (3, 'third_party', '411000', 29.90, 0, 0)
                          ) AS line(position, role, account, debit, credit, vat)
            """,
            {"company": company.pk, "operation": operation.pk, "count": count, "first": first},
        )
