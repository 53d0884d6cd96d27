"""What a told operation may say: its fields by kind, their types and limits (`POST operations`).

Absent is null; unknown and misplaced fields are refused; every problem is told at once. The same
reader serves the API, the loaders and the taking up of parked operations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounting.domain.body_readers import (
    BodyProblem,
    Reader,
    amount,
    day,
    instant,
    items,
    moment,
    names,
    one_of,
    quantity,
    read_fields,
    record,
    text,
    true_or_false,
    uuid,
    whole,
)
from accounting.domain.entry import EntryProblem
from accounting.domain.operation import KIND_LABELS, OperationKind
from winvest.core.errors import Invalid, Problem, Reason

CHANNELS = ("field", "telesales", "web", "partner")
BENEFICIARIES = ("company", "commercial", "manager", "partner", "platform")
MAX_LINES = 100
Key = tuple[UUID, str, str]
# A clock may run ahead of ours, a business date may not.
FUTURE_TOLERANCE = timedelta(days=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class OperationProblem(Problem):
    """What can be wrong with a told operation."""

    INVALID = "operation.invalid", "L'opération a des champs à corriger."
    MISPLACED = (
        "operation.misplaced_field",
        "Une opération « {kind} » n'a pas de champ « {name} ».",
    )
    IN_THE_FUTURE = (
        "operation.in_the_future",
        "Une opération ne peut pas dater de plus d'un jour dans le futur.",
    )
    TOO_OLD = "operation.too_old", "Une opération ne peut pas dater d'avant le 1er janvier 2000."
    SUBJECT_MISSING = (
        "operation.subject_missing",
        "Des frais portent un produit ou un libellé analytique.",
    )
    COLLECTION_INCLUDES_TAX = (
        "operation.collection_includes_tax",
        "Un encaissement est toujours TTC.",
    )
    LINES_TOTAL = (
        "operation.lines_total",
        "Le total des lignes ({total}) n'est pas le montant de l'opération ({amount}).",
    )
    SEVERAL_PRODUCTS = (
        "operation.several_products",
        "Un avoir de plusieurs produits n'est pas encore pris en charge : une opération par "
        "produit.",
    )
    PERIOD = "operation.period", "La fin de la période doit suivre son début."


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """A line of a refund."""

    sku: str
    amount: Decimal
    plan: str = ""
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What the contract says of itself; `version` is the product version it runs under."""

    started_on: date | None = None
    version: int | None = None
    next_billing_at: date | datetime | None = None
    renewal_at: date | datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An operation as it was told; `amount` is its total in the company's currency."""

    source: str
    external_id: str
    kind: OperationKind
    company_id: UUID
    occurred_at: datetime
    amount: Decimal
    sku: str = ""
    plan: str = ""
    quantity: Decimal | None = None
    tax_included: bool | None = None
    contract_ref: UUID | None = None
    client_ref: UUID | None = None
    channel: str = ""
    beneficiaries: Mapping[str, str] = field(default_factory=dict)
    contract: Contract = Contract()
    quote_token: str = ""
    reverses: str = ""
    collects: str = ""
    effective_on: date | None = None
    lines: tuple[ToldLine, ...] = ()
    period: Mapping[str, Any] = field(default_factory=dict)
    premium_excl_tax: Decimal | None = None
    cost_excl_tax: Decimal | None = None
    supplier_ref: str = ""
    analytic_label: str = ""

    @property
    def key(self) -> Key:
        """What makes the fact unique: company, source, external id."""
        return self.company_id, self.source, self.external_id

    @property
    def original_key(self) -> Key:
        """The key of the operation that this one reverses or collects, known to nobody if none."""
        return self.company_id, self.source, self.original

    @property
    def original(self) -> str:
        """External id of the operation that this one reverses or collects."""
        return self.reverses or self.collects

    @property
    def includes_tax(self) -> bool:
        """Whether the amount includes tax: yes unless told, no for fees and commissions (P-06)."""
        if self.tax_included is None:
            return self.kind not in (OperationKind.FEE, OperationKind.COMMISSION_REPORT)
        return self.tax_included


