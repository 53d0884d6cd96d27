"""Parked operations: what they wait for, and how they are taken up once it is there."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from accounting.choices import AccountPurpose, MappingState, Nature
from accounting.models import AccountingMapping, CompanyAccount, Entry, Line, Operation
from accounting.services.booking import book_parked_operations
from accounting.services.operations import post_operations
from accounting.tasks import book_parked
from catalog.models import Publication
from tests.factories import CompanyAccountFactory, MappingFactory, make_accounts
from tests.support.offers import make_released
from winvest.core import scoping
from winvest.core.choices import VatRegime
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.models.base import new_id

pytestmark = pytest.mark.django_db


def tell(actor, *bodies):
    """Tell operations that nothing refuses, and return them."""
    posted = post_operations(actor=actor, bodies=bodies)
    assert [line.error for line in posted] == [None] * len(bodies)
    return [line.operation for line in posted]


def state(operation):
    """Return the state and the codes of the reasons, as they are in the database."""
    operation.refresh_from_db()
    return operation.state, [reason["code"] for reason in operation.reasons]


def unmap(version):
    """End every mapping of a version."""
    AccountingMapping.objects.filter(product_version=version).update(
        state=MappingState.REPLACED, replaced_at=now()
    )


def remap(version):
    """Put the same accounts into force again, as the sweeper would find them."""
    for row in AccountingMapping.objects.filter(product_version=version):
        row.pk, row.state, row.replaced_at = new_id(), MappingState.VALIDATED, None
        row.save(force_insert=True)


def test_what_bears_on_a_parked_operation_waits_for_it_then_follows(accountant, box, body):
    """Cumulative VAT holds in the order in which the facts were told."""
    unmap(box)
    sale, first, second, rest = tell(
        accountant,
        body(),
        body("R-1", "refund", amount="10.00", reverses="V-1"),
        body("R-2", "refund", amount="10.00", reverses="V-1"),
        body("R-3", "cancellation", amount="9.90", reverses="V-1"),
    )
    assert state(first) == ("parked", ["operation.original_parked"])
    assert Entry.objects.count() == 0
    [too_much] = post_operations(
        actor=accountant, bodies=[body("R-4", "refund", amount="0.01", reverses="V-1")]
    )
    assert too_much.error.code == "operation.exceeds_remainder"

    remap(box)
    assert book_parked_operations(company_id=box.company_id) == 4
    assert [state(one) for one in (sale, first, second, rest)] == [("booked", [])] * 4
    vat = Line.objects.filter(role="vat", entry__operation__reverses=sale)
    assert list(vat.order_by("entry__number").values_list("debit", flat=True)) == [
        Decimal("1.67"),
        Decimal("1.66"),
        Decimal("1.65"),
    ]


def test_a_later_refund_waits_for_an_earlier_one(accountant, box, body):
    """Nobody overtakes: the parts of the VAT depend on the order."""
    [sale] = tell(accountant, body())
    [first] = tell(accountant, body("R-1", "refund", amount="10.00", reverses="V-1"))
    parked = tell(accountant, body("X", sku="AP-BOX-001", plan=None))[0]
    assert state(parked) == ("parked", ["plan.missing"])
    assert state(first) == ("booked", [])
    # A collection is another sort: it waits for no refund.
    CompanyAccount.objects.filter(purpose=AccountPurpose.BANK).delete()
    one = tell(accountant, body("E-1", "collection", amount="10.00", collects="V-1"))[0]
    assert state(one) == ("parked", ["accounting.account_missing"])
    two = tell(accountant, body("E-2", "collection", amount="19.90", collects="V-1"))[0]
    assert state(two) == ("parked", ["operation.original_parked"])
    CompanyAccountFactory(company=box.company, purpose=AccountPurpose.BANK, account="512000")
    assert book_parked_operations(company_id=box.company_id) == 2
    assert [state(one), state(two)] == [("booked", []), ("booked", [])]
    assert sale.collections.count() == 2


def test_reasons_are_kept_up_to_date_and_nothing_else_is_written(accountant, box, body):
    unmap(box)
    CompanyAccount.objects.filter(purpose=AccountPurpose.CLIENT).delete()
    [sale] = tell(accountant, body())
    assert state(sale) == ("parked", ["accounting.not_mapped"])
    written = AuditEntry.objects.filter(record_id=sale.pk).count()
    assert book_parked_operations(company_id=box.company_id) == 0
    assert AuditEntry.objects.filter(record_id=sale.pk).count() == written
    remap(box)
    assert book_parked_operations(company_id=box.company_id) == 0
    assert state(sale) == ("parked", ["accounting.account_missing"])


def test_only_the_product_asked_for(accountant, box, mixed, body):
    unmap(box)
    unmap(mixed)
    tell(accountant, body(), body("V-2", sku="AP-MIXTE-001", plan="DUO"))
    remap(box)
    remap(mixed)
    assert book_parked_operations(company_id=box.company_id, sku="AP-MIXTE-001") == 1
    assert Operation.objects.get(state="parked").sku == "AP-BOX-001"


def test_the_sweeper_forgets_no_company(accountant, box, body, other_company, user_with):
    """The beat's task needs no user and no scope, and running it twice changes nothing."""
    make_accounts(other_company)
    version = make_released(company=other_company, sku="MTV-1", plans={"A": "9.90"})
    other = user_with(Role.ACCOUNTING, other_company)
    unmap(box)
    tell(accountant, body())
    tell(other, body(company_id=str(other_company.pk), sku="MTV-1", plan="A"))
    assert Operation.objects.filter(state="parked").count() == 2
    remap(box)
    MappingFactory(product_version=version)
    with scoping.scope(()):
        book_parked()
        book_parked()
    assert Operation.objects.filter(state="parked").count() == 0
    assert sorted(Entry.objects.values_list("company__code", flat=True)) == ["AP", "MTV"]
    assert set(Operation.objects.values_list("posted_by", flat=True)) == {accountant.pk, other.pk}


