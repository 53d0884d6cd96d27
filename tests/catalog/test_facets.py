"""The counts of the filters: each is the number of products that the list then shows."""

from uuid import uuid4

import pgtrigger
import pytest
from django.urls import reverse_lazy

from catalog.api.serializers import ProductFilters
from catalog.models import Product, Publication
from catalog.selectors import facets
from catalog.selectors.products import list_products
from tests.factories import (
    BrandFactory,
    BundleComponentFactory,
    CompanyFactory,
    ExternalMappingFactory,
    MembershipFactory,
    PartnerFactory,
    PlanFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.demo import undone
from tests.support.offers import make_released
from tests.support.query_counts import check_query_count
from winvest.core import scoping
from winvest.core.admin.filters import PANEL
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.permissions import access_of

# One worker: the rows are made once.
pytestmark = [
    pytest.mark.xdist_group("facets"),
    pytest.mark.requirement("3.4-02", "3.7-02", "E.2.1-06"),
]
PRODUCTS = "/api/catalog/products"
FACETS = f"{PRODUCTS}/facets"
LIST = reverse_lazy("admin:catalog_product_changelist")
CANARY = "CANARI"
ONCE = {"recurrence": "one_shot"}


def publish(company, sku, *channels, **more):
    version = make_released(company=company, sku=sku, plans={"A": "1"}, **more)
    sold = Publication._base_manager.filter(product_version=version)
    sold.update(channels=list(channels))
    return version


def fill(company, other):
    """Products of every kind, some of which the other company sells too."""
    family = RiskFactory(company=company, label="Famille")
    risk = RiskFactory(company=company, label="Risque", parent=family)
    partner = PartnerFactory(company=company, name="Étoile")
    shared = {"risk": risk, "partner": partner}
    both = publish(company, "BOX-1", "web", "field", name="Box fibre", **shared)
    PublicationFactory(product_version=both, company=other, channels=["telesales"])
    publish(company, "BOX-2", "web", name="Box mobile", risk=family)
    usage = [{"type": "usage", "payload": {"unit": "Go", "unit_price": 1}}]
    publish(company, "TEL-1", "field", name="Forfait", prices=usage, risk=family, extras=ONCE)
    linked = ProductFactory(company=company, name="Box seule", lifecycle_status="test", **shared)
    ExternalMappingFactory(product=linked, integration_status="api")
    bundle = {"bundle_kind": "fixed", "bundle_value": 30}
    plan = PlanFactory(product_version=VersionFactory(product=linked), **bundle)
    BundleComponentFactory(plan=plan, product_version=plan.product_version, product=both.product)
    VersionFactory(product=ProductFactory(company=company, name="Brouillon"))
    publish(other, "AUTRE", "web", name="Box voisine")
    return risk, partner


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Two companies, and a third one that nobody below belongs to."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        company, other = CompanyFactory(code="AP"), CompanyFactory(code="MTV")
        risk, partner = fill(company, other)
        foreign = CompanyFactory(brand_name=CANARY)
        foreign_partner = PartnerFactory(company=foreign, name=CANARY)
        publish(foreign, CANARY, "web", name="Box", partner=foreign_partner)
        yield company, other, risk, partner


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(world, django_db_blocker):
    """Undo what each test writes."""
    with django_db_blocker.unblock(), undone():
        yield


def person(role, *companies):
    user = UserFactory()
    for company in companies:
        MembershipFactory(user=user, company=company, role=role)
    return user


def counted(client, **query):
    answer = client.get(FACETS, query)
    assert answer.status_code == 200, answer.content
    assert CANARY not in answer.content.decode()
    return {one["name"]: one for one in answer.json()["facets"]}


def numbers(facet):
    return {value["value"]: value["count"] for value in facet["values"] if value["count"]}


# The other filters that are on.
QUERIES = [
    {},
    {"search": "bxo fibre", "channel": "field"},
    {"partner": "internal", "published": "true"},
    {"integrated": "false", "pricing": "fixed", "status": "active"},
]


def listed(user, query):
    """Return how many products the list shows."""
    access = access_of(user)
    asked = ProductFilters(data=query)
    asked.is_valid(raise_exception=True)
    with scoping.scope(access.all_companies):
        return list_products(access, at=now(), **asked.validated_data).count()


@pytest.mark.parametrize(
    ("role", "companies"),
    [(Role.CATALOG_MANAGER, "AP"), (Role.CATALOG_MANAGER, "AP MTV"), (Role.SALES, "MTV")],
)
def test_each_count_is_what_the_list_then_shows(role, companies, world, api):
    company, other, risk, partner = world
    mine = [one for one in (company, other) if one.code in companies]
    user = person(role, *mine)
    keys = {"company": str(mine[0].pk), "risk": str(risk.parent_id)}
    for query in [*QUERIES, keys | {"partner": str(partner.pk)}]:
        for name, facet in counted(api(user), **query).items():
            assert facet["exact"]
            for value in facet["values"]:
                shown = listed(user, query | {name: value["value"]})
                assert value["count"] == shown, (query, name, value)


@pytest.mark.requirement("2.2-04")
def test_the_values_and_their_names(world, api):
    company, _, risk, partner = world
    found = counted(api(person(Role.CATALOG_MANAGER, company)))
    labels = {name: [one["label"] for one in facet["values"]] for name, facet in found.items()}
    assert labels["company"] == [company.brand_name]
    assert {"Famille", "Risque"} <= set(labels["risk"])
    assert labels["partner"] == ["Interne", "Étoile"]
    assert labels["integrated"] == labels["published"] == ["Oui", "Non"]
    assert numbers(found["risk"])[str(risk.parent_id)] == 4  # with those below it
    assert numbers(found["partner"]) == {"internal": 3, str(partner.pk): 2}
    assert labels["pricing"] == ["Fixe", "Récurrent", "Usage", "Indexé", "Palier", "Bundle"]
    assert numbers(found["pricing"]) == {"fixed": 2, "usage": 1, "recurring": 3, "bundle": 1}
    assert len(labels["status"]) == 5
    assert len(labels["channel"]) == 4


def test_beyond_a_number_of_products_the_counts_are_lower_bounds(world, api, monkeypatch):
    monkeypatch.setattr(facets, "MAX_ROWS", 2)
    monkeypatch.setattr(facets, "MAX_LENT", 0)
    company, other, *_ = world
    found = counted(api(person(Role.CATALOG_MANAGER, company, other)))
    exact = {name for name, facet in found.items() if facet["exact"]}
    assert exact == {"risk", "partner", "status"}
    assert sum(numbers(found["published"]).values()) == 2
    narrow = counted(api(person(Role.CATALOG_MANAGER, company)), status="test")
    assert narrow["published"]["exact"]


@pytest.mark.parametrize("role", [Role.CATALOG_MANAGER, Role.SALES])
def test_families_and_partners_are_counted_in_full_whatever_is_chosen(
    role, world, api, monkeypatch
):
    monkeypatch.setattr(facets, "MAX_ROWS", 2)
    company, other, risk, partner = world
    user = person(role, company, other)
    for query in QUERIES:
        found = counted(api(user), **query)
        for name in ("risk", "partner", "status"):
            assert found[name]["exact"], query
            for value in found[name]["values"]:
                shown = listed(user, query | {name: value["value"]})
                assert value["count"] == shown, (query, name, value)
    # What is chosen stays in sight, and can be let go of, when nothing is left of it.
    nothing = {"risk": str(risk.pk), "partner": str(partner.pk), "status": "retired"}
    found = counted(api(user), **nothing)
    for name in ("risk", "partner"):
        left = [(one["value"], one["count"]) for one in found[name]["values"]]
        assert left == [(nothing[name], 0)]


def test_what_is_refused(world, api):
    company, other, *_ = world
    client = api(person(Role.SALES, company))
    for query, status in (
        (f"company={other.pk}", 404),
        (f"company={uuid4()}", 404),
        ("company=AP", 422),
        ("partner=interne", 422),
        ("partner=", 422),
        ("page_size=10", 422),
        ("search=" + "x" * 101, 422),
    ):
        assert client.get(f"{FACETS}?{query}").status_code == status, query
    unknown = counted(client, risk=str(uuid4()), partner=str(uuid4()))
    assert numbers(unknown["status"]) == {}


def test_its_statements(world, api):
    company, *_ = world
    client = api(person(Role.CATALOG_MANAGER, company))

    def add(count):
        with scoping.everything():
            for _ in range(count):
                publish(
                    company, f"P-{uuid4().hex[:9]}", "web", partner=PartnerFactory(company=company)
                )

    check_query_count("api products/facets", lambda: client.get(FACETS), add)


def test_the_back_office_filters_as_the_api_does(world, browser_as):
    """Each value of each filter shows as many products as the counts say."""
    company, other, risk, partner = world
    user = person(Role.CATALOG_MANAGER, company, other)
    browser = browser_as(user)
    names = {
        "risk": "risk__id__exact",
        "partner": "partner__id__exact",
        "status": "lifecycle_status__exact",
    }
    asked = [
        *({"company": str(one.pk)} for one in (company, other)),
        *({name: value} for name in ("integrated", "published") for value in ("true", "false")),
        *({"channel": value} for value in ("web", "telesales")),
        {"risk": str(risk.parent_id)},
        {"partner": str(partner.pk)},
        *({"pricing": value} for value in ("usage", "recurring", "bundle", "tiered")),
        {"status": "test"},
        {"channel": "telesales", "company": str(company.pk)},
    ]
    for query in asked:
        address = {names.get(name, name): value for name, value in query.items()}
        page = browser.get(LIST, address)
        assert page.status_code == 200, query
        assert len(page.context_data["cl"].result_list) == listed(user, query), query
    for value, number in (("true", 4), ("false", 2)):
        page = browser.get(LIST, {"internal": value})
        assert len(page.context_data["cl"].result_list) == number
    for name in ("company", "internal", "channel", "published", "integrated", "pricing"):
        page = browser.get(LIST, {name: "autre\x00"})
        assert list(page.context_data["cl"].result_list) == [], name
    assert browser.get(LIST, {"risk__id__exact": "x"}).status_code == 302


def test_the_panel_of_the_list_tells_the_counts(world, browser_as):
    """Each value leads to as many products as it says, from what is chosen already."""
    company, other, *_ = world
    browser = browser_as(person(Role.CATALOG_MANAGER, company, other))

    def panel(query):
        answer = browser.get(f"{LIST}{query}", headers={"HX-Request": "true", "HX-Target": PANEL})
        assert answer.status_code == 200, query
        return answer

    with scoping.everything():
        brand = BrandFactory(company=company)
        with pgtrigger.ignore("catalog.Product:keep_sold"):
            Product.objects.filter(sku__in=("BOX-1", "BOX-2")).update(brand=brand)
    told = 0
    for query in (
        f"?q=box&o=1&company={company.pk}",
        "?internal=true",
        "?internal=false&revenue_model__exact=revenue",
        f"?brand__id__exact={brand.pk}&q=box",
    ):
        facets_of_page = panel(query).context_data["facets"]
        assert [facet["title"] for facet in facets_of_page] == [
            *("Société", "Risque", "Compagnie", "Statut"),
            *("Intégré", "Publié", "Canal", "Type de tarification"),
        ]
        for facet in facets_of_page:
            for value in facet["values"]:
                if value["is_chosen"] or not value["count"]:
                    continue
                page = browser.get(f"{LIST}{value['link']}")
                number = len(page.context_data["cl"].result_list)
                assert number == value["count"], (query, facet["title"], value["label"])
                told += 1
    assert told > 15
    text = panel("?channel=web").text
    assert "Nombre de produits" in text
    assert 'aria-current="true"' in text
    assert CANARY not in text
    for query in (
        *("?channel=moon", "?company=x", "?internal=moon"),
        *("?revenue_model__exact=moon",),
    ):
        assert panel(query).context_data["facets"] == [], query
    assert "facets" not in browser.get(LIST).context_data