_LINE = {"sku": text(80), "plan": text(60), "quantity": quantity, "amount": amount}
_CONTRACT = {"started_on": day, "version": whole, "next_billing_at": moment, "renewal_at": moment}
READERS: Mapping[str, Reader] = {
    "source": text(60),
    "external_id": text(120),
    "kind": one_of(OperationKind),
    "company_id": uuid,
    "sku": text(80),
    "plan": text(60),
    "occurred_at": instant,
    "quantity": quantity,
    "amount": amount,
    "tax_included": true_or_false,
    "contract_ref": uuid,
    "client_ref": uuid,
    "channel": one_of(CHANNELS),
    "beneficiaries": names(BENEFICIARIES, limit=120),
    "contract": record(_CONTRACT, build=Contract),
    "quote_token": text(4000),
    "reverses": text(120),
    "collects": text(120),
    "effective_on": day,
    "lines": items(record(_LINE, required=("sku", "amount"), build=ToldLine), limit=MAX_LINES),
    "period": record({"index": whole, "from": day, "to": day}, required=("from", "to"), build=dict),
    "premium_excl_tax": amount,
    "cost_excl_tax": amount,
    "supplier_ref": text(120),
    "analytic_label": text(80),
}
REQUIRED = ("source", "external_id", "kind", "company_id", "occurred_at", "amount")
_OWN = {
    OperationKind.SALE: {"quote_token", "premium_excl_tax", "cost_excl_tax"},
    OperationKind.BILLING: {"quote_token", "premium_excl_tax", "cost_excl_tax", "period"},
    OperationKind.COLLECTION: {"collects", "premium_excl_tax", "period"},
    OperationKind.COMMISSION_REPORT: {"premium_excl_tax", "period"},
    OperationKind.REFUND: {"reverses", "lines", "effective_on"},
    OperationKind.CANCELLATION: {"reverses", "lines", "effective_on"},
    OperationKind.FEE: {"supplier_ref", "analytic_label"},
}
_NEEDED = {
    OperationKind.SALE: "sku",
    OperationKind.BILLING: "sku",
    OperationKind.COMMISSION_REPORT: "sku",
    OperationKind.COLLECTION: "collects",
    OperationKind.REFUND: "reverses",
    OperationKind.CANCELLATION: "reverses",
}
_COMMON = frozenset(READERS) - frozenset().union(*_OWN.values())


def read_operation(body: object, *, at: datetime) -> Told:
    """Return the operation that `body` tells at the instant `at`, else every reason against it."""
    values, reasons = read_fields(body, READERS, required=REQUIRED)
    kind = values.get("kind")
    if kind is not None:
        unread = {reason.path for reason in reasons}
        reasons += [
            reason
            for reason in _kind_reasons(OperationKind(kind), values)
            if reason.path not in unread
        ]
    reasons += _moment_reasons(values.get("occurred_at"), at)
    if reasons:
        raise Invalid.several(OperationProblem.INVALID, reasons)
    return Told(**values)


def told_fields(told: Told) -> dict[str, Any]:
    """Return what was told as plain JSON: numbers as short texts, instants in UTC, no null.

    Two bodies that say the same give the same, so that its hash tells a repeat from a conflict.
    """
    plain = {one.name: _plain(getattr(told, one.name)) for one in fields(told)}
    return {name: value for name, value in plain.items() if value not in (None, "", {}, [])}


def _kind_reasons(kind: OperationKind, values: Mapping[str, Any]) -> list[Reason]:
    label = KIND_LABELS[kind]
    if kind not in _OWN:
        return [_reason(EntryProblem.KIND_UNSUPPORTED, "kind", kind=label)]
    reasons = [
        _reason(OperationProblem.MISPLACED, name, kind=label, name=name)
        for name in values
        if name not in _COMMON and name not in _OWN[kind]
    ]
    needed = _NEEDED.get(kind)
    if needed and not values.get(needed):
        reasons.append(_reason(BodyProblem.REQUIRED, needed))
    if kind is OperationKind.FEE and not (values.get("sku") or values.get("analytic_label")):
        reasons.append(_reason(OperationProblem.SUBJECT_MISSING, "analytic_label"))
    if kind is OperationKind.COLLECTION and values.get("tax_included") is False:
        reasons.append(_reason(OperationProblem.COLLECTION_INCLUDES_TAX, "tax_included"))
    return reasons + _line_reasons(values) + _period_reasons(values.get("period"))


def _line_reasons(values: Mapping[str, Any]) -> list[Reason]:
    """Lines are accepted as long as they are of one product and make the amount."""
    lines: tuple[ToldLine, ...] = values.get("lines", ())
    if not lines:
        return []
    reasons = []
    products = {(line.sku, line.plan) for line in lines}
    if len(products) > 1 or lines[0].sku != values.get("sku", lines[0].sku):
        reasons.append(_reason(OperationProblem.SEVERAL_PRODUCTS, "lines"))
    total = sum((line.amount for line in lines), start=Decimal(0))
    if values.get("amount", total) != total:
        problem = OperationProblem.LINES_TOTAL
        reasons.append(_reason(problem, "lines", total=total, amount=values["amount"]))
    return reasons


def _period_reasons(period: Mapping[str, Any] | None) -> list[Reason]:
    if period is None or period["from"] < period["to"]:
        return []
    return [_reason(OperationProblem.PERIOD, "period.to")]


def _moment_reasons(occurred_at: datetime | None, at: datetime) -> list[Reason]:
    if occurred_at is None:
        return []
    if occurred_at > at + FUTURE_TOLERANCE:
        return [_reason(OperationProblem.IN_THE_FUTURE, "occurred_at")]
    if occurred_at < EARLIEST:
        return [_reason(OperationProblem.TOO_OLD, "occurred_at")]
    return []


def _reason(problem: Problem, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(**params), path)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, ToldLine | Contract):
        plain = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        return {name: item for name, item in plain.items() if item not in (None, "")}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
