"""Read models of the catalogue: plain values, never model instances (`design/performance.md`)."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.choices import PricingModel, Recurrence, VersionState
from catalog.domain.eligibility import SellableProblem
from catalog.domain.facets import INTERNAL
from catalog.domain.moments import Moment, moment_of
from catalog.models import (
    BundleComponent,
    ExternalMapping,
    PricingRule,
    Product,
    ProductPlan,
    ProductVersion,
    Risk,
)
from catalog.selectors.badges import with_badge_facts
from catalog.selectors.families import with_descendants
from catalog.selectors.mappings import INTEGRATED, integration_of_product
from catalog.selectors.moments import at_moment, known_versions, resolve
from catalog.selectors.past_sales import sold_then
from catalog.selectors.search import RANK, Sought, look_for, narrowed, to_narrow
from catalog.selectors.versions import list_versions, shown_prices, with_parts
from catalog.selectors.visibility import (
    running,
    sees_whole_scope,
    sold_by,
    there_is,
    visible_products,
    visible_versions,
)
from winvest.core import scoping
from winvest.core.errors import Invalid
from winvest.core.permissions import Access

# So many prices at most make a form rare: below, their products are read at once.
RARE = 5_000

Rows = QuerySet[Any, Any]
# How one asks whether rows below a product are there.
Ask = Callable[[Rows], Any]


def list_products(
    access: Access,
    *,
    at: datetime,
    seen: Rows | None = None,
    sought: Sought | None = None,
    **filters: Any,
) -> Rows:
    """Return the products the user sees at `at`.

    Filters: company, risk (with those below it), partner (a key, or `INTERNAL`), status, channel
    (published there at `at`), published (anywhere at `at`), integrated, pricing (a type of §2.2
    of a version that runs or comes), search (`search_products`, then sorted by `ordering_of`, as
    the list of `cursor` began), among (a condition on columns that are none of these);
    `as_of` gives those filters another instant than `at`; `known_at` answers them as they were
    known then, of the products that existed. Where they are known, `seen` are all that he sees,
    and `sought` is what the search found of them.
    """
    seen = visible_products(access, at=at) if seen is None else seen
    text, cursor = filters.get("search", ""), filters.get("cursor")
    sought = sought or look_for(text, seen=seen, cursor=cursor)
    asked = to_narrow(seen, sought).filter(filters.get("among") or Q())
    products = by_columns(asked, filters)
    moment = moment_of(filters.get("as_of"), filters.get("known_at"), now=at) or Moment(at)
    if moment.known_at is not None:
        products = products.filter(created_at__lte=moment.known_at)
    products = by_dates(access, products, moment, filters)
    return _product_rows(with_badge_facts(narrowed(products, sought), access, at=at))


def by_columns(products: Rows, filters: dict[str, Any]) -> Rows:
    """Keep what answers the filters that the product's own columns (and who sells it) answer."""
    if company := filters.get("company"):
        products = products.filter(sold_by({company}))
    if risk := filters.get("risk"):
        products = products.filter(risk_id__in=with_descendants([risk])[risk])
    if partner := filters.get("partner"):
        wanted = {"partner": None} if partner == INTERNAL else {"partner": partner}
        products = products.filter(**wanted)
    if status := filters.get("status"):
        products = products.filter(lifecycle_status=status)
    return products


def by_dates(
    access: Access,
    products: Rows,
    moment: Moment,
    filters: dict[str, Any],
    *,
    is_there: Ask = there_is,
) -> Rows:
    """Keep what answers the other filters at a moment: they ask the rows below each product.

    `is_there` asks for them: one product after another for a list, `Exists` to read all.
    """
    if "integrated" in filters:
        products = products.filter(_is(Exists(linked_mappings()), wanted=filters["integrated"]))
    if pricing := filters.get("pricing"):
        products = products.filter(_is_priced(access, pricing, moment, is_there))
    companies = selling(access, filters.get("company"))
    if channel := filters.get("channel"):
        products = products.filter(_is_on_sale(companies, moment, is_there, channel))
    if "published" in filters:
        on_sale = _is_on_sale(companies, moment, is_there)
        products = products.filter(_is(on_sale, wanted=filters["published"]))
    return products


def _is_on_sale(
    companies: frozenset[UUID], moment: Moment, is_there: Ask, channel: str | None = None
) -> Any:
    if moment.known_at is None:
        sales = running(companies, at=moment.as_of)
        sales = sales.filter(channels__contains=[channel]) if channel else sales
    else:
        sales = sold_as_known(companies, moment, channel)
    return is_there(sales.filter(product=OuterRef("pk")))


def sold_as_known(companies: Collection[UUID], moment: Moment, channel: str | None = None) -> Rows:
    """Return the publications that a buyer met at the moment, of the versions known then."""
    versions = ProductVersion._base_manager.filter(
        released_at__lte=moment.known_at, effective_from__lte=moment.as_of
    )
    known = known_versions(versions, moment)
    return sold_then(companies, moment, channel).filter(product_version__in=known)


