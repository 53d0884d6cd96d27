"""Schemes of a version by the API, tiers nested (`design/api.md`)."""

from datetime import UTC, datetime

import pytest

from commissions.models import CommissionTier
from tests.factories import PlanFactory, SchemeFactory, TierFactory, VersionFactory
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"
GRID = [
    {"basis": "volume", "min": "0", "max": "99", "value_type": "percent", "value": "10"},
    {"basis": "volume", "min": "100", "max": "499", "value_type": "percent", "value": "12"},
    {"basis": "volume", "min": "500", "max": None, "value_type": "percent", "value": "15"},
]
BODY = {
    "name": "Barème réseau",
    "settlement": "upfront",
    "split": {"company": 0.6, "commercial": 0.3, "manager": 0.1},
    "tier_mode": "slab",
    "counting_scope": "company",
    "tiers": GRID,
}


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(company):
    return VersionFactory(product__company=company)


@pytest.fixture
def schemes(draft):
    return f"{API}/versions/{draft.pk}/commission-schemes"


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    return answer.status_code, answer.json() if answer.content else None


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


@pytest.mark.requirement("2.1-commission-01", "3.8-06", "A.2-01")
def test_a_scheme_is_written_with_its_tiers_and_read_back(manager, schemes):
    status, made = send(manager, "post", schemes, BODY)
    assert status == 201, made
    assert [tier["value"] for tier in made["tiers"]] == ["10", "12", "15"]
    assert made["tiers"][0] == GRID[0] | {"month_from": None, "month_to": None}
    one = f"{API}/commission-schemes/{made['id']}"
    assert send(manager, "get", one)[1] == made
    assert made.pop("warnings") == []
    assert send(manager, "get", schemes)[1]["results"] == [made]


@pytest.mark.requirement("2.1-commission-01")
def test_tiers_are_replaced_together_or_left_alone(manager, schemes):
    made = send(manager, "post", schemes, BODY)[1]
    one = f"{API}/commission-schemes/{made['id']}"
    status, renamed = send(manager, "patch", one, {"name": "Autre"})
    assert (status, renamed["tiers"]) == (200, made["tiers"])
    flat = [{"basis": "volume", "min": "0", "value_type": "amount", "value": "5.5"}]
    status, changed = send(manager, "patch", one, {"tiers": flat})
    assert (status, [tier["value"] for tier in changed["tiers"]]) == (200, ["5.5"])
    assert AuditEntry.objects.filter(table="commission_tier", action="delete").count() == 2
    assert send(manager, "delete", one) == (204, None)
    assert not CommissionTier.objects.exists()


@pytest.mark.requirement("2.1-commission-01", "A.4-01")
@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"settlement": ...}, "settlement", "required"),
        ({"split": ...}, "split", "required"),
        ({"split": {"company": 0.5}}, "split", "commission.split_sum"),
        ({"split": {"autre": 1}}, "split", "commission.split_key"),
        ({"inconnu": 1}, "inconnu", "unknown_field"),
        ({"channel": "lune"}, "channel", "invalid_choice"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "valid_to", "invalid"),
        ({"tiers": [{"basis": "volume"}]}, "tiers.0.min", "required"),
        ({"tiers": [GRID[0] | {"min": "1"}, *GRID[1:]]}, "tiers.0.min", "commission.first_min"),
        ({"tiers": [GRID[0] | {"max": "0"}, *GRID[1:]]}, "tiers.0.max", "commission.max_below_min"),
        ({"tiers": [GRID[0], GRID[2] | {"basis": "revenue"}]}, "tiers", "commission.two_bases"),
        ({"min_amount": "-1"}, "min_amount", "min_value"),
        ({"advance_percent": "60"}, "", "constraint.commission_scheme_advance"),
        ({"seller_id": "01a21558-0000-7000-8000-000000000000"}, "seller_id", "unknown"),
    ],
)
@pytest.mark.requirement("A.3.4-01", "A.3.4-03")
def test_what_is_refused_leaves_nothing(manager, schemes, change, path, code):
    body = {name: value for name, value in (BODY | change).items() if value is not ...}
    status, answer = send(manager, "post", schemes, body)
    assert status == 422, answer
    assert (path, code) in errors(answer)
    assert send(manager, "get", schemes)[1]["results"] == []


