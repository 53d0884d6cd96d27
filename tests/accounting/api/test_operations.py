"""`POST operations` as the other modules call it (`design/domain.md` §6, `design/api.md`)."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Sum

from accounting.api.serializers import OperationBody
from accounting.choices import MappingState
from accounting.domain.operation_body import READERS, REQUIRED
from accounting.models import AccountingMapping, Entry, Line, Operation
from accounting.services.mapping import prepare_successor, validate_mapping
from tests.support.offers import make_released
from tests.support.operations import lines, post
from winvest.core.clock import now
from winvest.core.domain.roles import Role


@pytest.mark.django_db
class TestTables:
    """The tables of `domain.md` §6, told through the door."""

    @pytest.mark.requirement("1-04", "F.4.1-01", "F.4.1-02", "2.2-05", "2.2-08")
    def test_a_sale(self, module, box, body):
        answer = post(module, body())
        assert answer.status_code == 201
        assert answer.json()["state"] == "booked"
        assert lines(answer) == ["D 411000 29.90", "C 706100 24.92", "C 445710 4.98"]

    @pytest.mark.requirement("F.4.2-01", "F.4.2-02", "2.2-06")
    def test_a_partner_commission(self, module, insurance, body):
        told = body("C-1", "commission_report", sku="AP-SANTE-001", amount="120.00")
        assert lines(post(module, told)) == ["D 411000 120.00", "C 756200 120.00"]

    @pytest.mark.requirement("F.4.3-01", "F.4.3-02", "2.2-07")
    def test_a_fee(self, module, ledger, body):
        told = body("F-1", "fee", amount="15.00", tax_included=False, analytic_label="PSP-Slimpay")
        assert lines(post(module, told)) == ["D 627100 15.00", "D 445660 3.00", "C 401000 18.00"]

    @pytest.mark.requirement("F.5-04")
    def test_a_refund_in_parts_gives_the_vat_back_to_the_cent(self, module, box, body):
        post(module, body())
        vat = []
        for number, amount in enumerate(("10.00", "10.00", "9.90")):
            told = body(f"R-{number}", "refund", amount=amount, reverses="V-1")
            answer = post(module, told)
            assert answer.status_code == 201, answer.content
            vat.append(lines(answer)[1])
        assert vat == ["D 445710 1.67", "D 445710 1.66", "D 445710 1.65"]
        too_much = post(module, body("R-9", "refund", amount="0.01", reverses="V-1"))
        assert too_much.status_code == 422

    def test_a_mixed_product(self, module, mixed, body):
        sale = post(module, body(sku="AP-MIXTE-001", plan="DUO"))
        assert lines(sale) == ["D 411000 29.90", "C 706100 24.92", "C 445710 4.98"]
        report = post(module, body("C-2", "commission_report", sku="AP-MIXTE-001", amount="100.00"))
        assert lines(report) == ["D 411000 120.00", "C 756200 100.00", "C 445710 20.00"]

    def test_the_sale_of_a_commission_product_books_nothing(self, module, insurance, body):
        answer = post(module, body(sku="AP-SANTE-001", plan=None, amount="480.00"))
        assert answer.status_code == 201
        assert answer.json()["entries"] == []


@pytest.mark.django_db
class TestOnce:
    """The same operation twice changes nothing."""

    def test_the_same_body_is_the_same_answer(self, module, box, body):
        first, second = post(module, body()), post(module, body())
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json()
        assert Operation.objects.count() == 1
        assert Entry.objects.count() == 1

    def test_another_body_is_a_conflict(self, module, box, body):
        post(module, body())
        answer = post(module, body(amount="30.00"))
        assert answer.status_code == 409
        assert answer.json()["code"] == "operation.other_body"
        assert Operation.objects.count() == 1

    def test_up_to_a_thousand_with_a_fate_for_each(self, module, box, body):
        told = [body(f"V-{number}") for number in range(60)]
        told[7]["amount"] = "1.23456"
        told[8]["sku"] = "INCONNU"
        told[9] = told[10]
        results = post(module, told).json()["results"]
        assert [line["index"] for line in results] == list(range(60))
        statuses = {line["index"]: line["status"] for line in results}
        assert (statuses[7], statuses[8], statuses[9], statuses[10]) == (422, 404, 201, 200)
        assert Operation.objects.count() == 57
        assert post(module, told * 17).status_code == 422


@pytest.mark.django_db
@pytest.mark.requirement("3.6-01", "3.6-02")
def test_an_unmapped_product_is_parked_then_booked_once_mapped(module, accountant, box, body):
    mapping = AccountingMapping.objects.get()
    mapping.state, mapping.replaced_at = MappingState.REPLACED, now()
    mapping.save()
    answer = post(module, body())
    assert answer.status_code == 201
    assert answer.json()["state"] == "parked"
    assert answer.json()["reasons"]
    assert Entry.objects.count() == 0
    waiting = prepare_successor(actor=accountant, mapping=mapping)
    assert validate_mapping(actor=accountant, mapping=waiting) == []
    again = post(module, body())
    assert again.json()["state"] == "booked"
    assert lines(again) == ["D 411000 29.90", "C 706100 24.92", "C 445710 4.98"]
    assert Line.objects.get(role="main").cost_center == "TV"


@pytest.mark.django_db
class TestRefused:
    """Bad input: a typed answer, nothing written."""

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"amount": "1.23456"}, 422),
            ({"amount": "-1"}, 422),
            ({"amount": "1e30"}, 422),
            ({"amount": True}, 422),
            ({"occurred_at": "2025-10-01T09:00:00"}, 422),
            ({"occurred_at": "hier"}, 422),
            ({"inconnu": 1}, 422),
            ({"quantity": "-1"}, 422),
            ({"kind": "bonus"}, 422),
            ({"reverses": "V-0"}, 422),
            ({"channel": "minitel"}, 422),
            ({"sku": 12}, 422),
            ({"quote_token": "faux"}, 422),
            ({"company_id": None}, 422),
            ({"company_id": "42"}, 422),
            ({"company_id": str(uuid4())}, 404),
            ({"sku": "INCONNU"}, 404),
        ],
    )
    def test_it_is_typed_and_nothing_is_written(self, module, box, body, fields, status):
        answer = post(module, body(**fields))
        assert answer.status_code == status, answer.content
        assert answer["content-type"] == "application/problem+json"
        assert answer.json()["errors"]
        assert not Operation.objects.exists()

    def test_a_sale_of_another_company_s_product(self, module, box, body, other_company):
        make_released(company=other_company, sku="MTV-1", plans={"A": "9.90"})
        answer = post(module, body(sku="MTV-1", plan="A"))
        assert answer.status_code == 404
        assert "MTV" not in answer.content.decode().replace("MTV-1", "")

    @pytest.mark.requirement("3.8-04")
    @pytest.mark.parametrize("role", [Role.CATALOG_MANAGER, Role.SALES, Role.AUDITOR, Role.ADV])
    def test_a_role_without_the_right(self, api, user_with, company, box, body, role):
        assert post(api(user_with(role, company)), body()).status_code == 403
        assert not Operation.objects.exists()


@pytest.mark.django_db
def test_a_quote_proves_the_price_of_the_sale_and_nothing_else(module, box, ledger, body):
    asked = {
        "sku": "AP-BOX-001",
        "plan": "BOX",
        "company_id": str(ledger.pk),
        "channel": "web",
        "at": "2025-10-01T08:00:00+02:00",
        "quantity": 1,
    }
    quote = module.post(
        "/api/catalog/pricing/quote", json.dumps(asked), content_type="application/json"
    )
    token = quote.json()["quote_token"]
    assert post(module, body(quote_token=token, quantity=1)).status_code == 201
    other = post(module, body("V-2", quote_token=token, quantity=1, amount="19.90"))
    assert (other.status_code, other.json()["code"]) == (422, "operation.other_quote")


def test_the_contract_names_the_fields_that_are_read():
    fields = OperationBody().fields
    assert set(fields) == set(READERS)
    assert {name for name, field in fields.items() if field.required} == set(REQUIRED)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_book_once(api, accountant, box, body):
    def tell(client):
        try:
            return post(client, body()).status_code
        finally:
            connection.close()

    clients = [api(accountant) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(tell, clients))
    assert statuses == [200, 200, 200, 201]
    assert Entry.objects.count() == 1
    totals = Line.objects.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    assert totals == {"debit": Decimal("29.9000"), "credit": Decimal("29.9000")}
