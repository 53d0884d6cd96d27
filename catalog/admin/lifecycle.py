"""Buttons of a product's page that move it through its life, now or on a date (M-06, M-07)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from unfold.admin import TabularInline
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog.admin.about import about_product
from catalog.admin.exits import ExitPlanForm, ProductExits, exit_page, may_freeze
from catalog.choices import TransitionState
from catalog.domain.lifecycle import STATUS_LABELS, TRANSITIONS, LifecycleStatus
from catalog.models import Product, ProductTransition
from catalog.services.lifecycle import (
    ExitPlan,
    action_of,
    cancel_move,
    move_product,
    planned_moves,
    possible_moves,
)
from winvest.core.admin.asking import form_step
from winvest.core.admin.confirm import found
from winvest.core.admin.days import ShownDays
from winvest.core.admin.display import action, display
from winvest.core.admin.fields import LocalInstantField
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.rights import Rights, person
from winvest.core.admin.zones import local_page, local_text, zone_in_words
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

# The status that an address proposes: whoever asked to freeze finds « Gelé » chosen.
TARGET = "to"
STATES = {
    TransitionState.PLANNED: "info",
    TransitionState.APPLIED: "success",
    TransitionState.CANCELLED: "neutral",
    TransitionState.FAILED: "danger",
}


class MoveForm(forms.Form):
    """When, and why."""

    at = LocalInstantField(label="Date", required=False, widget=UnfoldAdminSplitDateTimeWidget())
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        required=False,
        help_text="Exigé pour un gel ou un retrait.",
        widget=UnfoldAdminTextInputWidget(),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the zone of the page."""
        super().__init__(*args, **options)
        zone = zone_in_words(timezone.get_current_timezone_name())
        self.fields["at"].help_text = f"Vide : maintenant. {capfirst(zone)}."


class RetireForm(ExitPlanForm, MoveForm):
    """A retirement with its exit plan."""

    field_order = ("at", "reason", "replacement", "renewals_allowed", "exit_note", "confirmed")
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Il est dit à l'équipe et gardé dans l'historique.",
        error_messages={"required": "Dites pourquoi ce produit est retiré."},
        widget=UnfoldAdminTextInputWidget(),
    )
    renewals_allowed = forms.BooleanField(
        label="Renouvellements permis", required=False, widget=UnfoldBooleanSwitchWidget()
    )


def _replacement(product: Product) -> "forms.ModelChoiceField[Product]":
    """Return the box where another product of the company is named by its code."""
    return forms.ModelChoiceField(
        label="Remplacé par",
        queryset=Product.objects.filter(company=product.company_id).exclude(pk=product.pk),
        required=False,
        to_field_name="sku",
        widget=UnfoldAdminTextInputWidget(),
        help_text="Le code (SKU) d'un autre produit de la société.",
        error_messages={"invalid_choice": "La société n'a pas ce produit."},
    )


