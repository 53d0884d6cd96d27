"""`versions/{id}/contract-pack`: the documents to join to a contract (`design/api.md`; 3.5-05)."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.choices import Channel
from catalog.domain.publication import Finding
from catalog.models import ProductVersion
from catalog.selectors.visibility import visible_versions
from documents.domain.pack import Joined
from documents.models import ProductDocument
from documents.services.contract_pack import checked_pack
from winvest.core.api.problems import ApiProblem
from winvest.core.api.serializers import OneOfField, StrictSerializer
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound


class PackQuery(StrictSerializer):
    """The channel of the contract."""

    channel = OneOfField(choices=Channel.choices, help_text="Canal du contrat.")


class PackDocumentSerializer(serializers.Serializer[object]):
    """A document to join; its file is under `download_url`, for whoever reads the pack."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    label = serializers.CharField(help_text="Libellé du type.")  # type: ignore[assignment]
    title = serializers.CharField()
    version = serializers.IntegerField()
    file_name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="Octets.")
    file_hash = serializers.CharField(help_text="`sha256:` et 64 chiffres hexadécimaux.")
    valid_until = serializers.DateField(allow_null=True)
    required = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Faux : document légal de la version que rien n'exige sur ce canal."
    )
    ground = serializers.CharField(help_text="Texte qui l'exige ; vide sinon.")
    download_url = serializers.CharField()


class PackMissingSerializer(serializers.Serializer[object]):
    """A document that is required and cannot be joined."""

    code = serializers.CharField()
    message = serializers.CharField()
    ground = serializers.CharField(help_text="Texte qui l'exige.")
    owner = serializers.CharField(help_text="Qui le corrige.")
    cure = serializers.CharField(help_text="Que faire.")


class ContractPackSerializer(serializers.Serializer[object]):
    """The pack of a channel; it is complete when nothing is missing."""

    product_version_id = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    at = serializers.DateTimeField(help_text="Instant de la réponse.")
    complete = serializers.BooleanField()
    documents = PackDocumentSerializer(many=True)
    missing = PackMissingSerializer(many=True)


class ContractPack(ApiView):
    """The documents to join to a contract of the version."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012 - one table per view
    path_model = ProductVersion

    @extend_schema(
        operation_id="versions_contract_pack",
        summary="Pièces du contrat",
        description="Les documents publiés et valides à joindre à un contrat de cette version sur "
        "un canal, avec leurs empreintes, et ce qui manque. Les conditions particulières n'y sont "
        "pas : elles sont propres au contrat. 422 pour un canal inconnu, absent, ou que la version "
        "n'ouvre pas.",
        tags=["Versions"],
        parameters=[PackQuery],
        responses=ContractPackSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the pack as it is now."""
        at = now()
        seen = visible_versions(self.access, at=at).select_related("product__risk", "company")
        version = seen.filter(pk=id).first()
        if version is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        channel = self.parameters(PackQuery)["channel"]
        found = checked_pack(version, channel, at=at)
        return Response(
            {
                "product_version_id": version.pk,
                "channel": channel,
                "at": at,
                "complete": found.pack.is_complete,
                "documents": [_document(row, joined) for row, joined in found.joined],
                "missing": [_missing(one) for one in found.pack.missing],
            }
        )


def _document(row: ProductDocument, joined: Joined) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "title", "version", "valid_until")},
        **{name: getattr(row, name) for name in ("file_name", "content_type", "size", "file_hash")},
        "type": row.type_id,
        "label": row.type.label,
        "required": joined.required,
        "ground": joined.ground,
        "download_url": reverse("api-document-download", args=[row.pk]),
    }


def _missing(one: Finding) -> dict[str, Any]:
    rule = one.rule
    told = {name: getattr(rule, name) for name in ("code", "ground", "owner", "cure")}
    return {**told, "message": one.message}
