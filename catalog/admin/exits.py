"""Stopping a product's sale from its page or its sheet: the freeze, and the retirement (4-09, 4-10).

A freeze asks for a reason and nothing else. A retirement shows first what it ends, what stays and
who is told, then asks for the exit plan and a confirmation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin.about import about_product
from catalog.choices import Channel, TransitionState, VersionState
from catalog.domain import raci
from catalog.domain.lifecycle import TRANSITIONS, LifecycleStatus
from catalog.models import BundleComponent, Product, ProductTransition, ProductVersion, Publication
from catalog.services.lifecycle import move_product
from winvest.core.admin.asking import add_refusal
from winvest.core.admin.confirm import back_of, found
from winvest.core.admin.display import action
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_page, local_text
from winvest.core.choices import ROLE_LABELS
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import DomainError, Forbidden
from winvest.core.models.company import Company
from winvest.core.permissions import RIGHTS, access_of
from winvest.core.selectors.holders import holders
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction

FROZEN = "La vente de « {} » est gelée : l'équipe et les vendeurs sont prévenus."
ALREADY = "La vente de « {} » est déjà gelée."
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays after a retirement: `title` says of what, `lines` name it."""

    title: str
    about: str
    lines: list[str]
    empty: str


_KEPT: list[Callable[[Product], Kept]] = []


def register_kept(kept: Callable[[Product], Kept]) -> None:
    """Add what a retirement leaves in an upper application; called once by each."""
    _KEPT.append(kept)


class FreezeForm(forms.Form):
    """Why the sale stops."""

    reason = forms.CharField(
        label="Motif",
        max_length=300,
        required=False,
        help_text="Il est dit à l'équipe et aux vendeurs, et gardé dans l'historique.",
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
    )


