"""`versions/{id}/commission-schemes` and `commission-schemes/{id}`, tiers nested."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.part_views import PartList, PartRow, PartView, described, writing
from catalog.domain.moments import Moment
from catalog.models import ProductVersion
from catalog.selectors.moments import local_day
from commissions.api.bodies import SchemeBody, SchemeSerializer
from commissions.models import CommissionScheme
from commissions.selectors.schemes import list_schemes, schemes_on, tiers_of
from commissions.services.schemes import change_scheme, create_scheme
from commissions.services.simulate import failing_cases
from winvest.core.api.renderers import exact
from winvest.core.api.resources import Rows, named
from winvest.core.api.warned import WarnedView
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason

_SCHEMES = (
    "commission_schemes",
    "Barèmes de commission",
    "un barème",
    SchemeBody,
    SchemeSerializer,
)


class SchemeView(WarnedView, PartView):
    """Schemes, read by whoever sees commissions and written by whoever edits them."""

    model = CommissionScheme
    edit_action = Action.COMMISSION_EDIT
    write_serializer = SchemeBody
    # Of the rows of a page; a single row reads its own.
    tiers: dict[UUID, list[dict[str, Any]]] | None = None

    def rows(self) -> Rows:
        """Return the schemes of the version that the scope reads."""
        return list_schemes(self.above)

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the schemes whose period holds that day, in the owner's time zone."""
        owner = ProductVersion._base_manager.values_list("company_id").get(pk=self.above)[0]
        return schemes_on(rows, local_day(owner, moment))

    def page(self, rows: QuerySet[Any, Any], ordering: tuple[str, ...]) -> Response:
        """Return a page, its tiers read in one statement."""
        answer = super().page(rows, ordering)
        self.tiers = tiers_of(row["id"] for row in answer.data["results"])
        return answer

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Add the tiers; write the numbers exactly."""
        tiers = (self.tiers or tiers_of([row["id"]]))[row["id"]]
        body = {name: _plain(value) for name, value in super().shown(row).items()}
        body["test_cases"] = exact(body["test_cases"])
        return body | {"tiers": [{key: _plain(value) for key, value in t.items()} for t in tiers]}

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Return the test cases that fail."""
        scheme = CommissionScheme.objects.select_related("company").filter(pk=body["id"])
        return [reason for _, reason in failing_cases(scheme.prefetch_related("tiers"))]


@described(*_SCHEMES)
class SchemeList(SchemeView, PartList):
    """Schemes of a version."""

    actions = {"GET": Action.COMMISSION_VIEW, "POST": Action.COMMISSION_EDIT}  # noqa: RUF012
    path_model = ProductVersion

    def create(self, request: Request) -> Response:
        """Create a scheme and its tiers."""
        self.ask()
        values = self.validated(self.write_serializer)
        tiers = values.pop("tiers", [])
        scheme = named(
            lambda: create_scheme(actor=self.user, scheme=self.new(values), tiers=tiers),
            self.model,
        )
        return self.answer(scheme.pk, status=201)


@described(*_SCHEMES)
class SchemeRow(SchemeView, PartRow):
    """One scheme."""

    actions = writing(Action.COMMISSION_EDIT) | {"GET": Action.COMMISSION_VIEW}
    path_model = CommissionScheme

    def change(self, request: Request, pk: UUID) -> Response:
        """Write the given fields; `tiers` replace those of before."""
        row = self.find(self.model.objects.all(), pk)
        self.ask(row)
        changes = self.validated_changes()
        tiers = changes.pop("tiers", None)
        named(
            lambda: change_scheme(
                actor=self.user, scheme=row, changes=changes, tiers=tiers, check=self.check_change
            ),
            self.model,
        )
        return self.answer(pk)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value
