"""Pilot publications, and the badges of a product (3.4-07; readings E-06, R-12)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from tests.factories import ProductFactory, PromotionFactory, VersionFactory
from tests.support.calls import PRODUCTS, VERSIONS, send
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
QUOTED = {"forced_badges": {"on_quote": True}}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people(api, user_with, company):
    return {role: api(user_with(role, company)) for role in (Role.ADV, Role.CATALOG_MANAGER)}


def codes(answer):
    return {error["code"] for error in answer["errors"]}


def sale(company, **more):
    start = (NOW + timedelta(days=4)).isoformat()
    return {"company_id": str(company.pk), "channels": ["telesales"], "start_at": start, **more}


def publish(client, version, **body):
    return send(client, "post", f"{VERSIONS}/{version.pk}/publications", body)


@pytest.mark.requirement("3.4-07", "4-04")
def test_a_pilot_is_internal_on_one_channel_and_shows_its_badges(
    people, company, browser_as, user_with
):
    version = VersionFactory(product=ProductFactory(company=company, name="Pilote"))
    make_publishable(version)
    adv = people[Role.ADV]
    wrong = sale(company, is_pilot=True, visibility="public")
    refused = publish(adv, version, **wrong)
    assert (refused[0], codes(refused[1])) == (422, {"constraint.publication_pilot"})
    two = sale(company, is_pilot=True, channels=["web", "field"])
    assert codes(publish(adv, version, **two)[1]) == {"constraint.publication_pilot"}
    now_ = sale(company, is_pilot=True, start_at=NOW.isoformat())
    assert publish(adv, version, **now_)[0] == 201

    def shown():
        return send(adv, "get", f"{PRODUCTS}/{version.product_id}")[1]["badges"]

    assert shown() == ["new", "beta"]
    PromotionFactory(company=company, start_at=NOW + timedelta(days=1))
    PromotionFactory(company=company, on_code=True, start_at=NOW)
    assert shown() == ["new", "beta"]
    PromotionFactory(company=company, start_at=NOW)
    assert shown() == ["new", "promo", "beta"]
    send(people[Role.CATALOG_MANAGER], "patch", f"{PRODUCTS}/{version.product_id}", QUOTED)
    assert shown() == ["new", "promo", "beta", "on_quote"]
    browser = browser_as(user_with(Role.SALES, company))
    page = browser.get(reverse("admin:catalog_product_changelist")).text
    assert "Nouveau, Promo, Bêta, Sur devis" in page
