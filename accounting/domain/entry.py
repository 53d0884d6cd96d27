"""The balanced entries that an operation gives (Annexe F §4 and §5, double entry).

Two non-negative columns everywhere; a correction is a new operation, whose entries are those of
the first with debit and credit swapped. Worked tables: `docs/rules/ecritures.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from accounting.domain.mapping_rules import JournalKey
from accounting.domain.operation import (
    KIND_LABELS,
    AccountKey,
    Facts,
    OperationKind,
    Original,
    VatRegime,
)
from catalog.domain.pricing import RevenueModel
from winvest.core.domain.money import check_amount, rate_label, round_amount
from winvest.core.domain.vat import TaxSplit, split, split_part
from winvest.core.errors import Invalid, Problem

ZERO = Decimal(0)


class EntryProblem(Problem):
    """Why an operation cannot be booked."""

    KIND_UNSUPPORTED = (
        "operation.kind_unsupported",
        "Une opération de nature « {kind} » ne se comptabilise pas encore.",
    )
    ORIGINAL_MISSING = (
        "operation.original_missing",
        "Il faut l'opération d'origine pour comptabiliser une opération « {kind} ».",
    )
    ORIGINAL_KIND = (
        "operation.original_kind",
        "Une opération « {kind} » ne porte pas sur une opération « {original} ».",
    )
    EXCEEDS_REMAINDER = (
        "operation.exceeds_remainder",
        "Le montant dépasse ce qui reste de l'opération d'origine ({remainder}).",
    )
    CANCELS_IN_PART = (
        "operation.cancels_in_part",
        "Une annulation porte sur tout ce qui reste de l'opération d'origine ({remainder}).",
    )
    UNBALANCED = "entry.unbalanced", "L'écriture n'est pas équilibrée : {debit} contre {credit}."
    SIDES = (
        "entry.sides",
        "Une ligne porte un montant positif, au débit ou au crédit.",
    )


class EntryType(StrEnum):
    """Column « Type écriture » of F.3, as written in the files; payments are in none of F's."""

    REVENUE = "CA"
    COMMISSION = "Commission"
    FEE = "Frais"
    VAT = "TVA"
    PAYMENT = "Règlement"


class LineRole(StrEnum):
    """What a line is for; only main lines make the single-line files."""

    MAIN = "main"
    VAT = "vat"
    THIRD_PARTY = "third_party"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an entry: an amount in one of two non-negative columns.

    Only a main line has a `vat_amount`, that of its flow, which the files show beside it. Main
    and VAT lines have a rate; VAT lines have the tax-exclusive amount they tax in `vat_base`.
    """

    account: str
    auxiliary: str
    debit: Decimal
    credit: Decimal
    role: LineRole
    label: str
    vat_amount: Decimal = ZERO
    vat_base: Decimal = ZERO
    vat_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced entry: its journal, its type in the files, its lines, debits first."""

    journal: JournalKey
    entry_type: EntryType
    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """How a kind is booked: the main account, its counterpart, its VAT, its side."""

    entry_type: EntryType
    journal: JournalKey
    main: AccountKey
    third_party: AccountKey
    vat: AccountKey
    main_is_debit: bool


_SALE = _Flow(
    entry_type=EntryType.REVENUE,
    journal=JournalKey.REVENUE,
    main=AccountKey.REVENUE,
    third_party=AccountKey.CLIENT,
    vat=AccountKey.VAT_COLLECTED,
    main_is_debit=False,
)
_COLLECTED = (OperationKind.SALE, OperationKind.BILLING, OperationKind.COMMISSION_REPORT)
_FLOWS: Mapping[OperationKind, _Flow] = {
    OperationKind.SALE: _SALE,
    OperationKind.BILLING: _SALE,
    OperationKind.COMMISSION_REPORT: _Flow(
        entry_type=EntryType.COMMISSION,
        journal=JournalKey.COMMISSION,
        main=AccountKey.COMMISSION,
        third_party=AccountKey.PARTNER,
        vat=AccountKey.VAT_COLLECTED,
        main_is_debit=False,
    ),
    OperationKind.FEE: _Flow(
        entry_type=EntryType.FEE,
        journal=JournalKey.FEE,
        main=AccountKey.FEE,
        third_party=AccountKey.SUPPLIER,
        vat=AccountKey.VAT_DEDUCTIBLE,
        main_is_debit=True,
    ),
}


def entries_for(facts: Facts) -> list[Entry]:
    """Return the balanced entries of an operation, none where it books nothing.

    Refused: a kind that is not booked yet, a negative amount, a refund of more than remains, a
    cancellation of less, every account that is needed and not set.
    """
    amount = round_amount(check_amount(facts.amount), facts.currency)
    if facts.kind in (OperationKind.REFUND, OperationKind.CANCELLATION):
        entries = _reversal(facts, amount)
    elif facts.kind is OperationKind.COLLECTION:
        entries = _collection(facts, amount)
    elif facts.kind in _FLOWS:
        parts = split(amount, facts.rate, facts.currency, tax_included=facts.tax_included)
        entries = _flow_entries(facts, facts.kind, parts)
    else:
        raise Invalid(EntryProblem.KIND_UNSUPPORTED, path="kind", kind=KIND_LABELS[facts.kind])
    for entry in entries:
        check_balanced(entry.lines)
    return entries


