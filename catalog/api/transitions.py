"""`products/{id}/transition` and the moves of a product (`design/api.md`; M-06, M-07)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.products import TAGS
from catalog.choices import LifecycleStatus as Statuses
from catalog.choices import TransitionState
from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import Product, ProductTransition
from catalog.selectors.transitions import transition_rows
from catalog.services.lifecycle import MOVES, ExitPlan, cancel_move, move_product
from winvest.core.api.resources import named
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    IdField,
    InstantField,
    ListQuery,
    OneOfField,
    StrictSerializer,
    TextField,
    YesNoField,
)
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action


class TransitionBody(StrictSerializer):
    """Where the product goes, when and why; of a retirement, its exit plan."""

    to = OneOfField(choices=Statuses.choices)
    at = InstantField(
        required=False, allow_null=True, help_text="À venir ; par défaut, maintenant."
    )
    reason = TextField(max_length=300, required=False, help_text="Exigé pour un gel ou un retrait.")
    replacement_id = IdField(
        required=False, allow_null=True, help_text="Retrait : le produit qui le remplace."
    )
    renewals_allowed = YesNoField(
        required=False,
        help_text="Retrait : les contrats en cours se renouvellent (non par défaut).",
    )
    exit_note = TextField(
        max_length=2000, required=False, help_text="Exigé pour un retrait : plan de sortie."
    )


class TransitionProblemSerializer(serializers.Serializer[object]):
    """Why a move failed on its day."""

    code = serializers.CharField()
    message = serializers.CharField()
    path = serializers.CharField()


class TransitionSerializer(serializers.Serializer[object]):
    """A move: `due_at` is its own date, `settled_at` when it was done, cancelled or failed."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    from_status = serializers.ChoiceField(choices=Statuses.choices, allow_blank=True)
    to_status = serializers.ChoiceField(choices=Statuses.choices)
    due_at = serializers.DateTimeField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=TransitionState.choices)
    settled_at = serializers.DateTimeField(allow_null=True)
    problems = TransitionProblemSerializer(many=True)
    replacement_id = serializers.UUIDField(allow_null=True)
    renewals_allowed = serializers.BooleanField()
    exit_note = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_by_email = serializers.CharField(allow_null=True)
    cancelled_by_email = serializers.CharField(allow_null=True)


class MovingView(ApiView):
    """A move asks for the right of its own status: freezing is not activating (§11)."""

    def opening_actions(self, action: Action) -> frozenset[Action]:
        """Let in whoever may make some move: each then asks for its own right."""
        return MOVES if self.request.method == "POST" else super().opening_actions(action)


class MoveProduct(MovingView):
    """A product goes to another status, now or on a date."""

    actions = {"POST": Action.LIFECYCLE_MOVE}  # noqa: RUF012 - one table per view
    path_model = Product

    @extend_schema(
        operation_id="products_transition",
        summary="Changer le statut d'un produit",
        description=(
            "Maintenant, ou à une date à venir (`at`) : la transition attend alors, s'annule, et "
            "s'applique à sa date, même si le service était arrêté. 409 quand le statut que le "
            "produit a, ou aura alors, ne mène pas là. Un retrait termine les publications et archive "
            "les documents, sauf si les contrats se renouvellent."
        ),
        tags=TAGS,
        request=TransitionBody,
        responses={201: TransitionSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Move the product, or plan it."""
        product = self.find(Product.objects.all(), id)
        values = self.validated(TransitionBody)
        move = named(
            lambda: move_product(
                actor=self.user,
                product=product,
                to=LifecycleStatus(values["to"]),
                at=values.get("at"),
                reason=values.get("reason") or "",
                exit_plan=self._exit_plan(values),
            ),
            ProductTransition,
        )
        return self.created(transition_rows(product.pk).get(pk=move.pk))

    def _exit_plan(self, values: dict[str, Any]) -> ExitPlan:
        key = values.get("replacement_id")
        return ExitPlan(
            replacement=self.find(Product.objects.all(), key) if key else None,
            renewals_allowed=values.get("renewals_allowed", False),
            note=values.get("exit_note") or "",
        )


class TransitionList(ApiView):
    """The moves of a product."""

    actions = {"GET": Action.CATALOG_VIEW_ALL}  # noqa: RUF012
    path_model = Product

    @extend_schema(
        operation_id="transitions_list",
        summary="Transitions d'un produit",
        description="Faites, prévues, annulées et en échec, par date.",
        tags=TAGS,
        parameters=[ListQuery],
        responses=page_of(TransitionSerializer),
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Return a page."""
        self.parameters(ListQuery)
        product = self.find(Product.objects.all(), id)
        return self.page(transition_rows(product.pk), ("due_at", "id"))


class NoTransitionBody(StrictSerializer):
    """Nothing to say."""


class CancelTransition(MovingView):
    """A planned move does not take place."""

    actions = {"POST": Action.LIFECYCLE_MOVE}  # noqa: RUF012
    path_model = ProductTransition

    @extend_schema(
        operation_id="transitions_cancel",
        summary="Annuler une transition prévue",
        description="409 pour une transition faite, en échec ou déjà annulée.",
        tags=TAGS,
        request=NoTransitionBody,
        responses=TransitionSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Cancel."""
        move = self.find(ProductTransition.objects.all(), id)
        self.validated(NoTransitionBody)
        cancel_move(actor=self.user, move=move)
        return Response(transition_rows(move.product_id).get(pk=move.pk))
