"""Documents of the versions: upload, download, publication (§3.5, E.2.5)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
)

from catalog.admin.found import FoundByProduct
from catalog.choices import Channel
from catalog.services.holds import hold_version
from documents.admin.pack import pack_page
from documents.choices import DocumentState
from documents.domain.state import DocumentState as State
from documents.domain.state import Standing, standing
from documents.models import ProductDocument
from documents.models.document import every_channel
from documents.selectors.documents import replaceable
from documents.services.inspection import inspect
from documents.services.publish import archive_document, publish_document
from documents.services.sales import keep_sales_documented
from documents.services.upload import delete_document, open_document, upload_document
from winvest.core.admin.base import refuse
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import address, found, step
from winvest.core.admin.display import action, display
from winvest.core.admin.fields import sound_keys
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin, Wording
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError, Invalid
from winvest.core.files import Download, attachment, preview

# E.2.5: green in force, orange for its last days, red when it is over.
STANDINGS = {
    Standing.DRAFT: "neutral",
    Standing.VALID: "success",
    Standing.EXPIRING: "warning",
    Standing.EXPIRED: "danger",
    Standing.ARCHIVED: "neutral",
}
LABELS = {
    Standing.DRAFT: "Brouillon",
    Standing.VALID: "Publié",
    Standing.EXPIRING: "Expire bientôt",
    Standing.EXPIRED: "Expiré",
    Standing.ARCHIVED: "Archivé",
}
# What the form names before the document that is replaced.
WITHIN = ("product_version", "type")
# A legal document that is no PDF/A is never published (D-07).
UNFIT = "À remplacer par un PDF/A"
# The states that each step leaves.
STEPS = {
    "publish": (DocumentState.DRAFT,),
    "archive": (DocumentState.PUBLISHED, DocumentState.EXPIRED),
}


class DocumentForm(CheckedModelForm):
    """A document, with its file when it is new and its channels ticked."""

    channels = forms.MultipleChoiceField(
        label="Canaux",
        choices=Channel.choices,
        initial=every_channel,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    file = forms.FileField(
        label="Fichier",
        widget=UnfoldAdminFileFieldWidget,
        help_text="PDF, image (PNG, JPEG, WebP) ou texte ; 25 Mo au plus.",
    )

    class Meta:
        model = ProductDocument
        fields = ("product_version", "type", "title", "mandatory", "valid_until", "replaces")

    def clean_file(self) -> Any:
        """Refuse a file by its content, beside its field."""
        file = self.cleaned_data["file"]
        try:
            inspect(file)
        except Invalid as error:
            raise ValidationError(str(error), code=error.code) from error
        return file

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the rest of a new row to the service, which fills it."""
        if not self.instance._state.adding:
            return super()._get_validation_exclusions()
        return {field.name for field in ProductDocument._meta.fields} - set(self.fields)


