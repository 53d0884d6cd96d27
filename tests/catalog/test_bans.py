"""Black lists: what a company does not sell, on a channel or anywhere (§8)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from catalog.models import SalesBan
from tests.factories import PublicationFactory
from tests.support.calls import API, VERSIONS, send
from tests.support.offers import make_released
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def adv(api, user_with, company):
    return api(user_with(Role.ADV, company))


def codes(answer):
    return {error["code"] for error in answer.get("errors", ())}


@pytest.mark.requirement("8-05")
def test_a_banned_couple_is_neither_quoted_nor_published(
    adv, api, user_with, company, other_company
):
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    other = make_released(company=company, sku="TV", plans={"A": "10"})
    PublicationFactory(product_version=version, company=other_company)
    seller = api(user_with(Role.SALES, company, other_company))
    start = NOW + timedelta(hours=1)

    def quoted(sku="BOX", channel="web", at=start, company=company):
        body = {"sku": sku, "plan": "A", "company_id": str(company.pk), "channel": channel}
        status, answer = send(
            seller, "post", f"{API}/pricing/quote", body | {"quantity": 1, "at": at.isoformat()}
        )
        return codes(answer) or status

    ban = {
        "company_id": str(company.pk),
        "product_id": str(version.product_id),
        "channel": "web",
        "reason": "Fin de partenariat",
        "start_at": start.isoformat(),
    }
    status, made = send(adv, "post", f"{API}/sales-bans", ban)
    assert status == 201, made
    assert quoted() == {"blacklist.banned"}
    assert quoted(at=start - timedelta(seconds=1)) == 200
    assert quoted(channel="field") == quoted(sku="TV") == quoted(company=other_company) == 200
    # Published: refused where the sale meets the ban, before its start as well.
    make_publishable(version)
    version.publications.filter(company=company).update(end_at=NOW)
    body = {"company_id": str(company.pk), "channels": ["web"], "start_at": NOW.isoformat()}
    publish = f"{VERSIONS}/{version.pk}/publications"
    refused = send(adv, "post", publish, body)
    assert (refused[0], codes(refused[1])) == (409, {"blacklist.banned"})
    assert "Fin de partenariat" in refused[1]["errors"][0]["message"]
    before = {"end_at": start.isoformat()}
    assert send(adv, "post", publish, body | before)[0] == 201
    assert send(adv, "post", publish, body | {"channels": ["field"]})[0] == 201
    # A whole channel, then its end.
    one = f"{API}/sales-bans/{made['id']}"
    assert send(adv, "patch", one, {"product_id": None, "channel": "field"})[0] == 200
    assert quoted("TV", "field") == {"blacklist.banned"}
    ended = {"end_at": (start + timedelta(hours=1)).isoformat()}
    assert send(adv, "patch", one, ended)[0] == 200
    assert quoted("TV", "field", at=start + timedelta(hours=1)) == 200
    assert other.pk


def test_a_channel_without_a_name_bans_nothing_and_is_refused_by_sql(company):
    statement = (
        "INSERT INTO sales_ban (id, company_id, channel, reason, created_at, updated_at) "
        "VALUES (gen_random_uuid(), %s, '', 'Motif', now(), now())"
    )
    with (
        pytest.raises(IntegrityError, match="channel_known"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [company.pk])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"product_id": None, "channel": None}, "constraint.sales_ban_of_something"),
        ({"reason": ""}, "blank"),
        ({"channel": "minitel"}, "invalid_choice"),
        ({"end_at": "2020-01-01T00:00:00Z"}, "period"),
    ],
)
def test_a_ban_says_what_and_why(adv, company, change, code):
    body = {"company_id": str(company.pk), "channel": "web", "reason": "Motif"} | change
    status, answer = send(adv, "post", f"{API}/sales-bans", body)
    assert (status, codes(answer)) == (422, {code})
    assert not SalesBan.objects.exists()
