"""History of a row for people: who changed what and when, in words (1-23, §3.8).

What a page's row holds is told with it: `HistoryAdmin.history_parts`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

from winvest.core.admin.base import BaseAdmin
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of
from winvest.core.selectors.audit import roles_at
from winvest.core.selectors.states import CREATED, DELETED, MergedHistory, states_of
from winvest.core.selectors.wording import EMPTY, LOG_WORDS, in_words, or_nothing

FINGERPRINT = "Empreinte"
# What only lists and programs read, and what no history shows of a secret.
_UNTOLD = {
    *("id", "created_at", "updated_at", "sort_label", "natural_label", "search_words"),
    *("iban_masked", "secret_hint"),
}
# Gives the value of a column in words, knowing the state of the row that holds it.
Wording = Callable[[Any, Any], str]


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """Rows that `parent`, a foreign key, puts below the page's; `name` tells one from the others.

    They belong to the company of the page's row, unless `name` tells theirs. `action` is the right
    that their own page asks for, where it is another; `through` leads on from the parent to the
    page's row, where that is not the parent.
    """

    model: Any
    parent: str
    name: Callable[[Any], str]
    action: Action | None = None
    through: str = ""

    @property
    def path(self) -> str:
        """What leads from a row to the page's."""
        return f"{self.parent}__{self.through}" if self.through else self.parent


def values_of(
    record: Any, words: Mapping[str, Wording], left_out: Collection[str] = ()
) -> Iterator[dict[str, str]]:
    """Give the fields that were filled in when the row was made, or deleted, in words."""
    gone = record.history_type == DELETED
    for field in record.tracked_fields:
        if field.name in left_out:
            continue
        value = _in_words(record, field.name, getattr(record, field.name), words)
        if field.editable and value != EMPTY:
            old, new = (value, EMPTY) if gone else (EMPTY, value)
            yield {"field": capfirst(field.verbose_name), "old": old, "new": new}


def changes(record: Any, words: Mapping[str, Wording]) -> Iterator[dict[str, str]]:
    """Give what changed since the state before, in words."""
    before = record.before
    found = record.diff_against(before, foreign_keys_are_objs=True).changes
    values = [(change.field, change.old, change.new) for change in found]
    # What no form writes changes all the same: a trial in a sandbox, a submission.
    values += [
        (field.name, getattr(before, field.name), getattr(record, field.name))
        for field in record.tracked_fields
        if not field.editable and field.name not in _UNTOLD
    ]
    for name, *both in values:
        old, new = (
            _in_words(one, name, value, words)
            for one, value in zip((before, record), both, strict=True)
        )
        if old == new:  # nothing that people tell apart: an empty text for none
            continue
        field = record.instance_type._meta.get_field(name)
        old, new = or_nothing(field, old), or_nothing(field, new)
        yield {"field": capfirst(field.verbose_name), "old": old, "new": new}


def _in_words(record: Any, name: str, value: Any, words: Mapping[str, Wording]) -> str:
    meta = record.instance_type._meta
    field = meta.get_field(name)
    if value in (None, "", [], {}):
        return EMPTY
    if worded := words.get(f"{meta.model_name}.{name}"):
        return worded(record, value)
    if told := LOG_WORDS.get((meta.db_table, field.column)):
        return told(vars(record), value)
    return in_words(field, value)


class HistoryAdmin(SimpleHistoryAdmin, BaseAdmin):  # type: ignore[misc]
    """A page with a history, read by whoever reads the row; nothing is written back from there."""

    history_list_per_page = 50
    has_history = True
    # The right that reads the history, where the page itself opens to more people: it tells the
    # drafts and what was corrected.
    history_action: ClassVar[Action | None] = None
    history_parts: ClassVar[tuple[HistoryPart, ...]] = ()
    # How to word a column that its model alone does not explain, by « model.column ».
    history_words: ClassVar[Mapping[str, Wording]] = {}

    def get_urls(self) -> list[Any]:
        """Leave out the form of an old state, which could write it back."""
        return [
            url for url in super().get_urls() if not (url.name or "").endswith("_simple_history")
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the changes of a row that the user may read; any other row does not exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.shows_history(request, obj):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def shows_history(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the user reads how the row came to be."""
        return self.history_action is None or self.reads(request, self.history_action, obj)

    def past_parts(self) -> Sequence[HistoryPart]:
        """Return the rows below the page's whose changes are told with its own."""
        return self.history_parts

    def get_history_queryset(
        self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any
    ) -> Any:
        """Return the states of the row and of its parts that the user may read."""
        access = access_of(request.user)
        parts = []
        for part in self.past_parts():
            states = states_of(part.model).filter(**{part.path: object_id})
            if part.action is not None:
                states = states.filter(company__in=access.companies(part.action))
            parts.append(states)
        own = history_manager.filter(**{pk_name: object_id})
        return MergedHistory([own, *parts], {part.model: part.parent for part in self.past_parts()})

    def get_history_list_display(self, request: HttpRequest) -> Sequence[str]:
        """Name the row that changed, where there are several."""
        return ("objet",) if self.past_parts() else ()

    def objet(self, record: Any) -> str:
        """Return the kind of row that changed, and its name."""
        kind = capfirst(record.instance_type._meta.verbose_name)
        for part in self.past_parts():
            if part.model is record.instance_type:
                return f"{kind} {part.name(record)}".rstrip()
        return str(kind)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, **options: Any
    ) -> None:
        """Tell each change, and the roles of its author; a creation shows the first values."""
        roles = roles_at(historical_records)
        for record in historical_records:
            record.roles = roles.get((record.id, record.history_date), EMPTY)
            if record.history_type in (CREATED, DELETED):
                values = values_of(record, self.history_words, self._above(record))
                record.history_delta_changes = list(values)
            elif record.before is not None:
                found = list(changes(record, self.history_words))
                # What people read before what only programs compare.
                found.sort(key=lambda one: one["field"].startswith(FINGERPRINT))
                record.history_delta_changes = found
        self.offer_restore(request, historical_records)

    def offer_restore(self, request: HttpRequest, records: Sequence[Any]) -> None:
        """Give `restore`, a link with its text, to the lines whose state may be taken up again."""

    def _above(self, record: Any) -> set[str]:
        """Return what a part has of the page's own row: its key and its company."""
        for part in self.past_parts():
            if part.model is record.instance_type:
                return {part.parent, "company"}
        return set()

    def render_history_view(
        self, request: HttpRequest, template: str, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        """Write the page late, as every page of the admin; without reasons, without their column."""
        reasons = (record.history_change_reason for record in context["page_obj"])
        context["has_reasons"] = any(reasons)
        return TemplateResponse(request, template, context, **kwargs)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never offer to restore: released and booked content does not go back."""
        return True
