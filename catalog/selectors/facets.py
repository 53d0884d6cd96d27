"""The eight filters of the products, with how many each value would leave (E-03, §3.7).

What a product's own columns tell is counted in full by a grouped read, of what answers the other
filters and is seen. What the rows below it tell (integrated, published, channel, form of price) is
read product by product, of `MAX_ROWS` at most: beyond, the counts are lower bounds.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject

from catalog.choices import Channel, LifecycleStatus, PricingModel
from catalog.domain import facets
from catalog.domain.facets import BY_DATES, FACETS, INTERNAL, Entry
from catalog.domain.moments import Moment, moment_of
from catalog.models import PricingRule, Publication, Risk
from catalog.selectors.counts import COLUMNS, Sellers, grouped, kept
from catalog.selectors.past_sales import CHANGING, publications_then
from catalog.selectors.products import (
    Rows,
    by_columns,
    by_dates,
    linked_mappings,
    priced_rows,
    priced_versions,
    sold_as_known,
)
from catalog.selectors.search import Sought, look_for, narrowed, some_of, to_narrow
from catalog.selectors.visibility import running, sees_everything, visible_products
from partners.models import Partner
from winvest.core import scoping
from winvest.core.models.company import Company
from winvest.core.models.sorting import FrenchSort
from winvest.core.permissions import Access
from winvest.core.selectors.wording import FilterWords

MAX_ROWS = 300
MAX_LENT = 1_000
MAX_VALUES = 100
YES_NO = {"true": "Oui", "false": "Non"}
# The values of a filter that are the same for everybody, in their order.
CLOSED: dict[str, dict[str, str]] = {
    "status": dict(LifecycleStatus.choices),
    "channel": dict(Channel.choices),
    "pricing": dict(PricingModel.choices),
    "integrated": YES_NO,
    "published": YES_NO,
}

# How the log tells the filters of the lists of products that no column explains.
TOLD: dict[str, FilterWords] = {
    "partner": ("partenaire", {INTERNAL: "Interne"}),
    "internal": ("interne", YES_NO),
    "favorite": ("favoris", YES_NO),
    "status": ("statut", CLOSED["status"]),
    "channel": ("canal", CLOSED["channel"]),
    "pricing": ("tarif", CLOSED["pricing"]),
    "integrated": ("intégré", YES_NO),
    "published": ("publié", YES_NO),
}
# The forms of price that rows of their own give.
_ROWS_OF_OWN = (PricingModel.RECURRING, PricingModel.BUNDLE)
# What tells whether a product answers a filter by dates, and who sees it.
DATED = (
    "product",
    "product_version",
    "product_plan",
    "pricing_rule",
    "bundle_component",
    "publication",
    "sale_agreement",
    "external_mapping",
    "membership",
    "membership_risk",
)
# The companies and the channels where a product is on sale.
Places = frozenset[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values; counts that are not `exact` are lower bounds."""

    name: str
    exact: bool
    values: list[dict[str, Any]]
    # Whether more values leave something than are listed.
    is_cut: bool = False


def count_facets(
    access: Access,
    *,
    at: datetime,
    among: Q | None = None,
    names: Collection[str] = FACETS,
    free: Mapping[str, Collection[str]] = MappingProxyType({}),
    partner_named: str = "",
    seen: Rows | None = None,
    sought: Sought | None = None,
    **filters: Any,
) -> list[Facet]:
    """Return the filters `names`, all eight by default, with their counts, of the products the user
    sees at `at`.

    The filters are those of `list_products`, under the same rights, `as_of` and `known_at` too;
    each is counted with the others applied, but those that `free` lets go of for it. `among` keeps
    some products by columns that are none of the eight; `partner_named` lists the partners whose
    name holds its words. Where they are known, `seen` are all that the user sees, and `sought` is
    what the search found of them.
    """
    seen = visible_products(access, at=at) if seen is None else seen
    sought = sought or look_for(filters.get("search", ""), seen=seen)
    moment = moment_of(filters.get("as_of"), filters.get("known_at"), now=at) or Moment(at)
    existed = Q() if moment.known_at is None else Q(created_at__lte=moment.known_at)
    found = narrowed(to_narrow(seen, sought).filter(among or Q(), existed), sought)
    sellers, all_sellers = _sellers(access.all_companies, first=filters.get("company"))
    are_all = among is None and moment.known_at is None
    text = (sought.text if sought else "") if are_all else None
    some = some_of(found, sought) if are_all else found
    read = _read(access, found, some, sellers, moment, names, filters, text)
    risks = _tree()
    path = _path_in(risks)
    counted = []
    for name in names:
        entries, whole, answered = read[name]
        apart = {*free.get(name, ()), *answered}
        chosen = {key: filters[key] for key in filters if key not in apart}
        whole &= all_sellers or (name != "company" and "company" not in filters)
        counts = facets.count(name, entries, chosen, path)
        labels = _labels(name, access, risks) or _partners(counts, partner_named, filters)
        chosen_one = _chosen(name, filters.get(name), counts)
        shown = _shown(counts, labels, chosen=chosen_one, closed=name in CLOSED)
        is_cut = name == "partner" and len(counts) > MAX_VALUES
        counted.append(Facet(name, whole, shown, is_cut))
    return counted