def check_original(facts: Facts) -> Original:
    """Return the operation that `facts` bear on, unless it cannot bear them.

    Refused: none, one of another kind, a refund of more than remains, a cancellation of less.
    """
    kind = KIND_LABELS[facts.kind]
    if facts.original is None:
        raise Invalid(EntryProblem.ORIGINAL_MISSING, kind=kind)
    collects = facts.kind is OperationKind.COLLECTION
    if facts.original.kind not in (_COLLECTED if collects else _FLOWS):
        original = KIND_LABELS[facts.original.kind]
        raise Invalid(EntryProblem.ORIGINAL_KIND, kind=kind, original=original)
    if collects:
        return facts.original
    amount = round_amount(facts.amount, facts.currency)
    remainder = round_amount(facts.original.amount - facts.original.already, facts.currency)
    if amount > remainder:
        raise Invalid(EntryProblem.EXCEEDS_REMAINDER, path="amount", remainder=remainder)
    if facts.kind is OperationKind.CANCELLATION and amount != remainder:
        raise Invalid(EntryProblem.CANCELS_IN_PART, path="amount", remainder=remainder)
    return facts.original


def check_balanced(lines: Iterable[Line]) -> None:
    """Refuse lines whose debits are not their credits, or that use both columns or a negative."""
    debit = credit = ZERO
    for line in lines:
        if min(line.debit, line.credit) != 0:  # one is negative, or both are positive
            raise Invalid(EntryProblem.SIDES)
        debit += line.debit
        credit += line.credit
    if debit != credit:
        raise Invalid(EntryProblem.UNBALANCED, debit=debit, credit=credit)


def _flow_entries(
    facts: Facts, kind: OperationKind, parts: TaxSplit, *, reverse: bool = False
) -> list[Entry]:
    """Book `parts` as `kind` says, or the other way round."""
    flow = _FLOWS[kind]
    if parts.incl == 0 or _belongs_to_partner(facts, flow):
        return []
    pending = flow.vat is AccountKey.VAT_COLLECTED and facts.vat_regime is VatRegime.COLLECTIONS
    vat = AccountKey.VAT_PENDING if pending else flow.vat
    facts.accounts.require([flow.main, flow.third_party, *([vat] if parts.tax else [])])
    debit = flow.main_is_debit != reverse
    own = [_line(facts, flow.main, LineRole.MAIN, parts.excl, parts, debit=debit)]
    if parts.tax:
        own.append(_line(facts, vat, LineRole.VAT, parts.tax, parts, debit=debit))
    third_party = _line(
        facts, flow.third_party, LineRole.THIRD_PARTY, parts.incl, parts, debit=not debit
    )
    lines = (*own, third_party) if debit else (third_party, *own)
    return [Entry(flow.journal, flow.entry_type, _label(facts), lines)]


def _reversal(facts: Facts, amount: Decimal) -> list[Entry]:
    """Swap the original's debits and credits, for a part of it or for all that remains."""
    original = check_original(facts)
    parts = split_part(
        amount, original.already, facts.rate, facts.currency, tax_included=facts.tax_included
    )
    return _flow_entries(facts, original.kind, parts, reverse=True)


def _collection(facts: Facts, amount: Decimal) -> list[Entry]:
    """Book money received, and under `collections` the VAT that falls due with it.

    What is received beyond the original's total is booked too, and makes no more VAT due.
    """
    original = check_original(facts)
    flow = _FLOWS[original.kind]
    if amount == 0 or _belongs_to_partner(facts, flow):
        return []
    total = split(original.amount, facts.rate, facts.currency, tax_included=facts.tax_included).incl
    already = min(original.already, total)
    due = min(amount, total - already)
    parts = split_part(due, already, facts.rate, facts.currency, tax_included=True)
    moves_vat = facts.vat_regime is VatRegime.COLLECTIONS and parts.tax != 0
    vat_keys = [AccountKey.VAT_PENDING, AccountKey.VAT_COLLECTED] if moves_vat else []
    facts.accounts.require([AccountKey.BANK, flow.third_party, *vat_keys])
    payment = (
        _line(facts, AccountKey.BANK, LineRole.PAYMENT, amount, parts, debit=True),
        _line(facts, flow.third_party, LineRole.THIRD_PARTY, amount, parts, debit=False),
    )
    entries = [Entry(JournalKey.BANK, EntryType.PAYMENT, _label(facts), payment)]
    if moves_vat:
        transfer = (
            _line(facts, AccountKey.VAT_PENDING, LineRole.VAT, parts.tax, parts, debit=True),
            _line(facts, AccountKey.VAT_COLLECTED, LineRole.VAT, parts.tax, parts, debit=False),
        )
        entries.append(Entry(JournalKey.MISCELLANEOUS, EntryType.VAT, _label(facts), transfer))
    return entries


def _belongs_to_partner(facts: Facts, flow: _Flow) -> bool:
    """Say whether the client pays the partner: the product only brings us a commission."""
    return flow.entry_type is EntryType.REVENUE and facts.revenue_model is RevenueModel.COMMISSION


def _line(
    facts: Facts,
    key: AccountKey,
    role: LineRole,
    amount: Decimal,
    parts: TaxSplit,
    *,
    debit: bool,
) -> Line:
    label = _label(facts)
    return Line(
        account=getattr(facts.accounts, key),
        auxiliary=facts.accounts.auxiliary(key),
        debit=amount if debit else ZERO,
        credit=ZERO if debit else amount,
        role=role,
        label=f"{label} TVA {rate_label(facts.rate)}" if role is LineRole.VAT else label,
        vat_amount=parts.tax if role is LineRole.MAIN else ZERO,
        vat_base=parts.excl if role is LineRole.VAT else ZERO,
        vat_rate=facts.rate if role in (LineRole.MAIN, LineRole.VAT) else None,
    )


def _label(facts: Facts) -> str:
    return f"{KIND_LABELS[facts.kind]} {facts.subject}".rstrip()
