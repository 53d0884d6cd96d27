"""`products/{id}/versions/diff?from=1&to=2` (3.1-08, `design/api.md`)."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.versions import TAGS
from catalog.domain.diff import Kind
from catalog.models import Product
from catalog.services.comparison import compare_versions
from winvest.core.api.renderers import exact
from winvest.core.api.serializers import StrictSerializer, WholeField
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action


class DiffQuery(StrictSerializer):
    """Which versions, by number."""

    to = WholeField(from_text=True, min_value=1)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        """Add `from`, a word of the language."""
        return {"from": WholeField(from_text=True, min_value=1), **super().get_fields()}


class DifferenceSerializer(serializers.Serializer[object]):
    """What differs: for programs, then in words."""

    part = serializers.CharField()
    part_label = serializers.CharField()
    path = serializers.CharField(help_text="`plans.plans[BASIC].prices[fixed].payload.amount`")
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    before_text = serializers.CharField()
    after_text = serializers.CharField()


class DiffSerializer(serializers.Serializer[object]):
    """The differences between two versions; none when they sell the same thing."""

    to = serializers.IntegerField()
    changes = DifferenceSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        """Add `from`."""
        return {"from": serializers.IntegerField(), **super().get_fields()}


class VersionDiff(ApiView):
    """Two versions of a product."""

    actions = {"GET": Action.CATALOG_VIEW_ALL}  # noqa: RUF012 - one table per view
    path_model = Product

    @extend_schema(
        operation_id="versions_diff",
        summary="Comparer deux versions",
        description=(
            "Formules, prix, commissions, documents, règles et conditions qui diffèrent : partie, "
            "chemin, avant, après. Les commissions, pour qui les voit."
        ),
        tags=TAGS,
        parameters=[DiffQuery],
        responses=DiffSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the differences."""
        product = self.find(Product.objects.all(), id)
        asked = self.parameters(DiffQuery)
        changes = compare_versions(
            actor=self.user, product=product, before=asked["from"], after=asked["to"]
        )
        shown = [
            {
                **{name: getattr(change, str(name)) for name in DifferenceSerializer().fields},
                "before": exact(change.before),
                "after": exact(change.after),
            }
            for change in changes
        ]
        return Response({**asked, "changes": shown})