def _read(
    access: Access,
    found: Rows,
    some: Rows,
    sellers: Sellers,
    moment: Moment,
    names: Collection[str],
    filters: Mapping[str, Any],
    text: str | None,
) -> dict[str, tuple[list[Entry], bool, Collection[str]]]:
    """Return by filter the products to count, whether these are all, and the filters that they
    answer already.
    """
    full = _in_full(access, found, sellers, moment, filters, text)
    read: dict[str, tuple[list[Entry], bool, Collection[str]]]
    read = dict.fromkeys(names, (full, True, BY_DATES))
    dated = [name for name in names if name in BY_DATES]
    if dated:
        told = {name for name in BY_DATES if name in dated or name in filters}
        rows = by_columns(found, dict(filters))
        read |= dict.fromkeys(dated, (*_one_by_one(access, rows, sellers, moment, told), ()))
    if "company" in names and not {"published", "channel"}.isdisjoint(filters):
        # Each company counts what is on sale with it.
        told = {name for name in BY_DATES if name in filters}
        read["company"] = (*_one_by_one(access, some, sellers, moment, told), ())
    return read


def _tree() -> dict[UUID, tuple[UUID | None, str]]:
    """Return the risks in their order, each with the one above it and its name."""
    tree = Risk._base_manager.order_by("sort_label").values_list("pk", "parent", "label")
    return {pk: (parent, label) for pk, parent, label in tree}


def _path_in(risks: Mapping[UUID, tuple[UUID | None, str]]) -> facets.Path:
    """Return what gives a risk with those above it."""

    @cache
    def path(risk: UUID) -> tuple[UUID, ...]:
        above = risks[risk][0]
        return (risk, *path(above)) if above else (risk,)

    return path


def _sellers(companies: frozenset[UUID], *, first: UUID | None) -> tuple[Sellers, bool]:
    """Return the companies that sell each product of another one, and whether these are all.

    Those of the company that is chosen come first (R-10).
    """
    key = "sellers", companies, first, MAX_LENT
    return kept(("publication",), key, lambda: _read_sellers(companies, first=first))


def _read_sellers(
    companies: frozenset[UUID], *, first: UUID | None
) -> tuple[dict[UUID, set[UUID]], bool]:
    lent = Publication._base_manager.filter(company_id__in=companies).exclude(
        company=F("owner_company")
    )
    order = Case(When(company=first, then=0), default=1)
    read = lent.order_by(order).values_list("company_id", "product_id")[: MAX_LENT + 1]
    sellers: dict[UUID, set[UUID]] = defaultdict(set)
    for company, key in read:
        sellers[key].add(company)
    return sellers, len(read) <= MAX_LENT


def _in_full(
    access: Access,
    found: Rows,
    sellers: Sellers,
    moment: Moment,
    filters: Mapping[str, Any],
    text: str | None,
) -> list[Entry]:
    """Return all products by their columns, of those that answer the filters by dates.

    Kept a few seconds: what begins or ends meanwhile is counted by then.
    """
    asked = {name: filters[name] for name in BY_DATES if name in filters}
    if sees_everything(access) and not asked:
        return grouped(access, found, sellers, text=text)
    by_place = asked | {key: filters[key] for key in ("company",) if key in filters}

    def read() -> list[Entry]:
        rows = by_dates(access, found, moment, by_place, is_there=Exists)
        return grouped(access, rows, sellers, text=None)

    if text is None:
        return read()
    key = (access.user_id, scoping.current(), text, filters.get("as_of"), *by_place.items())
    return kept(DATED, key, read)


