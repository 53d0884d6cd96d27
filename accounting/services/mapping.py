"""Validation of accounting mappings by Compta (C.6; §2.2, §3.6)."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from accounting.choices import MappingState
from accounting.domain.books import CompanyBook
from accounting.domain.mapping_rules import Nature, account_problems, tax_code_problems
from accounting.models import AccountingMapping
from accounting.selectors.accounts import read_book
from accounting.services.booking import CHUNK, book_parked_operations
from catalog.models import PricingRule
from winvest.core import permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, Problem, Reason
from winvest.core.models import User
from winvest.core.transaction import transaction


class MappingProblem(Problem):
    """What may not be done to a mapping."""

    VALIDATED = (
        "mapping.validated",
        "Un mapping validé ne se supprime pas : changez ses comptes.",
    )


def to_validate_again(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of a mapping with what they imply: it is to be validated again (C.6)."""
    state = {"state": MappingState.TO_VALIDATE, "validated_by_id": None, "validated_at": None}
    return {**changes, **state}


def check_may_delete(mapping: AccountingMapping) -> None:
    """Raise `Conflict` for a validated mapping: entries may rest on it."""
    if mapping.state == MappingState.VALIDATED:
        raise Conflict(MappingProblem.VALIDATED)


def validate_mapping(*, actor: User, mapping: AccountingMapping) -> list[Reason]:
    """Validate a mapping of a version, or set it in error and return every reason why.

    Right `mapping.validate`. Account by nature and length (§2.2), VAT code in force and in
    agreement with the price (P-07); a mapping validated already stays as it is. The operations
    that waited for it are booked: the first ones at once, the others by the next sweep.
    """
    permissions.require_on(actor, Action.MAPPING_VALIDATE, mapping)
    with scoping.scope({mapping.company_id}), transaction(actor, mapping.company_id):
        row = (
            AccountingMapping.objects.select_for_update(of=("self",))
            .select_related("product_version__product__partner", "company")
            .get(pk=mapping.pk)
        )
        product = row.product_version.product
        if row.state == MappingState.VALIDATED:
            return []
        reasons = _problems(row)
        row.state = MappingState.ERROR if reasons else MappingState.VALIDATED
        row.validated_by = None if reasons else actor
        row.validated_at = None if reasons else now()
        if not reasons:
            row.full_clean()
        row.save()
    if not reasons:
        book_parked_operations(actor=actor, company_id=row.company_id, sku=product.sku, limit=CHUNK)
    return reasons


def _problems(row: AccountingMapping) -> list[Reason]:
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
    """Return the rate of the mapping's VAT code, and those of the prices, once it applies."""
    book = read_book(row.company_id)
    on = book.day(max(now(), row.product_version.effective_from))
    # Prices are the owner's rows; whoever sells the version sells by them.
    with scoping.everything():
        codes = set(
            PricingRule.objects.filter(product_version=row.product_version_id).values_list(
                "tax_code", flat=True
            )
        )
    rates = {code: _rate_or_none(book, code, on) for code in {*codes, row.tax_code or ""}}
    return rates[row.tax_code or ""], {rates[code] for code in codes} or {None}


def _rate_or_none(book: CompanyBook, code: str, on: date) -> Decimal | None:
    try:
        return book.rate(code, on)
    except Invalid:
        return None
