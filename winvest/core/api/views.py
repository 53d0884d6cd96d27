"""Base of every view of the API: who calls, what he may do, inside which companies.

Refusals come in the order of `design/api.md`: 405, 413, 415, 400, 401, 429, 404, 403, then what
the view itself says (404, 403, 422, 409).
"""

from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from winvest.core import context, scoping
from winvest.core.api.idempotency import idempotent
from winvest.core.api.pagination import page_of_rows
from winvest.core.api.parsers import ApiRequest
from winvest.core.api.problems import ApiProblem
from winvest.core.api.serializers import StrictSerializer, query_values
from winvest.core.api.throttling import PostThrottle
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden, NotFound
from winvest.core.models import User
from winvest.core.models.base import ScopedModel
from winvest.core.permissions import Access, AccessProblem, access_of, require_on

Row = TypeVar("Row", bound=ScopedModel)

NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"
# Caches keep nothing of what one caller was told, and browsers run nothing of it.
ANSWER_HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": NOTHING_RUNS}
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class ApiView(APIView):
    """A view that names one action per method and runs in the companies where it is allowed.

    `access` are the rights of the caller, `companies` the companies where he may do the action;
    the scope is open until the answer is written. Every `post` heeds `Idempotency-Key`.
    """

    actions: ClassVar[dict[str, Action]]
    # What the path's `id` names: an unknown one is 404 even for whoever lacks the right.
    path_model: ClassVar[type[ScopedModel] | None] = None
    # The key of the body that names the company: another one's is 404 before any 422.
    company_field: ClassVar[str | None] = None

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]  # noqa: RUF012
    throttle_classes = [PostThrottle]  # noqa: RUF012 - as in the framework

    access: Access
    companies: frozenset[UUID]

    def __init_subclass__(cls, **options: Any) -> None:
        """Give every `post` the `Idempotency-Key`."""
        super().__init_subclass__(**options)
        if "post" in cls.__dict__:
            cls.post = idempotent(cls.__dict__["post"])  # type: ignore[attr-defined]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer inside the scope, serialisation included."""
        with ExitStack() as self._scope:
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
            return response

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Forbid caches to keep what one caller was told, and browsers to run any of it."""
        return {**super().default_response_headers, **ANSWER_HEADERS}

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Bound the body."""
        return ApiRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the request in the order of the contract, then open the scope."""
        self.format_kwarg = None
        method = request.method or ""
        action = self.actions.get("GET" if method == "HEAD" else method)
        if action is None:
            raise MethodNotAllowed(method)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        if method in BODY_METHODS:
            request.data  # noqa: B018 - reads the body: a malformed one is 400 before 401
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)
        self._open_scope(request, action)

    def opening_actions(self, action: Action) -> frozenset[Action]:
        """Return the actions of which one at least must be allowed; by default the method's."""
        return frozenset({action})

    def _open_scope(self, request: Request, action: Action) -> None:
        self.access = access_of(request.user)
        opening = self.opening_actions(action)
        self.companies = frozenset().union(*map(self.access.companies, opening))
        self._check_company(request)
        if not any(map(self.access.anywhere, opening)):
            self._refuse()
        self._scope.enter_context(scoping.scope(self.companies))
        self._scope.enter_context(context.acting(self.user))

    @property
    def user(self) -> User:
        """Who calls; the permission classes have let nobody else through."""
        return cast("User", self.request.user)

    def _check_company(self, request: Request) -> None:
        """Refuse the body's company as early as the order of errors asks, when it can be read."""
        if self.company_field is None or request.method not in BODY_METHODS:
            return
        given = request.data.get(self.company_field) if isinstance(request.data, dict) else None
        if isinstance(given, str):
            try:
                company_id = UUID(given)
            except ValueError:
                return  # the serializer says what is wrong
            self.require_company(company_id)

    def _refuse(self) -> None:
        """Refuse an action allowed nowhere: 404 for an unknown object, else 403."""
        if self.path_model is not None:
            with scoping.scope(self.access.all_companies):
                if not self.path_model.objects.filter(pk=self.kwargs["id"]).exists():
                    raise NotFound(ApiProblem.NOT_FOUND)
        raise Forbidden(AccessProblem.FORBIDDEN)

    def require_company(self, company_id: UUID, path: str | None = None) -> UUID:
        """Return a company where the caller may do the action: 404 if not his, 403 without it."""
        where = path or self.company_field or "company_id"
        if company_id not in self.access.all_companies:
            raise NotFound(ApiProblem.NOT_FOUND, path=where)
        if company_id not in self.companies:
            raise Forbidden(AccessProblem.FORBIDDEN, path=where)
        return company_id

    def find(self, rows: QuerySet[Row, Any], pk: UUID) -> Any:
        """Return the row of `rows` with this key: 404 if none of the caller's companies reads it,
        403 if one does where he may not do the action.
        """
        row = rows.filter(pk=pk).first()
        if row is not None:
            return row
        with scoping.scope(self.access.all_companies):
            if rows.model.objects.filter(pk=pk).exists():
                raise Forbidden(AccessProblem.FORBIDDEN)
        raise NotFound(ApiProblem.NOT_FOUND)

    def find_to_write(self, rows: QuerySet[Row, Any], pk: UUID) -> Any:
        """Return the row as `find` does: 403 too in a risk family closed to the caller (N-02).

        Asked before the body is judged; the service asks again on the locked row.
        """
        row = self.find(rows, pk)
        method = str(self.request.method)
        require_on(self.user, self.actions["GET" if method == "HEAD" else method], row)
        return row

    def validated(self, serializer: type[StrictSerializer], data: Any = None) -> dict[str, Any]:
        """Return the validated body (or `data`); every error is told at once, as 422."""
        checked = serializer(data=self.request.data if data is None else data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def parameters(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return the validated query parameters; an unknown one is refused."""
        return self.validated(serializer, query_values(self.request.query_params))

    def page(self, rows: QuerySet[Any, Any], ordering: tuple[str, ...]) -> Response:
        """Return one page of a `values()` read model, sorted by columns that end with a unique one.

        `parameters(ListQuery)`, or a query derived from it, has checked the address before.
        """
        return Response(page_of_rows(rows, ordering, self.request))

    def created(self, data: Any) -> Response:
        """Return 201 with what was made."""
        return Response(data, status=HTTPStatus.CREATED)
