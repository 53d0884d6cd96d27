"""Warnings: what a page accepts and yet wants looked at (M-11, E.3-01)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from winvest.core.errors import Reason


class Notices:
    """Mixin of pages: `notices` of a row stand above its form, and are told once it is saved."""

    change_form_before_template = "admin/_notices.html"

    def notices(self, request: HttpRequest, obj: Any) -> list[Reason]:
        """Return what is doubtful about the row."""
        return []

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> Any:
        """Show them above the form."""
        obj = options.get("obj")
        context["notices"] = self.notices(request, obj) if obj is not None else []
        return super().render_change_form(request, context, **options)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Tell them with the confirmation: the next page may be the list."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        for notice in self.notices(request, form.instance):
            messages.warning(request, notice.message)