class TransitionTable(ShownDays, Rights, TabularInline):  # type: ignore[misc]
    """Moves of a product, the last first."""

    model = ProductTransition
    fk_name = "product"
    view_action = Action.CATALOG_VIEW_ALL
    extra = 0
    can_delete = False
    hide_title = True
    ordering = ("-due_at", "-id")
    fields = readonly_fields = ("due_at", "shown_move", "shown_state", "told", "decided_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read who decided with the moves."""
        rows = super().get_queryset(request)
        return rows.select_related("decided_by", "replacement")

    @display(description="transition")
    def shown_move(self, obj: ProductTransition) -> str:
        """Show where the product went, and from where."""
        after = STATUS_LABELS[LifecycleStatus(obj.to_status)]
        if not obj.from_status:
            return f"vers {after}"
        return f"{STATUS_LABELS[LifecycleStatus(obj.from_status)]} → {after}"

    @display(description="état", label=STATES)
    def shown_state(self, obj: ProductTransition) -> tuple[str, str]:
        """Show what became of it."""
        return obj.state, obj.get_state_display()

    @display(description="motif")
    def told(self, obj: ProductTransition) -> str:
        """Show the reason, the exit plan and why it failed."""
        plan = []
        if obj.to_status == LifecycleStatus.RETIRED:
            other = obj.replacement
            plan = [
                f"Remplacé par {other.sku}." if other else "",
                f"Renouvellements {'permis' if obj.renewals_allowed else 'refusés'}.",
                obj.exit_note,
            ]
        parts = [obj.reason, *plan, obj.shown_problems()]
        return " ".join(part for part in parts if part) or EMPTY


class ProductMoves(ProductExits):
    """Mixin of the product's page."""

    def opened_moves(self, request: HttpRequest, product: Product) -> dict[str, bool]:
        """Return which of the buttons the product's life and the user's rights open."""
        access = access_of(request.user)
        retires = access.allowed_on(Action.LIFECYCLE_RETIRE, product, product.company_id)
        reached = _reached(product)
        return {
            "move": bool(_choices(request, product)),
            "freeze": may_freeze(request, product),
            "retire": retires
            and any(LifecycleStatus.RETIRED in TRANSITIONS[status] for status in reached),
            "cancel": bool(_cancellable(request, product)),
        }

    @action(description="Changer le statut", icon="swap_horiz", url_path="move")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a status, a date and a reason, then move the product or plan it."""
        product = self._opened(request, object_id, "move")
        asked = type(
            "StatusForm",
            (MoveForm,),
            {
                "to": forms.ChoiceField(
                    label="Nouveau statut",
                    choices=_choices(request, product),
                    widget=UnfoldAdminSelectWidget(),
                ),
                "field_order": ("to", "at", "reason"),
            },
        )

        def run(data: dict[str, Any]) -> object:
            to = LifecycleStatus(data.pop("to"))
            return move_product(actor=person(request), product=product, to=to, **data)

        return self._asked(
            request,
            product,
            title="Changer le statut",
            text=f"{product} est « {product.get_lifecycle_status_display()} ».",
            done=_moved,
            form=asked,
            initial={"to": request.GET.get(TARGET)},
            run=run,
        )

    @action(description="Retirer", icon="delete_sweep", url_path="retire")
    def retire(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the exit plan, then retire the product for good, or plan it."""
        product = self._opened(request, object_id, "retire")
        asked = type("ExitForm", (RetireForm,), {"replacement": _replacement(product)})

        def run(data: dict[str, Any]) -> object:
            plan = ExitPlan(
                replacement=data["replacement"],
                renewals_allowed=data["renewals_allowed"],
                note=data["exit_note"],
            )
            return move_product(
                actor=person(request),
                product=product,
                to=LifecycleStatus.RETIRED,
                at=data["at"],
                reason=data["reason"],
                exit_plan=plan,
            )

        return exit_page(
            self,
            request,
            product,
            template="retire",
            title="Retirer du catalogue",
            form=asked,
            run=run,
            done=f"« {product.name} » est retiré, ou son retrait est prévu.",
        )

    @action(description="Annuler une transition", icon="event_busy", url_path="cancel-move")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask which planned move is not to take place."""
        product = self._opened(request, object_id, "cancel")

        def respond() -> HttpResponse:
            moves = {str(move.pk): move for move in _cancellable(request, product)}
            which = forms.ChoiceField(
                label="Transition",
                choices=[(key, _named(move)) for key, move in moves.items()],
                widget=UnfoldAdminSelectWidget(),
            )
            return form_step(
                self,
                request,
                product,
                title="Annuler une transition",
                about=about_product(product),
                text="Quel changement prévu n'aura pas lieu ?",
                done="Transition annulée.",
                form=type("CancelForm", (forms.Form,), {"move": which}),
                run=lambda data: cancel_move(actor=person(request), move=moves[data["move"]]),
            )

        return local_page(product.company, respond)

    def _asked(self, request: HttpRequest, product: Product, **asked: Any) -> HttpResponse:
        respond: Callable[[], HttpResponse] = lambda: form_step(  # noqa: E731
            self, request, product, about=about_product(product), **asked
        )
        return local_page(product.company, respond)

    def _opened(self, request: HttpRequest, object_id: str, name: str) -> Any:
        """Return the product if this button opens to the user."""
        product = found(self, request, object_id)
        if not self.opened_moves(request, product)[name]:
            raise PermissionDenied
        return product


def _moved(move: ProductTransition) -> str:
    """Say what became of a move: made, or planned for its date."""
    status = STATUS_LABELS[LifecycleStatus(move.to_status)]
    if move.state == TransitionState.APPLIED:
        return f"Le produit est « {status} »."
    at = local_text(move.due_at, move.company.timezone)
    return f"Le produit sera « {status} » le {at}."


def _reached(product: Product) -> set[LifecycleStatus]:
    """Return the statuses that the product has, or will have once planned moves are made."""
    return {
        LifecycleStatus(product.lifecycle_status),
        *(move.to for move in planned_moves(product)),
    }


def _choices(request: HttpRequest, product: Product) -> list[tuple[str, str]]:
    """Return the statuses open now, and those that planned moves will open, retirement apart."""
    access = access_of(request.user)
    opened = [one for one in possible_moves(access, product) if one != LifecycleStatus.RETIRED]
    later = [
        target
        for status in _reached(product)
        for target in TRANSITIONS[status]
        if target != LifecycleStatus.RETIRED
        and access.allowed_on(action_of(status, target), product, product.company_id)
    ]
    return [(one.value, STATUS_LABELS[one]) for one in dict.fromkeys([*opened, *later])]


def _cancellable(request: HttpRequest, product: Product) -> list[ProductTransition]:
    access = access_of(request.user)
    if not any(
        access.allowed_on(one, product, product.company_id)
        for one in (Action.LIFECYCLE_MOVE, Action.LIFECYCLE_FREEZE, Action.LIFECYCLE_RETIRE)
    ):
        return []
    rows = ProductTransition.objects.filter(product=product, state=TransitionState.PLANNED)
    return list(rows.order_by("due_at"))


def _named(move: ProductTransition) -> str:
    day = date_format(timezone.localtime(move.due_at), "d/m/Y H:i")
    return f"{move.get_to_status_display()}, le {day}"
