"""Steps of a version: review, release, withdrawal, copy (`design/api.md`)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.serializers import ReleasedSerializer, VersionSerializer
from catalog.api.versions import TAGS, VersionView
from catalog.choices import InforcePolicy
from catalog.models import ProductVersion
from catalog.services.copies import duplicate_version
from catalog.services.publication_checks import findings_of_succession
from catalog.services.versions import release_version, submit_version, withdraw_version
from winvest.core.api.resources import named
from winvest.core.api.serializers import InstantField, OneOfField, StrictSerializer, TextField
from winvest.core.domain.roles import Action


class NoBody(StrictSerializer):
    """Nothing to say."""


class ReleaseBody(StrictSerializer):
    """When the version takes effect, and for whom."""

    effective_from = InstantField(
        required=False,
        allow_null=True,
        help_text="Par défaut la date prévue, ou maintenant si elle est passée.",
    )
    applies_to_inforce = OneOfField(
        choices=InforcePolicy.choices,
        required=False,
        help_text="Effet sur les contrats en cours ; par défaut ce que dit le brouillon.",
    )
    reason = TextField(
        max_length=300, required=False, help_text="Exigé pour une date passée (Admin Groupe)."
    )


class WithdrawBody(StrictSerializer):
    """Why the version is withdrawn."""

    reason = TextField(max_length=300)


class CopyBody(StrictSerializer):
    """When the copy is to take effect."""

    effective_from = InstantField(
        required=False, allow_null=True, help_text="Par défaut le 1er du mois suivant."
    )


class StepView(VersionView):
    """A step is taken by a POST, and answers the version as it became."""

    path_model = ProductVersion

    def version(self, pk: UUID) -> Any:
        """Return the version: 404 outside the scope, 403 in another family, before the body."""
        return self.find_to_write(ProductVersion.objects.all(), pk)


class SubmitVersion(StepView):
    """From draft to review."""

    actions = {"POST": Action.VERSION_SUBMIT}  # noqa: RUF012 - one table per view

    @extend_schema(
        operation_id="versions_submit",
        summary="Soumettre une version à validation",
        description="Un brouillon complet passe en validation ; 409 avec toutes les raisons sinon.",
        tags=TAGS,
        request=NoBody,
        responses=VersionSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Submit the version."""
        version = self.version(id)
        self.validated(NoBody)
        submit_version(actor=self.user, version=version)
        return self.answer(id)


class ReleaseVersion(StepView):
    """From review to production."""

    actions = {"POST": Action.VERSION_RELEASE}  # noqa: RUF012

    @extend_schema(
        operation_id="versions_release",
        summary="Mettre une version en production",
        description=(
            "Fige le contenu et le fait prendre effet à `effective_from` ; plusieurs versions "
            "futures peuvent attendre. Jamais dans le passé, sauf l'Admin Groupe avec un motif. "
            "`warnings` dit où les ventes de la version précédente s'arrêtent, faute de publication."
        ),
        tags=TAGS,
        request=ReleaseBody,
        responses=ReleasedSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Release the version."""
        version = self.version(id)
        released = release_version(actor=self.user, version=version, **self.validated(ReleaseBody))
        answer = self.answer(id)
        answer.data["warnings"] = [
            {"path": "effective_from", "code": one.rule.code, "message": one.message}
            for one in findings_of_succession(released)
        ]
        return answer


class WithdrawVersion(StepView):
    """Back before it takes effect."""

    actions = {"POST": Action.VERSION_WITHDRAW}  # noqa: RUF012

    @extend_schema(
        operation_id="versions_withdraw",
        summary="Retirer une version avant sa date d'effet",
        description="La version précédente continue jusqu'à la suivante ; un motif est exigé ; 409 une fois en "
        "vigueur.",
        tags=TAGS,
        request=WithdrawBody,
        responses=VersionSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Withdraw the version."""
        version = self.version(id)
        withdraw_version(actor=self.user, version=version, **self.validated(WithdrawBody))
        return self.answer(id)


class DuplicateVersion(StepView):
    """A new draft of the same product."""

    actions = {"POST": Action.CATALOG_EDIT}  # noqa: RUF012

    @extend_schema(
        operation_id="versions_duplicate",
        summary="Dupliquer une version",
        description=(
            "Un brouillon du même produit, du numéro suivant et du même contenu : formules, prix, "
            "barèmes, documents, règles ADV, conditions."
        ),
        tags=TAGS,
        request=CopyBody,
        responses={201: VersionSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Create the copy."""
        version = self.version(id)
        values = self.validated(CopyBody)
        copy = named(
            lambda: duplicate_version(actor=self.user, version=version, **values), ProductVersion
        )
        return self.answer(copy.pk, status=201)
