"""Operations and entries by API (`design/api.md`, `domain.md` §6)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounting.choices import EntryType, LineRole, OperationKind, OperationState
from accounting.models import Operation
from accounting.selectors.operations import entries_of, lines_of, list_entries, list_operations
from accounting.services.operations import Posted, post_operations
from winvest.core import scoping
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import IdField, ListQuery, OneOfField, TextField
from winvest.core.api.views import ApiView
from winvest.core.domain.money import round_amount
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError

_MONTH_HELP = "Mois, AAAA-MM."
_AMOUNTS = ("debit", "credit", "tax_amount")


class OperationQuery(ListQuery):
    """Filters of the operations."""

    company = IdField(required=False, help_text="Société.")
    period = TextField(required=False, max_length=7, help_text=_MONTH_HELP)
    state = OneOfField(choices=OperationState.choices, required=False)
    kind = OneOfField(choices=OperationKind.choices, required=False)
    sku = TextField(required=False, max_length=80)
    source = TextField(required=False, max_length=60)  # type: ignore[assignment]
    external_id = TextField(required=False, max_length=120)


class EntryQuery(ListQuery):
    """Filters of the entries."""

    company = IdField(required=False, help_text="Société.")
    period = TextField(required=False, max_length=7, help_text=_MONTH_HELP)
    journal = TextField(required=False, max_length=20)
    account = TextField(required=False, max_length=20)
    sku = TextField(required=False, max_length=80)


class LineSerializer(serializers.Serializer[object]):
    """A line: two columns, never negative."""

    account = serializers.CharField()
    auxiliary = serializers.CharField()
    role = serializers.ChoiceField(choices=LineRole.choices)
    debit = serializers.CharField()
    credit = serializers.CharField()
    product_label = serializers.CharField()
    partner_label = serializers.CharField()
    cost_center = serializers.CharField()
    tax_code = serializers.CharField()
    tax_rate = serializers.CharField()
    tax_amount = serializers.CharField()


class OperationEntrySerializer(serializers.Serializer[object]):
    """An entry of an operation."""

    id = serializers.UUIDField()
    journal = serializers.CharField()
    number = serializers.IntegerField()
    date = serializers.DateField()
    type = serializers.ChoiceField(choices=EntryType.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    lines = LineSerializer(many=True)


class EntrySerializer(OperationEntrySerializer):
    """An entry of the journal, with what it comes from."""

    company_id = serializers.UUIDField()
    operation_id = serializers.UUIDField()
    year = serializers.IntegerField()
    sku = serializers.CharField()
    version_id = serializers.UUIDField(allow_null=True)


class ReasonSerializer(serializers.Serializer[object]):
    """Why an operation waits, or what was odd about it."""

    code = serializers.CharField()
    message = serializers.CharField()
    path = serializers.CharField()


class OperationSerializer(serializers.Serializer[object]):
    """An operation with its entries; amounts with the currency's decimals."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=OperationKind.choices)
    state = serializers.ChoiceField(choices=OperationState.choices)
    reasons = ReasonSerializer(many=True)
    flags = ReasonSerializer(many=True)
    sku = serializers.CharField()
    plan_code = serializers.CharField()
    channel = serializers.CharField()
    quantity = serializers.CharField()
    amount = serializers.CharField()
    tax_included = serializers.BooleanField()
    currency = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    accounting_date = serializers.DateField()
    contract_ref = serializers.UUIDField(allow_null=True)
    client_ref = serializers.UUIDField(allow_null=True)
    supplier_ref = serializers.CharField()
    analytic_label = serializers.CharField()
    booked_at = serializers.DateTimeField(allow_null=True)
    reverses_external_id = serializers.CharField(allow_null=True)
    collects_external_id = serializers.CharField(allow_null=True)
    entries = OperationEntrySerializer(many=True)
    commission_lines = serializers.ListField(child=serializers.DictField())


