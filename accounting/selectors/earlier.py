"""Operations that others reverse or collect, with all that was done to them before."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from accounting.choices import LineRole, MappingState, Nature, OperationState
from accounting.domain.books import BookedLine, EarlierOperation
from accounting.domain.operation import OperationKind, VatRegime
from accounting.models import AccountingMapping, Line, Operation

_LINE_FIELDS = (
    "account",
    "auxiliary",
    "product_label",
    "partner_label",
    "cost_center",
    "tax_code",
    "tax_rate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """An operation that another one bears on, whose row the caller has locked.

    `before` leaves out what was told from that instant on: one that waits, and those behind it.
    """

    row: Operation
    collects: bool
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    """What an operation took of its original."""

    state: str
    amount: Decimal
    at: datetime


def read_earlier(bearings: Collection[Bearing]) -> dict[UUID, EarlierOperation]:
    """Return the values of these operations by key, for booking what bears on them (3 queries)."""
    rows = {bearing.row.pk: bearing.row for bearing in bearings}
    taken = _taken(rows)
    lines = _lines(rows)
    vat_accounts = _vat_accounts(rows.values())
    found = {}
    for bearing in bearings:
        row = bearing.row
        others = [
            other
            for other in taken[row.pk, bearing.collects]
            if bearing.before is None or other.at < bearing.before
        ]
        booked = [other for other in others if other.state == OperationState.BOOKED]
        found[row.pk] = EarlierOperation(
            id=row.pk,
            kind=OperationKind(row.kind),
            is_booked=row.state == OperationState.BOOKED,
            sku=row.sku,
            plan=row.plan_code,
            amount=row.amount,
            tax_included=row.tax_included,
            vat_regime=VatRegime(row.vat_regime or VatRegime.DEBITS),
            version_id=row.product_version_id,
            plan_id=row.plan_id,
            told=_total(others),
            booked=_total(booked),
            main=lines.get((row.pk, LineRole.MAIN)),
            vat=lines.get((row.pk, LineRole.VAT)),
            third_party=lines.get((row.pk, LineRole.THIRD_PARTY)),
            vat_account=vat_accounts.get(row.product_version_id, ""),
        )
    return found


def _total(taken: Collection[_Taken]) -> Decimal:
    return sum((one.amount for one in taken), start=Decimal(0))


def _taken(keys: Collection[UUID]) -> dict[tuple[UUID, bool], list[_Taken]]:
    """Return what was taken of each operation: by collections (True), by reversals (False)."""
    taken: dict[tuple[UUID, bool], list[_Taken]] = defaultdict(list)
    rows = Operation.objects.filter(Q(reverses__in=keys) | Q(collects__in=keys)).order_by()
    for reverses, collects, *values in rows.values_list(
        "reverses_id", "collects_id", "state", "amount", "created_at"
    ):
        taken[collects or reverses, collects is not None].append(_Taken(*values))
    return taken


def _lines(keys: Collection[UUID]) -> dict[tuple[UUID, str], BookedLine]:
    rows = Line.objects.filter(entry__operation__in=keys).order_by()
    lines = {}
    for row in rows.values(
        "role", *_LINE_FIELDS, key=F("entry__operation_id"), journal=F("entry__journal")
    ):
        place: tuple[Any, Any] = (row.pop("key"), row.pop("role"))
        lines[place] = BookedLine(**row)
    return lines


def _vat_accounts(rows: Collection[Operation]) -> dict[UUID | None, str]:
    """Return the VAT account of the products' own mappings, where VAT waits for its collection."""
    waiting = {
        row.product_version_id: row.company_id
        for row in rows
        if row.vat_regime == VatRegime.COLLECTIONS
    }
    if not waiting:
        return {}
    mappings = AccountingMapping.objects.filter(
        product_version__in=waiting,
        company__in=set(waiting.values()),
        nature=Nature.TAX,
        state=MappingState.VALIDATED,
    )
    return dict(mappings.values_list("product_version_id", "gl_account"))
