"""`Idempotency-Key`: the same request twice has one effect and one answer."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import path

from catalog.models import Risk
from tests.factories import CompanyFactory, MembershipFactory, RiskFactory, UserFactory
from winvest.core import locks, scoping
from winvest.core.api.serializers import StrictSerializer, TextField
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Problem
from winvest.core.models import ApiToken, IdempotencyKey
from winvest.core.tasks import purge_idempotency_keys

pytestmark = pytest.mark.urls("tests.core.api.test_idempotency")
URL = "/api/risks"


class Body(StrictSerializer):
    code = TextField()


class Refused(Problem):
    NO = "test.no", "Non."


class RiskProbe(ApiView):
    """Writes a risk, then fails if asked to."""

    actions = {"POST": Action.CATALOG_EDIT}  # noqa: RUF012

    def post(self, request):
        code = self.validated(Body)["code"]
        risk = RiskFactory(company_id=next(iter(self.companies)), company=None, code=code)
        if code == "BOOM":
            raise RuntimeError
        if code == "NON":
            raise Conflict(Refused.NO)
        return self.created({"id": risk.pk, "z": 1, "a": "é"})


urlpatterns = [path("api/risks", RiskProbe.as_view())]


@pytest.fixture
def post(api, user_with, company):
    client = api(user_with(Role.CATALOG_MANAGER, company))

    def call(code, key="cle-1", caller=client, url=URL):
        return caller.post(
            url, {"code": code}, content_type="application/json", headers={"idempotency-key": key}
        )

    return call


@pytest.mark.django_db
class TestReplay:
    def test_the_same_answer_byte_for_byte(self, post, everything):
        first, second = post("A"), post("A")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.content == second.content
        assert "Idempotent-Replayed" not in first
        assert second["Idempotent-Replayed"] == "true"
        assert Risk.objects.filter(code="A").count() == 1

    def test_the_order_of_keys_and_spaces_does_not_matter(self, post, api, user_with, company):
        post("A")
        user = IdempotencyKey.objects.get().user
        answer = api(user).post(
            URL,
            '{ "code":"A" }',
            content_type="application/json",
            headers={"idempotency-key": "cle-1"},
        )
        assert answer["Idempotent-Replayed"] == "true"

    def test_another_body_is_409(self, post, everything):
        post("A")
        answer = post("B")
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.other_body")
        answer = post("A", url=URL + "?x=1")
        assert answer.json()["code"] == "idempotency.other_body"
        assert not Risk.objects.filter(code="B").exists()

    def test_another_user_s_key_is_another_key(self, post, api, user_with, company):
        post("A")
        other = api(user_with(Role.CATALOG_MANAGER, company))
        answer = post("B", caller=other)
        assert answer.status_code == 201
        assert "Idempotent-Replayed" not in answer

    def test_an_error_keeps_nothing(self, post, everything):
        assert post("BOOM").status_code == 500
        assert post("NON").status_code == 409
        assert not Risk.objects.filter(code__in=["BOOM", "NON"]).exists()
        assert not IdempotencyKey.objects.exists()
        assert post("A").status_code == 201

    @pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "\x7f"])
    def test_keys_that_are_refused(self, post, key):
        answer = post("A", key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key")

    def test_the_right_is_asked_again(self, post, everything):
        post("A")
        user = IdempotencyKey.objects.get().user
        user.memberships.all().delete()
        assert post("A").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_twin_in_progress_is_409():
    company = CompanyFactory()
    user = UserFactory()
    MembershipFactory(user=user, company=company, role=Role.CATALOG_MANAGER)
    token, secret = ApiToken.draw(user=user, name="test")
    token.save()
    answers = []

    def twin():
        client = Client(headers={"authorization": f"Bearer {secret}", "idempotency-key": "cle"})
        answers.append(client.post(URL, {"code": "A"}, content_type="application/json"))
        connection.close()

    with transaction.atomic():
        assert locks.try_lock(f"idempotency:{user.pk}:cle")
        thread = threading.Thread(target=twin)
        thread.start()
        thread.join()
    assert answers[0].status_code == 409
    assert answers[0].json()["code"] == "idempotency.in_progress"
    twin_again = threading.Thread(target=twin)
    twin_again.start()
    twin_again.join()
    assert answers[1].status_code == 201
    with scoping.everything():
        assert Risk.objects.filter(code="A").count() == 1


def test_a_key_is_forgotten_after_thirty_days(user):
    recent, old = (
        IdempotencyKey.objects.create(user=user, key=key, request_hash="x", status=201, body="{}")
        for key in ("recent", "old")
    )
    IdempotencyKey.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=31))
    IdempotencyKey.objects.filter(pk=recent.pk).update(created_at=now() - timedelta(days=29))
    purge_idempotency_keys()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["recent"]
