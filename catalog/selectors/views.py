"""Saved views and favourites that a person reads (§3.7, E.3)."""

from uuid import UUID

from django.db.models import F, Q, QuerySet

from catalog.models import Favorite, SavedView
from winvest.core import json
from winvest.core.models.sorting import FrenchSort
from winvest.core.permissions import Access
from winvest.core.prepared import Statement
from winvest.core.scoping import OneOf

_own_columns = Statement("SELECT columns FROM own_columns WHERE user_id = %(user)s")


def my_views(access: Access) -> QuerySet[SavedView, SavedView]:
    """Return the user's own views, and those shared with a company in scope."""
    views: QuerySet[SavedView, SavedView] = SavedView.objects.filter(
        Q(company__isnull=True, user=access.user_id) | Q(company__in=access.all_companies)
    )
    return views.select_related("company").order_by(FrenchSort(F("name")), "id")


def own_columns(access: Access) -> list[str]:
    """Return the columns that the user has chosen for himself; none: those of the beginning."""
    rows = _own_columns.rows({"user": access.user_id})
    return [str(one) for row in rows for one in json.loads(row.columns)]


def among_favorites(access: Access) -> Q:
    """Return the condition on a product that the user keeps it at hand."""
    mine = Favorite._base_manager.filter(user=access.user_id).order_by()
    return Q(OneOf("pk", mine.values("product")))


def favorites_of(access: Access, products: list[UUID]) -> set[UUID]:
    """Return which of the products the user keeps at hand."""
    rows = Favorite._base_manager.filter(user=access.user_id, product__in=products)
    return set(rows.values_list("product", flat=True))
