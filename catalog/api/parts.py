"""What a version or a product holds, row by row: plans, prices, publications, quality, codes."""

from functools import cached_property
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

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
    Publication,
)
from catalog.models.pricing import moved_rates, rate_in_force
from catalog.selectors import mappings
from catalog.selectors import versions as selectors
from catalog.selectors.moments import running_plans, running_publications, set_rates
from catalog.selectors.products import sees_product
from catalog.selectors.visibility import visible_versions
from catalog.services.publication import change_publication, publish_version, why_kept
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import Rows
from winvest.core.api.serializers import ListQuery
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, NotFound, Reason


class PlanView(PartView):
    """Plans."""

    model = ProductPlan
    edit_action = Action.CATALOG_EDIT
    write_serializer = bodies.PlanBody
    ordering = ("position", "code")

    def rows(self) -> Rows:
        """Return the plans of the version."""
        return selectors.plan_rows([self.above]).order_by()

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


class PublicationView(PartView):
    """Publications: each is written in the company that sells (R-10)."""

    model = Publication
    edit_action = Action.PUBLICATION_EDIT
    fixed = frozenset({"company_id", "product_version_id"})
    write_serializer = bodies.PublicationBody
    company_field = "company_id"
    ordering = ("start_at", "id")

    def rows(self) -> Rows:
        """Return the publications of the version that the scope reads."""
        return selectors.publication_rows([self.above]).order_by()

    def owned(self) -> dict[str, Any]:
        """Return the version and its owner; the body names the seller."""
        version = self.parent()
        owner, product = version.company_id, version.product_id
        return {"product_version": version, "owner_company_id": owner, "product_id": product}

    def stored(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Leave out the version of the body: the path's counts, and is the same (A.3.5)."""
        named = changes.pop("product_version_id", None)
        if named is not None and named != self.above:
            raise NotFound(ApiProblem.NOT_FOUND, path="product_version_id")
        if "company_id" in changes:
            self.require_company(changes["company_id"])
        return changes

    def is_frozen(self, row: Any) -> bool:
        """Never: publications are dated, and guarded by the database."""
        return False


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
_PUBLICATIONS = (
    "publications",
    "Publications",
    "une publication",
    bodies.PublicationBody,
    serializers.PublicationSerializer,
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

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the plans on offer then."""
        return running_plans(rows, moment)


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

    def page(self, rows: Rows, ordering: tuple[str, ...]) -> Response:
        """Return a page; at a moment, with the VAT rates of that day."""
        answer = super().page(rows, ordering)
        if self.moment is not None:
            owner = ProductVersion._base_manager.values_list("company_id").get(pk=self.above)[0]
            set_rates(owner, answer.data["results"], self.moment)
        return answer


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


@described(*_PUBLICATIONS)
class PublicationList(PublicationView, PartList):
    """Publications of a version."""

    actions = reading_and(Action.PUBLICATION_EDIT)
    path_model = ProductVersion

    def create(self, request: Request) -> Response:
        """Publish the version: 409 with every reason that stands against it."""
        self.ask()
        values = self.validated(self.write_serializer)
        row = self.named(lambda: publish_version(actor=self.user, publication=self.new(values)))
        return self.answer(row.pk, status=201)

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the publications that ran then."""
        return running_publications(rows, moment)


@described(*_PUBLICATIONS)
class PublicationRow(PublicationView, PartRow):
    """One publication."""

    actions = writing(Action.PUBLICATION_EDIT)
    path_model = Publication

    def change(self, request: Request, pk: UUID) -> Response:
        """Write the given fields; what sells more is checked as a new publication is."""
        row = self.find(self.model.objects.all(), pk)
        self.ask(row)
        changes = self.stored(self.validated_changes())
        self.named(
            lambda: change_publication(
                actor=self.user, publication=row, changes=changes, check=self.check_change
            )
        )
        return self.answer(pk)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion, and one of what has been on sale."""
        super().check_delete(row)
        if (problem := why_kept(row)) is not None:
            raise Conflict(problem)


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

    actions = writing(Action.CATALOG_EDIT)
    path_model = ExternalMapping
