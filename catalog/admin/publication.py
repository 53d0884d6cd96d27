"""Publications: who sells a version, where, from when (§3.4, M-03)."""

from collections.abc import Callable
from copy import copy
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from catalog.admin.about import about_version
from catalog.admin.badges import AVAILABILITY, VISIBILITY
from catalog.admin.boxes import channels_field
from catalog.admin.checklist import checklist_address
from catalog.admin.found import FoundByProduct
from catalog.choices import Channel
from catalog.domain.publication import Sale
from catalog.models import ProductVersion, Publication
from catalog.selectors.planned_sales import planned_sales, sale_planned
from catalog.services.holds import hold_sale
from catalog.services.publication import (
    PublicationProblem,
    check_publication,
    is_over,
    is_running,
    rewrites,
    unpublish,
    why_kept,
    widens,
)
from catalog.services.sale_tellings import tell_end, tell_published
from winvest.core.admin.asking import form_step
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import found
from winvest.core.admin.display import action, display
from winvest.core.admin.fields import LocalInstantField
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.rights import person
from winvest.core.admin.zones import LocalPages, local_instant, local_page, zone_in_words
from winvest.core.clock import now
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
        """Hold what the sale rests on, before the row itself (`catalog.services.holds`).

        The page shows whole seconds: an instant that nobody typed anew stays what it was.
        """
        cleaned = super().clean() or self.cleaned_data
        version, seller = cleaned.get("product_version"), cleaned.get("company")
        if self.before is not None:
            hold_sale(self.before)
            for name in {"start_at", "end_at"} & cleaned.keys() - set(self.changed_data):
                cleaned[name] = getattr(self.before, name)
        elif version is not None and seller is not None:
            hold_sale(Publication(product_version=version, company=seller))
        return cleaned

    def _post_clean(self) -> None:
        """Refuse what the checklist blocks, with every reason, once the row itself is right."""
        super()._post_clean()
        row = self.instance
        if self.before is not None and is_over(self.before) and self.has_changed():
            problem = PublicationProblem.OVER
            self.add_error(None, forms.ValidationError(problem.message, problem.value))
        elif self.before is not None and (found := rewrites(self.before, row)) is not None:
            field, problem = found
            self.add_error(field, forms.ValidationError(problem.message, problem.value))
        if self.errors or (self.before is not None and not widens(self.before, row)):
            return
        row.belong()
        try:
            said = "" if self.before and self.before.reason == row.reason else row.reason
            check_publication(actor=self.actor, publication=row, reason=said)
        except DomainError as error:
            if error.code == PublicationProblem.BLOCKED:
                sale = Sale(
                    seller=row.company_id, channels=frozenset(row.channels), start=row.start_at
                )
                page = checklist_address(row.product_version, sale)
                told = format_html('<a href="{}">{}</a>', page, OPEN)
                self.add_error(None, forms.ValidationError(told, error.code))
            for reason in error.reasons:
                place = reason.path if reason.path in self.fields else None
                self.add_error(place, forms.ValidationError(reason.message, reason.code))


class EndForm(forms.Form):
    """When the sale ends, on the wall of the seller's time zone, and why."""

    at = LocalInstantField(label="Fin", required=False, widget=UnfoldAdminSplitDateTimeWidget())
    reason = forms.CharField(label="Motif", max_length=300, widget=UnfoldAdminTextInputWidget())

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the zone of the page."""
        super().__init__(*args, **options)
        zone = zone_in_words(timezone.get_current_timezone_name())
        self.fields["at"].help_text = f"Vide : maintenant. {capfirst(zone)}."


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
    actions_detail = ("end",)
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

    @display(description="produit", ordering="product__natural_label", header=True)
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

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the way to end what runs, to whoever may."""
        row = self.get_object(request, str(object_id))
        opened = row is not None and is_running(row)
        opened = opened and self.allows(request, Action.PUBLICATION_EDIT, row)
        return super().get_actions_detail(request, object_id) if opened else []

    @action(description="Dépublier", icon="unpublished", url_path="unpublish")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the sale now or at a date, saying why."""
        row = found(self, request, object_id)
        if not self.allows(request, Action.PUBLICATION_EDIT, row):
            raise PermissionDenied
        respond: Callable[[], HttpResponse] = lambda: form_step(  # noqa: E731
            self,
            request,
            row,
            title="Dépublier",
            about=about_version(row.product_version),
            text=f"{row.product_version} ne se vendra plus sur {self.shown_channels(row)}. Les "
            "contrats en cours restent.",
            done="La publication se termine.",
            form=EndForm,
            run=lambda data: unpublish(actor=person(request), publication=row, **data),
        )
        return local_page(row.company, respond)

    def is_frozen(self, obj: Publication) -> bool:
        """Whether it began and is over: what was sold is read, and no more written."""
        return is_over(obj) and why_kept(obj) is not None

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

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what is planned of the version and company that the address names, else with
        the version's channels, from when it is in force.
        """
        given = super().get_changeform_initial_data(request)
        version = ProductVersion.objects.filter(pk=given.get("product_version")).first()
        if version is None:
            return given
        return {**_begun(version, str(given.get("company", ""))), **given}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Take the owner and the product from the version; a new sale is to be communicated."""
        obj.belong()
        super().save_model(request, obj, form, change)
        if not change:
            tell_published(actor=person(request), publication=obj)
        elif "end_at" in form.changed_data:
            tell_end(actor=person(request), publication=obj)


def _begun(version: ProductVersion, seller: str) -> dict[str, Any]:
    """Return what a publication begins with: the sale that is planned for the company, if any."""
    at = now()
    start = max(version.effective_from, at.replace(second=0, microsecond=0))
    rows = [row for row in planned_sales(version) if str(row.seller_id) == seller]
    if not rows:
        return {"channels": version.channels, "start_at": start}
    sale = sale_planned(rows[0])
    start = sale.start if sale.start > at else start
    return {"channels": rows[0].channels, "start_at": start, "end_at": sale.end}
