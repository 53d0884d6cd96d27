"""Base of every page of the back-office: rights, scope, transaction, errors in French.

Its lists are read by key, counted honestly and sorted by indexes only (`KeysetChangeList`). A page
states its `ordering` in columns that one index gives, and `is_short` where any column may sort it.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import DateField, DateTimeField, ProtectedError, QuerySet
from django.forms import Field, TypedChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget

from winvest.core.admin.checked import CheckedModelForm, OwnedInlineFormSet
from winvest.core.admin.days import ShownDays, told_days
from winvest.core.admin.fields import DayField, LocalInstantField, RowChoice, sound_keys
from winvest.core.admin.filters import Filters
from winvest.core.admin.listing import KeysetChangeList, Suggestions, sortable_columns
from winvest.core.admin.refusals import explain
from winvest.core.admin.rights import Rights, companies_allowing
from winvest.core.admin.saving import SavesAsPerson, WritesChanges
from winvest.core.admin.search import find
from winvest.core.admin.ways_back import LeadsBack
from winvest.core.errors import DomainError, Forbidden, NotFound
from winvest.core.models.company import Company
from winvest.core.models.vat import VatRate

LIFE = "Suivi"
# Where a form says which state of the row it was filled from.
SEEN = "_seen"
USED_MESSAGE = "Suppression impossible : « {name} » sert à d'autres fiches."


class FieldChoices(Rights):
    """What a foreign key offers: rows the user sees, and companies where he may write."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer what the target's own page shows to this user, or what is in scope."""
        kwargs.setdefault("queryset", self.choices_of(db_field, request))
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", RowChoice(db_field, self.admin_site))
        return super().formfield_for_foreignkey(  # type: ignore[misc]
            db_field, request, **kwargs
        )

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that this foreign key may take."""
        target = db_field.remote_field.model
        if target is Company and self.edit_action is not None:
            return Company.objects.filter(pk__in=companies_allowing(request, self.edit_action))
        page = self.admin_site._registry.get(target)
        rows = target._default_manager.all() if page is None else page.get_queryset(request)
        return self.within_families(request, rows)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the VAT codes that exist (1-22); leave out the pop-up links of foreign keys."""
        if db_field.name.endswith("tax_code"):
            return vat_code_field(db_field)
        if isinstance(db_field, DateTimeField):
            kwargs.setdefault("form_class", LocalInstantField)
        elif isinstance(db_field, DateField):
            kwargs.setdefault("form_class", DayField)
        field: Field | None = super().formfield_for_dbfield(  # type: ignore[misc]
            db_field, request, **kwargs
        )
        for power in ("add", "change", "delete", "view"):
            if field is not None and hasattr(field.widget, f"can_{power}_related"):
                setattr(field.widget, f"can_{power}_related", False)
        return field


