"""Risks by the API: who writes them, `ETag` and `If-Match`, every refusal typed."""

import pytest

from catalog.models import Risk
from tests.factories import RiskFactory
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

URL = "/api/catalog/risks"


def body(company, **changes):
    return {"company_id": str(company.pk), "code": "DENTAIRE", "label": "Dentaire", **changes}


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.mark.requirement("2.1-risk-01", "A.2.1-risk-01", "A.2.1-risk-03")
def test_a_manager_creates_reads_and_changes_a_risk(manager, company):
    made = manager.post(URL, body(company), content_type="application/json")
    assert made.status_code == 201
    assert made.json()["scope"] == "personal"
    address = f"{URL}/{made.json()['id']}"
    read = manager.get(address)
    assert (read.json(), read.headers["ETag"]) == (made.json(), made.headers["ETag"])
    changed = manager.patch(
        address,
        {"label": "Soins dentaires"},
        content_type="application/json",
        headers={"if-match": read.headers["ETag"]},
    )
    assert changed.status_code == 200
    assert changed.json() == {**made.json(), "label": "Soins dentaires"}
    stale = manager.patch(
        address,
        {"label": "Trop tard"},
        content_type="application/json",
        headers={"if-match": read.headers["ETag"]},
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    with scoping.everything():
        assert Risk.objects.get(code="DENTAIRE").label == "Soins dentaires"
        actions = AuditEntry.objects.filter(record_id=made.json()["id"]).values_list(
            "action", flat=True
        )
        assert sorted(actions) == ["insert", "update"]


REFUSALS = {
    "unknown field": ({"extra": 1}, 422, "extra", "unknown_field"),
    "twin": ({"code": "OPTIQUE"}, 422, "", "constraint.risk_company_code"),
    "too long": ({"code": "S" * 61}, 422, "code", "max_length"),
    "out of the list": ({"scope": "all"}, 422, "scope", "invalid_choice"),
    "global with a company": (
        {"is_global": True},
        422,
        "",
        "constraint.risk_global_has_no_company",
    ),
}


@pytest.mark.parametrize(("changes", "status", "path", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_wrong_risk_is_refused(manager, company, changes, status, path, code):
    RiskFactory(company=company, code="OPTIQUE")
    response = manager.post(URL, body(company, **changes), content_type="application/json")
    errors = [(error["path"], error["code"]) for error in response.json()["errors"]]
    assert (response.status_code, errors) == (status, [(path, code)])
    with scoping.everything():
        assert Risk.objects.filter(company=company).count() == 1


def test_the_owner_never_changes(manager, company):
    risk = RiskFactory(company=company)
    response = manager.patch(
        f"{URL}/{risk.pk}", {"company_id": str(company.pk)}, content_type="application/json"
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "fixed_field"


def test_the_group_s_risk_is_the_group_admin_s(manager, api, user_with):
    risk = RiskFactory(company=None, is_global=True)
    change = {"label": "Autre"}
    address = f"{URL}/{risk.pk}"
    assert manager.patch(address, change, content_type="application/json").status_code == 403
    admin = api(user_with(Role.GROUP_ADMIN))
    assert admin.patch(address, change, content_type="application/json").status_code == 200
    group_wide = {"code": "ANIMAUX", "label": "Animaux", "is_global": True}
    assert admin.post(URL, group_wide, content_type="application/json").status_code == 201
    assert manager.post(URL, group_wide, content_type="application/json").status_code == 403
