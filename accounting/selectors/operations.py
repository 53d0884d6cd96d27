"""Operations and entries as the API and the screens read them (`design/api.md`)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from accounting.models import Entry, Line, Operation
from winvest.core.domain.periods import parse_month

OPERATION_FIELDS = (
    "id",
    "company_id",
    "source",
    "external_id",
    "kind",
    "state",
    "reasons",
    "flags",
    "sku",
    "plan_code",
    "channel",
    "quantity",
    "amount",
    "tax_included",
    "currency",
    "occurred_at",
    "accounting_date",
    "contract_ref",
    "client_ref",
    "supplier_ref",
    "analytic_label",
    "booked_at",
)
LINE_FIELDS = (
    "account",
    "auxiliary",
    "role",
    "debit",
    "credit",
    "product_label",
    "partner_label",
    "cost_center",
    "tax_code",
    "tax_rate",
    "tax_amount",
)


def list_operations(
    *,
    company: UUID | None = None,
    period: str = "",
    **equal: str,
) -> QuerySet[Any, Any]:
    """Return the operations in scope as rows; `equal` compares state, kind, sku, source…"""
    rows = Operation.objects.annotate(
        reverses_external_id=F("reverses__external_id"),
        collects_external_id=F("collects__external_id"),
    )
    rows = rows.filter(**equal)
    if company:
        rows = rows.filter(company_id=company)
    if period:
        start, end = _month(period)
        rows = rows.filter(accounting_date__gte=start, accounting_date__lt=end)
    return rows.values(*OPERATION_FIELDS, "reverses_external_id", "collects_external_id")


def list_entries(
    *,
    company: UUID | None = None,
    period: str = "",
    journal: str = "",
    account: str = "",
    sku: str = "",
) -> QuerySet[Any, Any]:
    """Return the entries in scope as rows, without their lines."""
    rows = Entry.objects.all()
    if company:
        rows = rows.filter(company_id=company)
    if period:
        start, end = _month(period)
        rows = rows.filter(date__gte=start, date__lt=end)
    if journal:
        rows = rows.filter(journal=journal)
    if account:
        rows = rows.filter(pk__in=Line.objects.filter(account=account).values("entry"))
    if sku:
        rows = rows.filter(operation__sku=sku)
    return rows.values(
        "id",
        "company_id",
        "operation_id",
        "journal",
        "year",
        "number",
        "date",
        "type",
        "label",
        sku=F("operation__sku"),
        version_id=F("operation__product_version_id"),
        currency=F("operation__currency"),
    )


def lines_of(entries: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the lines of these entries in scope, in order, in one statement."""
    lines: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Line.objects.filter(entry__in=entries).order_by("entry", "position")
    for row in rows.values("entry_id", *LINE_FIELDS):
        lines[row.pop("entry_id")].append(row)
    return lines


def entries_of(operations: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the entries of these operations in scope with their lines, in two statements."""
    rows = list(
        Entry.objects.filter(operation__in=operations)
        .order_by("operation", "date", "journal", "number")
        .values("id", "operation_id", "journal", "number", "date", "type", "label")
    )
    lines = lines_of([row["id"] for row in rows])
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.pop("operation_id")].append({**row, "lines": lines[row["id"]]})
    return found


def _month(period: str) -> tuple[date, date | None]:
    month = parse_month(period)
    return month.start, month.end
