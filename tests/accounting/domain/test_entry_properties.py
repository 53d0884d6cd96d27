"""What holds of the entries of any operation: balance, refunds, collections."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from accounting.domain.entry import Entry, check_balanced, entries_for
from accounting.domain.operation import Accounts, Facts, OperationKind, Original, VatRegime
from tests.support.strategies import rates, relaxed

ACCOUNTS = Accounts(
    revenue="706100",
    commission="756200",
    fee="627100",
    client="411000",
    partner="411900",
    supplier="401000",
    vat_collected="445710",
    vat_deductible="445660",
    vat_pending="445800",
    bank="512000",
)
SALE = Facts(
    kind=OperationKind.SALE,
    amount=Decimal("29.90"),
    currency="EUR",
    tax_included=True,
    rate=Decimal("20.00"),
    accounts=ACCOUNTS,
    subject="FT-BOX-001",
)
BOOKED = st.sampled_from(
    [
        OperationKind.SALE,
        OperationKind.BILLING,
        OperationKind.FEE,
        OperationKind.COMMISSION_REPORT,
    ]
)


@relaxed
@given(
    kind=BOOKED,
    amount=st.decimals(0, 10**6, places=4),
    rate=rates,
    currency=st.sampled_from(["EUR", "XPF"]),
    tax_included=st.booleans(),
    regime=st.sampled_from(VatRegime),
)
def test_a_refund_undoes_what_it_refunds(
    kind: OperationKind,
    amount: Decimal,
    rate: Decimal,
    currency: str,
    tax_included: bool,
    regime: VatRegime,
) -> None:
    facts = replace(
        SALE,
        kind=kind,
        amount=amount,
        rate=rate,
        currency=currency,
        tax_included=tax_included,
        vat_regime=regime,
    )
    cancellation = replace(facts, kind=OperationKind.CANCELLATION, original=Original(kind, amount))

    entries = entries_for(facts)

    assert set(balances(entries + entries_for(cancellation)).values()) <= {0}


@relaxed
@given(
    kind=BOOKED,
    parts=st.lists(st.decimals("0.01", 1000, places=2), min_size=1, max_size=12),
    rate=rates,
    tax_included=st.booleans(),
)
def test_parts_of_a_refund_undo_the_whole(
    kind: OperationKind, parts: list[Decimal], rate: Decimal, tax_included: bool
) -> None:
    total = sum(parts, start=Decimal(0))
    facts = replace(SALE, kind=kind, amount=total, rate=rate, tax_included=tax_included)
    entries = entries_for(facts)
    already = Decimal(0)
    for part in parts:
        refund = replace(
            facts,
            kind=OperationKind.REFUND,
            amount=part,
            original=Original(kind, total, already),
        )
        entries += entries_for(refund)
        already += part

    assert set(balances(entries).values()) == {0}


@relaxed
@given(
    parts=st.lists(st.decimals("0.01", 1000, places=2), min_size=1, max_size=12),
    over=st.decimals(0, 10, places=2),
    rate=rates,
)
def test_collections_make_the_whole_vat_due(
    parts: list[Decimal], over: Decimal, rate: Decimal
) -> None:
    total = sum(parts, start=Decimal(0))
    sale = replace(SALE, amount=total, rate=rate, vat_regime=VatRegime.COLLECTIONS)
    entries = entries_for(sale)
    already = Decimal(0)
    for part in [*parts, over]:
        collection = replace(
            sale,
            kind=OperationKind.COLLECTION,
            amount=part,
            original=Original(OperationKind.SALE, total, already),
        )
        entries += entries_for(collection)
        already += part

    left = balances(entries)
    assert left.get(ACCOUNTS.vat_pending, Decimal(0)) == 0
    assert left[ACCOUNTS.client] == -over
    assert left[ACCOUNTS.revenue] + left.get(ACCOUNTS.vat_collected, Decimal(0)) == -total


def balances(entries: list[Entry]) -> dict[str, Decimal]:
    """Return debit minus credit by account."""
    result: dict[str, Decimal] = {}
    for entry in entries:
        check_balanced(entry.lines)
        for booked in entry.lines:
            before = result.get(booked.account, Decimal(0))
            result[booked.account] = before + booked.debit - booked.credit
    return result