def test_a_plan_of_another_version_is_refused(manager, schemes, company):
    plan = PlanFactory(product_version__product__company=company)
    status, answer = send(manager, "post", schemes, BODY | {"plan_id": str(plan.pk)})
    assert (status, errors(answer)) == (422, {("plan_id", "invalid")})


@pytest.mark.requirement("3.8-06")
def test_a_stale_or_frozen_scheme_is_not_changed(manager, draft):
    scheme = TierFactory(scheme__product_version=draft).scheme
    one = f"{API}/commission-schemes/{scheme.pk}"
    assert send(manager, "patch", one, {"name": "A"}, **{"If-Match": '"autre"'})[0] == 412
    draft.released_at = datetime(2026, 1, 1, tzinfo=UTC)
    draft.state, draft.content_hash = "released", "sha256:test"
    draft.save()
    assert send(manager, "patch", one, {"name": "A"})[0] == 409
    assert send(manager, "delete", one)[0] == 409


@pytest.mark.requirement("3.8-13", "3.8-06")
def test_who_reads_and_who_does_not(api, user_with, company, other_company, draft, schemes):
    scheme = SchemeFactory(product_version=draft)
    one = f"{API}/commission-schemes/{scheme.pk}"
    assert send(api(user_with(Role.ACCOUNTING, company)), "get", one)[0] == 200
    assert send(api(user_with(Role.SALES, company)), "get", one)[0] == 403
    assert send(api(user_with(Role.CATALOG_MANAGER, other_company)), "get", one)[0] == 404
    assert send(api(user_with(Role.ACCOUNTING, company)), "post", schemes, BODY)[0] == 403


@pytest.mark.requirement("H.2.4-01")
def test_the_page_asks_as_much_for_two_schemes_as_for_twenty(manager, draft, schemes):
    channels = iter(range(100))

    def more(count):
        for _ in range(count):
            plan = PlanFactory(product_version=draft, code=f"P{next(channels)}")
            TierFactory(scheme=SchemeFactory(product_version=draft, plan=plan))

    check_query_count("api versions/{id}/commission-schemes", lambda: manager.get(schemes), more)


CASE = {"name": "150 ventes", "volume": 150, "revenue": 1237.5, "expected": 148.5}


@pytest.mark.requirement("3.3-04", "2.1-commission-03")
def test_the_cases_of_a_scheme_run_at_every_change(manager, schemes):
    cases = [CASE | {"commercial": 44.55}]
    status, made = send(manager, "post", schemes, BODY | {"test_cases": cases})
    assert (status, made["warnings"]) == (201, [])
    assert made["test_cases"] == cases
    one = f"{API}/commission-schemes/{made['id']}"
    # A tier moves: the case tells what the scheme gives now, and the change is kept.
    dearer = [GRID[0], GRID[1] | {"value": "13"}, GRID[2]]
    status, changed = send(manager, "patch", one, {"tiers": dearer})
    assert status == 200
    assert [(told["path"], told["code"]) for told in changed["warnings"]] == [
        ("test_cases.0", "commission.case_amount"),
        ("test_cases.0", "commission.case_share"),
    ]
    assert "148,50 attendus, le barème donne 160,88" in changed["warnings"][0]["message"]
    assert send(manager, "get", one)[1]["warnings"] == changed["warnings"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"volume": -1}, "schema.minimum"),
        ({"month_rank": 0}, "schema.minimum"),
        ({"expected": "148"}, "schema.type"),
        ({"expected": 148.505}, "schema.multipleOf"),
        ({"vrp": 1}, "schema.additionalProperties"),
    ],
)
def test_a_case_keeps_its_schema(manager, schemes, wrong, code):
    status, answer = send(manager, "post", schemes, BODY | {"test_cases": [CASE | wrong]})
    assert (status, {one["code"] for one in answer["errors"]}) == (422, {code})
