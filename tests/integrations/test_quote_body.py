"""Every body of a quote that is refused, and what is accepted."""

import json
from uuid import uuid4

import pytest

from tests.support.quotes import codes

pytestmark = pytest.mark.django_db
URL = "/api/catalog/pricing/quote"


class TestBody:
    @pytest.mark.parametrize(
        ("change", "path", "code"),
        [
            ({"inconnu": 1}, "inconnu", "unknown_field"),
            ({"subject": {"nom": "x"}}, "subject.nom", "unknown_field"),
            ({"contract": {"numero": 1}}, "contract.numero", "unknown_field"),
            ({"sku": 12}, "sku", "invalid"),
            ({"sku": None}, "sku", "null"),
            ({"sku": ""}, "sku", "blank"),
            ({"sku": "x" * 81}, "sku", "max_length"),
            ({"plan": ["BASIC"]}, "plan", "invalid"),
            ({"company_id": "AP"}, "company_id", "invalid"),
            ({"company_id": 12}, "company_id", "invalid"),
            ({"channel": "lune"}, "channel", "invalid_choice"),
            ({"channel": ["web"]}, "channel", "invalid_choice"),
            ({"at": "2026-12-01T10:00:00"}, "at", "offset"),
            ({"at": "2026-12-01T10:00:00+14:60"}, "at", "invalid"),
            ({"at": "2026-12-01"}, "at", "invalid"),
            ({"at": "2026-02-30T10:00:00Z"}, "at", "invalid"),
            ({"at": "0001-01-01T00:00:00+14:00"}, "at", "invalid"),
            ({"at": "2026-12-01T10:00:00+99:00"}, "at", "invalid"),
            ({"at": 1764579600}, "at", "invalid"),
            ({"quantity": "1.00001"}, "quantity", "max_decimal_places"),
            ({"quantity": "１"}, "quantity", "invalid"),
            ({"quantity": "1e3"}, "quantity", "invalid"),
            ({"quantity": "1_000"}, "quantity", "invalid"),
            ({"quantity": True}, "quantity", "invalid"),
            ({"quantity": None}, "quantity", "null"),
            ({"quantity": "100000000000000"}, "quantity", "max_whole_digits"),
            ({"quantity": 0}, "quantity", "pricing.quantity"),
            ({"quantity": "1.5"}, "quantity", "pricing.quantity"),
            ({"base_amount": "-1"}, "base_amount", "min_value"),
            ({"options": ["A"]}, "options.0", "option.unknown"),
            ({"options": [1]}, "options.0", "invalid"),
            ({"options": "A"}, "options", "not_a_list"),
            ({"contract": {"ref": "C-1"}}, "contract.ref", "invalid"),
            ({"contract": {"started_on": "2025-1-1"}}, "contract.started_on", "invalid"),
            ({"contract": {"version": 0}}, "contract.version", "min_value"),
            ({"contract": {"renewal_at": "2026-01-01"}}, "contract.renewal_at", "invalid"),
            ({"client_ref": "C-1"}, "client_ref", "invalid"),
            ({"subject": 1}, "subject", "invalid"),
            ({"subject": {"age": "42"}}, "subject.age", "invalid"),
            ({"subject": {"age": -1}}, "subject.age", "min_value"),
        ],
    )
    def test_what_is_refused(self, ask, mtv, change, path, code):
        status, answer = ask(**change)
        assert status == 422, answer
        assert (answer["errors"][0]["path"], answer["errors"][0]["code"]) == (path, code)
        assert answer["errors"][0]["message"]

    def test_all_errors_at_once(self, ask, mtv):
        _, answer = ask(channel="lune", quantity="x", inconnu=1)
        assert codes(answer) == ["invalid", "invalid_choice", "unknown_field"]

    def test_what_is_accepted(self, ask, mtv):
        status, _ = ask(
            quantity=2,
            options=[],
            base_amount=None,
            promo_code=None,
            contract=None,
            client_ref=str(uuid4()),
            subject={"age": 42, "postal_code": "75011", "customer_type": "personal"},
            at=None,
        )
        assert status == 200

    @pytest.mark.parametrize(
        "query", ["?explain=oui", "?explain=1", "?autre=1", "?explain=true&explain=true"]
    )
    def test_query_parameters(self, ask, mtv, query):
        assert ask(query)[0] == 422

    @pytest.mark.parametrize("body", ["[]", "1", '"x"', "null", ""])
    def test_not_an_object(self, client, body):
        answer = client.post(URL, body, content_type="application/json")
        assert answer.status_code == 422


def test_a_number_written_with_an_exponent(client, other_company, mtv):
    body = (
        json.dumps(
            {
                "sku": "MTV-OFFRE-001",
                "plan": "BASIC",
                "channel": "web",
                "company_id": str(other_company.pk),
            }
        )[:-1]
        + ', "quantity": 1e1}'
    )
    answer = client.post(URL, body, content_type="application/json")
    assert answer.json()["lines"][0]["quantity"] == "10"
