"""Mondial TV on sale on 25 November 2026, and somebody who asks for prices."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.support.offers import make_released
from winvest.core.domain.roles import Role

URL = "/api/catalog/pricing/quote"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OFFER_TV = {"BASIC": "9.90", "CONFORT": "19.90", "PREMIUM": "29.90"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def mtv(other_company):
    return make_released(
        company=other_company, sku="MTV-OFFRE-001", plans=OFFER_TV, name="Offre TV"
    )


@pytest.fixture
def client(api, user_with, other_company):
    return api(user_with(Role.SALES, other_company))


@pytest.fixture
def ask(client, other_company):
    """Return a function that asks for a price and returns the status and the answer."""

    def call(query="", caller=client, **body):
        content = {
            "sku": "MTV-OFFRE-001",
            "plan": "BASIC",
            "company_id": str(other_company.pk),
            "channel": "web",
        } | body
        answer = caller.post(URL + query, content, content_type="application/json")
        return answer.status_code, answer.json()

    return call
