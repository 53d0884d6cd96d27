"""`versions/{id}/approvals`: what reviewers say of a version (four eyes, `design/api.md`)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.steps import StepView
from catalog.api.versions import TAGS
from catalog.choices import ApprovalDomain, Decision
from catalog.models import VersionApproval
from catalog.selectors.versions import approval_rows
from catalog.services.approvals import ACTIONS, decide
from winvest.core.api.resources import named
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery, OneOfField, StrictSerializer, TextField
from winvest.core.domain.roles import Action


class ApprovalBody(StrictSerializer):
    """A decision; a refusal says why."""

    domain = OneOfField(choices=[one for one in ApprovalDomain.choices if one[0] in ACTIONS])
    decision = OneOfField(choices=Decision.choices)
    comment = TextField(max_length=2000, required=False, allow_blank=True)


class ApprovalSerializer(serializers.Serializer[object]):
    """A decision on a content, named by its hash."""

    id = serializers.UUIDField()
    domain = serializers.ChoiceField(choices=ApprovalDomain.choices)
    decision = serializers.ChoiceField(choices=Decision.choices)
    comment = serializers.CharField()
    content_hash = serializers.CharField()
    user_email = serializers.CharField()
    created_at = serializers.DateTimeField()


class ApprovalList(StepView):
    """Approvals of a version."""

    actions = {"GET": Action.CATALOG_VIEW_ALL, "POST": Action.APPROVE_PRODUCT}  # noqa: RUF012

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
            "Une version en validation, par quelqu'un d'autre que son auteur (403 "
            "`approval.own`). Un refus la rend à son auteur."
        ),
        tags=TAGS,
        request=ApprovalBody,
        responses={201: ApprovalSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Decide."""
        version = self.version(id)
        values: dict[str, Any] = self.validated(ApprovalBody)
        made = named(lambda: decide(actor=self.user, version=version, **values), VersionApproval)
        return self.created(approval_rows(version.pk).get(pk=made.pk))
