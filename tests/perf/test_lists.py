"""The lists at a tiny volume: what they never send to the database, and the bench's own path."""

import json
import re
from datetime import date, timedelta

import pytest

from catalog.choices import ApprovalDomain, Decision, LifecycleStatus, TransitionState
from catalog.models import IndexValue, Product, ProductTransition, VersionApproval
from tests.factories import (
    BillingFactory,
    BrandFactory,
    BundleComponentFactory,
    CompanyFactory,
    CqRuleFactory,
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    NegotiatedPriceFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    SaleAgreementFactory,
    SalesBanFactory,
    UserFactory,
    VersionFactory,
)
from tests.perf.lists import admin_pages, api_lists, api_pages
from tests.perf.measure import statements
from tests.perf.people import Person
from tests.perf.report import report
from tests.support.query_counts import LEDGER, check_query_count
from winvest.core.choices import NotificationKind
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.models import Membership, Notification

# A count of what matches, however many rows there are; one of a bounded page is allowed.
WHOLE_COUNT = re.compile(r"COUNT\((?!.* LIMIT \d+\) subquery)")
# `icontains`: no index helps a pattern that begins with %, unless on a trigram column.
ANYWHERE = re.compile(r"UPPER\([^()]*\)(::text)? LIKE (UPPER\()?'%")
NEVER = {"whole count": WHOLE_COUNT, "icontains": ANYWHERE, "offset": re.compile(r" OFFSET ")}

# The lists that are long at full volume: all are in the ledger of query counts.
LONG_LISTS = {
    *("admin catalog_product", "admin catalog_productversion", "admin catalog_publication"),
    *("admin accounting_accountingmapping", "admin partners_partner", "admin core_auditentry"),
    *("api products", "api partners", "api audit", "api products/{id}/versions"),
}


# What adds a row to the lists of the API that stand below a product or a version, and to the log.
BELOW = {
    "api index-values": lambda version, place: IndexValue.objects.create(
        index="cpi", valid_on=date(2026, 1, 1) + timedelta(days=place), value=100
    ),
    "api negotiated-prices": lambda version, place: NegotiatedPriceFactory(product=version.product),
    "api sale-agreements": lambda version, place: SaleAgreementFactory(product=version.product),
    "api sales-bans": lambda version, place: SalesBanFactory(product=version.product),
    "api promotions": lambda version, place: PromotionFactory(company=version.company),
    "api versions/{id}/approvals": lambda version, place: VersionApproval.objects.create(
        product_version=version,
        company=version.company,
        domain=ApprovalDomain.PRODUCT,
        decision=Decision.APPROVED,
        content_hash=f"sha256:{place:064d}",
        user=UserFactory(),
    ),
    "api versions/{id}/bundle-components": lambda version, place: BundleComponentFactory(
        plan__product_version=version
    ),
    "api audit": lambda version, place: BrandFactory(company=version.company),
    "api products/{id}/transitions": lambda version, place: ProductTransition.objects.create(
        product=version.product,
        company=version.company,
        from_status=LifecycleStatus.DRAFT,
        to_status=LifecycleStatus.TEST,
        state=TransitionState.APPLIED,
        due_at=now(),
        settled_at=now(),
    ),
    "api notifications": lambda version, place: Notification.objects.create(
        user=Membership.objects.get(role=Role.GROUP_ADMIN).user,
        company=version.company,
        kind=NotificationKind.VERSION_RELEASED,
        action=Action.CATALOG_VIEW,
        title="Une version est en production",
        target="catalog_productversion",
        target_id=version.pk,
        key=str(place),
    ),
    "api products/{id}/versions": lambda version, place: VersionFactory(
        product=version.product, version=100 + place
    ),
    "api products/{id}/external-mappings": lambda version, place: ExternalMappingFactory(
        product=version.product, system=f"Système {place}"
    ),
    "api versions/{id}/plans": lambda version, place: PlanFactory(product_version=version),
    "api versions/{id}/pricing-rules": lambda version, place: PricingRuleFactory(
        product_version=version, plan=PlanFactory(product_version=version)
    ),
    "api versions/{id}/publications": lambda version, place: PublicationFactory(
        product_version=version, company=CompanyFactory()
    ),
    "api versions/{id}/cq-rules": lambda version, place: CqRuleFactory(product_version=version),
    "api versions/{id}/billing": lambda version, place: BillingFactory(
        product_version=version, plan=PlanFactory(product_version=version)
    ),
    "api versions/{id}/documents": lambda version, place: DocumentFactory(product_version=version),
    "api versions/{id}/accounting-mappings": lambda version, place: MappingFactory(
        product_version=version, company=CompanyFactory()
    ),
}


@pytest.fixture
def reader(everything, company, user_with, browser_as, api):
    """A group administrator, with a few rows in the catalogue's lists."""
    for _ in range(3):
        version = VersionFactory(product=ProductFactory(company=company))
        PublicationFactory(product_version=version)
        MappingFactory(product_version=version)
    user = user_with(Role.GROUP_ADMIN)
    return Person("group_admin", user, browser_as(user), api(user))


@pytest.mark.requirement("A.6-01")
def test_no_list_counts_everything_or_looks_anywhere(reader):
    seen, refused = set(), []
    for pages in (admin_pages, api_pages):
        for page in pages(reader, long=2):
            seen.add(page.ledger)
            for sql in statements(lambda page=page: page.client.get(page.address)):
                refused += [
                    (what, page.address, sql) for what, never in NEVER.items() if never.search(sql)
                ]
    assert refused == []
    assert seen >= LONG_LISTS
    assert json.loads(LEDGER.read_text(encoding="utf-8")).keys() >= LONG_LISTS


def test_every_list_of_the_api_is_in_the_ledger():
    lists = {
        f"api {route.removeprefix('api/catalog/')}".replace("<uuid:id>", "{id}")
        for _, route, _ in api_lists()
    }
    assert lists - json.loads(LEDGER.read_text(encoding="utf-8")).keys() == set()


@pytest.mark.parametrize("name", BELOW)
def test_a_list_below_a_row_asks_as_much_for_two_rows_as_for_twenty(name, reader, company):
    version = VersionFactory(product=ProductFactory(company=company))
    parent = version.product if "products/" in name else version
    address = "/api/catalog/" + name.removeprefix("api ").format(id=parent.pk)

    def add_rows(number):
        for place in range(number):
            BELOW[name](version, place + number)

    def call():
        assert reader.api.get(address).status_code == 200

    call()  # what is read once per process is not the list's
    check_query_count(name, call, add_rows)


@pytest.mark.parametrize(
    ("what", "read"),
    [
        ("whole count", lambda: Product.objects.filter(name="x").count()),
        ("icontains", lambda: list(Product.objects.filter(name__icontains="x"))),
        ("offset", lambda: list(Product.objects.order_by("pk")[50:100])),
    ],
)
def test_what_is_never_sent_is_recognised(what, read, everything, db):
    (sql,) = statements(read)
    assert [name for name, never in NEVER.items() if never.search(sql)] == [what]


def test_the_bench_times_a_list_beside_a_bare_view(reader):
    measures = report([reader], ["catalog_publication"], 1, long=2)
    pages = {(page["list"], page["variant"]): page for page in measures["pages"]}
    assert ("admin catalog_publication", "page profonde") in pages
    first = pages["admin catalog_publication", "première page"]
    assert first["queries"] == first["ledger"]
    assert first["p95_ms"] > 0
    assert first["work_p95_ms"] > first["bare_work_p50_ms"] > 0
    assert json.dumps(measures)
