"""The entries of an operation (`docs/rules/ecritures.md`)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from accounting.domain.entry import (
    Entry,
    EntryType,
    Line,
    LineRole,
    check_balanced,
    entries_for,
)
from accounting.domain.mapping_rules import DEFAULT_JOURNALS, JournalKey
from accounting.domain.operation import (
    ACCOUNT_LABELS,
    KIND_LABELS,
    AccountKey,
    Accounts,
    Facts,
    OperationKind,
    Original,
    VatRegime,
)
from catalog.domain.pricing import RevenueModel
from tests.support.rules import Row, case_id, number, rows
from winvest.core.errors import Invalid

ZERO = Decimal(0)

ACCOUNTS = Accounts(
    **{row["rôle"]: row["compte"] for row in rows("ecritures", "Comptes des exemples")},
    client_auxiliary="C00000012",
    partner_auxiliary="P00000003",
    supplier_auxiliary="F00000007",
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
FEE = replace(
    SALE,
    kind=OperationKind.FEE,
    amount=Decimal("15.00"),
    tax_included=False,
    subject="PSP-Slimpay",
)


def written(entries: list[Entry]) -> str:
    """Write entries as the tables do."""
    return " ; ".join(" · ".join(map(_written_line, entry.lines)) for entry in entries) or "rien"


def _written_line(line: Line) -> str:
    side, amount = ("D", line.debit) if line.debit else ("C", line.credit)
    return f"{side} {line.account} {amount}".replace(".", ",")


def facts_of(row: Row) -> Facts:
    original = None
    if row.get("origine"):
        original = Original(
            OperationKind(row["origine"]), number(row["total"]), number(row["déjà"])
        )
    return Facts(
        kind=OperationKind(row["opération"]),
        amount=number(row["montant"]),
        currency="EUR",
        tax_included=row["base"] == "TTC",
        rate=number(row["taux"]),
        accounts=ACCOUNTS,
        subject="X",
        revenue_model=RevenueModel(row.get("modèle", "revenue")),
        vat_regime=VatRegime(row.get("régime", "debits")),
        original=original,
    )


@pytest.mark.requirement("3.3-01", "3.3-02", "F.4.1-02", "F.4.2-02", "F.5-01", "F.1-03")
@pytest.mark.parametrize("row", rows("ecritures", "Opérations"), ids=case_id)
def test_operations_table(row: Row) -> None:
    entries = entries_for(facts_of(row))

    assert written(entries) == row["écritures"]
    assert [entry.entry_type for entry in entries] == [row["type"]] * bool(row["type"])
    assert [DEFAULT_JOURNALS[entry.journal] for entry in entries] == row["journal"].split()


@pytest.mark.requirement("F.5-04")
@pytest.mark.parametrize("row", rows("ecritures", "Avoirs et annulations"), ids=case_id)
def test_reversals_table(row: Row) -> None:
    assert written(entries_for(facts_of(row))) == row["écritures"]


@pytest.mark.parametrize("row", rows("ecritures", "Encaissements"), ids=case_id)
def test_collections_table(row: Row) -> None:
    assert written(entries_for(facts_of(row))) == row["écritures"]


@pytest.mark.requirement("F.1-03", "F.3-11", "F.3-12")
def test_lines_say_what_files_show() -> None:
    [entry] = entries_for(SALE)
    client, main, vat = entry.lines

    assert entry.label == "Vente FT-BOX-001"
    assert (client.role, main.role, vat.role) == ("third_party", "main", "vat")
    assert (client.auxiliary, main.auxiliary, vat.auxiliary) == ("C00000012", "", "")
    assert (client.vat_rate, main.vat_rate, vat.vat_rate) == (None, SALE.rate, SALE.rate)
    assert (client.vat_amount, main.vat_amount, vat.vat_amount) == (ZERO, Decimal("4.98"), ZERO)
    assert (client.vat_base, main.vat_base, vat.vat_base) == (ZERO, ZERO, Decimal("24.92"))
    assert vat.label == "Vente FT-BOX-001 TVA 20%"


def test_third_parties_carry_their_auxiliary() -> None:
    [fee] = entries_for(FEE)
    [report] = entries_for(replace(SALE, kind=OperationKind.COMMISSION_REPORT))

    assert fee.lines[-1].auxiliary == "F00000007"
    assert report.lines[0].auxiliary == "P00000003"


def test_a_label_is_never_empty() -> None:
    [entry] = entries_for(replace(SALE, subject=""))

    assert entry.label == "Vente"


def test_a_collection_moves_vat_in_its_own_entry() -> None:
    collection = replace(
        SALE,
        kind=OperationKind.COLLECTION,
        amount=Decimal("10.00"),
        vat_regime=VatRegime.COLLECTIONS,
        original=Original(OperationKind.SALE, Decimal("29.90")),
    )

    payment, transfer = entries_for(collection)

    assert (payment.journal, payment.entry_type) == (JournalKey.BANK, EntryType.PAYMENT)
    assert [line.role for line in payment.lines] == [LineRole.PAYMENT, LineRole.THIRD_PARTY]
    assert (transfer.journal, transfer.entry_type) == (JournalKey.MISCELLANEOUS, EntryType.VAT)
    assert {line.vat_base for line in transfer.lines} == {Decimal("8.33")}


@pytest.mark.requirement("3.3-01")
@pytest.mark.parametrize("amount", ["0", "480.00"])
def test_collecting_for_a_partner_books_nothing(amount: str) -> None:
    collection = replace(
        SALE,
        kind=OperationKind.COLLECTION,
        amount=Decimal(amount),
        revenue_model=RevenueModel.COMMISSION,
        original=Original(OperationKind.SALE, Decimal("480.00")),
    )

    assert entries_for(collection) == []
    assert entries_for(replace(collection, amount=Decimal(0))) == []


def test_collecting_nothing_books_nothing() -> None:
    collection = replace(
        SALE,
        kind=OperationKind.COLLECTION,
        amount=Decimal(0),
        original=Original(OperationKind.SALE, Decimal("29.90")),
    )

    assert entries_for(collection) == []


def test_a_cent_that_is_all_vat_keeps_its_main_line() -> None:
    refund = replace(
        SALE,
        kind=OperationKind.REFUND,
        amount=Decimal("0.01"),
        original=Original(OperationKind.SALE, Decimal("0.03"), already=Decimal("0.02")),
    )

    [entry] = entries_for(refund)

    assert [line.role for line in entry.lines] == ["main", "vat", "third_party"]
    assert (entry.lines[0].debit, entry.lines[0].vat_amount) == (ZERO, Decimal("0.01"))


def test_every_missing_account_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        entries_for(replace(SALE, accounts=Accounts(revenue="706100")))

    assert caught.value.code == "accounting.accounts_missing"
    assert [reason.path for reason in caught.value.reasons] == [
        "accounts.client",
        "accounts.vat_collected",
    ]
    assert caught.value.reasons[0].message == "Le compte « Client » n'est pas paramétré."


def test_an_account_that_is_not_needed_may_be_missing() -> None:
    untaxed = replace(SALE, rate=Decimal(0), accounts=Accounts(revenue="706100", client="411000"))

    assert written(entries_for(untaxed)) == "D 411000 29,90 · C 706100 29,90"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(SALE, kind=OperationKind.BONUS), "operation.kind_unsupported"),
        (replace(SALE, kind=OperationKind.MALUS), "operation.kind_unsupported"),
        (replace(SALE, kind=OperationKind.RENEWAL), "operation.kind_unsupported"),
        (replace(SALE, amount=Decimal("-1")), "money.negative"),
        (replace(SALE, amount=Decimal("1.00001")), "money.too_many_decimals"),
        (replace(SALE, kind=OperationKind.REFUND), "operation.original_missing"),
        (replace(SALE, kind=OperationKind.COLLECTION), "operation.original_missing"),
        (
            replace(
                SALE,
                kind=OperationKind.REFUND,
                original=Original(OperationKind.COLLECTION, Decimal(30)),
            ),
            "operation.original_kind",
        ),
        (
            replace(
                SALE,
                kind=OperationKind.COLLECTION,
                original=Original(OperationKind.FEE, Decimal(30)),
            ),
            "operation.original_kind",
        ),
        (
            replace(
                SALE,
                kind=OperationKind.REFUND,
                original=Original(OperationKind.SALE, Decimal("29.90"), already=Decimal("0.01")),
            ),
            "operation.exceeds_remainder",
        ),
        (
            replace(
                SALE,
                kind=OperationKind.CANCELLATION,
                original=Original(OperationKind.SALE, Decimal("30.00")),
            ),
            "operation.cancels_in_part",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind.value,
)
def test_what_cannot_be_booked_is_refused(facts: Facts, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        entries_for(facts)

    assert caught.value.code == code


def line(debit: str, credit: str) -> Line:
    return Line(
        account="706100",
        auxiliary="",
        debit=Decimal(debit),
        credit=Decimal(credit),
        role=LineRole.MAIN,
        label="x",
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line("1", "0")], "entry.unbalanced"),
        ([line("1", "0"), line("0", "0.99")], "entry.unbalanced"),
        ([line("1", "1")], "entry.sides"),
        ([line("-1", "0"), line("0", "-1")], "entry.sides"),
    ],
)
def test_unbalanced_lines_are_refused(lines: list[Line], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_balanced(lines)

    assert caught.value.code == code


def test_every_code_has_its_french_name() -> None:
    assert set(KIND_LABELS) == set(OperationKind)
    assert set(ACCOUNT_LABELS) == set(AccountKey)
