"""Beneficiaries by the API (K-07)."""

import pytest

from tests.factories import BeneficiaryFactory, MembershipFactory, UserFactory
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
ADDRESS = "/api/catalog/beneficiaries"
JSON = "application/json"
BODY = {
    "split_key": "commercial",
    "name": "Équipe Ouest",
    "employment": "independent",
    "auxiliary_account": "F0012",
    "tax_code": "FR20",
}


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.mark.requirement("2.1-commission-01", "3.8-06")
def test_a_beneficiary_is_created_read_and_left_inactive(manager, company):
    made = manager.post(ADDRESS, {**BODY, "company_id": str(company.pk)}, JSON)
    assert made.status_code == 201, made.content
    address = f"{ADDRESS}/{made.json()['id']}"
    read = manager.get(address)
    assert read.json() == made.json() | {"user_id": None, "partner_id": None, "is_active": True}
    left = manager.patch(address, {"is_active": False}, JSON, headers={"If-Match": read["ETag"]})
    assert (left.status_code, left.json()["is_active"]) == (200, False)
    stale = manager.patch(address, {"name": "X"}, JSON, headers={"If-Match": read["ETag"]})
    assert stale.status_code == 412
    assert manager.get(f"{ADDRESS}?active=true").json()["results"] == []
    assert manager.get(f"{ADDRESS}?company={company.pk}").json()["results"] == [left.json()]
    assert AuditEntry.objects.filter(table="beneficiary").count() == 2


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"split_key": "company"}, "split_key"),
        ({"auxiliary_account": "c 12"}, "auxiliary_account"),
        ({"employment": "employee"}, ""),
        ({"partner_id": "00000000-0000-4000-8000-000000000000"}, "partner_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_refused_beneficiary_says_where(manager, company, fields, path):
    answer = manager.post(ADDRESS, {**BODY, "company_id": str(company.pk), **fields}, JSON)
    assert answer.status_code == 422, answer.content
    assert path in {error["path"] for error in answer.json()["errors"]}


def test_an_account_without_a_role_there_and_a_taken_account_are_refused(manager, company):
    body = {**BODY, "company_id": str(company.pk)}
    stranger = UserFactory()
    answer = manager.post(ADDRESS, {**body, "user_id": str(stranger.pk)}, JSON)
    assert answer.json()["errors"][0]["path"] == "user_id"
    MembershipFactory(user=stranger, company=company, role=Role.SALES)
    assert manager.post(ADDRESS, {**body, "user_id": str(stranger.pk)}, JSON).status_code == 201
    taken = manager.post(ADDRESS, body, JSON)
    assert "déjà" in taken.json()["errors"][0]["message"]


@pytest.mark.requirement("G.2-03")
def test_strangers_and_sellers_read_none(company, other_company, user_with, api):
    row = BeneficiaryFactory(company=company)
    stranger = api(user_with(Role.CATALOG_MANAGER, other_company))
    assert stranger.get(ADDRESS).json()["results"] == []
    assert stranger.get(f"{ADDRESS}/{row.pk}").status_code == 404
    assert stranger.post(ADDRESS, {**BODY, "company_id": str(company.pk)}, JSON).status_code == 404
    assert api(user_with(Role.SALES, company)).get(ADDRESS).status_code == 403


def test_the_list_asks_as_much_for_two_rows_as_for_twenty(manager, company):
    def add_rows(number):
        for _ in range(number):
            BeneficiaryFactory(company=company)

    def call():
        assert manager.get(ADDRESS).status_code == 200

    call()
    check_query_count("api beneficiaries", call, add_rows)
