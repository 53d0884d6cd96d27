"""`versions/{id}/approvals`: what reviewers say of a version (four eyes, `design/api.md`)."""

from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.steps import StepView
from catalog.api.versions import TAGS
from catalog.choices import ApprovalDomain, Decision
from catalog.domain.approvals import STANDING_LABELS, ApprovalState, Standing
from catalog.models import ProductVersion, VersionApproval
from catalog.selectors.approvals import ACTIONS, people_asked
from catalog.selectors.versions import approval_rows
from catalog.services.approval_states import (
    approval_states,
    digest_of,
    not_asked,
    publication_clock,
)
from catalog.services.approvals import decide
from winvest.core.api.resources import named
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery, OneOfField, StrictSerializer, TextField
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden
from winvest.core.permissions import AccessProblem


class ApprovalBody(StrictSerializer):
    """A decision; a refusal says why."""

    domain = OneOfField(choices=ApprovalDomain.choices)
    decision = OneOfField(choices=Decision.choices)
    comment = TextField(max_length=2000, required=False, allow_blank=True)
    content_hash = TextField(
        max_length=71,
        required=False,
        source="seen",
        help_text="L'empreinte du contenu que l'on a lu : 409 s'il a changé depuis.",
    )


class ApprovalSerializer(serializers.Serializer[object]):
    """A decision on a content, named by its hash."""

    id = serializers.UUIDField()
    domain = serializers.ChoiceField(choices=ApprovalDomain.choices)
    decision = serializers.ChoiceField(choices=Decision.choices)
    comment = serializers.CharField()
    content_hash = serializers.CharField()
    user_email = serializers.CharField()
    created_at = serializers.DateTimeField()


class DecisionSerializer(serializers.Serializer[object]):
    """Who said what, when, of which content."""

    decision = serializers.ChoiceField(choices=Decision.choices)
    comment = serializers.CharField()
    content_hash = serializers.CharField()
    user = serializers.CharField()
    created_at = serializers.DateTimeField()


class RequiredApprovalSerializer(serializers.Serializer[object]):
    """An approval that the publication waits for, and what it is worth."""

    domain = serializers.ChoiceField(choices=ApprovalDomain.choices)
    state = serializers.ChoiceField(choices=[(key.value, STANDING_LABELS[key]) for key in Standing])
    asked = serializers.ListField(child=serializers.CharField())
    last = DecisionSerializer(allow_null=True)


class RequiredApprovalsSerializer(serializers.Serializer[object]):
    """The content as it is, and the approvals that its publication waits for."""

    content_hash = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    publication_due_at = serializers.DateTimeField(
        allow_null=True,
        help_text="24 h après la dernière approbation, ou la date prévue si elle vient plus tard.",
    )
    published = serializers.BooleanField()
    late = serializers.BooleanField()
    approvals = RequiredApprovalSerializer(many=True)


class ApprovalList(StepView):
    """Approvals of a version."""

    # Whoever gives one of the approvals enters; the service asks for the one that is given.
    actions = {"GET": Action.CATALOG_VIEW_ALL, "POST": Action.APPROVE_PRODUCT}  # noqa: RUF012

    def opening_actions(self, action: Action) -> frozenset[Action]:
        """Open to whoever gives one of the approvals."""
        return frozenset(ACTIONS.values() if action == Action.APPROVE_PRODUCT else [action])

    @extend_schema(
        operation_id="approvals_list",
        summary="Approbations d'une version",
        description="Par date. Une approbation vaut pour le contenu dont elle porte l'empreinte.",
        tags=TAGS,
        parameters=[ListQuery],
        responses=page_of(ApprovalSerializer),
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return a page."""
        self.parameters(ListQuery)
        version = self.version(id)
        return self.page(approval_rows(version.pk), ("created_at", "id"))

    @extend_schema(
        operation_id="approvals_create",
        summary="Approuver ou refuser une version",
        description=(
            "Une version en validation ou en production, par quelqu'un d'autre que son auteur "
            "(403 `approval.own`) et que qui l'a soumise (403 `approval.requester`, sauf pour la "
            "refuser), et à qui cette approbation revient : Produit, Compta, Juriste "
            "(ADV où la société n'en a pas), IT pour un produit tarifé par API. Un refus rend la "
            "version en validation à son auteur."
        ),
        tags=TAGS,
        request=ApprovalBody,
        responses={201: ApprovalSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Decide."""
        version = self.find(ProductVersion.objects.all(), id)
        allowed = partial(self.access.allowed_on, row=version, company_id=version.company_id)
        if not any(map(allowed, ACTIONS.values())):
            raise Forbidden(AccessProblem.FORBIDDEN)
        values: dict[str, Any] = self.validated(ApprovalBody)
        made = named(lambda: decide(actor=self.user, version=version, **values), VersionApproval)
        return self.created(approval_rows(version.pk).get(pk=made.pk))


class RequiredApprovals(StepView):
    """What the publication of a version waits for."""

    actions = {"GET": Action.CATALOG_VIEW_ALL}  # noqa: RUF012

    @extend_schema(
        operation_id="approvals_required",
        summary="Approbations attendues d'une version",
        description=(
            "Les domaines à approuver avant une publication, à qui chacun est demandé, et le "
            "dernier mot : une approbation est caduque (`void`) dès que le contenu change."
        ),
        tags=TAGS,
        responses=RequiredApprovalsSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Return the states."""
        version = self.version(id)
        barred = not_asked(version)
        states = approval_states(version)
        clock = publication_clock(version, states)
        return Response(
            {
                "content_hash": digest_of(version),
                "submitted_at": version.submitted_at,
                "publication_due_at": clock.due_at,
                "published": clock.published,
                "late": clock.late,
                "approvals": [shown_state(one, version, barred) for one in states],
            }
        )


def shown_state(state: ApprovalState, version: ProductVersion, barred: set[UUID]) -> dict[str, Any]:
    """Return an approval as it stands: asked of whoever may give it, and neither wrote it nor asks for it."""
    said = state.said
    people = people_asked(state.domain, version, barred)
    return {
        "domain": state.domain,
        "state": state.standing,
        "asked": [str(user) for user in people.values()],
        "last": said
        and {
            "decision": said.decision,
            "comment": said.comment,
            "content_hash": said.content_hash,
            "user": said.user,
            "created_at": said.at,
        },
    }
