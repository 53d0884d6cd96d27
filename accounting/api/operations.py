"""Operations and entries by API (`design/api.md`, `domain.md` §6)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounting.api.serializers import (
    BatchSerializer,
    EntryQuery,
    EntrySerializer,
    OperationBody,
    OperationQuery,
    OperationSerializer,
)
from accounting.models import Operation
from accounting.selectors.operations import entries_of, lines_of, list_entries, list_operations
from accounting.services.operations import Posted, post_operations
from winvest.core import scoping
from winvest.core.api.schema import page_of
from winvest.core.api.views import ApiView
from winvest.core.domain.money import round_amount
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError

_AMOUNTS = ("debit", "credit", "tax_amount")


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
        request=PolymorphicProxySerializer(
            component_name="OperationOrBatch",
            serializers=[OperationBody, OperationBody(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        responses={
            201: OperationSerializer,
            200: PolymorphicProxySerializer(
                component_name="OperationOrFates",
                serializers=[OperationSerializer, BatchSerializer],
                resource_type_field_name=None,
            ),
        },
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