def _shown(row: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
    currency = row["currency"]
    return {
        **row,
        "amount": round_amount(row["amount"], currency),
        "entries": [_entry(entry, currency) for entry in entries],
        # The commission schemes accrue their lines in a later version of the contract.
        "commission_lines": [],
    }


def _entry(entry: dict[str, Any], currency: str) -> dict[str, Any]:
    return {**entry, "lines": [_line(line, currency) for line in entry["lines"]]}


def _line(line: dict[str, Any], currency: str) -> dict[str, Any]:
    amounts: dict[str, Decimal] = {name: round_amount(line[name], currency) for name in _AMOUNTS}
    return {**line, **amounts}


def _read(ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return these operations with their entries, in three statements."""
    entries = entries_of(ids)
    rows = list_operations().filter(pk__in=ids)
    return {row["id"]: _shown(row, entries[row["id"]]) for row in rows}


class OperationList(ApiView):
    """Operations told by the other modules."""

    actions = {"GET": Action.ACCOUNTING_VIEW, "POST": Action.OPERATION_POST}  # noqa: RUF012

    @extend_schema(
        operation_id="operations_list",
        summary="Opérations",
        description="Les opérations avec leurs écritures, la plus récente d'abord.",
        tags=["Opérations"],
        parameters=[OperationQuery],
        responses=page_of(OperationSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(OperationQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        for name in ("cursor", "page_size"):
            filters.pop(name, None)
        response = self.page(list_operations(**filters), ("-occurred_at", "-id"))
        rows = response.data["results"]
        entries = entries_of([row["id"] for row in rows])
        response.data["results"] = [_shown(row, entries[row["id"]]) for row in rows]
        return response

    @extend_schema(
        operation_id="operations_create",
        summary="Recevoir une opération, ou jusqu'à 1 000",
        description=(
            "Un fait, comptabilisé une seule fois : la même opération avec le même contenu rend "
            "200 et la même réponse, avec un autre contenu 409. Un tableau rend 200 et le sort "
            "de chaque ligne."
        ),
        tags=["Opérations"],
        request=OpenApiTypes.OBJECT,
        responses={201: OperationSerializer, 200: OperationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Book or park what is told: 201 or 200 for one, 200 with each line's fate for many."""
        told: Any = request.data
        many = isinstance(told, list)
        posted = post_operations(actor=self.user, bodies=told if many else [told])
        with scoping.scope(self.access.all_companies):
            shown = _read([line.operation.pk for line in posted if line.operation])
        if many:
            return Response({"results": [_fate(line, shown) for line in posted]})
        [line] = posted
        if line.error is not None:
            raise line.error
        return Response(next(iter(shown.values())), status=line.status)


def _fate(line: Posted, shown: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    if line.operation is not None:
        return {
            "index": line.index,
            "status": line.status,
            "operation": shown[line.operation.pk],
        }
    return {"index": line.index, "status": line.status, "error": _problem(line.error)}


def _problem(error: DomainError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "code": error.code,
        "detail": str(error),
        "errors": [
            {"path": reason.path, "code": reason.code, "message": reason.message}
            for reason in error.reasons
        ],
    }


class OperationDetail(ApiView):
    """One operation."""

    actions = {"GET": Action.ACCOUNTING_VIEW}  # noqa: RUF012
    path_model = Operation

    @extend_schema(
        operation_id="operations_read",
        summary="Une opération",
        description="L'opération, ses motifs d'attente ou ses écritures.",
        tags=["Opérations"],
        responses=OperationSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the operation."""
        self.find(Operation.objects.all(), id)
        return Response(_read([id])[id])


class EntryList(ApiView):
    """The journal."""

    actions = {"GET": Action.ACCOUNTING_VIEW}  # noqa: RUF012

    @extend_schema(
        operation_id="entries_list",
        summary="Écritures",
        description="Les écritures équilibrées avec leurs lignes, la plus récente d'abord.",
        tags=["Opérations"],
        parameters=[EntryQuery],
        responses=page_of(EntrySerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(EntryQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        for name in ("cursor", "page_size"):
            filters.pop(name, None)
        response = self.page(list_entries(**filters), ("-date", "-id"))
        rows = response.data["results"]
        lines = lines_of([row["id"] for row in rows])
        response.data["results"] = [
            _entry({**row, "lines": lines[row["id"]]}, row.pop("currency")) for row in rows
        ]
        return response
