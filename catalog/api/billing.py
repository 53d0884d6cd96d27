"""What billing and logistics read of a version (§3.6): payment, templates, fees; delivery, ticket."""

from functools import cached_property
from typing import Any

from catalog.api import bodies, serializers
from catalog.api.part_views import PartList, PartRow, PartView, described, reading_and, writing
from catalog.api.parts import shows_prices
from catalog.domain.moments import Moment
from catalog.models import ProductVersion, VersionBilling, VersionLogistics
from catalog.selectors import versions as selectors
from catalog.selectors.moments import of_running_plans
from winvest.core.api.resources import Rows
from winvest.core.domain.roles import Action


class BillingView(PartView):
    """How the version and its plans are invoiced and collected."""

    model = VersionBilling
    edit_action = Action.CATALOG_EDIT
    write_serializer = bodies.BillingBody

    def rows(self) -> Rows:
        """Return the billing of the version."""
        return selectors.billing_rows([self.above]).order_by()

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep what is of the whole version, or of a plan on offer then."""
        return of_running_plans(rows, moment)

    @cached_property
    def prices_are_shown(self) -> bool:
        """Whether the caller reads the prices of the version: asked once, not for each plan."""
        return shows_prices(self)

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write the fees exactly; leave them out where prices are not shown (E-07)."""
        fee = row["fee_amount"] if self.prices_are_shown else None
        told = None if fee is None else f"{fee.normalize():f}"
        return super().shown({**row, "fee_amount": told})


class LogisticsView(PartView):
    """What a sale asks of logistics."""

    model = VersionLogistics
    edit_action = Action.CATALOG_EDIT
    write_serializer = bodies.LogisticsBody

    def rows(self) -> Rows:
        """Return the logistics of the version."""
        return selectors.logistics_rows([self.above]).order_by()


_BILLING = (
    "billing",
    "Facturation",
    "une facturation",
    bodies.BillingBody,
    serializers.BillingSerializer,
)
_LOGISTICS = (
    "logistics",
    "Logistique",
    "la logistique",
    bodies.LogisticsBody,
    serializers.LogisticsSerializer,
)


@described(*_BILLING)
class BillingList(BillingView, PartList):
    """Billing of a version: of the whole, and of the plans that have their own."""

    actions = reading_and(Action.CATALOG_EDIT)
    path_model = ProductVersion


@described(*_BILLING)
class BillingRow(BillingView, PartRow):
    """One billing."""

    actions = writing(Action.CATALOG_EDIT)
    path_model = VersionBilling


@described(*_LOGISTICS)
class LogisticsList(LogisticsView, PartList):
    """Logistics of a version, one row at most."""

    actions = reading_and(Action.CATALOG_EDIT)
    path_model = ProductVersion


@described(*_LOGISTICS)
class LogisticsRow(LogisticsView, PartRow):
    """The logistics of a version, by its own id."""

    actions = writing(Action.CATALOG_EDIT)
    path_model = VersionLogistics
