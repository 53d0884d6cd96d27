"""Doing one thing to several products: each obeys its own rules and the user's rights (§3.7, E.3).

What is refused is told with its reason; the rest is done, each in its own transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from catalog.domain import lifecycle
from catalog.domain.lifecycle import LifecycleStatus as Status
from catalog.models import Product
from catalog.services.copies import duplicate_product
from catalog.services.lifecycle import action_of, move_product
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError, Problem
from winvest.core.models.access import User
from winvest.core.permissions import Access, AccessProblem


class SelectionProblem(Problem):
    """Why a product of a selection is left out."""

    ONLY_SOLD = (
        "selection.only_sold",
        "Votre société vend ce produit sans le gérer : il ne part dans aucun fichier.",
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a product: why it is refused, or the product that was made of it."""

    product: Product
    refusal: str = ""
    made: Product | None = None


def why_not_frozen(access: Access, product: Product) -> str:
    """Return why the product may not be frozen, nothing when it may (M-06)."""
    current = Status(product.lifecycle_status)
    if not access.allowed_on(action_of(current, Status.FROZEN), product, product.company_id):
        return AccessProblem.FORBIDDEN.message
    try:
        lifecycle.check_transition(current, Status.FROZEN)
    except DomainError as error:
        return str(error)
    return ""


def why_not_duplicated(access: Access, product: Product) -> str:
    """Return why the product may not be duplicated, nothing when it may."""
    may = access.allowed_on(Action.CATALOG_EDIT, product, product.company_id)
    return "" if may else AccessProblem.FORBIDDEN.message


def why_not_exported(access: Access, product: Product) -> str:
    """Return why the product leaves in no file, nothing when it does."""
    only_sold = access.all_companies - access.companies(Action.CATALOG_VIEW_ALL)
    return SelectionProblem.ONLY_SOLD.message if product.company_id in only_sold else ""


def freeze_products(*, actor: User, products: Iterable[Product], reason: str) -> list[Outcome]:
    """Freeze each product, for the same reason: right `lifecycle.freeze` on each."""
    return _each(
        products,
        lambda product: move_product(actor=actor, product=product, to=Status.FROZEN, reason=reason),
    )


def duplicate_products(*, actor: User, products: Iterable[Product]) -> list[Outcome]:
    """Duplicate each product under the next code of its family: right `catalog.edit` on each."""
    return _each(products, lambda product: duplicate_product(actor=actor, product=product))


def _each(products: Iterable[Product], run: Callable[[Product], Any]) -> list[Outcome]:
    outcomes = []
    for product in products:
        try:
            came = run(product)
        except DomainError as error:
            told = " ".join(reason.message for reason in error.reasons)
            outcomes.append(Outcome(product, told))
        except ValidationError as error:
            outcomes.append(Outcome(product, " ".join(error.messages)))
        else:
            outcomes.append(Outcome(product, made=came if isinstance(came, Product) else None))
    return outcomes