def _one_by_one(
    access: Access, found: Rows, sellers: Sellers, moment: Moment, told: Collection[str]
) -> tuple[list[Entry], bool]:
    """Return the first products with what the rows below them tell for the filters `told`.

    And whether these are all.
    """
    asked = _told(access, moment, told)
    read = list(found.order_by().annotate(**asked).values("pk", *COLUMNS, *asked)[: MAX_ROWS + 1])
    rows, known = read[:MAX_ROWS], None
    if "sold" in asked:
        known = _places_known(access, [row["pk"] for row in rows], moment)
    entries = []
    for row in rows:
        owner, key = row["company_id"], row["pk"]
        sales = _places(row.get("sold", ())) if known is None else known[key]
        forms = {one.value for one in _ROWS_OF_OWN if row.get(one.value)}
        entries += [
            Entry(
                company,
                owner,
                row["risk_id"],
                row["partner_id"],
                row["lifecycle_status"],
                integrated=row.get("integrated", False),
                sales=sales,
                forms=frozenset(forms.union(row.get("forms", ()))),
            )
            for company in {owner, *sellers.get(key, ())}
        ]
    return entries, len(read) <= MAX_ROWS


def _told(access: Access, moment: Moment, told: Collection[str]) -> dict[str, Any]:
    """Return what is read below each product for these filters: for no other, each costs its time."""
    asked: dict[str, Any] = {}
    if "integrated" in told:
        asked["integrated"] = Exists(linked_mappings())
    if not {"published", "channel"}.isdisjoint(told):
        sales = running(access.all_companies, at=moment.as_of).filter(product=OuterRef("pk"))
        place = JSONObject(company="company_id", channels="channels")
        asked["sold"] = ArraySubquery(sales.order_by().values(place=place))
    if "pricing" in told:
        versions = priced_versions(access, moment).filter(product=OuterRef(OuterRef("pk")))
        keys = versions.order_by().values("pk")
        prices = PricingRule._base_manager.filter(product_version__in=keys)
        asked["forms"] = ArraySubquery(prices.order_by().values("type").distinct())
        for one in _ROWS_OF_OWN:
            asked[one.value] = Exists(priced_rows(one).filter(product_version__in=keys))
    return asked


def _places(sold: Iterable[Mapping[str, Any]]) -> Places:
    return frozenset((UUID(str(one["company"])), name) for one in sold for name in one["channels"])


def _places_known(
    access: Access, products: list[UUID], moment: Moment
) -> dict[UUID, Places] | None:
    """Return where each product was on sale as it was known then; None where that is not asked."""
    if moment.known_at is None:
        return None
    sales = sold_as_known(access.all_companies, moment).filter(product__in=products)
    rows = sales.order_by().values("id", "product_id", "company_id", *CHANGING)
    sold: dict[UUID, list[dict[str, Any]]] = {key: [] for key in products}
    for row in publications_then(rows, moment):
        sold[row["product_id"]].append(row | {"company": row["company_id"]})
    return {key: _places(found) for key, found in sold.items()}


def _labels(
    name: str, access: Access, risks: dict[UUID, tuple[UUID | None, str]]
) -> dict[str, str]:
    """Return the names of the values that may be shown, in their order; partners apart.

    A company that is not the user's is none of them: its products are counted where he sells them.
    """
    if name in CLOSED:
        return CLOSED[name]
    if name == "risk":
        return {str(key): label for key, (_, label) in risks.items()}
    if name == "partner":
        return {}
    rows = Company._base_manager.filter(pk__in=access.all_companies).order_by("brand_name")
    return {str(key): label for key, label in rows.values_list("pk", "brand_name")}


def _partners(counts: Counter[str], named: str, filters: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the partners that leave most, with the one that is chosen, « Interne »
    first; or of those whose name holds every word, as a French reader means it.
    """
    words = named.replace("\x00", " ").split()
    most = counts if words else dict(counts.most_common(MAX_VALUES))
    keys = most.keys() - {INTERNAL}
    chosen = filters.get("partner", INTERNAL)
    wanted = Q(pk__in=keys)
    if chosen != INTERNAL:
        wanted |= Q(pk__in=Partner.objects.filter(pk=chosen).values("pk"))
    names = Partner._base_manager.filter(wanted).order_by("sort_label")
    for word in words:
        names = names.filter(sort_label__contains=FrenchSort(Value(word)))
    inner = {INTERNAL: "Interne"}
    return {
        **(inner if all(word.lower() in "interne" for word in words) else {}),
        **{str(key): label for key, label in names.values_list("pk", "name")[: MAX_VALUES + 1]},
    }


def _chosen(name: str, value: Any, counts: Counter[str]) -> Any:
    """Return the value that is chosen; a risk of another company is no more named than it is counted."""
    if name != "risk" or value is None or counts[str(value)]:
        return value
    return value if Risk.objects.filter(pk=value).exists() else None


def _shown(
    counts: Counter[str], labels: dict[str, str], *, chosen: Any, closed: bool
) -> list[dict[str, Any]]:
    """Return the values with their counts; of a list that is not closed, those that leave some,
    and the one that is chosen.
    """
    return [
        {"value": key, "label": label, "count": counts[key]}
        for key, label in labels.items()
        if closed or counts[key] or key == str(chosen)
    ]
