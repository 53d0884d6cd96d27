"""The operation that another one reverses or collects, with all that others did to it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from accounting.choices import LineRole, MappingState, Nature, OperationState
from accounting.domain.books import BookedLine, EarlierOperation
from accounting.domain.operation import OperationKind, VatRegime
from accounting.models import AccountingMapping, Line, Operation


def read_earlier(
    row: Operation, *, collects: bool, before: datetime | None = None
) -> EarlierOperation:
    """Return the values of `row` for booking what bears on it (3 queries; the caller locks it).

    `before` leaves out what was told from that instant on: one that waits, and those behind it.
    """
    others = row.collections.all() if collects else row.reversals.all()
    if before is not None:
        others = others.filter(created_at__lt=before)
    taken = list(others.values_list("state", "amount"))
    lines = {line.role: line for line in _lines(row)}
    return EarlierOperation(
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
        told=sum((amount for _, amount in taken), start=Decimal(0)),
        booked=sum(
            (amount for state, amount in taken if state == OperationState.BOOKED), start=Decimal(0)
        ),
        main=_line(lines.get(LineRole.MAIN)),
        vat=_line(lines.get(LineRole.VAT)),
        third_party=_line(lines.get(LineRole.THIRD_PARTY)),
        vat_account=_vat_account(row),
    )


def _lines(row: Operation) -> Iterable[Line]:
    return Line.objects.filter(entry__operation=row).select_related("entry")


def _line(line: Line | None) -> BookedLine | None:
    if line is None:
        return None
    return BookedLine(
        account=line.account,
        auxiliary=line.auxiliary,
        journal=line.entry.journal,
        product_label=line.product_label,
        partner_label=line.partner_label,
        cost_center=line.cost_center,
        tax_code=line.tax_code,
        tax_rate=line.tax_rate,
    )


def _vat_account(row: Operation) -> str:
    """Return the VAT account of the product's own mapping, where VAT waits for its collection."""
    if row.vat_regime != VatRegime.COLLECTIONS:
        return ""
    mapping = AccountingMapping.objects.filter(
        product_version=row.product_version_id,
        company=row.company_id,
        nature=Nature.TAX,
        state=MappingState.VALIDATED,
    ).first()
    return mapping.gl_account if mapping else ""
