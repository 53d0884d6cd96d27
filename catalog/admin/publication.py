"""Publications: who sells a version, where, from when (§3.4, M-03)."""

from copy import copy
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html

from catalog.admin.badges import AVAILABILITY, VISIBILITY
from catalog.admin.boxes import channels_field
from catalog.admin.checklist import checklist_address
from catalog.admin.found import FoundByProduct
from catalog.choices import Channel
from catalog.models import Publication
from catalog.services.holds import hold_sale
from catalog.services.publication import PublicationProblem, check_publication, why_kept, widens
from catalog.services.tellings import ask_communication
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.rights import person
from winvest.core.admin.zones import LocalPages, local_instant
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.models.access import User

OPEN = "Ouvrir le contrôle avant publication"


class PublicationForm(CheckedModelForm):
    """A publication whose channels are ticked."""

    channels = channels_field()

    # Who saves, and what the row was before: the page says.
    actor: User
    before: Publication | None = None

    class Meta:
        model = Publication
        exclude = ()

    def clean(self) -> Any:
        """Hold what the sale rests on, before the row itself (`catalog.services.holds`)."""
        if self.before is not None:
            hold_sale(self.before)
        return super().clean()

    def _post_clean(self) -> None:
        """Refuse what the checklist blocks, with every reason, once the row itself is right."""
        super()._post_clean()  # type: ignore[misc]
        row = self.instance
        if self.errors or (self.before is not None and not widens(self.before, row)):
            return
        row.belong()
        try:
            said = "" if self.before and self.before.reason == row.reason else row.reason
            check_publication(actor=self.actor, publication=row, reason=said)
        except DomainError as error:
            if error.code == PublicationProblem.BLOCKED:
                sale = row.product_version_id, row.company_id, row.channels, row.start_at
                told = format_html('<a href="{}">{}</a>', checklist_address(*sale), OPEN)
                self.add_error(None, forms.ValidationError(told, error.code))
            for reason in error.reasons:
                place = reason.path if reason.path in self.fields else None
                self.add_error(place, forms.ValidationError(reason.message, reason.code))


class PublicationAdmin(FoundByProduct, LocalPages, ReadableInstead, HistoryAdmin):
    """Versions on sale."""

    form = PublicationForm
    readable: ClassVar[dict[str, str | None]] = {"channels": "shown_channels"}
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PUBLICATION_EDIT
    list_display = (
        *("product", "seller", "shown_channels", "shown_visibility", "shown_availability"),
        *("shown_start", "shown_end"),
    )
    readonly_fields = ("shown_channels",)
    shown_start = local_instant("start_at", "début")
    shown_end = local_instant("end_at", "fin (exclue)")
    list_filter = ("company", "visibility", "availability", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "product_version", "company")
    list_columns = (
        *("channels", "visibility", "availability", "start_at", "end_at"),
        *("product_version__version", "product__name", "product__sku"),
        *("company__code", "company__brand_name", "company__timezone"),
    )
    ordering = ("-start_at", "-id")
    autocomplete_fields = ("product_version",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "company",
                    "product_version",
                    "channels",
                    ("visibility", "availability"),
                    "price_visible",
                    "start_at",
                    "end_at",
                    "conditions",
                    "is_pilot",
                    "reason",
                )
            },
        ),
    )

    @display(description="produit", ordering="product__sort_label", header=True)
    def product(self, obj: Publication) -> tuple[str, str]:
        """Show the product and the version."""
        return obj.product.name, f"{obj.product.sku} v{obj.product_version.version}"

    @display(description="société vendeuse", ordering="company__code")
    def seller(self, obj: Publication) -> Any:
        """Show the seller with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="canaux")
    def shown_channels(self, obj: Publication) -> str:
        """Show the channels in words."""
        return ", ".join(Channel(channel).label for channel in obj.channels)

    @display(description="visibilité", ordering="visibility", label=VISIBILITY)
    def shown_visibility(self, obj: Publication) -> tuple[str, str]:
        """Show who sees the publication."""
        return obj.visibility, obj.get_visibility_display()

    @display(description="disponibilité", ordering="availability", label=AVAILABILITY)
    def shown_availability(self, obj: Publication) -> tuple[str, str]:
        """Show whether what is published can be had."""
        return obj.availability, obj.get_availability_display()

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Tell the form who saves, and what the publication was."""
        form = super().get_form(request, obj, **options)
        form.actor, form.before = person(request), copy(obj)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what an existing publication sells."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "product_version"] if obj else fixed

    def why_kept(self, obj: Publication) -> str:
        """Keep what has been on sale: it ends, it is not deleted."""
        problem = why_kept(obj)
        return "" if problem is None else problem.message

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Take the owner and the product from the version; a new sale is to be communicated."""
        obj.belong()
        super().save_model(request, obj, form, change)
        if not change:
            ask_communication(publication=obj)
