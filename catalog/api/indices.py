"""Values of the indices that indexed prices read: `index-values` (P-05)."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.moments import DatedListQuery, MomentQuery, moment_asked
from catalog.choices import PriceIndex
from catalog.domain.moments import Moment
from catalog.models import IndexValue
from catalog.selectors.index_values import before_corrections, values_then
from winvest.core import permissions
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import ResourceList, ResourceRow, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    DayField,
    NumberField,
    OneOfField,
    StrictSerializer,
    TextField,
)
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound

TAGS = ["Prix"]


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^-?(0|[1-9]\d*)(\.\d{1,6})?$", "example": "112.505"},
            {"type": "number", "example": 112.505},
        ]
    }
)
class IndexField(NumberField):
    """The value of an index: more decimals than an amount has."""

    def __init__(self, **options: Any) -> None:
        """Take the decimals that the model keeps."""
        super().__init__(decimals=6, **options)


class IndexValueBody(StrictSerializer):
    """A value, from a day on until the next one of the same index."""

    index = OneOfField(choices=PriceIndex.choices)
    valid_on = DayField(help_text="Premier jour, à l'heure de la société qui vend.")
    value = IndexField(help_text="Six décimales au plus.")
    source = TextField(max_length=120, required=False, allow_blank=True)  # type: ignore[assignment]


class IndexValueSerializer(serializers.Serializer[object]):
    """A value of an index."""

    id = serializers.UUIDField()
    index = serializers.ChoiceField(choices=PriceIndex.choices)
    valid_on = serializers.DateField()
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class IndexValueQuery(DatedListQuery):
    """Filters of the values."""

    index = OneOfField(choices=PriceIndex.choices, required=False)


class IndexValueView(ResourceView):
    """Values belong to the group: whoever sets prices for all of it writes them."""

    model: ClassVar[Any] = IndexValue
    edit_action = Action.PRICING_EDIT
    fixed = frozenset({"index", "valid_on"})
    write_serializer = IndexValueBody

    def rows(self) -> Rows:
        """Return the values of the indices."""
        rows: Rows = IndexValue.objects.values("id", "index", "valid_on", "value", "source")
        return rows

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write the number exactly."""
        return {**row, "value": f"{row['value'].normalize():f}"}


class IndexValueList(IndexValueView, ResourceList):
    """Values of the indices."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.PRICING_EDIT}  # noqa: RUF012

    @extend_schema(
        operation_id="index_values_list",
        summary="Valeurs d'indices",
        description=(
            "Les valeurs saisies ou importées, par indice et par jour ; avec `as_of`, la valeur de "
            "chaque indice ce jour-là (heure de Paris) ; avec `known_at`, telles que la base les "
            "connaissait, avant les corrections faites depuis."
        ),
        tags=TAGS,
        parameters=[IndexValueQuery],
        responses=page_of(IndexValueSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        asked = self.parameters(IndexValueQuery)
        moment, index = moment_asked(asked), asked.get("index")
        rows = self.rows() if moment is None else values_then(self.rows(), moment)
        answer = self.page(rows.filter(index=index) if index else rows, ("index", "valid_on"))
        found = answer.data["results"]
        if moment is not None and moment.known_at is not None:
            found = before_corrections(found, moment.known_at)
        answer.data["results"] = [self.shown(row) for row in found]
        return answer

    @extend_schema(
        operation_id="index_values_create",
        summary="Ajouter une valeur d'indice",
        description="Une seule par indice et par jour. Réservé à qui fixe les prix du groupe.",
        tags=TAGS,
        request=IndexValueBody,
        responses={201: IndexValueSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a value."""
        return self.create(request)

    def ask(self) -> None:
        """Ask the right of the group before the body is judged."""
        permissions.require(self.user, self.edit_action, None)


class IndexValueRow(IndexValueView, ResourceRow):
    """One value; it is corrected, never erased: prices already given have read it."""

    actions = {"GET": Action.CATALOG_VIEW, "PATCH": Action.PRICING_EDIT}  # noqa: RUF012
    path_model = IndexValue  # type: ignore[assignment]
    moment: Moment | None = None

    @extend_schema(
        operation_id="index_values_read",
        summary="Lire une valeur d'indice",
        description="La valeur et son `ETag` ; avec une date, si elle valait ce jour-là, telle qu'on la "
        "connaissait (404 sinon).",
        tags=TAGS,
        parameters=[MomentQuery],
        responses=IndexValueSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the value."""
        self.moment = moment_asked(self.parameters(MomentQuery))
        return self.answer(id)

    def read(self, pk: UUID) -> Any:
        """Return the value; at a moment, if it ran then, before the corrections made since."""
        moment = self.moment
        if moment is None:
            return super().read(pk)
        found = list(values_then(self.rows(), moment).filter(pk=pk))
        if not found:
            raise NotFound(ApiProblem.NOT_FOUND)
        if moment.known_at is not None:
            found = before_corrections(found, moment.known_at)
        return self.shown(found[0])

    @extend_schema(
        operation_id="index_values_change",
        summary="Corriger une valeur d'indice",
        description="La valeur et sa source ; l'indice et le jour ne changent pas.",
        tags=TAGS,
        request=IndexValueBody,
        responses=IndexValueSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)