def selling(access: Access, company: UUID | None) -> frozenset[UUID]:
    """Return the companies whose publications count: the one chosen, else all of the user's."""
    return frozenset({company}) if company else access.all_companies


def linked_mappings() -> Rows:
    """Return the external codes of a product (the outer row) by which it is integrated (M-08)."""
    return ExternalMapping._base_manager.filter(
        product=OuterRef("pk"), integration_status__in=INTEGRATED
    )


def priced_versions(access: Access, moment: Moment) -> Rows:
    """Return the versions not ended at the moment of which the user reads the prices."""
    at = moment.as_of
    versions = visible_versions(access, at=at).filter(shown_prices(access, at=at))
    if moment.known_at is not None:
        return known_versions(versions, moment)
    not_ended = Q(effective_to__isnull=True) | Q(effective_to__gt=at)
    return versions.filter(not_ended).exclude(state=VersionState.WITHDRAWN)


def _is(condition: Any, *, wanted: bool) -> Q:
    return Q(condition) if wanted else ~Q(condition)


def _is_priced(access: Access, pricing: str, moment: Moment, is_there: Ask) -> Any:
    """Whether a version of the product, not ended at the moment, has a price of this type that the user
    reads: what is left out of a page answers no filter.

    The products of a rare type are read first; those of a common one are asked as they come.
    """
    rules = priced_rows(pricing)
    versions = priced_versions(access, moment)
    if rules.values("pk")[: RARE + 1].count() <= RARE:
        few = versions.filter(scoping.OneOf("pk", rules.values("product_version")))
        return scoping.OneOf("pk", few.order_by().values("product"))
    # Joined to the versions where nothing else is asked of them; else the prices come last.
    asked = Exists if sees_whole_scope(access) else there_is
    priced = asked(rules.filter(product_version=OuterRef("pk")))
    return Q(is_there(versions.filter(priced, product=OuterRef("pk"))))


def priced_rows(pricing: str) -> Rows:
    """Return the rows that give their version a price of a type of §2.2 (P-01)."""
    rules: Rows = PricingRule._base_manager.order_by()
    if pricing == PricingModel.BUNDLE:
        bundles: Rows = BundleComponent._base_manager.order_by()
        return bundles
    if pricing != PricingModel.RECURRING:
        return rules.filter(type=pricing)
    plans: Rows = ProductPlan._base_manager.exclude(recurrence=Recurrence.ONE_SHOT).order_by()
    # Apart, so that each is answered by its own index.
    own = Exists(rules.filter(plan=OuterRef("pk")))
    whole = Exists(rules.filter(plan=None, product_version=OuterRef("product_version")))
    return plans.filter(~Q(bundle_kind="") | own | whole)


def _product_rows(products: QuerySet[Product, Any]) -> Rows:
    rank = [RANK] if RANK in products.query.annotations else []
    rows: Rows = products.values(
        *rank,
        "id",
        "sku",
        "name",
        "short_name",
        "company_id",
        "risk_id",
        "partner_id",
        "brand_id",
        "revenue_model",
        "unit",
        "carrier",
        "attributes",
        "lifecycle_status",
        "natural_label",
        "created_at",
        "updated_at",
        "has_promotion",
        "is_pilot",
        company_code=F("company__code"),
        risk_code=F("risk__code"),
        risk_label=F("risk__label"),
        partner_name=F("partner__name"),
        brand_name=F("brand__name"),
        forced_badges=F("badges"),
        integration_status=integration_of_product(),
    )
    return rows


def read_product(
    access: Access, product_id: UUID, *, at: datetime, moment: Moment | None = None
) -> dict[str, Any] | None:
    """Return a product the user sees, with its versions, plans, prices and publications.

    None when he does not see it; five statements, whatever it holds. At a `moment`, the version in
    force then and what ran of it; `Invalid` without one that he sees.
    """
    seen = visible_products(access, at=at).filter(pk=product_id)
    product = _product_rows(with_badge_facts(seen, access, at=at)).first()
    if product is None:
        return None
    rows = list_versions(access, product_id=product_id, at=at).order_by("-version")
    if moment is None:
        versions = list(rows)
        with_parts(access, versions, at=at)
        return {**product, "versions": versions}
    found, until = resolve(product_id, moment)
    versions = list(rows.filter(pk=found))
    if not versions:
        raise Invalid(SellableProblem.VERSION, path="as_of")
    with_parts(access, versions, at=at)
    at_moment(versions[0], until, moment)
    return {**product, "versions": versions}


def sees_product(access: Access, product_id: UUID, *, at: datetime) -> bool:
    """Whether the user sees the product at `at`."""
    return visible_products(access, at=at).filter(pk=product_id).exists()


def list_risks() -> Rows:
    """Return the risks in scope, the group's included."""
    return Risk.objects.values(
        "id",
        "company_id",
        "parent_id",
        "code",
        "label",
        "icon",
        "scope",
        "is_global",
        "constraints",
        "field_schema",
        "sort_label",
    )
