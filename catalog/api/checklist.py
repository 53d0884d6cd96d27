"""`versions/{id}/problems`: what stands against a publication, and IT's trials (`design/api.md`)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.serializers import ExternalMappingSerializer
from catalog.api.steps import NoBody
from catalog.api.versions import TAGS
from catalog.choices import Channel, VersionState
from catalog.domain.publication import PART_LABELS, Finding, Part, Sale
from catalog.models import ExternalMapping, ProductVersion
from catalog.selectors.mappings import list_mappings
from catalog.services.publication import publication_checklist, record_trial
from winvest.core.api.problems import ApiProblem
from winvest.core.api.serializers import IdField, InstantField, StrictSerializer, TextField
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Invalid, NotFound


class ProblemsQuery(StrictSerializer):
    """By whom the version would be sold, where, from when."""

    company_id = IdField(required=False, help_text="Société vendeuse ; par défaut la propriétaire.")
    channels = TextField(
        max_length=60,
        required=False,
        help_text="Canaux séparés par une virgule ; par défaut ceux de la version.",
    )
    at = InstantField(required=False, help_text="Début de la publication ; par défaut maintenant.")


class PublicationFindingSerializer(serializers.Serializer[object]):
    """A problem: what is wrong, which text asks for it, who mends it and how."""

    code = serializers.CharField()
    part = serializers.ChoiceField(choices=[(part.value, PART_LABELS[part]) for part in Part])
    message = serializers.CharField()
    ground = serializers.CharField(help_text="Texte qui le demande.")
    owner = serializers.CharField(help_text="Qui le corrige.")
    cure = serializers.CharField(help_text="Que faire.")
    blocking = serializers.BooleanField()


class ChecklistSerializer(serializers.Serializer[object]):
    """Every problem of a publication; it may be published when none blocks."""

    company_id = serializers.UUIDField()
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    at = serializers.DateTimeField()
    publishable = serializers.BooleanField()
    problems = PublicationFindingSerializer(many=True)


class VersionProblems(ApiView):
    """The checklist of a publication."""

    actions = {"GET": Action.CATALOG_VIEW_ALL}  # noqa: RUF012 - one table per view
    path_model = ProductVersion

    @extend_schema(
        operation_id="versions_problems",
        summary="Contrôle avant publication",
        description="Tout ce qui s'oppose à une publication, avec son fondement, qui corrige et "
        "comment. Une publication est refusée (409) tant qu'un problème bloque.",
        tags=TAGS,
        parameters=[ProblemsQuery],
        responses=ChecklistSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the checklist."""
        versions = ProductVersion.objects.select_related("product__risk", "product__partner")
        version = self.find(versions.select_related("company"), id)
        asked = self.parameters(ProblemsQuery)
        seller = asked.get("company_id", version.company_id)
        if seller not in self.access.all_companies:
            raise NotFound(ApiProblem.NOT_FOUND, path="company_id")
        sale = Sale(
            seller=seller,
            channels=_channels(asked.get("channels", ""), version),
            start=asked.get("at") or max(now(), version.effective_from),
        )
        found = publication_checklist(version=version, sale=sale)
        is_draft = version.state == VersionState.DRAFT
        return Response(
            {
                "company_id": seller,
                "channels": [one for one in Channel.values if one in sale.channels],
                "at": sale.start,
                "publishable": found.is_clear,
                "problems": [_shown(one, is_draft=is_draft) for one in found.findings],
            }
        )


class SandboxTrial(ApiView):
    """IT's word that the partner's sandbox answered for a code."""

    actions = {"POST": Action.INTEGRATION_CONSOLE}  # noqa: RUF012
    path_model = ExternalMapping

    @extend_schema(
        operation_id="external_mappings_sandbox_test",
        summary="Enregistrer un essai réussi en sandbox",
        description="À la main, tant qu'aucun connecteur ne le fait ; un autre code demande un "
        "autre essai.",
        tags=["Produits"],
        request=NoBody,
        responses=ExternalMappingSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Record the trial."""
        mapping = self.find_to_write(ExternalMapping.objects.all(), id)
        self.validated(NoBody)
        record_trial(actor=self.user, mapping=mapping)
        return Response(list_mappings(mapping.product_id).get(pk=mapping.pk))


def _channels(text: str, version: ProductVersion) -> frozenset[str]:
    named = [one.strip() for one in text.split(",") if one.strip()]
    if unknown := set(named) - set(Channel.values):
        raise Invalid(ApiProblem.UNKNOWN, path="channels", channels=sorted(unknown))
    return frozenset(named or version.channels or Channel.values)


def _shown(finding: Finding, *, is_draft: bool) -> dict[str, Any]:
    rule = finding.rule
    return {
        "code": rule.code,
        "part": rule.part.value,
        "message": finding.message,
        "ground": rule.ground,
        "owner": rule.owner,
        "cure": rule.cure_on(is_draft=is_draft),
        "blocking": rule.blocking,
    }
