"""Types of documents with what families require of them (D-01, D-02): the group's data."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet

from catalog.models import Risk
from documents.models import DocumentRequirement, DocumentType
from winvest.core.admin.base import FieldChoices
from winvest.core.admin.checked import CheckedModelForm, NamedBoxes
from winvest.core.admin.display import display
from winvest.core.admin.history import HistoryAdmin
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

LEGAL = {True: "info", False: "neutral"}


class OfTheGroup:
    """Mixin of pages whose rows belong to the group: its administrators write them."""

    def owner(self, obj: Any) -> None:
        """Belong to the group."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user edits the documents of the whole group."""
        return access_of(request.user).allowed(Action.DOCUMENT_EDIT, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user edits the documents of the whole group."""
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user edits the documents of the whole group."""
        return self.has_add_permission(request)

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Whether the user edits the documents of the whole group."""
        return self.has_add_permission(request)


class RequirementFormSet(NamedBoxes, PaginationInlineFormSet):  # type: ignore[misc]
    """The families that require a type of document."""


class RequirementInline(OfTheGroup, FieldChoices, TabularInline):  # type: ignore[misc]
    """Families that must have documents of this type."""

    model = DocumentRequirement
    form = CheckedModelForm
    formset = RequirementFormSet
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.DOCUMENT_EDIT
    extra = 0
    hide_title = True
    fields = ("family", "channel", "stage", "is_active", "note")
    ordering = ("family__code", "channel")

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the families of the group."""
        return Risk.objects.filter(is_global=True)


class DocumentTypeAdmin(OfTheGroup, HistoryAdmin):
    """Types of documents and the matrix family × channel × type."""

    is_short = True
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.DOCUMENT_EDIT
    list_display = ("code", "label", "shown_legal", "shown_families", "position")
    list_filter = ("is_legal", "pdfa_required")
    search_fields = ("label",)
    named_in_log = True
    search_codes = ("code",)
    ordering = ("position", "code")
    inlines = (RequirementInline,)
    fieldsets = (
        (
            None,
            {"fields": (("code", "label"), ("is_legal", "pdfa_required"), "position")},
        ),
    )

    @display(description="nature", label=LEGAL)
    def shown_legal(self, obj: DocumentType) -> tuple[bool, str]:
        """Show whether the law asks for it."""
        return obj.is_legal, "Légal" if obj.is_legal else "Complémentaire"

    @display(description="exigé pour")
    def shown_families(self, obj: DocumentType) -> str:
        """Show the families that must have it."""
        families = {row.family.label for row in obj.requirements.all() if row.is_active}
        return ", ".join(sorted(families))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the requirements of the page's types at once."""
        return super().get_queryset(request).prefetch_related("requirements__family")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the code of an existing type, which documents carry."""
        fixed = [name for name in super().get_readonly_fields(request, obj) if name != "company"]
        return [*fixed, "code"] if obj else fixed