class ProductExits:
    """Mixin of the product's page."""

    @action(description="Geler la vente", icon="ac_unit", url_path="freeze")
    def freeze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop the sale at once, for a reason; go back to the sheet, or where one comes from."""
        product = found(self, request, object_id)
        if _holds_freeze(request, product) and product.lifecycle_status == LifecycleStatus.FROZEN:
            # A second click, or somebody else's: what is asked is done.
            messages.info(request, ALREADY.format(product.name))
            return HttpResponseRedirect(_back(request, product))
        if not may_freeze(request, product):
            raise PermissionDenied

        def run(data: dict[str, Any]) -> object:
            actor, to = person(request), LifecycleStatus.FROZEN
            with transaction(actor, product.company_id):
                # A double click: the second waits here for the first, and has nothing left to do.
                if lock_row(product).lifecycle_status == to:
                    return None
                return move_product(actor=actor, product=product, to=to, **data)

        return exit_page(
            self,
            request,
            product,
            template="freeze",
            title="Geler la vente",
            form=FreezeForm,
            run=run,
            done=FROZEN.format(product.name),
        )


def may_freeze(request: HttpRequest, product: Product) -> bool:
    """Whether the product may be frozen now, by the user."""
    current = LifecycleStatus(product.lifecycle_status)
    return LifecycleStatus.FROZEN in TRANSITIONS[current] and _holds_freeze(request, product)


def _holds_freeze(request: HttpRequest, product: Product) -> bool:
    access = access_of(request.user)
    return access.allowed_on(Action.LIFECYCLE_FREEZE, product, product.company_id)


def _back(request: HttpRequest, product: Product) -> str:
    """Return where the person came from, else the sheet."""
    sheet = reverse("product-sheet", args=[product.pk])
    return back_of(request, product, otherwise=sheet)


def exit_page(
    page: Any,
    request: HttpRequest,
    product: Product,
    *,
    template: str,
    title: str,
    form: type[forms.Form],
    run: Callable[[dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    """Show what stops and ask (GET), then stop it and go back (POST), in the company's time.

    A refusal is told beside its field, with what was typed.
    """

    def respond() -> HttpResponse:
        typed = request.POST if request.method == "POST" else None
        filled = form(typed, label_suffix="")
        if filled.is_valid():
            try:
                run(filled.cleaned_data)
            except Forbidden as error:
                raise PermissionDenied from error
            except (DomainError, ValidationError) as error:
                add_refusal(filled, error)
            else:
                messages.success(request, done)
                return HttpResponseRedirect(_back(request, product))
        context = {
            **page.admin_site.each_context(request),
            "opts": page.opts,
            "title": f"{title} — {product.name}",
            "button": title,
            "about": about_product(product),
            "form": filled,
            "back": _back(request, product),
            **_stopped(product),
        }
        return TemplateResponse(request, f"admin/catalog/product/{template}.html", context)

    return local_page(product.company, respond)


def _stopped(product: Product) -> dict[str, Any]:
    """Return what is sold, what was to be, what holds the product, what stays, and who is told."""
    at = now()
    rows = (
        Publication.lasting(at)
        .filter(product=product)
        .select_related("company", "product_version")
        .order_by("start_at", "pk")
    )
    sales = list(rows)
    sellers = {
        product.company_id: product.company,
        **{row.company_id: row.company for row in sales},
    }
    return {
        "is_frozen": product.lifecycle_status == LifecycleStatus.FROZEN,
        "running": [_sale(row, product) for row in sales if row.start_at <= at],
        "coming": [_sale(row, product) for row in sales if row.start_at > at],
        "bundles": _bundles(product),
        "moves": _moves(product),
        "prepared": _prepared(product),
        "kept": [kept(product) for kept in _KEPT],
        "told": [_told(product, company) for company in sellers.values()],
    }


def _sale(row: Publication, product: Product) -> dict[str, Any]:
    zone = product.company.timezone
    end = row.ends_at()
    return {
        "company": company_label(row.company.code, row.company.brand_name),
        "version": row.product_version.version,
        "channels": ", ".join(str(Channel(one).label) for one in row.channels),
        "start": local_text(row.start_at, zone),
        "end": local_text(end, zone) if end else "",
    }


def _bundles(product: Product) -> list[str]:
    """Return the offers of other products that hold this one and are not over."""
    rows = BundleComponent._base_manager.filter(product=product).exclude(
        product_version__state=VersionState.WITHDRAWN
    )
    open_ = rows.exclude(product_version__effective_to__lte=now()).exclude(
        product_version__product__lifecycle_status=LifecycleStatus.RETIRED
    )
    named = open_.order_by("product_version__product__name").values_list(
        "product_version__product__name", "product_version__product__sku"
    )
    return [f"{name} ({sku})" for name, sku in named.distinct()[:SHOWN]]


def _moves(product: Product) -> list[str]:
    rows = ProductTransition._base_manager.filter(product=product, state=TransitionState.PLANNED)
    return [
        f"{row.get_to_status_display()}, le {local_text(row.due_at, product.company.timezone)}"
        for row in rows.order_by("due_at")
    ]


def _prepared(product: Product) -> list[str]:
    """Return the versions that are being prepared: a retired product releases none of them."""
    rows = ProductVersion._base_manager.filter(
        product=product, state__in=(VersionState.DRAFT, VersionState.IN_REVIEW)
    )
    return [
        f"Version {row.version}, {row.get_state_display().lower()}"
        for row in rows.order_by("version")
    ]


def _told(product: Product, company: Company) -> dict[str, Any]:
    """Return whom a company tells: the roles, and how many people hold one of them."""
    roles = (raci.team_roles(raci.Step.RETIREMENT) | {Role.SALES}) & RIGHTS[Action.CATALOG_VIEW]
    people = holders(roles, company.pk, product.family_risk())
    return {
        "company": company_label(company.code, company.brand_name),
        "roles": ", ".join(label for role, label in ROLE_LABELS.items() if role in roles),
        "people": len(people),
    }


class ExitPlanForm(forms.Form):
    """The end of the form of a retirement: its plan, and that it was read."""

    exit_note = forms.CharField(
        label="Plan de sortie",
        max_length=2000,
        help_text="Support des contrats en cours, information des clients, archivage.",
        error_messages={
            "required": "Dites ce que deviennent les clients : c'est le plan de sortie."
        },
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )
    confirmed = forms.BooleanField(
        label="J'ai lu ce que le retrait termine : il est définitif.",
        error_messages={"required": "Cochez pour confirmer : un produit retiré ne revient pas."},
    )