def test_a_fact_that_a_change_made_impossible_says_so(accountant, mixed, body):
    """A product that no longer brings a commission: the report waits with that reason."""
    unmap(mixed)
    report = body("C-1", "commission_report", sku="AP-MIXTE-001", amount="100.00")
    [told] = tell(accountant, report)
    product = mixed.product
    # On sale, it would not change.
    sales = Publication.objects.filter(product=product)
    sales.update(end_at=now() - timedelta(hours=1))
    product.revenue_model = "revenue"
    product.save()
    remap(mixed)
    assert book_parked_operations(company_id=mixed.company_id) == 0
    assert state(told) == ("parked", ["operation.no_commission"])


class TestCollections:
    """VAT on collections: it waits on 445800 until the money is there."""

    @pytest.fixture
    def on_collections(self, ledger):
        ledger.vat_regime = VatRegime.COLLECTIONS
        ledger.save()

    def lines(self, operation):
        rows = Line.objects.filter(entry__operation=operation).order_by(
            "entry__journal", "position"
        )
        return [f"{'D' if row.debit else 'C'} {row.account} {row.debit + row.credit:.2f}"
                for row in rows]  # fmt: skip

    def test_a_part_of_the_vat_falls_due(self, on_collections, accountant, box, body):
        [sale] = tell(accountant, body())
        assert self.lines(sale)[2] == "C 445800 4.98"
        [paid] = tell(accountant, body("E-1", "collection", amount="10.00", collects="V-1"))
        assert self.lines(paid) == [
            "D 512000 10.00",
            "C 411000 10.00",
            "D 445800 1.67",
            "C 445710 1.67",
        ]
        journals = Entry.objects.filter(operation=paid).order_by("journal")
        assert list(journals.values_list("journal", flat=True)) == ["BANQUE", "OD"]

    def test_a_sale_keeps_the_regime_it_was_booked_under(
        self, on_collections, accountant, ledger, box, body
    ):
        tell(accountant, body())
        ledger.vat_regime = VatRegime.DEBITS
        ledger.save()
        MappingFactory(product_version=box, nature=Nature.TAX, gl_account="445719", tax_code="FR20")
        [paid] = tell(accountant, body("E-1", "collection", amount="29.90", collects="V-1"))
        assert self.lines(paid)[2:] == ["D 445800 4.98", "C 445719 4.98"]


@pytest.mark.parametrize(
    ("occurred_at", "day"),
    [
        ("2025-09-30T21:59:59+00:00", "2025-09-30"),
        ("2025-09-30T22:00:00+00:00", "2025-10-01"),
        ("2025-12-31T23:30:00+00:00", "2026-01-01"),
    ],
)
def test_the_business_date_is_the_company_s(accountant, box, body, occurred_at, day):
    [sale] = tell(accountant, body(occurred_at=occurred_at))
    entry = Entry.objects.get()
    assert entry.date == datetime.fromisoformat(day).date()
    assert (entry.year, entry.date) == (entry.date.year, sale.accounting_date)
