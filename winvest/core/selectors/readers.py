"""Which rows a person reads with a right, of those that another right already shows."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from winvest.core import scoping
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access


def opened_by(access: Access, action: Action, model: Any, keys: Collection[UUID]) -> set[UUID]:
    """Return the rows that are readable in the companies where `action` is allowed.

    It asks nothing where that is the whole scope.
    """
    companies, scope = access.companies(action), scoping.current()
    if scope is not None and scope <= companies:
        return set(keys)
    with scoping.scope(companies if scope is None else companies & scope):
        return set(model.objects.filter(pk__in=keys).values_list("pk", flat=True))
