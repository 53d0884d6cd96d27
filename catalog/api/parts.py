"""What a version or a product holds, row by row: plans, prices, quality, codes."""

from functools import cached_property
from typing import Any

from catalog.api import bodies, serializers
from catalog.api.part_views import PartList, PartRow, PartView, described, reading_and, writing
from catalog.api.products import PricedView, shown_plan, shown_price
from catalog.domain.moments import Moment
from catalog.models import (
    BundleComponent,
    CqRule,
    ExternalMapping,
    PricingRule,
    Product,
    ProductPlan,
    ProductVersion,
)
from catalog.models.pricing import moved_rates, rate_in_force
from catalog.selectors import mappings
from catalog.selectors import versions as selectors
from catalog.selectors.moments import of_running_plans, running_plans, set_rates
from catalog.selectors.products import sees_product
from catalog.selectors.visibility import visible_versions
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import Rows
from winvest.core.api.serializers import ListQuery
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound, Reason


class PlanView(PartView):
    """Plans."""

    model = ProductPlan
    edit_action = Action.CATALOG_EDIT
    write_serializer = bodies.PlanBody
    ordering = ("position", "code")

    def rows(self) -> Rows:
        """Return the plans of the version."""
        return selectors.plan_rows([self.above]).order_by()

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the plans on offer then."""
        return running_plans(rows, moment)

    @cached_property
    def prices_are_shown(self) -> bool:
        """Whether the caller reads the prices of the version: asked once, not for each plan."""
        return shows_prices(self)

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write the numbers exactly; leave out the prices that are not shown (E-07)."""
        if not self.prices_are_shown:
            selectors.hide_amounts([row])
        return shown_plan(super().shown(row))


class PriceView(PricedView, PartView):
    """Prices."""

    model = PricingRule
    edit_action = Action.PRICING_EDIT
    write_serializer = bodies.PricingRuleBody

    def rows(self) -> Rows:
        """Return the prices of the version; none where they are not shown (E-07)."""
        rows = selectors.price_rows([self.above]).order_by()
        return rows if shows_prices(self) else rows.none()

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the prices of the plans on offer then."""
        return of_running_plans(rows, moment)

    def stood(self, rows: list[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
        """Return the prices with the VAT rates of that day."""
        owner = ProductVersion._base_manager.values_list("company_id").get(pk=self.above)[0]
        set_rates(owner, rows, moment)
        return rows

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write the numbers exactly."""
        return shown_price(super().shown(row))

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Add a rate that is not the one of the day the version takes effect."""
        moved = moved_rates(self.parent()).get(body["id"])
        return [*super().warnings(body), *([moved] if moved else [])]

    def stored(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Take the rate of the VAT code where none is given (P-07), the currency of the company."""
        version = self.parent()
        given = "tax_code" in changes or self.request.method == "POST"
        if given and "tax_rate" not in changes:
            rate = rate_in_force(changes.get("tax_code", "FR20"), version)
            changes |= {} if rate is None else {"tax_rate": rate}
        if self.request.method == "POST":
            changes.setdefault("currency", version.company.currency)
        return changes


