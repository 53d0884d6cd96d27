"""Accounting mappings of a version by the API (§3.6, C.6)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from accounting.choices import MappingState
from accounting.models import AccountingMapping
from accounting.services.mapping import validate_mapping
from tests.factories import MappingFactory, VersionFactory
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"


@pytest.fixture
def accountant(user_with, company):
    return user_with(Role.ACCOUNTING, company)


@pytest.fixture
def client(api, accountant):
    return api(accountant)


@pytest.fixture
def version(company):
    return make_released(company=company, sku="COMPTES-1", plans={"A": "29.90"})


@pytest.fixture
def body(company):
    return {
        "company_id": str(company.pk),
        "nature": "revenue",
        "gl_account": "706100",
        "tax_code": "FR20",
    }


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    return answer.status_code, answer.json() if answer.content else None


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


@pytest.mark.requirement("3.8-05", "A.4-01", "3.6-02")
@pytest.mark.requirement("C.6-01")
def test_a_mapping_is_made_on_a_released_version_and_waits_for_its_validation(
    client, version, body
):
    many = f"{API}/versions/{version.pk}/accounting-mappings"
    status, made = send(client, "post", many, body)
    assert (status, made["state"]) == (201, "to_validate")
    assert send(client, "get", many)[1]["results"] == [made]
    status, twice = send(client, "post", many, body)
    assert (status, twice["errors"][0]["code"]) == (422, "constraint.accounting_mapping_one_waits")


@pytest.mark.requirement("3.8-05", "3.6-02")
def test_a_validated_mapping_is_kept_until_another_takes_its_place(
    client, version, body, accountant
):
    many = f"{API}/versions/{version.pk}/accounting-mappings"
    made = send(client, "post", many, body)[1]
    mapping = AccountingMapping.objects.get(pk=made["id"])
    assert validate_mapping(actor=accountant, mapping=mapping) == []
    one = f"{API}/accounting-mappings/{made['id']}"
    for method, sent in (("delete", None), ("patch", {"gl_account": "706200"})):
        status, refused = send(client, method, one, sent)
        assert (status, refused["code"]) == (409, "mapping.validated")
    status, successor = send(client, "post", many, body | {"gl_account": "706200"})
    assert (status, successor["state"]) == (201, "to_validate")
    assert send(client, "get", one)[1]["state"] == "validated"
    waiting = AccountingMapping.objects.get(pk=successor["id"])
    assert validate_mapping(actor=accountant, mapping=waiting) == []
    before, after = (
        send(client, "get", f"{API}/accounting-mappings/{row['id']}")[1]
        for row in (made, successor)
    )
    assert (before["state"], after["state"], after["replaced_at"]) == (
        "replaced",
        "validated",
        None,
    )
    assert before["replaced_at"] == after["validated_at"]


@pytest.mark.requirement("3.6-02")
def test_the_accounts_of_a_moment(client, version, company):
    """Those that entries rested on at a date, and their end only once it was known."""
    first = version.effective_from + timedelta(days=1)
    changed = first + timedelta(hours=1)
    before = MappingFactory(product_version=version, company=company, validated_at=first)
    AccountingMapping.objects.filter(pk=before.pk).update(
        state=MappingState.REPLACED, replaced_at=changed
    )
    after = MappingFactory(
        product_version=version, company=company, gl_account="706200", validated_at=changed
    )
    MappingFactory(product_version=version, company=company, state="to_validate", validated_at=None)

    def at(**moment):
        many = f"{API}/versions/{version.pk}/accounting-mappings"
        status, body = send(client, "get", f"{many}?{urlencode(moment)}")
        assert status == 200
        return [(row["id"], row["state"], bool(row["replaced_at"])) for row in body["results"]]

    early, late = changed - timedelta(minutes=1), changed + timedelta(minutes=1)
    with time_machine.travel(late, tick=False):
        assert at(as_of=early.isoformat()) == [(str(before.pk), "validated", True)]
        assert at(known_at=early.isoformat()) == [(str(before.pk), "validated", False)]
        assert at(as_of=late.isoformat(), known_at=early.isoformat()) == [
            (str(before.pk), "validated", False)
        ]
        assert at(as_of=changed.isoformat()) == [(str(after.pk), "validated", False)]
        assert at(as_of=version.effective_from.isoformat()) == []
        assert len(at()) == 3


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounting_mapping SET gl_account = '706200' WHERE id = %s",
        "UPDATE accounting_mapping SET state = 'to_validate', validated_at = NULL WHERE id = %s",
        "DELETE FROM accounting_mapping WHERE id = %s",
    ],
)
def test_the_database_keeps_what_was_validated(version, sql):
    mapping = MappingFactory(product_version=version)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [mapping.pk])


@pytest.mark.requirement("3.8-05")
@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"nature": "lune"}, "nature", "invalid_choice"),
        ({"gl_account": "60"}, "gl_account", "invalid"),
        ({"gl_account": ...}, "gl_account", "required"),
        ({"state": "validated"}, "state", "unknown_field"),
    ],
)
def test_what_is_refused(client, version, body, change, path, code):
    sent = {name: value for name, value in (body | change).items() if value is not ...}
    status, answer = send(client, "post", f"{API}/versions/{version.pk}/accounting-mappings", sent)
    assert status == 422, answer
    assert (path, code) in errors(answer)


@pytest.mark.requirement("3.8-05", "3.8-13")
def test_who_writes_and_for_which_company(
    api, user_with, client, company, other_company, version, body
):
    many = f"{API}/versions/{version.pk}/accounting-mappings"
    assert send(client, "post", many, body | {"company_id": str(other_company.pk)})[0] == 404
    made = send(client, "post", many, body)[1]
    one = f"{API}/accounting-mappings/{made['id']}"
    assert errors(send(client, "patch", one, {"nature": "fee"})[1]) == {("nature", "fixed_field")}
    assert send(api(user_with(Role.CATALOG_MANAGER, company)), "post", many, body)[0] == 403
    assert send(api(user_with(Role.AUDITOR, company)), "get", one)[0] == 200
    assert send(api(user_with(Role.SALES, company)), "get", many)[0] == 403
    assert send(api(user_with(Role.ACCOUNTING, other_company)), "get", one)[0] == 404
    other = VersionFactory(product__company=other_company)
    assert send(client, "get", f"{API}/versions/{other.pk}/accounting-mappings")[0] == 404
