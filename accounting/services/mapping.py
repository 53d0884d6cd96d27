"""Validation of accounting mappings by Compta (C.6; §2.2, §3.6)."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from accounting.choices import MappingState
from accounting.domain.books import CompanyBook
from accounting.domain.mapping_rules import Nature, account_problems, tax_code_problems
from accounting.models import AccountingMapping
from accounting.selectors.accounts import read_book
from accounting.services.booking import CHUNK, book_parked_operations
from catalog.selectors.publication import fee_codes_of, tax_codes_of
from catalog.services.holds import hold_version
from winvest.core import permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, Problem, Reason
from winvest.core.models import User
from winvest.core.transaction import transaction

WAITING = (MappingState.TO_VALIDATE, MappingState.ERROR)
_IDENTITY = ("product_version_id", "company_id", "nature")
_ACCOUNTS = ("gl_account", "journal", "tax_code", "cost_center")


class MappingProblem(Problem):
    """What may not be done to a mapping."""

    IN_ERROR = "mapping.in_error", "Ce mapping ne peut pas être validé : voir les raisons."
    VALIDATED = (
        "mapping.validated",
        "Un mapping validé ne change plus et ne s'efface pas : ajoutez-en un autre, qui prendra "
        "sa place à sa validation.",
    )


def check_may_change(mapping: AccountingMapping) -> None:
    """Raise `Conflict` for a mapping that is or was validated: entries may rest on it."""
    if mapping.state in (MappingState.VALIDATED, MappingState.REPLACED):
        raise Conflict(MappingProblem.VALIDATED)


def prepare_successor(*, actor: User, mapping: AccountingMapping) -> AccountingMapping:
    """Return the mapping that waits to take the place of a validated one: its copy, if none does.

    Right `mapping.edit`. The validated one stays in force until its successor is validated.
    """
    permissions.require_on(actor, Action.MAPPING_EDIT, mapping)
    same = {name: getattr(mapping, name) for name in _IDENTITY}
    with transaction(actor, mapping.company_id):
        waiting = AccountingMapping.objects.filter(**same, state__in=WAITING).first()
        row: AccountingMapping = waiting or AccountingMapping(
            **same,
            product_id=mapping.product_id,
            **{name: getattr(mapping, name) for name in _ACCOUNTS},
        )
        if waiting is None:
            row.full_clean()
            row.save(force_insert=True)
    return row


def validate_mapping(*, actor: User, mapping: AccountingMapping) -> list[Reason]:
    """Validate a mapping of a version, or set it in error and return every reason why.

    Right `mapping.validate`. Account by nature and length (§2.2), VAT code in force and in
    agreement with the price (P-07); a mapping validated already stays as it is, and the one in
    force until then ends at the same instant. The operations that waited for it are booked: the
    first ones at once, the others by the next sweep.
    """
    permissions.require_on(actor, Action.MAPPING_VALIDATE, mapping)
    with scoping.scope({mapping.company_id}), transaction(actor, mapping.company_id):
        row = (
            AccountingMapping.objects.select_for_update(of=("self",))
            .select_related("product_version__product__partner", "company")
            .get(pk=mapping.pk)
        )
        product = row.product_version.product
        if row.state not in WAITING:
            return []
        hold_version(row.product_version_id)  # a publication rests on its mappings
        reasons = mapping_problems(row)
        row.state = MappingState.ERROR if reasons else MappingState.VALIDATED
        row.validated_by = None if reasons else actor
        row.validated_at = None if reasons else now()
        if not reasons:
            _end_of_before(row)
            row.full_clean()
        row.save()
    if not reasons:
        book_parked_operations(actor=actor, company_id=row.company_id, sku=product.sku, limit=CHUNK)
    return reasons


def _end_of_before(row: AccountingMapping) -> None:
    """End the mapping in force, if there is one, when `row` takes its place."""
    same = {name: getattr(row, name) for name in _IDENTITY}
    before = (
        AccountingMapping.objects.select_for_update(of=("self",))
        .filter(**same, state=MappingState.VALIDATED)
        .first()
    )
    if before is not None:
        before.state, before.replaced_at = MappingState.REPLACED, row.validated_at
        before.save()


def mapping_problems(row: AccountingMapping) -> list[Reason]:
    """Return what is wrong with a mapping of a company in scope, once it applies (C.6, P-07)."""
    nature = Nature(row.nature)
    partner = row.product_version.product.partner
    code_rate, price_rates = _rates(row)
    problems = account_problems(nature, row.gl_account, length=row.company.account_length)
    for price_rate in price_rates:
        problems += tax_code_problems(
            nature,
            row.tax_code or "",
            code_rate=code_rate,
            price_rate=price_rate,
            insurance=partner is not None and partner.is_insurance,
        )
    return list(dict.fromkeys(problems))  # several prices may give the same problem


def _rates(row: AccountingMapping) -> tuple[Decimal | None, Collection[Decimal | None]]:
    """Return the rate of the mapping's VAT code, and those of what it books, once it applies.

    That is the prices, and the initial fees, which are sales as well (3.6-13).
    """
    book = read_book(row.company_id)
    on = book.day(max(now(), row.product_version.effective_from))
    # Prices are the owner's rows; whoever sells the version sells by them.
    codes = tax_codes_of(row.product_version)
    if row.nature == Nature.REVENUE:
        codes |= fee_codes_of(row.product_version)
    rates = {code: _rate_or_none(book, code, on) for code in {*codes, row.tax_code or ""}}
    return rates[row.tax_code or ""], {rates[code] for code in codes} or {None}


def _rate_or_none(book: CompanyBook, code: str, on: date) -> Decimal | None:
    try:
        return book.rate(code, on)
    except Invalid:
        return None
