"""What every route of the API shares: who calls, which errors, in which order."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client

from tests.factories import MembershipFactory
from tests.support.problems import check_problem
from winvest.core.api import errors, throttling
from winvest.core.api.parsers import MAX_BODY
from winvest.core.api.serializers import (
    ListQuery,
)
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken

pytestmark = pytest.mark.django_db
LIST = "/api/catalog/products"
# Computed by the site: it is read, never written.
COMPUTED = "/api/catalog/entries"
QUOTE = "/api/catalog/pricing/quote"


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
            answer = getattr(client, method)(COMPUTED)
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