class BaseAdmin(SavesAsPerson, LeadsBack, Filters, FieldChoices, ModelAdmin, WritesChanges):  # type: ignore[misc]
    """A page whose rows, fields and buttons follow the rights of the signed-in user."""

    form = CheckedModelForm
    show_full_result_count = False
    paginator = Suggestions
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 200
    list_filter_sheet = False
    compressed_fields = True
    warn_unsaved_form = True
    save_as = False
    has_history: ClassVar[bool] = False
    # Fields searched without accents, and codes searched by their start.
    search_fields: Sequence[str] = ()
    search_codes: ClassVar[tuple[str, ...]] = ()
    # Whether the words of a search in the log name rows of this list.
    named_in_log: ClassVar[bool] = False
    # What the list reads of a row and its relations, where reading them whole takes its time;
    # empty: every column. One that is shown and not named here is read row by row.
    list_columns: ClassVar[tuple[str, ...]] = ()
    # What the list shows where it has no row.
    empty_template: ClassVar[str] = ""
    # Whether the table stays so small that any column may sort it.
    is_short: ClassVar[bool] = False

    def told_address(self, request: HttpRequest, obj: Any, kind: str) -> str:
        """Return where a notification of this kind about the row leads: its page, unless asked more."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[KeysetChangeList]:
        """Read every list page by key, whatever its length (`winvest.core.admin.listing`)."""
        return KeysetChangeList

    def list_ordering(self, request: HttpRequest, rows: QuerySet[Any]) -> Any:
        """Return the keys that sort the list where no column is chosen; `rows` are its rows."""
        return self.get_ordering(request)

    def known_number(self, changes: Any) -> int | None:
        """Return how many rows the list has where a search has counted them."""
        return None

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Sort by the columns that an index sorts; by any in a short table."""
        return sortable_columns(self, super().get_sortable_by(request))

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        """Return what makes the search box appear."""
        return (*self.search_fields, *self.search_codes)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search every word without accents, or the start of a code."""
        return find(queryset, search_term, self.search_fields, self.search_codes), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the companies in scope where the view action is allowed."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return self.readable_rows(request, rows)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out the deletion in bulk, which would pass the checks of each row by."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions  # type: ignore[no-any-return]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the author and the dates of a row out while it does not exist."""
        fieldsets = super().get_fieldsets(request, obj)
        return [group for group in fieldsets if obj is not None or group[0] != LIFE]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Add the owner of an existing row, and the fields that the user's rights leave closed."""
        fixed = self._fixed_fields(request, obj)
        return [*fixed, *self._closed_fields(request, obj)]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the company beforehand when the user has only one to choose."""
        initial = sound_keys(self.opts, super().get_changeform_initial_data(request))
        if self.edit_action is not None and "company" not in initial:
            companies = companies_allowing(request, self.edit_action)
            if len(companies) == 1:
                initial["company"] = next(iter(companies))
        return initial

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form; a refusal of the rules or the database is told in French."""
        if request.method == "POST":
            self._refuse_closed_fields(request, object_id)
        try:
            return super().changeform_view(  # type: ignore[no-any-return]
                request, object_id, form_url, extra_context
            )
        except DomainError as error:
            return refuse(request, error, request.get_full_path())
        except IntegrityError as error:
            messages.error(request, explain(error))
            return HttpResponseRedirect(request.get_full_path())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; what serves elsewhere or is frozen stays, with a message."""
        if request.method == "POST" and (reason := self._why_kept(request, object_id)):
            messages.error(request, reason)
            return HttpResponseRedirect("../change/")
        try:
            return super().delete_view(  # type: ignore[no-any-return]
                request, object_id, extra_context
            )
        except DomainError as error:
            return refuse(request, error, "../change/")
        except ProtectedError:
            messages.error(request, USED_MESSAGE.format(name=self.get_object(request, object_id)))
        except IntegrityError as error:
            messages.error(request, explain(error))
        return HttpResponseRedirect("../change/")

    def why_kept(self, obj: Any) -> str:
        """Return why the object may not be deleted although the user may delete; empty if it may."""
        return ""

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Tell the form which state of the row the person has seen."""
        form = super().get_form(request, obj, **options)
        form.seen = request.POST.get(SEEN)
        return form

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> Any:
        """Offer the history where there is one; link only to pages that open to the user."""
        obj = options.get("obj")
        context["show_history"] = obj is not None and self.shows_history(request, obj)
        if changed := getattr(obj, "updated_at", None):
            context["seen"] = changed.isoformat()
        page = copy(self)
        closed = dict.fromkeys(self._closed_links(request, obj), _as_text)
        page.readonly_preprocess_fields = {**told_days(self.model), **closed}
        context["adminform"].model_admin = page
        return super().render_change_form(request, context, **options)

    def shows_history(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the page has a history that the user reads."""
        return self.has_history

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse whoever may not see the page before saying whether the row exists."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(  # type: ignore[no-any-return]
            request, object_id, extra_context
        )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the object alone: Django's collector would name rows of other companies."""
        name = capfirst(self.opts.verbose_name)
        names = [f"{name} : {obj}" for obj in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, set(), []

    def _closed_links(self, request: HttpRequest, obj: Any) -> Iterator[str]:
        """Give the read-only keys whose row has no page for this user: they stay plain text."""
        if obj is None:
            return
        for name in self.get_readonly_fields(request, obj):
            field = next((f for f in self.opts.concrete_fields if f.name == name), None)
            if field is None or not field.is_relation:
                continue
            page = self.admin_site._registry.get(field.related_model)
            target, key = field.target_field.name, getattr(obj, field.attname)
            opens = page is not None and page.has_view_permission(request)
            if not opens or not page.get_queryset(request).filter(**{target: key}).exists():
                yield name

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404

    def _why_kept(self, request: HttpRequest, object_id: str) -> str:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_delete_permission(request, obj):
            return ""
        return self.why_kept(obj)

    def _fixed_fields(self, request: HttpRequest, obj: Any) -> list[str]:
        fixed = list(super().get_readonly_fields(request, obj))
        return [*fixed, "company"] if obj is not None else fixed

    def _closed_fields(self, request: HttpRequest, obj: Any) -> list[str]:
        """Return the fields that the user's rights leave closed."""
        fixed = self._fixed_fields(request, obj)
        return [
            name
            for name in flatten_fieldsets(self.get_fieldsets(request, obj))
            if name not in fixed and not self.may_write(request, name, obj)
        ]

    def _refuse_closed_fields(self, request: HttpRequest, object_id: str | None) -> None:
        """Answer 403 to a forbidden field instead of dropping it silently (`quality.md`).

        A column that the form does not show, as a status that its own buttons change, is one.
        """
        obj = self.get_object(request, object_id) if object_id else None
        if object_id and obj is None:
            return
        shown = {*flatten_fieldsets(self.get_fieldsets(request, obj))}
        columns = {field.name for field in self.opts.concrete_fields}
        fixed = {*self._fixed_fields(request, obj)} - {"company"}
        closed = {*self._closed_fields(request, obj), *(columns - shown), *(columns & fixed)}
        sent = {*request.POST, *request.FILES}
        # An instant has boxes named `field_0`, a list of records `field-0-part`.
        stems = {name.partition("-")[0] for name in sent}
        if any(name in sent | stems or f"{name}_0" in sent for name in closed):
            raise PermissionDenied


class ReadOnlyAdmin(BaseAdmin):
    """A page that only shows: every write goes through a service."""

    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Return every field shown."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))


class OwnedFormSet(OwnedInlineFormSet, PaginationInlineFormSet):  # type: ignore[misc]
    """Rows below a form, owned by its company."""


class OwnedTabularInline(ShownDays, FieldChoices, TabularInline):  # type: ignore[misc]
    """Rows below a form as a table, under the parent's rights."""

    form = CheckedModelForm
    formset = OwnedFormSet
    extra = 0
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may read."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return self.readable_rows(request, rows)


def vat_code_field(db_field: Any) -> Field:
    """Return a choice among the codes of the VAT rates, whatever their dates."""
    codes = VatRate.objects.order_by("code", "-valid_from").values_list("code", "label")
    # Read backwards, so that a code shows the label of its latest rate.
    labels = dict(reversed(list(codes)))
    return TypedChoiceField(
        label=capfirst(db_field.verbose_name),
        help_text=db_field.help_text,
        choices=[("", "Aucun"), *((code, f"{code} — {labels[code]}") for code in sorted(labels))],
        coerce=str,
        empty_value=None if db_field.null else "",
        initial=db_field.get_default(),
        required=not db_field.blank,
        widget=UnfoldAdminSelectWidget(),
    )


def _as_text(html: str) -> SafeString:
    """Return an escaped text without its link."""
    return SafeString(strip_tags(html))


def refuse(request: HttpRequest, error: DomainError, back: str) -> HttpResponse:
    """Answer a refusal of the rules: 403, 404, or the page again with every reason."""
    if isinstance(error, Forbidden):
        raise PermissionDenied from error
    if isinstance(error, NotFound):
        raise Http404 from error
    for reason in error.reasons:
        messages.error(request, reason.message)
    return HttpResponseRedirect(back)
