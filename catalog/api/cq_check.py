"""`versions/{id}/cq-check`: what quality control finds in a sales file (3.6-06)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.versions import TAGS
from catalog.choices import RequiredField, RuleSet
from catalog.domain.quality import FIELDS, IBAN, Demand, SalesFile, evaluate
from catalog.models import CqRule, ProductVersion
from catalog.selectors.visibility import visible_versions
from winvest.core.api.problems import ApiProblem
from winvest.core.api.serializers import InstantField, OneOfField, StrictSerializer, TextField
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound

LABELS: Mapping[str, str] = {**dict(RequiredField.choices), **dict(RuleSet.choices), IBAN: "IBAN"}
PIECES = [choice for choice in RequiredField.choices if choice[0] not in FIELDS]


class CqFieldsBody(StrictSerializer):
    """What the file says of the client; nothing of it is kept."""

    def get_fields(self) -> dict[str, Any]:
        """Return one field for each that a rule may ask for."""
        return {
            name: TextField(
                max_length=120, required=False, allow_blank=True, help_text=f"{LABELS[name]}."
            )
            for name in FIELDS
        }


class CqCheckBody(StrictSerializer):
    """A sales file: fields typed, pieces received, checks made by a person."""

    pieces = serializers.ListField(
        child=OneOfField(choices=PIECES), required=False, help_text="Pièces reçues."
    )
    checks = serializers.ListField(
        child=OneOfField(choices=RuleSet.choices), required=False, help_text="Contrôles faits."
    )
    at = InstantField(required=False, help_text="Instant de la vente ; par défaut maintenant.")

    def get_fields(self) -> dict[str, Any]:
        """Add `fields`."""
        return {"fields": CqFieldsBody(required=False), **super().get_fields()}


class CqProblemSerializer(serializers.Serializer[object]):
    """Something that the file lacks."""

    code = serializers.CharField()
    path = serializers.CharField()
    message = serializers.CharField()


class CqVerdictSerializer(serializers.Serializer[object]):
    """The file is complete when nothing is wrong with it."""

    complete = serializers.BooleanField()
    problems = CqProblemSerializer(many=True)
    required_fields = serializers.ListField(child=serializers.CharField())
    rule_sets = serializers.ListField(child=serializers.CharField())


class CqCheck(ApiView):
    """The verdict on a file, by all the rules of the version; nothing is written."""

    actions = {"POST": Action.CATALOG_VIEW}  # noqa: RUF012 - one table per view
    path_model = ProductVersion

    @extend_schema(
        operation_id="versions_cq_check",
        summary="Contrôler un dossier de vente",
        description="Champs, pièces et contrôles que demandent les règles ADV / qualité de la "
        "version, et ce qui manque au dossier. Rien n'est enregistré.",
        tags=TAGS,
        request=CqCheckBody,
        responses=CqVerdictSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return everything that the file lacks."""
        seen = visible_versions(self.access, at=now()).select_related("company")
        version = seen.filter(pk=id).first()
        if version is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        asked = self.validated(CqCheckBody)
        at = asked.get("at") or now()
        rules = CqRule._base_manager.filter(product_version=version)
        told = list(rules.order_by("id").values_list("required_fields", "rule_sets"))
        demand = Demand(
            frozenset(name for required, _ in told for name in required),
            frozenset(name for _, sets in told for name in sets),
        )
        sale = SalesFile(
            asked.get("fields", {}),
            frozenset(asked.get("pieces", ())),
            frozenset(asked.get("checks", ())),
        )
        today = at.astimezone(ZoneInfo(version.company.timezone)).date()
        problems = evaluate(demand, sale, today=today, labels=LABELS)
        return Response(
            {
                "complete": not problems,
                "problems": [
                    {"code": one.code, "path": one.path, "message": one.message} for one in problems
                ],
                "required_fields": sorted(demand.required),
                "rule_sets": sorted(demand.rule_sets),
            }
        )
