"""The tickets that sales ask of logistics (§3.6, 3.6-10)."""

import itertools
from uuid import uuid4

import pytest

from catalog.choices import VersionState
from tests.factories import (
    START,
    LogisticsFactory,
    MappingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.operations import post
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.django_db
URL = "/api/catalog/ticket-requests"


@pytest.fixture
def box(ledger):
    """A box that is delivered, whose sale asks for a ticket."""
    version = VersionFactory(product=ProductFactory(company=ledger, sku="AP-BOX-001", name="Box"))
    plan = PlanFactory(product_version=version, code="BOX", name="Fibre")
    PricingRuleFactory(plan=plan)
    LogisticsFactory(
        product_version=version,
        delivery="technician",
        delivery_days=5,
        stock_managed=True,
        stock_reference="BOX-V6",
        ticket_title="Installer {produit} {formule} ({sku})",
        ticket_body="{quantite} pour {client}, contrat {contrat}, vente {canal}.",
    )
    MappingFactory(product_version=version)
    version.state, version.released_at, version.content_hash = VersionState.RELEASED, START, "x"
    version.save()
    PublicationFactory(product_version=version)
    return version


@pytest.mark.requirement("3.6-09", "3.6-10")
def test_a_sale_asks_for_its_ticket_and_its_cancellation_says_so(module, box, mixed, body):
    client_ref = str(uuid4())
    sale = post(module, body(client_ref=client_ref, quantity=2, amount="59.80")).json()
    # Neither another product's sale, nor what is no sale, nor one of an unknown plan.
    post(module, body("V-2", sku="AP-MIXTE-001", plan="DUO"))
    post(module, body("C-1", "collection", collects="V-1", amount="10.00"))
    assert post(module, body("V-3", plan="RIEN")).json()["state"] == "parked"
    rows = module.get(URL).json()["results"]
    row = next(one for one in rows if one["id"] == sale["id"])
    assert {name: row[name] for name in row if name != "received_at"} == {
        "id": sale["id"],
        "company_id": str(box.company_id),
        "version_id": str(box.pk),
        "sku": "AP-BOX-001",
        "quantity": "2",
        "channel": "web",
        "contract_ref": None,
        "client_ref": client_ref,
        "occurred_at": "2025-10-01T07:00:00Z",
        "title": "Installer Box Fibre (AP-BOX-001)",
        "body": f"2 pour {client_ref}, contrat —, vente Web.",
        "delivery": "technician",
        "delivery_days": 5,
        "stock_managed": True,
        "stock_reference": "BOX-V6",
        "cancelled": False,
    }
    assert "AP-MIXTE-001" not in {one["sku"] for one in rows}
    answer = post(module, body("A-1", "cancellation", reverses="V-1", amount="59.80"))
    assert answer.status_code == 201, answer.json()
    assert module.get(URL, {"sku": "AP-BOX-001"}).json()["results"][-1]["cancelled"]
    assert module.get(URL, {"since": row["received_at"]}).json()["results"]
    assert module.get(URL, {"since": "2030-01-01T00:00:00Z"}).json()["results"] == []
    assert module.get(URL, {"since": "hier"}).status_code == 422


@pytest.mark.requirement("3.6-10", "3.8-13")
def test_another_company_s_sales_ask_it_for_nothing(
    module, box, body, api, user_with, other_company
):
    post(module, body())
    stranger = api(user_with(Role.ADV, other_company))
    assert stranger.get(URL).json()["results"] == []
    assert stranger.get(URL, {"company": str(box.company_id)}).status_code == 404
    assert api(user_with(Role.SALES, box.company)).get(URL).status_code == 403


def test_the_list_asks_as_much_for_two_rows_as_for_twenty(module, box, body):
    numbers = itertools.count()

    def add_rows(number):
        for _ in range(number):
            post(module, body(f"T-{next(numbers)}"))

    def call():
        assert module.get(URL).status_code == 200

    call()
    check_query_count("api ticket-requests", call, add_rows)
