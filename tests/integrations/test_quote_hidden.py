"""What a publication hides from the network: itself (C.3), or its price (E-07)."""

from datetime import timedelta

import pytest

from catalog.choices import IntegrationStatus, Visibility
from catalog.models import Publication
from tests.factories import ExternalMappingFactory, PublicationFactory
from tests.integrations.conftest import NOW
from tests.support.offers import make_released
from tests.support.quotes import codes
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.django_db

# The whole way, and the short one.
WAYS = ("?explain=true", "")
CONTRACT = {"contract": {"version": 1}}


@pytest.fixture
def people(api, user_with, other_company):
    roles = (Role.SALES, Role.MARKETING, Role.ADV, Role.CATALOG_MANAGER)
    made = {role: api(user_with(role, other_company)) for role in roles}
    return made | {Role.GROUP_ADMIN: api(user_with(Role.GROUP_ADMIN))}


@pytest.mark.requirement("C.3-01")
def test_a_hidden_publication_is_sold_by_those_who_see_it(
    ask, mtv, company, people, api, user_with
):
    publication = Publication._base_manager.get(product_version=mtv)
    before = ask(at="2024-12-31T12:00:00Z")
    publication.visibility, publication.availability = Visibility.HIDDEN, "unavailable"
    publication.save()
    for role in (Role.SALES, Role.MARKETING):
        for way in WAYS:
            status, answer = ask(way, caller=people[role])
            assert (status, codes(answer)) == (409, ["publication.none"]), (role, way)
        # To tell of a contract opens nothing.
        status, answer = ask(caller=people[role], **CONTRACT)
        assert (status, codes(answer)) == (409, ["publication.none"]), role
    assert ask(at="2024-12-31T12:00:00Z")[1]["errors"] == before[1]["errors"]
    assert codes(ask(caller=people[Role.ADV])[1]) == ["publication.unavailable"]
    publication.availability = "available"
    publication.save()
    for role in (Role.ADV, Role.CATALOG_MANAGER, Role.GROUP_ADMIN):
        for way in WAYS:
            status, answer = ask(way, caller=people[role])
            assert (status, answer["totals"]["recurring"]["incl_tax"]) == (200, "9.90"), role
        assert ask(caller=people[role], **CONTRACT)[0] == 200
    # Each company hides its own publication only.
    PublicationFactory(product_version=mtv, company=company)
    seller = api(user_with(Role.SALES, company))
    assert ask(caller=seller, company_id=str(company.pk))[0] == 200


@pytest.mark.requirement("2.1-publication-02")
def test_a_hidden_price_is_given_by_a_person(ask, mtv, people):
    publication = Publication._base_manager.get(product_version=mtv)
    publication.price_visible = False
    publication.save()
    for role in (Role.SALES, Role.MARKETING):
        for asked in ({}, CONTRACT, {"options": ["RIEN"]}):
            for way in WAYS:
                status, answer = ask(way, caller=people[role], **asked)
                assert (status, answer.pop("steps", [])) == (200, []), (role, asked)
                assert answer == {
                    "source": "manual",
                    "indicative": True,
                    "currency": "EUR",
                    "recurrence": "monthly",
                    "lines": [],
                    "totals": None,
                    "product": {
                        "id": str(mtv.product_id),
                        "sku": "MTV-OFFRE-001",
                        "version": 1,
                        "plan": "BASIC",
                    },
                    "valid_until": None,
                    "quote_token": None,
                }
    # What stands against the sale is told as ever.
    assert codes(ask(plan="OR")[1]) == ["plan.unknown"]
    for role in (Role.ADV, Role.GROUP_ADMIN):
        answer = ask(caller=people[role])[1]
        assert (answer["source"], bool(answer["quote_token"])) == ("internal", True)


@pytest.mark.requirement("C.2-03")
def test_a_price_by_api_waits_for_the_trial_of_its_code(ask, api, user_with, other_company):
    version = make_released(company=other_company, sku="API", plans={})
    asked = {"sku": "API", "plan": None}
    linked = {"product": version.product, "integration_status": IntegrationStatus.API}
    it = user_with(Role.IT, other_company)
    tried = {"sandbox_passed_at": NOW, "sandbox_passed_by": it}
    row = ExternalMappingFactory(**linked, **tried, external_code="UN")
    for way in WAYS:
        assert ask(way, **asked)[1]["source"] == "manual"
    # Refused for something else, it is not told to lack a price besides.
    early = (NOW - timedelta(days=9999)).isoformat()
    assert codes(ask(**asked, at=early)[1]) == ["publication.none", "version.before_first"]
    address = f"/api/catalog/external-mappings/{row.pk}"
    manager = api(user_with(Role.CATALOG_MANAGER, other_company))
    json = {"content_type": "application/json"}
    etag = {"headers": {"If-Match": manager.get(address).headers["ETag"]}}
    assert manager.patch(address, {"external_code": "DEUX"}, **json, **etag).status_code == 200
    for way in WAYS:
        status, answer = ask(way, **asked)
        assert (status, codes(answer)) == (409, ["integration.sandbox"])
    trial = api(it).post(f"{address}/sandbox-test", {}, **json)
    assert trial.status_code == 200, trial.content
    assert ask(**asked)[1]["source"] == "manual"
