"""Every refusal becomes a problem; strict fields coerce nothing."""

import logging
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import path

from catalog.models import Product
from tests.factories import ProductFactory, RiskFactory
from tests.support.problems import check_problem
from winvest.core.api.serializers import (
    DayField,
    NumberField,
    OneOfField,
    StrictSerializer,
    WholeField,
    YesNoField,
)
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action, Role
from winvest.core.models import Company

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


class Sample(StrictSerializer):
    day = DayField(required=False)
    number = NumberField(required=False)
    whole = WholeField(required=False)
    yes = YesNoField(required=False)
    one = OneOfField(choices=["1", "2"], required=False)


class Probe(ApiView):
    """A view for the tests below, in the application that is under test."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.OPERATION_POST}  # noqa: RUF012
    path_model = Product

    def get(self, request, id=None):  # noqa: A002 - name of the route
        what = request.query_params.get("what")
        if what == "boom":
            raise RuntimeError("un secret")
        if what == "clash":
            company = Company.objects.get()
            risk = RiskFactory.build(company=company)
            risk.save()
            RiskFactory(company=company, code=risk.code)
        if what == "check":
            Company.objects.update(account_length=99)
        if what == "key":
            Product.objects.update(risk_id=uuid4())
            connection.check_constraints()
        if what == "clean":
            Company(code="minuscule").full_clean()
        if what == "protected":
            Company.objects.get().delete()
        if what == "find":
            return self.created({"id": self.find(Product.objects.all(), id).pk})
        return self.created({"companies": len(self.companies)})

    def post(self, request, id=None):  # noqa: A002 - name of the route
        return self.created(self.validated(Sample))


urlpatterns = [
    path("api/probe", Probe.as_view()),
    path("api/probe/<uuid:id>", Probe.as_view()),
]


@pytest.mark.urls("tests.core.api.test_problems")
class TestProblems:
    @pytest.fixture(autouse=True)
    def product(self, company):
        return ProductFactory(company=company)

    def test_the_unforeseen_is_500_without_detail(self, client, caplog):
        with caplog.at_level(logging.ERROR):
            answer = client.get("/api/probe?what=boom")
        check_problem(answer, 500, "internal")
        assert b"secret" not in answer.content
        assert "un secret" in caplog.text

    @pytest.mark.parametrize(
        ("what", "status", "code", "sentence"),
        [
            ("clash", 409, "constraint.risk_company_code", "déjà un risque"),
            ("check", 422, "constraint.company_account_length", "3 à 12"),
            ("key", 422, "reference", "n'existe pas"),
            ("protected", 409, "in_use", "utilisé"),
        ],
    )
    def test_what_the_database_refuses(self, client, what, status, code, sentence):
        body = check_problem(client.get(f"/api/probe?what={what}"), status, code)
        assert sentence in body["detail"]

    def test_what_a_model_refuses(self, client):
        body = check_problem(client.get("/api/probe?what=clean"), 422, "invalid")
        assert {error["path"] for error in body["errors"]} >= {"code", "legal_name", "siren"}

    def test_find(self, client, product, other_company):
        foreign = ProductFactory(company=other_company)
        assert client.get(f"/api/probe/{product.pk}?what=find").status_code == 201
        check_problem(client.get(f"/api/probe/{foreign.pk}?what=find"), 404, "not_found")
        check_problem(client.get(f"/api/probe/{uuid4()}?what=find"), 404, "not_found")

    def test_find_in_a_company_without_the_right(self, api, user_with, company, other_company):
        user = user_with(Role.CATALOG_MANAGER, company)
        foreign = ProductFactory(company=other_company)
        mine = ProductFactory(company=company)
        client = api(user)
        # POST needs operation.post, which the catalogue manager has nowhere.
        check_problem(client.post(f"/api/probe/{mine.pk}", {}, **JSON), 403, "access.forbidden")
        check_problem(client.post(f"/api/probe/{foreign.pk}", {}, **JSON), 404, "not_found")
        check_problem(client.post(f"/api/probe/{uuid4()}", {}, **JSON), 404, "not_found")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"day": "2025-02-30"}, "invalid"),
            ({"day": "2025-09-01T00:00:00Z"}, "invalid"),
            ({"day": "0999-01-01"}, "invalid"),
            ({"day": 20250901}, "invalid"),
            ({"number": "29.90000"}, "max_decimal_places"),
            ({"number": "007"}, "invalid"),
            ({"number": " 1"}, "invalid"),
            ({"number": []}, "invalid"),
            ({"number": "9" * 2000}, "invalid"),
            ({"whole": 1.0}, "invalid"),
            ({"whole": "1"}, "invalid"),
            ({"yes": "true"}, "invalid"),
            ({"yes": 1}, "invalid"),
            ({"one": 1}, "invalid_choice"),
        ],
    )
    def test_strict_fields(self, api, user_with, company, product, body, code):
        client = api(user_with(Role.ACCOUNTING, company))
        url = f"/api/probe/{product.pk}"
        answer = client.post(url, body, content_type="application/json")
        assert check_problem(answer, 422, "invalid")["errors"][0]["code"] == code

    def test_strict_fields_take(self, api, user_with, company, product):
        body = '{"day": "2025-09-01", "number": 29.9000, "whole": 3, "yes": false, "one": "2"}'
        client = api(user_with(Role.ACCOUNTING, company))
        answer = client.post(f"/api/probe/{product.pk}", body, content_type="application/json")
        assert answer.json() == {
            "day": "2025-09-01",
            "number": "29.9000",
            "whole": 3,
            "yes": False,
            "one": "2",
        }