class BundleComponentView(PartView):
    """Components of the plans that are bundles."""

    model = BundleComponent
    edit_action = Action.PRICING_EDIT
    write_serializer = bodies.BundleComponentBody
    ordering = ("plan_id", "position", "id")

    def rows(self) -> Rows:
        """Return the components of the version."""
        return selectors.component_rows([self.above]).order_by()

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the components of the plans on offer then."""
        return of_running_plans(rows, moment)


class CqRuleView(PartView):
    """Quality rules."""

    model = CqRule
    edit_action = Action.CQ_EDIT
    write_serializer = bodies.CqRuleBody

    def rows(self) -> Rows:
        """Return the quality rules of the version."""
        return selectors.cq_rows([self.above]).order_by()


class ExternalMappingView(PartView):
    """External codes of a product."""

    model = ExternalMapping
    edit_action = Action.CATALOG_EDIT
    write_serializer = bodies.ExternalMappingBody
    parent_model = Product
    parent_key = "product_id"

    def check_seen(self) -> None:
        """Refuse to list below a product that the caller does not see."""
        if not sees_product(self.access, self.above, at=now()):
            raise NotFound(ApiProblem.NOT_FOUND)

    def rows(self) -> Rows:
        """Return the external codes of the product."""
        return mappings.list_mappings(self.above)

    def owned(self) -> dict[str, Any]:
        """Return the product and its owner."""
        product = self.parent()
        return {"product": product, "company_id": product.company_id}

    def is_frozen(self, row: Any) -> bool:
        """Never: external codes belong to the product."""
        return False


def shows_prices(view: PartView) -> bool:
    """Whether the caller reads the prices of the version that the path names (E-07)."""
    at = now()
    versions = list(
        selectors.version_rows(visible_versions(view.access, at=at).filter(pk=view.above))
    )
    publications = list(selectors.publication_rows([view.above]))
    return bool(versions) and selectors.shows_prices(view.access, versions[0], publications, at=at)


_PLANS = ("plans", "Formules", "une formule", bodies.PlanBody, serializers.PlanSerializer)
_PRICES = (
    "pricing_rules",
    "Tarifs",
    "un tarif",
    bodies.PricingRuleBody,
    serializers.PricingRuleSerializer,
)
_COMPONENTS = (
    "bundle_components",
    "Composants de bundle",
    "un composant",
    bodies.BundleComponentBody,
    serializers.BundleComponentSerializer,
)
_CQ_RULES = (
    "cq_rules",
    "Règles ADV et qualité",
    "une règle",
    bodies.CqRuleBody,
    serializers.CqRuleSerializer,
)
_MAPPINGS = (
    "external_mappings",
    "Codes externes",
    "un code externe",
    bodies.ExternalMappingBody,
    serializers.ExternalMappingSerializer,
)


@described(*_PLANS)
class PlanList(PlanView, PartList):
    """Plans of a version."""

    actions = reading_and(Action.CATALOG_EDIT)
    path_model = ProductVersion


@described(*_PLANS)
class PlanRow(PlanView, PartRow):
    """One plan."""

    actions = writing(Action.CATALOG_EDIT)
    path_model = ProductPlan


@described(*_PRICES)
class PriceList(PriceView, PartList):
    """Prices of a version."""

    actions = reading_and(Action.PRICING_EDIT)
    path_model = ProductVersion


@described(*_PRICES)
class PriceRow(PriceView, PartRow):
    """One price."""

    actions = writing(Action.PRICING_EDIT)
    path_model = PricingRule


@described(*_COMPONENTS)
class BundleComponentList(BundleComponentView, PartList):
    """Components of the bundles of a version."""

    actions = reading_and(Action.PRICING_EDIT)
    path_model = ProductVersion


@described(*_COMPONENTS)
class BundleComponentRow(BundleComponentView, PartRow):
    """One component."""

    actions = writing(Action.PRICING_EDIT)
    path_model = BundleComponent


@described(*_CQ_RULES)
class CqRuleList(CqRuleView, PartList):
    """Quality rules of a version."""

    actions = reading_and(Action.CQ_EDIT)
    path_model = ProductVersion


@described(*_CQ_RULES)
class CqRuleRow(CqRuleView, PartRow):
    """One quality rule."""

    actions = writing(Action.CQ_EDIT)
    path_model = CqRule


@described(*_MAPPINGS)
class ExternalMappingList(ExternalMappingView, PartList):
    """External codes of a product."""

    query = ListQuery
    actions = reading_and(Action.CATALOG_EDIT)
    path_model = Product


@described(*_MAPPINGS)
class ExternalMappingRow(ExternalMappingView, PartRow):
    """One external code."""

    dated = False
    actions = writing(Action.CATALOG_EDIT)
    path_model = ExternalMapping
