"""A quote is refused, with the reason, where the offer does not hold (2.1-product-08, -09)."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from catalog.models import Publication
from tests.support.calls import API, send
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.django_db
OFFER = {
    "eligibility": {"age_min": 18, "age_max": 75, "customer_types": ["personal"]},
    "geography": {"zones": ["metropole"], "excluded_departments": ["2A", "2B"]},
}
PARIS = {"age": 42, "postal_code": "75011", "customer_type": "personal"}


def codes(answer):
    return [error["code"] for error in answer["errors"]]


@pytest.mark.requirement("2.1-product-08", "2.1-product-09", "A.2.1-risk-03")
def test_the_person_must_be_eligible(ask, other_company):
    make_released(company=other_company, sku="COND", plans={"A": "9.90"}, offer=OFFER)

    def asked(**subject):
        status, answer = ask(sku="COND", plan="A", subject=PARIS | subject)
        return (status, [] if status == 200 else codes(answer))

    assert asked() == (200, [])
    assert asked(age=17) == (409, ["eligibility.age"])
    assert asked(postal_code="20200") == (409, ["geography.outside"])
    assert asked(customer_type="professional") == (409, ["eligibility.customer_type"])
    status, answer = ask(sku="COND", plan="A")
    assert (status, answer["code"]) == (409, "not_sellable")
    assert codes(answer) == [
        "eligibility.age_missing",
        "eligibility.customer_type_missing",
        "eligibility.postal_code_missing",
    ]
    assert answer["errors"][0]["path"] == "subject.age"


@pytest.mark.requirement("2.1-plan-04")
def test_a_plan_is_on_offer_in_its_dates_only(ask, other_company):
    dates = {
        "valid_from": datetime(2026, 11, 1, tzinfo=UTC),
        "valid_to": datetime(2026, 12, 1, tzinfo=UTC),
    }
    make_released(company=other_company, sku="DATES", plans={"A": "9.90"}, extras=dates)
    for at, expected in (
        ("2026-10-31T23:59:59Z", ["plan.not_in_dates"]),
        ("2026-11-01T00:00:00Z", []),
        ("2026-12-01T00:00:00Z", ["plan.not_in_dates"]),
    ):
        status, answer = ask(sku="DATES", plan="A", at=at)
        assert (status == 200) == (not expected)
        assert (codes(answer) if expected else []) == expected
        if not expected:
            assert answer["valid_until"] <= "2026-12-01T00:00:00Z"
    # One reason of the plan hides no other.
    other_company.country = "BE"
    other_company.save()
    status, answer = ask(sku="DATES", plan="A", at="2026-12-01T00:00:00Z")
    assert (status, codes(answer)) == (409, ["plan.not_in_dates", "vat.not_in_force"])


@pytest.mark.requirement("2.1-publication-02")
def test_what_is_unavailable_is_not_sold(ask, mtv):
    Publication._base_manager.filter(product_version=mtv).update(availability="unavailable")
    status, answer = ask()
    assert (status, codes(answer)) == (409, ["publication.unavailable"])


@pytest.mark.usefixtures("everything")
@pytest.mark.requirement("1-15", "C.1-04", "C.1-05")
def test_a_stop_that_is_planned_holds_from_its_date_made_or_not(
    ask, api, user_with, mtv, other_company, today
):
    manager = api(user_with(Role.CATALOG_MANAGER, other_company))
    Publication.objects.filter(product_version=mtv).update(visibility="public")
    move = f"{API}/products/{mtv.product_id}/transition"

    def plan(to, at):
        body = {"to": to, "at": at, "reason": "Refonte"}
        body |= {"exit_note": "Support."} if to == "retired" else {}
        status, made = send(manager, "post", move, body)
        assert status == 201, made

    def asked(**more):
        status, answer = ask(plan="BASIC", **more)
        return answer["valid_until"] if status == 200 else codes(answer)

    def offered():
        return [row["sku"] for row in Client().get(f"{API}/public/offers").json()["results"]]

    plan("frozen", "2026-11-25T20:00:00Z")
    plan("active", "2026-11-26T08:00:00Z")
    plan("retired", "2026-11-27T08:00:00Z")
    # A price ends with the sale; a stop counts from its instant on, a start once nothing stops.
    assert asked() == "2026-11-25T20:00:00Z"
    assert asked(at="2026-11-25T19:59:59Z") == "2026-11-25T20:00:00Z"
    assert asked(at="2026-11-25T20:00:00Z") == ["product.not_active"]
    assert asked(at="2026-11-26T08:00:00Z") == "2026-11-27T08:00:00Z"
    renewed = {"started_on": "2025-02-01", "renewal_at": "2026-11-28T00:00:00+01:00"}
    assert asked(at="2026-11-27T12:00:00Z", contract=renewed) == "2026-11-27T23:00:00Z"
    late = {"at": "2026-11-28T12:00:00Z", "contract": renewed}
    assert asked(**late) == ["contract.renewal_refused"]
    # The sweeper is late: nothing is sold meanwhile.
    assert offered() == ["MTV-OFFRE-001"]
    today.move_to(datetime(2026, 11, 25, 21, tzinfo=UTC))
    assert asked() == ["product.not_active"]
    assert offered() == []


@pytest.mark.usefixtures("everything")
@pytest.mark.requirement("4-09", "D.3.5-02")
def test_a_refused_quote_says_since_when_the_product_is_frozen_and_why(
    ask, api, user_with, mtv, other_company
):
    manager = api(user_with(Role.CATALOG_MANAGER, other_company))
    move = f"{API}/products/{mtv.product_id}/transition"

    def told():
        status, answer = ask(plan="BASIC")
        assert status == 409
        by_code = {one["code"]: one["message"] for one in answer["errors"]}
        return by_code["product.not_active"]

    for to in ("frozen", "active", "frozen"):
        reason = {"active": "Rappel levé", "frozen": "Décodeur rappelé"}[to]
        assert send(manager, "post", move, {"to": to, "reason": reason})[0] == 201
    # The company's own time, an hour ahead in November.
    assert told() == "Produit gelé depuis le 25/11/2026 à 13:00 : Décodeur rappelé"
    retired = {"to": "retired", "reason": "Fin de gamme", "exit_note": "Support jusqu'en 2028."}
    assert send(manager, "post", move, retired)[0] == 201
    assert told() == "Produit retiré depuis le 25/11/2026 à 13:00 : Fin de gamme"