class ProductDocumentAdmin(FoundByProduct, HistoryAdmin):
    """Documents of the versions; the required ones are closed with their version."""

    form = DocumentForm
    # Where the store keeps the file says nothing to people.
    history_words: ClassVar[Mapping[str, Wording]] = {
        "productdocument.file_url": lambda state, _: state.file_name
    }
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.DOCUMENT_EDIT
    list_display = (
        "shown_title",
        "product",
        "owner_label",
        "shown_standing",
        "valid_until",
        "shown_mandatory",
        "shown_channels",
    )
    list_filter = ("state", "type", "company", "mandatory")
    list_select_related = ("type", "product_version__product", "company")
    ordering = ("-id",)
    product_path = "product_version__product"
    own_fields = ("title", "product_version__product__sort_label")
    search_codes = ("product_version__product__sku", "type__code")
    autocomplete_fields = ("product_version", "type", "replaces")
    actions_detail = ("publish", "archive")
    fieldsets = (
        ("Document", {"fields": ("product_version", ("type", "title"), "file", "replaces")}),
        ("Diffusion", {"fields": ("channels", "valid_until")}),
    )
    kept_fieldsets = (
        (
            "Document",
            {
                "fields": (
                    "product_version",
                    ("type", "title"),
                    ("version", "replaces"),
                    ("shown_standing", "published_at"),
                )
            },
        ),
        ("Diffusion", {"fields": ("channels", ("mandatory", "valid_until"))}),
        (
            "Fichier",
            {
                "fields": (
                    "shown_file",
                    ("content_type", "shown_size"),
                    ("file_hash", "pdfa"),
                    "shown_author",
                )
            },
        ),
    )

    @display(description="document", ordering="title", header=True)
    def shown_title(self, obj: ProductDocument) -> tuple[str, str]:
        """Show the title, its type, its version and its file."""
        return obj.title, f"{obj.type_id} v{obj.version}, {obj.file_name}"

    @display(description="produit")
    def product(self, obj: ProductDocument) -> str:
        """Show the product and the version."""
        return f"{obj.product_version.product.sku} v{obj.product_version.version}"

    @display(description="société")
    def owner_label(self, obj: ProductDocument) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", label=STANDINGS)
    def shown_standing(self, obj: ProductDocument) -> tuple[str, str]:
        """Show how the document stands today, with its colour (E.2.5)."""
        today = now().astimezone(ZoneInfo(obj.company.timezone)).date()
        stands = standing(
            State(obj.state),
            obj.valid_until,
            on=today,
            warning_days=settings.DOCUMENT_WARNING_DAYS,
        )
        return stands, LABELS[stands]

    @display(description="exigence")
    def shown_mandatory(self, obj: ProductDocument) -> str:
        """Show whether the version must have it (C.5)."""
        return "Obligatoire" if obj.mandatory else "Optionnel"

    @display(description="canaux")
    def shown_channels(self, obj: ProductDocument) -> str:
        """Show the channels in words."""
        if len(obj.channels) == len(Channel):
            return "Tous"
        return ", ".join(Channel(channel).label for channel in obj.channels)

    @display(description="auteur")
    def shown_author(self, obj: ProductDocument) -> str:
        """Name who brought the file."""
        return obj.author.name if obj.author else EMPTY

    @display(description="fichier")
    def shown_file(self, obj: ProductDocument) -> Any:
        """Link to the file and to its preview, through views that ask for the right."""
        url, shown = (
            reverse(f"admin:documents_productdocument_{name}", args=[obj.pk])
            for name in ("download", "preview")
        )
        return format_html(
            '<a href="{}">{}</a> · <a href="{}" target="_blank" rel="noopener">Aperçu</a>',
            url,
            obj.file_name or "Télécharger",
            shown,
        )

    @display(description="taille")
    def shown_size(self, obj: ProductDocument) -> str:
        """Show the size in kilobytes."""
        return f"{-(-(obj.size or 0) // 1024)} ko"

    def is_frozen(self, obj: Any) -> bool:
        """Whether the document is required of a released version (decision 4)."""
        return obj.mandatory and obj.product_version.released_at is not None

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for a file, then show what was kept; channels in words where they are closed."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return self.kept_fieldsets
        document, _, file = self.kept_fieldsets
        shown = ("Diffusion", {"fields": ("shown_channels", ("mandatory", "valid_until"))})
        return (document, shown, file)

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Ask for no file where there is one: another file is another document."""
        form = super().get_form(request, obj, **options)
        if obj is not None:
            form.base_fields.pop("file", None)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep everything about the file of an existing document, and its state."""
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is None:
            return fixed
        kept = ("product_version", "type", "version", "replaces", "published_at", "file_hash")
        shown = ("shown_standing", "shown_file", "shown_size", "content_type", "shown_author")
        return list(dict.fromkeys([*fixed, *kept, *shown]))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Have the list of what is replaced ask for the version and the type that are chosen."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "replaces":
            field.widget.attrs["data-within"] = " ".join(WITHIN)
            field.help_text = (
                "Un document du même produit et du même type : choisissez-les d'abord."
            )
        return field

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Offer to be replaced what may be: of the product and the type that the form names."""
        rows, repeats = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") == "replaces":
            told = {name: request.GET[name] for name in WITHIN if request.GET.get(name)}
            rows = replaceable(rows, **sound_keys(self.opts, told))
        return rows, repeats

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer versions and documents of the companies where the user edits documents."""
        rows = super().choices_of(db_field, request)
        if db_field.name in ("product_version", "replaces"):
            return rows.filter(company__in=companies_allowing(request, Action.DOCUMENT_EDIT))
        return rows

    def why_kept(self, obj: ProductDocument) -> str:
        """Keep what was published (G.3: ten years)."""
        return "Un document publié s'archive, sans s'effacer." if obj.published_at else ""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new document's file to the service, and save the others as they are typed."""
        if change:
            # A publication rests on its documents.
            with keep_sales_documented(hold_version(obj.product_version_id)):
                super().save_model(request, obj, form, change)
            return
        wanted = form.cleaned_data
        row = upload_document(
            actor=person(request),
            version=wanted["product_version"],
            type=wanted["type"],
            title=wanted["title"],
            content=wanted["file"],
            file_name=wanted["file"].name,
            channels=wanted["channels"],
            valid_until=wanted["valid_until"],
            replaces=wanted["replaces"],
        )
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the draft with its file."""
        delete_document(actor=person(request), document=obj)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the steps that the document's state and the user's rights open."""
        row = self.get_object(request, str(object_id))
        if row is None or not self.allows(request, Action.DOCUMENT_EDIT, row):
            return []
        opened = {
            f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            for name, states in STEPS.items()
            if row.state in states
        }
        buttons = super().get_actions_detail(request, object_id)
        return [button for button in buttons if button.action_name in opened]

    @action(description="Publier", icon="verified", url_path="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put a draft into force."""
        row = self._opened(request, object_id)
        return step(
            self,
            request,
            row,
            title="Publier le document",
            question=f"Publier « {row.title} » ? Le document qu'il remplace sera archivé.",
            done="Document publié.",
            run=lambda: publish_document(actor=person(request), document=row),
        )

    @action(description="Archiver", icon="archive", url_path="archive")
    def archive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a document out of force."""
        row = self._opened(request, object_id)
        return step(
            self,
            request,
            row,
            title="Archiver le document",
            question=f"Archiver « {row.title} » ? Son fichier est conservé.",
            done="Document archivé.",
            run=lambda: archive_document(actor=person(request), document=row),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the file of a document, to keep or to look at, and the pack of a version."""
        views = {"download": attachment, "preview": preview}
        own = [
            path(
                f"<uuid:pk>/{name}/",
                self.admin_site.admin_view(require_GET(partial(self.file_view, answer=answer))),
                name=f"documents_productdocument_{name}",
            )
            for name, answer in views.items()
        ]
        pack = self.admin_site.admin_view(require_GET(partial(pack_page, self)))
        own.append(path("pack/<uuid:pk>/", pack, name="documents_productdocument_pack"))
        return [*own, *super().get_urls()]

    def file_view(
        self, request: HttpRequest, pk: Any, answer: Callable[[Download], FileResponse]
    ) -> HttpResponse | FileResponse:
        """Hand over the file to whoever sees the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row: ProductDocument = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            return answer(open_document(row))
        except DomainError as error:
            return refuse(request, error, address(row))

    def _opened(self, request: HttpRequest, object_id: str) -> Any:
        """Return the document if the user may change its state."""
        row = found(self, request, object_id)
        if not self.allows(request, Action.DOCUMENT_EDIT, row):
            raise PermissionDenied
        return row
