"""At 50,000 products each search, filter and page reads by an index, never the whole table."""

import json

import pytest
from django.db import connection

from tests.factories import (
    CompanyFactory,
    ExternalMappingFactory,
    MembershipFactory,
    PartnerFactory,
    ProductFactory,
    RiskFactory,
    UserFactory,
)
from tests.perf.measure import statements
from tests.support.demo import undone
from tests.support.offers import make_released
from winvest.core import scoping
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.xdist_group("search"), pytest.mark.requirement("3.7-02")]
PRODUCTS = "/api/catalog/products"
MANY = 50_000
# Those of no constraint: built at once over the rows, they take a quarter of the time.
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'product' AND indexname NOT IN (
    SELECT conname FROM pg_constraint WHERE conrelid = 'product'::regclass
)
"""
# One product in five hundred is of the rare kind.
COPIES = """
INSERT INTO product (id, company_id, risk_id, partner_id, sku, name, revenue_model,
                     lifecycle_status)
SELECT gen_random_uuid(), company_id, risk_id, partner_id, 'COPIE-' || lpad(number::text, 5, '0'),
       CASE number %% 20 WHEN 0 THEN 'Mutuelle ' ELSE 'Offre ' END || number %% 500,
       revenue_model, lifecycle_status
FROM generate_series(1, %s) AS number
JOIN product ON sku = CASE WHEN number %% 500 = 0 THEN 'RARE' ELSE 'COURANT' END
"""


def fill():
    """Copy the products, without their log."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE product DISABLE TRIGGER ALL")
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(COPIES, [MANY])
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("ANALYZE product")


@pytest.fixture(scope="module")
def rare(django_db_setup, django_db_blocker):
    """A hundred products of a rare kind (company, risk, partner), among 50,000."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        company = CompanyFactory()
        ProductFactory(company=CompanyFactory(), sku="COURANT")
        rare = make_released(
            company=company,
            sku="RARE",
            plans={"A": "1"},
            risk=RiskFactory(company=company),
            partner=PartnerFactory(company=company),
        ).product
        ExternalMappingFactory(product=rare, integration_status="api")
        fill()
        yield rare


@pytest.fixture
def client(rare, django_db_blocker, api):
    """A group administrator; what he writes is undone."""
    with django_db_blocker.unblock(), undone():
        user = UserFactory()
        MembershipFactory(user=user, company=None, role=Role.GROUP_ADMIN)
        yield api(user)


def nodes(plan):
    """Give every step of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def indexes_of(client, address):
    """Return the indexes that the page's statements use; none may read all the products."""
    used = set()
    for sql in statements(lambda: client.get(address)):
        if not sql.startswith("SELECT ") or 'FROM "product"' not in sql:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql.replace('%', '%%')}", [])
            (answer,) = cursor.fetchone()
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        for node in nodes(plan):
            whole = node["Node Type"] == "Seq Scan" and node["Relation Name"] == "product"
            assert not whole, f"{address}\n{sql}"
            used.add(node.get("Index Name", ""))
    return used


# What is asked, and an index that must answer.
CASES = {
    "?search=mutuelle 12": "product_words",
    "?search=mutuelle": "product_words",
    "?search=mutuelle&status=draft": "product_words",
    "?search=copie-0001": "product_sku_prefix",
    "?search=mutulle 12": "product_search",
    "?search=zygomorphe": "product_search",
    "?search={0.partner.name}": "product_partner_id",
    "?search=mtueulle": "product_words",
    "?company={0.company_id}": "product_company_",
    "?risk={0.risk_id}": "product_risk_id",
    "?partner={0.partner_id}": "product_partner_id",
    "?status=frozen": "product_company_risk_status",
    # By the company's publications or by the product's, whichever the planner finds fewer.
    "?channel=web": ("publication_no_overlap_web", "publication_product_id"),
    "?published=true": ("publication_company", "publication_product_id"),
    # By the products or by the codes, whichever are fewer.
    "?integrated=true": ("external_mapping_product_id", "product_pkey"),
    # The few rules name the products; how they are read themselves depends on their number.
    "?pricing=usage": "product_pkey",
    "?page_size=50": "product_sorted",
}


def test_every_search_and_filter_has_its_index(client, rare):
    used = {case: indexes_of(client, PRODUCTS + case.format(rare)) for case in CASES}
    missing = {
        case: used[case]
        for case, index in CASES.items()
        if not any(name.startswith(index) for name in used[case])
    }
    assert missing == {}


@pytest.mark.parametrize("query", ["", "&search=mutuelle", "&search=mutulle"])
def test_a_page_by_key_reads_what_follows(client, query):
    """The thirtieth page stands at once where the index of names or of words leads."""
    address = f"{PRODUCTS}?page_size=200{query}"
    for _ in range(2):
        address = client.get(address).json()["next"]
    assert indexes_of(client, address) & {"product_sorted", "product_search", "product_pkey"}
