"""Saving how one looks at the catalogue, for oneself or for a company, and favourites (§3.7, E.3)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from catalog.models import Favorite, OwnColumns, Product, SavedView
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Forbidden, Problem
from winvest.core.models.access import User
from winvest.core.permissions import Access, AccessProblem
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction

MAX_VIEWS = 100


class ViewProblem(Problem):
    """Why a view is not saved."""

    TOO_MANY = "view.too_many", "Vous avez déjà {number} vues : supprimez-en avant d'en ajouter."


def may_share(access: Access) -> frozenset[UUID]:
    """Return the companies with which the user may share a view: those he reads whole."""
    return access.companies(Action.CATALOG_VIEW_ALL)


def may_change(access: Access, view: SavedView) -> bool:
    """Whether the view is the user's to change: his own, or shared where he writes the catalogue."""
    if view.company_id is None:
        return view.user_id == access.user_id
    shares = view.user_id == access.user_id and view.company_id in may_share(access)
    return shares or view.company_id in access.companies(Action.CATALOG_EDIT)


def save_view(*, actor: User, name: str, company: UUID | None = None, **look: Any) -> SavedView:
    """Save filters, columns and sort (`look`) under a name: one's own, or shared with `company`.

    Whoever reads the company's catalogue whole may share. Django's `ValidationError` for a name
    that is taken or a look that is none.
    """
    if company is not None:
        permissions.require(actor, Action.CATALOG_VIEW_ALL, company)
    view = SavedView(user=actor, company_id=company, name=name.strip(), **look)
    with transaction(actor, company):
        _settle_first(view)
        if SavedView.objects.filter(user=actor).count() >= MAX_VIEWS:
            raise Conflict(ViewProblem.TOO_MANY, number=MAX_VIEWS)
        view.full_clean()
        view.save(force_insert=True)
    return view


def change_view(*, actor: User, view: SavedView, changes: Mapping[str, Any]) -> SavedView:
    """Give a view another name, look or company: `may_change` before, and the right to share after."""
    with transaction(actor, view.company_id):
        locked = lock_row(view)
        _require_own(actor, locked)
        before = locked.company_id
        for name, value in changes.items():
            setattr(locked, name, value)
        if locked.company_id is not None and locked.company_id != before:
            permissions.require(actor, Action.CATALOG_VIEW_ALL, locked.company_id)
        if locked.company_id is None and before is not None:
            locked.user = actor  # whoever takes it back has it for himself
        _settle_first(locked)
        locked.full_clean()
        locked.save()
    return locked


def delete_view(*, actor: User, view: SavedView) -> None:
    """Delete a view that is the user's to change."""
    with transaction(actor, view.company_id):
        locked = lock_row(view)
        _require_own(actor, locked)
        locked.delete()


def keep_columns(*, actor: User, columns: Sequence[str]) -> None:
    """Keep the columns that a person has chosen for himself; without any, those of the beginning."""
    with transaction(actor, None):
        kept = OwnColumns.objects.filter(user=actor).select_for_update().first()
        if not columns:
            if kept is not None:
                kept.delete()
            return
        kept = kept or OwnColumns(user=actor)
        kept.columns = list(columns)
        kept.full_clean(validate_unique=False)
        if kept._state.adding:  # chosen twice at once: the other one stands
            OwnColumns.objects.bulk_create([kept], ignore_conflicts=True)
        else:
            kept.save()


def set_favorite(*, actor: User, product: Product, wanted: bool) -> None:
    """Keep a product at hand, or no longer; done twice it changes nothing. The caller sees it."""
    with transaction(actor, product.company_id):
        if wanted:
            Favorite._base_manager.bulk_create(
                [Favorite(user=actor, product=product, company_id=product.company_id)],
                ignore_conflicts=True,
            )
        else:
            Favorite._base_manager.filter(user=actor, product=product).delete()


def _settle_first(view: SavedView) -> None:
    """Let the catalogue open on one view of a person at most, and on none that is shared."""
    view.is_first = view.is_first and view.company_id is None
    if view.is_first:
        others = SavedView.objects.filter(user=view.user_id, is_first=True).exclude(pk=view.pk)
        others.update(is_first=False, updated_at=now())


def _require_own(actor: User, view: SavedView) -> None:
    if not may_change(permissions.access_of(actor), view):
        raise Forbidden(AccessProblem.FORBIDDEN)
