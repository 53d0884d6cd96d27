"""What every route of the API shares: who calls, which errors, in which order."""

import json
import logging
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import path

from catalog.models import Product
from tests.factories import MembershipFactory, ProductFactory, RiskFactory
from winvest.core.api import errors, throttling
from winvest.core.api.parsers import MAX_BODY
from winvest.core.api.serializers import (
    DayField,
    ListQuery,
    NumberField,
    OneOfField,
    StrictSerializer,
    WholeField,
    YesNoField,
)
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.models import ApiToken, Company

pytestmark = pytest.mark.django_db
LIST = "/api/catalog/products"
QUOTE = "/api/catalog/pricing/quote"
JSON = {"content_type": "application/json"}


@pytest.fixture
def user(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


@pytest.fixture
def client(api, user):
    return api(user)


def check_problem(answer, status, code):
    """Every error has the same shape, a French sentence and the id of the request."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:winvest:problem:{code}"
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["title"]
    assert body["detail"]
    return body


class TestToken:
    def test_it_opens(self, client):
        assert client.get(LIST).status_code == 200

    def test_its_hash_alone_is_kept(self, client, user):
        secret = client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        token = ApiToken.objects.get(user=user)
        assert secret not in json.dumps(ApiToken.objects.values()[0], default=str)
        assert secret.startswith("wv_")
        assert len(token.digest) == 64

    @pytest.mark.parametrize("given", ["", "Bearer", "Bearer wv_x", "Bearer é", "Basic YTpi", "x"])
    def test_anything_else_is_401(self, given):
        answer = Client(headers={"authorization": given}).get(LIST)
        body = check_problem(answer, 401, answer.json()["code"])
        assert answer["WWW-Authenticate"] == 'Bearer realm="Winvest"'
        assert body["title"] == "Authentification requise"

    def test_revoked_expired_or_inactive(self, api, user):
        client = api(user)
        token = ApiToken.objects.get(user=user)
        for change in ({"revoked_at": now()}, {"expires_at": now() - timedelta(seconds=1)}):
            ApiToken.objects.filter(pk=token.pk).update(
                **{"revoked_at": None, "expires_at": None, **change}
            )
            check_problem(client.get(LIST), 401, "authentication_failed")
        ApiToken.objects.update(revoked_at=None, expires_at=now() + timedelta(hours=1))
        assert client.get(LIST).status_code == 200
        user.is_active = False
        user.save()
        check_problem(client.get(LIST), 401, "authentication_failed")

    @pytest.mark.requirement("G.2-03")
    def test_a_revoked_role_is_refused_at_once(self, client, user):
        assert client.get(LIST).status_code == 200
        user.memberships.model._base_manager.filter(user=user).delete()
        check_problem(client.get(LIST), 403, "access.forbidden")

    @time_machine.travel(now(), tick=False)  # one window, however slow the machine
    def test_too_many_failures(self, monkeypatch):
        monkeypatch.setattr("winvest.core.api.authentication.FAILURES_PER_MINUTE", 2)
        client = Client(headers={"authorization": "Bearer wv_faux"})
        assert [client.get(LIST).status_code for _ in range(3)] == [401, 401, 429]
        answer = client.get(LIST)
        check_problem(answer, 429, "throttled")
        assert int(answer["Retry-After"]) > 0

    def test_the_statements_are_the_same_for_many_roles(
        self, api, user_with, company, django_assert_num_queries
    ):
        user = user_with(Role.SALES, company)
        for role in (Role.ACCOUNTING, Role.LEGAL, Role.IT):
            MembershipFactory(user=user, company=company, role=role)
        client = api(user)
        with django_assert_num_queries(3):  # token with user, rights, page
            client.get(LIST)


class TestSession:
    def test_it_reads(self, browser_as, user):
        assert browser_as(user).get(LIST).status_code == 200

    def test_it_writes_with_the_csrf_token_only(self, user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.post(QUOTE, {}, content_type="application/json")
        check_problem(answer, 403, "csrf")
        token = client.get("/api/docs/").context["csrf_token"]
        answer = client.post(
            QUOTE, {}, content_type="application/json", headers={"x-csrftoken": str(token)}
        )
        check_problem(answer, 422, "invalid")


class TestBody:
    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"{'a': 1}",
            b'{"a": 1, "a": 2}',
            b'{"a": NaN}',
            b'{"a": Infinity}',
            b'{"a": "\\u0000"}',
            b'{"a": "\\ud800"}',
            b'{"a": "\xff"}',
            b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
            b"[" * 100_000,
            b'{"a": 1' + b"0" * 100 + b"}",
            b'{"a": 1e999999}',
            b"\xef\xbb\xbf{}",
        ],
    )
    def test_malformed_is_400_even_for_strangers(self, client, body):
        for caller in (client, Client()):
            answer = caller.post(QUOTE, body, content_type="application/json")
            check_problem(answer, 400, "malformed")

    def test_too_long_is_413(self, client):
        answer = client.post(QUOTE, b" " * (MAX_BODY + 1), content_type="application/json")
        check_problem(answer, 413, "too_large")
        answer = client.post(QUOTE, b" " * (3 * 1024 * 1024), content_type="application/json")
        check_problem(answer, 413, "too_large")

    @pytest.mark.parametrize("length", [MAX_BODY + 1, MAX_BODY * 2, 30, 0])
    def test_in_chunks(self, client, length):
        body = b'{"a": "' + b"x" * length + b'"}'
        answer = client.generic(
            "POST",
            QUOTE,
            body,
            content_type="application/json",
            CONTENT_LENGTH="",
            HTTP_TRANSFER_ENCODING="chunked",
            **{"wsgi.input": BytesIO(body), "wsgi.input_terminated": True},
        )
        if length > 1000:
            check_problem(answer, 413, "too_large")
        else:
            codes = {error["code"] for error in check_problem(answer, 422, "invalid")["errors"]}
            assert "unknown_field" in codes

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
    )
    def test_another_format_is_415(self, client, kind):
        answer = client.post(QUOTE, b"a=1", content_type=kind)
        check_problem(answer, 415, "unsupported_media_type")

    def test_a_long_list_of_errors_is_cut(self, client):
        answer = client.post(
            QUOTE, {f"champ{n}": 1 for n in range(5000)}, content_type="application/json"
        )
        assert len(check_problem(answer, 422, "invalid")["errors"]) == 100


class TestRoute:
    def test_methods(self, client):
        for method in ("put", "patch", "delete", "post", "options", "trace"):
            answer = getattr(client, method)(LIST)
            body = check_problem(answer, 405, "method_not_allowed")
            assert method.upper() in body["detail"]
            assert answer["Allow"] == "GET, HEAD"
        assert client.head(LIST).status_code == 200
        check_problem(client.get(QUOTE), 405, "method_not_allowed")

    @pytest.mark.parametrize(
        "route",
        [
            "/api/",
            "/api/catalog/rien",
            "/api/catalog/products/",
            "/api/catalog/products/1",
            f"{LIST}/50e1b788-fe23-4734-b0c7-238918d28020/x",
            "/api/%00",
            "/api/catalog/products/../../x",
        ],
    )
    def test_an_unknown_one(self, route):
        for method in ("get", "post", "delete"):
            check_problem(
                getattr(Client(enforce_csrf_checks=True), method)(route), 404, "not_found"
            )

    def test_formats(self, client):
        check_problem(client.get(LIST, headers={"accept": "text/csv"}), 406, "not_acceptable")
        assert client.get(LIST, headers={"accept": "text/html,*/*"}).status_code == 200

    def test_a_foreign_host(self, settings):
        settings.ALLOWED_HOSTS = ["winvest.example"]
        check_problem(Client().get(LIST, headers={"host": "mechant.example"}), 400, "bad_request")

    def test_elsewhere_the_pages_stay_pages(self, rf):
        request = rf.get("/")
        for answer in (
            errors.bad_request(request, Exception()),
            errors.permission_denied(request, Exception()),
            errors.not_found(request, Exception()),
            errors.server_error(request),
        ):
            assert "html" in answer["Content-Type"]

    def test_in_the_api_they_are_problems(self, rf):
        request = rf.get("/api/x")
        for answer, status in (
            (errors.permission_denied(request, Exception()), 403),
            (errors.not_found(request, Exception()), 404),
            (errors.server_error(request), 500),
        ):
            assert (answer.status_code, answer["Content-Type"]) == (
                status,
                "application/problem+json",
            )


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


@pytest.mark.urls("tests.core.api.test_base")
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


@time_machine.travel(now(), tick=False)
def test_too_many_posts(client, monkeypatch):
    monkeypatch.setattr(throttling, "POSTS_PER_MINUTE", 1)
    statuses = [client.post(QUOTE, {}, content_type="application/json").status_code for _ in "ab"]
    assert statuses == [422, 429]


def test_a_dead_redis_stops_nothing(client, settings, tmp_path):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/none.sock"}
    }
    assert client.post(QUOTE, {}, content_type="application/json").status_code == 422


def test_list_query_is_strict():
    for data in ({"page_size": "0"}, {"page_size": "201"}, {"page_size": "１"}, {"rien": "1"}):
        assert not ListQuery(data=data).is_valid()
    assert ListQuery(data={"page_size": "200"}).is_valid()
