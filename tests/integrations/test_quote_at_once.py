"""The short way through a quote answers as the whole way, refusals and headers included."""

from http import HTTPStatus
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from integrations.api.quote import quote_answer, quote_request
from integrations.api.quote_at_once import at_once
from tests.integrations.conftest import URL
from winvest.core import json
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken

pytestmark = pytest.mark.django_db
JSON = "application/json"
# Any form will do, but it is not said in the plain way: the whole view answers.
WHOLE = {"accept": "application/json, */*"}
CHANGES = {
    "a quote": {},
    "another plan": {"plan": "PREMIUM"},
    "many": {"quantity": "1234567"},
    "no plan": {"plan": None},
    "an unknown plan": {"plan": "OR"},
    "another channel": {"channel": "field"},
    "before the first version": {"at": "2001-01-01T00:00:00Z"},
    "half a subscription": {"quantity": "0.5"},
    "an unknown product": {"sku": "INCONNU"},
    "an unknown promotion": {"promo_code": "RIEN"},
    "an unknown option": {"options": ["RIEN"]},
    "an unknown company": {"company_id": str(uuid4())},
    "an unknown field": {"cadeau": 1},
    "no number": {"quantity": "beaucoup"},
    "a contract": {"contract": {"version": 1}},
    "an unknown contract": {"contract": {"version": 9}},
}


@pytest.fixture
def plain(other_company):
    return {
        "sku": "MTV-OFFRE-001",
        "plan": "BASIC",
        "company_id": str(other_company.pk),
        "channel": "web",
        "at": "2026-12-01T10:00:00+01:00",
        "subject": {"age": 42, "postal_code": "75011", "customer_type": "personal"},
    }


def both(caller, body):
    answers = []
    for headers in ({"accept": "*/*"}, WHOLE):
        response = caller.post(URL, body, content_type=JSON, headers=headers)
        content = response.json()
        content.pop("request_id", None)
        told = {**response.headers}
        assert told.pop("X-Request-ID")
        told.pop("Content-Length", None)
        answers.append((response.status_code, told, content))
    return answers


@pytest.mark.requirement("H.2.4-02")
def test_both_ways_say_the_same(client, api, user_with, company, other_company, mtv, plain):
    statuses = set()
    for name, change in CHANGES.items():
        short, whole = both(client, plain | change)
        assert short == whole, name
        statuses.add(short[0])
    assert statuses == {200, 404, 409, 422}
    callers = {
        "an auditor": (api(user_with(Role.AUDITOR, other_company)), 403),
        "of another company": (api(user_with(Role.SALES, company)), 404),
        "of the group": (api(user_with(Role.GROUP_ADMIN)), 200),
    }
    for name, (caller, status) in callers.items():
        short, whole = both(caller, plain)
        assert short == whole, name
        assert short[0] == status, name


def test_plain_calls_alone_take_the_short_way(user_with, other_company, mtv, plain):
    token, secret = ApiToken.draw(user=user_with(Role.SALES, other_company), name="devis")
    token.save()
    revoked, past = ApiToken.draw(user=token.user, name="ancien", revoked_at=mtv.effective_from)
    revoked.save()
    view = at_once(
        lambda request: HttpResponse(status=HTTPStatus.NO_CONTENT), quote_request, quote_answer
    )

    def status(secret, body=plain, address=URL, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"authorization": f"Bearer {secret}", **headers}
        request = RequestFactory().post(address, content, content_type=JSON, headers=known)
        return view(request).status_code

    assert status(secret) == 200
    assert status(secret, {**plain, "sku": "INCONNU"}) == 404
    for whole in (
        status(past),
        status("wv_faux"),
        status(secret, address=f"{URL}?explain=true"),
        status(secret, **{"Idempotency-Key": "une-fois"}),
        status(secret, accept="text/csv"),
        status(secret, b"{"),
        status(secret, {**plain, "quantity": "beaucoup"}),
        status(secret, {**plain, "contract": {"version": 1}}),
    ):
        assert whole == HTTPStatus.NO_CONTENT
