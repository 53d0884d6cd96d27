"""Receiving operations: each fact once, booked or parked, line by line (`POST operations`)."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounting.domain.body_readers import uuid
from accounting.domain.books import EarlierOperation
from accounting.domain.operation_body import Key, Told, read_operation, told_fields
from accounting.domain.outcome import Booking
from accounting.models import Operation
from accounting.selectors.earlier import Bearing, read_earlier
from accounting.services.booking import CHUNK, Desk, open_desk, settle
from accounting.services.entries import write_entries
from catalog.services.quote_token import read_quote
from winvest.core import json, permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, DomainError, Invalid, NotFound, Problem
from winvest.core.models import User
from winvest.core.permissions import access_of
from winvest.core.transaction import transaction

MAX_OPERATIONS = 1000


class PostingProblem(Problem):
    """Why a told operation is refused."""

    TOO_MANY = "operation.too_many", "{limit} opérations au plus à la fois."
    COMPANY_UNKNOWN = "not_found", "Cette société n'existe pas."
    PRODUCT_UNKNOWN = "product.unknown", "Ce produit n'existe pas."
    ORIGINAL_UNKNOWN = (
        "operation.original_unknown",
        "Aucune opération « {external_id} » de cette source n'est connue.",
    )
    OTHER_QUOTE = (
        "operation.other_quote",
        "Ce devis porte sur autre chose : société, produit, version, formule, quantité ou montant.",
    )
    OTHER_BODY = (
        "operation.other_body",
        "Cette opération a déjà été reçue avec un autre contenu.",
    )


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one body: created (201), known already (200) or refused."""

    index: int
    status: int
    operation: Operation | None = None
    error: DomainError | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A body that could be read, with the hash of what it says."""

    index: int
    told: Told
    body: dict[str, Any]
    digest: str


def post_operations(*, actor: User, bodies: Sequence[object]) -> list[Posted]:
    """Receive up to 1,000 operations, each on its own: one refused line stops no other.

    Right `operation.post` in the company of each (another company is unknown, 404). The same
    (company, source, external id) with the same content changes nothing; with another, 409.
    """
    if len(bodies) > MAX_OPERATIONS:
        raise Invalid(PostingProblem.TOO_MANY, limit=MAX_OPERATIONS)
    at = now()
    answers: dict[int, Posted] = {}
    by_company: dict[UUID, list[_Draft]] = defaultdict(list)
    for index, body in enumerate(bodies):
        try:
            draft = _receive(actor, index, body, at)
        except DomainError as error:
            answers[index] = _refused(index, error)
        else:
            by_company[draft.told.company_id].append(draft)
    for company_id, drafts in by_company.items():
        with scoping.scope({company_id}):
            for posted in _Posting(actor, company_id, drafts, at).run():
                answers[posted.index] = posted
    return [answers[index] for index in range(len(bodies))]


def _receive(actor: User, index: int, body: object, at: datetime) -> _Draft:
    """Read a body; the company is asked first, as the order of refusals wants (404, 403, 422)."""
    _check_company(actor, body)
    told = read_operation(body, at=at)
    plain = told_fields(told)
    text = json.dumps(plain, canonical=True)
    return _Draft(index, told, plain, hashlib.sha256(text.encode()).hexdigest())


def _check_company(actor: User, body: object) -> None:
    try:
        company_id = uuid(body.get("company_id") if isinstance(body, dict) else None, "company_id")
    except Invalid:
        return  # told with the other problems of the body
    if company_id not in access_of(actor).all_companies:
        raise NotFound(PostingProblem.COMPANY_UNKNOWN, path="company_id")
    permissions.require(actor, Action.OPERATION_POST, company_id)


def _check_quote(told: Told, booking: Booking) -> None:
    """Refuse a quote that is not ours, had expired, or was given for something else."""
    if not told.quote_token:
        return
    quote = read_quote(told.quote_token, at=told.occurred_at)
    amount = quote.incl_tax if told.includes_tax else quote.excl_tax
    quantity = 1 if told.quantity is None else told.quantity
    # A parked operation may not know its version yet: the quote then says nothing against it.
    version_id = booking.version_id or quote.product_version_id
    sold = (told.company_id, told.sku, told.plan, version_id, quantity, told.amount)
    if sold != (
        quote.company_id,
        quote.sku,
        quote.plan or "",
        quote.product_version_id,
        quote.quantity,
        amount,
    ):
        raise Invalid(PostingProblem.OTHER_QUOTE, path="quote_token")


def _refused(index: int, error: DomainError) -> Posted:
    return Posted(index, error.status, error=error)


class _Posting:
    """The operations of one company, written by chunks.

    Within a chunk no line depends on another: one that does waits for the next chunk.
    """

    def __init__(self, actor: User, company_id: UUID, drafts: list[_Draft], at: datetime) -> None:
        """Read what the whole batch needs."""
        self.actor = actor
        self.company_id = company_id
        self.drafts = drafts
        self.at = at
        self.known = self._find([draft.told.key for draft in drafts])
        fresh = (draft.told for draft in drafts if draft.told.key not in self.known)
        self.desk: Desk = open_desk(company_id, fresh)
        self.ready: dict[Key, _Draft] = {}

    def run(self) -> Iterator[Posted]:
        """Yield what becomes of each draft, in no order."""
        for draft in self.drafts:
            if len(self.ready) >= CHUNK or self._depends_on_ready(draft.told):
                yield from self._flush()
            if draft.told.key in self.known:
                yield self._repeat(draft)
            else:
                self.ready[draft.told.key] = draft
        yield from self._flush()

    def _depends_on_ready(self, told: Told) -> bool:
        """Whether a line of the chunk is the same fact, its original, or bears on it as well."""
        if told.key in self.ready:
            return True
        borne = (draft.told.original_key for draft in self.ready.values())
        return told.original_key in self.ready or (
            told.original != "" and told.original_key in borne
        )

    def _find(self, keys: Collection[Key], *, lock: bool = False) -> dict[Key, Operation]:
        rows = Operation.objects.filter(
            company=self.company_id,
            source__in={source for _, source, _ in keys},
            external_id__in={external_id for _, _, external_id in keys},
        )
        if lock:  # in one order, whoever locks
            rows = rows.select_for_update().order_by("pk")
        found = {(self.company_id, row.source, row.external_id): row for row in rows}
        return {key: found[key] for key in keys if key in found}

    def _repeat(self, draft: _Draft) -> Posted:
        """Answer an operation told again: the same one, or a conflict."""
        operation = self.known[draft.told.key]
        if operation.body_hash == draft.digest:
            return Posted(draft.index, HTTPStatus.OK, operation)
        return _refused(draft.index, Conflict(PostingProblem.OTHER_BODY, path="external_id"))

    def _flush(self) -> list[Posted]:
        """Write the chunk at once, or one by one if a twin came in meanwhile."""
        drafts, self.ready = list(self.ready.values()), {}
        if not drafts:
            return []
        try:
            return self._post(drafts)
        except IntegrityError:
            return [self._post_alone(draft) for draft in drafts]

    def _post_alone(self, draft: _Draft) -> Posted:
        try:
            return self._post([draft])[0]
        except IntegrityError:
            self.known |= self._find([draft.told.key])
            if draft.told.key not in self.known:
                raise
            return self._repeat(draft)

    def _post(self, drafts: list[_Draft]) -> list[Posted]:
        """Lock what the drafts bear on, plan each, write those that nothing refuses."""
        answers: list[Posted] = []
        planned: list[tuple[_Draft, Booking, Operation | None]] = []
        with transaction(self.actor, self.company_id):
            originals, earlier = self._lock_originals(drafts)
            for draft in drafts:
                if draft.told.key in self.known:  # its twin held the lock
                    answers.append(self._repeat(draft))
                    continue
                original = originals.get(draft.told.original_key)
                try:
                    booking = self._plan(draft.told, earlier.get(original.pk) if original else None)
                except DomainError as error:
                    answers.append(_refused(draft.index, error))
                else:
                    planned.append((draft, booking, original))
            rows = self._insert(planned)
        for (draft, _, _), row in zip(planned, rows, strict=True):
            self.known[draft.told.key] = row
            answers.append(Posted(draft.index, HTTPStatus.CREATED, row))
        return answers

    def _lock_originals(
        self, drafts: list[_Draft]
    ) -> tuple[dict[Key, Operation], dict[UUID, EarlierOperation]]:
        bearing = {draft.told.original_key: draft.told for draft in drafts if draft.told.original}
        if not bearing:
            return {}, {}
        rows = self._find(bearing, lock=True)
        # Another statement, which sees what was committed while this one waited for the locks.
        self.known |= self._find([told.key for told in bearing.values()])
        wanted = [Bearing(row=rows[key], collects=bool(bearing[key].collects)) for key in rows]
        return rows, read_earlier(wanted)

    def _plan(self, told: Told, earlier: EarlierOperation | None) -> Booking:
        if told.original:
            if earlier is None:
                path = "collects" if told.collects else "reverses"
                raise Invalid(PostingProblem.ORIGINAL_UNKNOWN, path=path, external_id=told.original)
        elif told.sku and told.sku not in self.desk.products:
            raise NotFound(PostingProblem.PRODUCT_UNKNOWN, path="sku")
        booking = self.desk.plan(told, earlier)
        _check_quote(told, booking)
        return booking

    def _insert(self, planned: list[tuple[_Draft, Booking, Operation | None]]) -> list[Operation]:
        rows = [self._operation(*one) for one in planned]
        # By key, so that two batches with the same facts wait for each other and never cross.
        ordered = sorted(rows, key=lambda row: (row.source, row.external_id))
        Operation.objects.bulk_create(ordered)
        bookings = [booking for _, booking, _ in planned]
        write_entries(self.company_id, zip(rows, bookings, strict=True))
        return rows

    def _operation(self, draft: _Draft, booking: Booking, original: Operation | None) -> Operation:
        told = draft.told
        operation = Operation(
            company_id=self.company_id,
            source=told.source,
            external_id=told.external_id,
            kind=told.kind.value,
            sku=booking.sku,
            plan_code=booking.plan,
            channel=told.channel,
            quantity=1 if told.quantity is None else told.quantity,
            amount=told.amount,
            tax_included=booking.tax_included,
            currency=self.desk.book.currency,
            occurred_at=told.occurred_at,
            accounting_date=self.desk.book.day(told.occurred_at),
            contract_ref=told.contract_ref,
            client_ref=told.client_ref,
            supplier_ref=told.supplier_ref,
            analytic_label=told.analytic_label,
            reverses=original if told.reverses else None,
            collects=original if told.collects else None,
            body=draft.body,
            body_hash=draft.digest,
            posted_by=self.actor,
        )
        settle(operation, booking, self.at)
        return operation
