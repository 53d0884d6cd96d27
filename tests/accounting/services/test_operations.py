"""Operations give the entries of `design/domain.md` §6."""

from decimal import Decimal

import pytest

from accounting.models import Entry, Line
from accounting.services.operations import post_operations

pytestmark = pytest.mark.django_db


def lines_of(operation):
    """Return the lines of an operation as short texts: side, account, amount."""
    rows = Line.objects.filter(entry__operation=operation).order_by("entry__id", "position")
    return [
        f"{'D' if row.debit else 'C'} {row.account} {(row.debit or row.credit):.2f}" for row in rows
    ]


def post(actor, *bodies):
    return post_operations(actor=actor, bodies=bodies)


@pytest.mark.requirement("1-04", "F.4.1-02", "2.2-05")
def test_sale(accountant, box, body):
    (posted,) = post(accountant, body())
    assert posted.error is None
    assert posted.status == 201
    assert lines_of(posted.operation) == ["D 411000 29.90", "C 706100 24.92", "C 445710 4.98"]
    entry = Entry.objects.get()
    assert (entry.journal, entry.year, entry.number) == ("VENTE", 2025, 1)
    main = Line.objects.get(role="main")
    assert main.product_label == "AP-BOX-001"
    assert main.cost_center == "TV"
    assert (main.tax_code, main.tax_rate) == ("FR20", Decimal(20))
    assert (main.tax_base, main.tax_amount) == (Decimal("24.92"), Decimal("4.98"))
