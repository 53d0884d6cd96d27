"""Saving a page: under the name of the person, and only what changed."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from winvest.core.admin.rights import person
from winvest.core.clock import now
from winvest.core.permissions import access_of
from winvest.core.transaction import transaction

# Unfold's pages have no types; a typed one beside them would differ in every name.
_Page: Any = ModelAdmin


class SavesAsPerson:
    """Mixin of a page whose saves the audit trigger signs; Django's own log of them stays empty."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save under the name and role of the user."""
        self._refuse_other_families(request, obj)
        # It signs what the rows inside the page write after it as well.
        with transaction(person(request), self.owner(obj)):  # type: ignore[attr-defined]
            super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the rows inside the page; where they alone change, the page's own date moves with them:
        whoever has it open is told.
        """
        row: Any = form.instance
        if change and not form.has_changed() and any(one.has_changed() for one in formsets):
            type(row)._base_manager.filter(pk=row.pk).update(updated_at=now())
        super().save_related(request, form, formsets, change)  # type: ignore[misc]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete under the name and role of the user."""
        with transaction(person(request), self.owner(obj)):  # type: ignore[attr-defined]
            super().delete_model(request, obj)  # type: ignore[misc]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Write nothing: the audit log and the history already tell."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Write nothing: the audit log and the history already tell."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Write nothing: the audit log and the history already tell."""

    def _refuse_other_families(self, request: HttpRequest, obj: Any) -> None:
        """Answer 403 when what was typed moves the row out of the user's risk families (N-02)."""
        if self.owner(obj) not in access_of(request.user).limits:  # type: ignore[attr-defined]
            return
        allows, actions = self.allows, self._editing_actions()  # type: ignore[attr-defined]
        if not any(allows(request, action, obj) for action in actions):
            raise PermissionDenied


class WritesChanges(_Page):  # type: ignore[misc]
    """Base below unfold's page, whose buttons work all the same: what changed nothing is not written."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save what the form, or the page, changed: else no history and no log has anything to tell."""
        if not change or form.has_changed() or _differs(obj):
            super().save_model(request, obj, form, change)


def _differs(row: Any) -> bool:
    """Whether a row is no longer what the database holds: a page may set what its form does not."""
    stored = type(row)._base_manager.filter(pk=row.pk).values().first() or {}
    pairs = ((value, getattr(row, name)) for name, value in stored.items())
    # A form makes an empty text of none.
    return not stored or any(old != new and not (old is None and new == "") for old, new in pairs)
