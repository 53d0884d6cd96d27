"""`versions/{id}/accounting-mappings` and `accounting-mappings/{id}` (§3.6, C.6)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounting.choices import MappingState, Nature
from accounting.models import AccountingMapping
from accounting.selectors.mappings import list_mappings, mapping_stood, mappings_at
from accounting.services.mapping import MappingProblem, check_may_change, validate_mapping
from catalog.api.bodies import NULLABLE
from catalog.api.part_views import PartList, PartRow, PartView, described, writing
from catalog.domain.moments import Moment
from catalog.models import ProductVersion
from winvest.core.api.resources import Rows
from winvest.core.api.serializers import IdField, OneOfField, StrictSerializer, TextField
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict


class MappingBody(StrictSerializer):
    """Accounts of a nature for the company that sells the version."""

    company_id = IdField(help_text="Société qui vend la version.")
    nature = OneOfField(choices=Nature.choices)
    gl_account = TextField(max_length=20)
    journal = TextField(max_length=20, **NULLABLE)
    tax_code = TextField(max_length=10, **NULLABLE)
    cost_center = TextField(max_length=20, **NULLABLE)


class MappingSerializer(serializers.Serializer[object]):
    """A mapping and its state."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    nature = serializers.ChoiceField(choices=Nature.choices)
    gl_account = serializers.CharField()
    journal = serializers.CharField(allow_null=True)
    tax_code = serializers.CharField(allow_null=True)
    cost_center = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=MappingState.choices)
    validated_by_id = serializers.UUIDField(allow_null=True)
    validated_at = serializers.DateTimeField(allow_null=True)
    replaced_at = serializers.DateTimeField(allow_null=True)


_MAPPINGS = (
    "accounting_mappings",
    "Mappings comptables",
    "un mapping",
    MappingBody,
    MappingSerializer,
)


class MappingView(PartView):
    """Mappings: Compta writes them at any time, released version or not."""

    model = AccountingMapping
    edit_action = Action.MAPPING_EDIT
    write_serializer = MappingBody
    fixed = frozenset({"company_id", "nature"})
    company_field = "company_id"

    def rows(self) -> Rows:
        """Return the mappings of the version for the companies in scope."""
        return list_mappings(self.above)

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the accounts that entries rested on then, as they were known."""
        return mappings_at(rows, moment)

    def stood(self, rows: list[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
        """Return the mappings as they stood then."""
        return [mapping_stood(row, moment) for row in rows]

    def owned(self) -> dict[str, Any]:
        """Return the version and its product; the body names the seller."""
        version = self.parent()
        return {"product_version": version, "product_id": version.product_id}

    def stored(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Check the seller; a mapping that changes is to be validated (C.6)."""
        if "company_id" in changes:
            self.require_company(changes["company_id"])
        return {**changes, "state": MappingState.TO_VALIDATE} if changes else changes

    def is_frozen(self, row: Any) -> bool:
        """Never: a mapping is not of the version's content."""
        return False


@described(*_MAPPINGS)
class MappingList(MappingView, PartList):
    """Mappings of a version."""

    actions = {"GET": Action.ACCOUNTING_VIEW, "POST": Action.MAPPING_EDIT}  # noqa: RUF012
    path_model = ProductVersion


@described(*_MAPPINGS)
class MappingRow(MappingView, PartRow):
    """One mapping."""

    actions = writing(Action.MAPPING_EDIT) | {"GET": Action.ACCOUNTING_VIEW}
    path_model = AccountingMapping

    def check_change(self, row: Any) -> None:
        """Refuse a stale change, and that of what entries may rest on."""
        super().check_change(row)
        check_may_change(row)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion, and that of what entries may rest on."""
        super().check_delete(row)
        check_may_change(row)


class MappingValidation(MappingView):
    """The accountants' word that a mapping serves (D.4)."""

    actions = {"POST": Action.MAPPING_VALIDATE}  # noqa: RUF012 - one table per view
    path_model = AccountingMapping

    @property
    def above(self) -> UUID:
        """The version of the mapping that the path names."""
        key: UUID = self.find(AccountingMapping.objects.all(), self.kwargs["id"]).product_version_id
        return key

    @extend_schema(
        operation_id="accounting_mappings_validate",
        summary="Valider un mapping",
        description="Il prend la place de celui qui était validé. 409 avec toutes les raisons : "
        "le mapping passe alors en erreur (C.6).",
        tags=["Versions"],
        request=None,
        responses=MappingSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Validate it."""
        row = self.find_to_write(AccountingMapping.objects.all(), id)
        self.validated(StrictSerializer)
        if reasons := validate_mapping(actor=self.user, mapping=row):
            raise Conflict.several(MappingProblem.IN_ERROR, reasons)
        return self.answer(row.pk)
