"""Filters of the lists: what may be asked, the panel, and those no column gives."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.contrib.admin import FieldListFilter, RelatedFieldListFilter, SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import Func, JSONField, Q, QuerySet
from django.db.models.lookups import Exact
from django.forms import DateField, TimeField
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst, slugify
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter

from winvest.core import scoping
from winvest.core.admin.rights import person
from winvest.core.choices import AuditAction
from winvest.core.models.access import Membership, User
from winvest.core.models.company import Company
from winvest.core.models.sorting import FrenchSort
from winvest.core.selectors.audit import logged_tables, table_name
from winvest.core.selectors.own_companies import companies_of

MAX_PEOPLE = 200
PANEL = "filter-panel"
# What a list filter may ask of its field; anything else could read a column bit by bit.
_LOOKUPS = {"", "exact", "id__exact", "in", "id__in", "isnull", "gte", "lte", "gt", "lt"}
# Bounds of unfold's filters on a day or an instant.
_BOUNDS = {f"_{side}{part}" for side in ("from", "to") for part in ("", "_0", "_1")}


class Filters:
    """What a page filters by, and the panel of it, drawn when it is first seen.

    The panel asks for the address of the page again: what is chosen and searched stays.
    """

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        """Return the page, or its filters alone; what a filter does not understand is told."""
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        if isinstance(response, TemplateResponse) and (
            listed := (response.context_data or {}).get("cl")
        ):
            for problem in wrongs(listed):
                messages.error(request, problem)
        if request.htmx.target == PANEL and isinstance(response, TemplateResponse):
            response.template_name = "admin/_filters.html"
        return response

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Accept the lookups of the declared filters only."""
        for item in self.get_list_filter(request):  # type: ignore[attr-defined]
            name = item if isinstance(item, str) else _filter_name(item)
            rest = lookup.removeprefix(name)
            if rest != lookup or name == lookup:
                return rest in _BOUNDS or rest.removeprefix("__") in _LOOKUPS
        return False


def wrongs(listed: Any) -> list[str]:
    """Return what the filters of a list do not understand."""
    return [told for one in listed.filter_specs if (told := getattr(one, "wrong", ""))]


class RowFilter(AutocompleteSelectFilter):  # type: ignore[misc]
    """A row of another table, looked for by its name: no list of 50,000 options."""

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Name the field alone, and what is chosen as far as the user sees it."""
        for choice in super().choices(changelist):
            for field in choice["form"].fields.values():
                field.label = capfirst(self.title)
                if not self.value():
                    # Else the widget writes a whole statement to find no row.
                    field.queryset = field.queryset.model._base_manager.none()
            yield choice


class OwnerFilter(RelatedFieldListFilter):
    """Company that owns the row, among those in scope, which every page has read already."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, Any]]:
        """Offer the companies in scope by their code."""
        companies = sorted(_companies_in_scope(request), key=attrgetter("code"))
        return [(str(one.pk), str(one)) for one in companies]


FieldListFilter.register(
    lambda field: field.related_model is Company, OwnerFilter, take_priority=True
)


class TableFilter(SimpleListFilter):
    """Kind of row that changed."""

    title = "objet"
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every table that the log speaks of under its French name."""
        names = [(table, table_name(table)) for table in logged_tables()]
        return sorted(names, key=lambda name: slugify(name[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen table."""
        return queryset.filter(table=self.value()) if self.value() else queryset


class _Undated(Func):
    """A row of the log without the date of its last change."""

    template = "(%(expressions)s - 'updated_at')"
    output_field = JSONField()


class RoutineFilter(SimpleListFilter):
    """What buries what people changed: sign-ins, notifications sent, and rows whose date alone moved
    because one inside them changed. Hidden until one asks for them, or for something.
    """

    title = "connexion ou notification"
    parameter_name = "connexions"
    shown = "montrees"
    # Whoever asks for one of these is shown all of it.
    named = ("q", "action__exact", "table", "actor")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer to show them."""
        return [(self.shown, "Montrées")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Say what is done where nothing is asked."""
        hidden, *others = super().choices(changelist)
        yield {**hidden, "display": "Masquées"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what people did."""
        if not self.hides(request):
            return queryset
        dated = Q(action=AuditAction.UPDATE, before__isnull=False) & Q(
            Exact(_Undated("before"), _Undated("after"))
        )
        return queryset.exclude(Q(action=AuditAction.LOGIN) | Q(table="notification") | dated)

    @classmethod
    def hides(cls, request: HttpRequest) -> bool:
        """Whether the address asks for none."""
        asked = request.GET
        if asked.get(cls.parameter_name) == cls.shown:
            return False
        return not any(asked.get(name) for name in cls.named)


class InstantRangeFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """Between two instants on the reader's wall, as French people write them (unfold's own reads
    American dates). A day without an hour is the whole of it; what is no date is told.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Call it what people do: « reçu le » would read « Par reçu le »."""
        super().__init__(*args, **options)
        self.title = "date"
        self.wrong = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what lies between; the last day, or minute, is in it."""
        try:
            first, last = self._bound("from", ends=False), self._bound("to", ends=True)
            if first is not None and last is not None and first >= last:
                raise ValidationError("La fin précède le début.")
        except ValidationError as error:
            told = " ".join(error.messages)
            self.wrong = f"Filtre par date : {told} Exemple : 28/11/2026 à 07:30."
            return queryset.none()
        if first is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        return queryset if last is None else queryset.filter(**{f"{self.field_path}__lt": last})

    def _bound(self, side: str, *, ends: bool) -> datetime | None:
        day, hour = (
            str(self.used_parameters.get(f"{self.parameter_name}_{side}_{part}") or "").strip()
            for part in (0, 1)
        )
        if not day and not hour:
            return None
        on, at = DateField().clean(day), TimeField(required=False).clean(hour)
        if at is None:
            on += timedelta(days=ends)
        found = datetime.combine(on, at or time.min)
        if ends and at is not None:
            found += timedelta(seconds=1 if at.second else 60)
        return timezone.make_aware(found)


class ActorFilter(SimpleListFilter):
    """Who acted, among the people who work where the reader looks, and those of the whole group."""

    title = "auteur"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the people with a role in the scope, or in all companies."""
        companies = scoping.current()
        held = Membership._base_manager.all()
        if companies is not None:
            held = held.filter(Q(company__in=companies) | Q(company=None))
        people = User.objects.filter(pk__in=held.values("user")).order_by(FrenchSort("name"))[
            :MAX_PEOPLE
        ]
        return [(str(user.pk), user.name) for user in people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what this person did; an address that names nobody offered gives nothing."""
        known = {key for key, _ in self.lookup_choices}
        if not self.value():
            return queryset
        return queryset.filter(actor_id=self.value()) if self.value() in known else queryset.none()


class CompanyFilter(SimpleListFilter):
    """Company of the row that changed, among those in scope."""

    title = "société"
    parameter_name = "company"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the companies in scope."""
        return [(str(one.pk), one.brand_name) for one in _companies_in_scope(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what happened in this company; an address that names none of them gives nothing."""
        if not self.value():
            return queryset
        known = {key for key, _ in self.lookup_choices}
        if self.value() not in known:
            return queryset.none()
        return queryset.filter(company_id=self.value())


def _companies_in_scope(request: HttpRequest) -> list[Company]:
    """Return the companies in scope by brand name, of those that every page has read already."""
    scope = scoping.current()
    return [one for one in companies_of(person(request)) if scope is None or one.pk in scope]


def _filter_name(item: Any) -> str:
    if isinstance(item, tuple):
        return str(item[0])
    return str(item.parameter_name)
