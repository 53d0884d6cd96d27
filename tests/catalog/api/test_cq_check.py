"""`versions/{id}/cq-check`: a sales file before the rules of its version (3.6-06)."""

import pytest

from tests.factories import CqRuleFactory, ProductFactory, VersionFactory
from tests.support.calls import VERSIONS, errors, send
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.fixture
def version(company):
    made = VersionFactory(product=ProductFactory(company=company))
    CqRuleFactory(product_version=made, required_fields=["CNI", "NumeroSecu"], rule_sets=["needs"])
    CqRuleFactory(product_version=made, required_fields=["RIB"], rule_sets=["bank"])
    return made


def check(client, version, body):
    return send(client, "post", f"{VERSIONS}/{version.pk}/cq-check", body)


@pytest.mark.requirement("3.6-05", "3.6-06", "3.6-08")
def test_the_rules_of_a_version_are_evaluated_on_a_file(api, user_with, company, version):
    adv = api(user_with(Role.ADV, company))
    status, told = check(adv, version, {})
    assert (status, told["complete"]) == (200, False)
    assert told["required_fields"] == ["CNI", "NumeroSecu", "RIB"]
    assert told["rule_sets"] == ["bank", "needs"]
    assert [one["code"] for one in told["problems"]] == [
        *["cq.field_missing"] * 2,
        *["cq.piece_missing"] * 2,
        *["cq.check_missing"] * 2,
    ]
    file = {
        "fields": {"NumeroSecu": "295109912611193", "IBAN": "FR7630006000011234567890189"},
        "pieces": ["CNI", "RIB"],
        "checks": ["needs", "bank"],
    }
    assert check(adv, version, file)[1]["problems"] == []
    secret = "295109912611194"
    told = check(adv, version, file | {"fields": file["fields"] | {"NumeroSecu": secret}})[1]
    assert [one["path"] for one in told["problems"]] == ["fields.NumeroSecu"]
    assert secret not in str(told)


@pytest.mark.requirement("3.6-06")
@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"fields": {"Zodiaque": "lion"}}, "fields.Zodiaque", "unknown_field"),
        ({"fields": []}, "fields", "invalid"),
        ({"fields": {"Email": 10**30}}, "fields.Email", "invalid"),
        ({"fields": {"Email": "é" * 121}}, "fields.Email", "max_length"),
        ({"pieces": ["Email"]}, "pieces.0", "invalid_choice"),
        ({"pieces": "CNI"}, "pieces", "not_a_list"),
        ({"checks": ["magie"]}, "checks.0", "invalid_choice"),
        ({"at": "2026-11-26T10:00:00"}, "at", "offset"),
        ({"autre": 1}, "autre", "unknown_field"),
    ],
)
def test_a_malformed_file_is_refused(api, user_with, company, version, body, place, code):
    status, answer = check(api(user_with(Role.ADV, company)), version, body)
    assert (status, errors(answer)) == (422, {(place, code)})


@pytest.mark.requirement("3.6-06", "3.8-13")
def test_a_seller_checks_what_is_on_sale_and_nobody_another_company_s(
    api, user_with, company, other_company, version
):
    sold = make_released(company=company, sku="BOX", plans={"A": "10"})
    seller = api(user_with(Role.SALES, company))
    assert check(seller, sold, {})[1] == {
        "complete": True,
        "problems": [],
        "required_fields": [],
        "rule_sets": [],
    }
    assert check(seller, version, {})[0] == 404
    assert check(api(user_with(Role.ADV, other_company)), sold, {})[0] == 404
