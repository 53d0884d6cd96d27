"""Warnings: what a page accepts and yet wants looked at (M-11, E.3-01)."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from winvest.core.errors import Reason


@dataclass(frozen=True, slots=True)
class Notice(Reason):
    """A warning with the address of what it speaks of."""

    link: str = ""


def about_box(request: HttpRequest, reasons: list[Reason]) -> list[Reason]:
    """Return the warnings about the box that asks for them (`about`); about all, where none does."""
    box = request.GET.get("about")
    return [reason for reason in reasons if box in (None, reason.path)]


def linked(reasons: list[Reason], links: list[str]) -> list[Reason]:
    """Give the last of the warnings their links, one each."""
    first = len(reasons) - len(links)
    return reasons[:first] + [
        Notice(reason.code, reason.message, reason.path, link)
        for reason, link in zip(reasons[first:], links, strict=True)
    ]


class Notices:
    """Mixin of pages: `notices` of a row stand above its form, and are told once it is saved."""

    change_form_before_template = "admin/_notices_of_row.html"

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


class TypedNotices(Notices):
    """Mixin of forms that tell what a row looks like, below the box that says it (E.3-01)."""

    # The address that answers, and the boxes that it is told.
    typed_url: ClassVar[str]
    typed_boxes: ClassVar[tuple[str, ...]]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Put what is told of a box below it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        match = request.resolver_match
        if db_field.name in self.typed_boxes and field is not None and match:
            but = match.kwargs.get("object_id", "")
            # What a form that is shown again holds was typed, and is told of at once.
            place = self.typed_notices(db_field.name, but, at_once=request.method == "POST")
            field.help_text = format_html("{}{}", field.help_text, place)
        return field

    def typed_notices(self, box: str, but: str = "", *, at_once: bool = False) -> SafeString:
        """Return the place, below a box, of what is told while one types; `but` is the row itself.

        `at_once` asks as soon as the page stands.
        """
        boxes = [f"#id_{name}" for name in self.typed_boxes]
        return render_to_string(
            "admin/_typed.html",
            {
                "link": reverse(self.typed_url),
                "box": box,
                "asked": urlencode({"about": box, **({"but": but} if but else {})}),
                "boxes": ", ".join(boxes),
                "triggers": ", ".join(
                    [
                        *(["load"] if at_once else []),
                        *(
                            f"change from:{box}, input changed delay:400ms from:{box}"
                            for box in boxes
                        ),
                    ]
                ),
            },
        )
