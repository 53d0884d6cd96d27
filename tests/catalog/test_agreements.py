"""Sale agreements: another company publishes what the owner lets it sell (R-10)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from catalog.models import Publication, SaleAgreement
from tests.factories import PublicationFactory, VersionFactory
from tests.support.calls import API, VERSIONS, send
from tests.support.offers import make_released
from tests.support.publishable import make_publishable
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def codes(answer):
    return {error["code"] for error in answer.get("errors", ())}


def path(agreement):
    return f"{API}/sale-agreements/{agreement['id']}"


@pytest.mark.requirement("2.1-publication-01")
def test_a_seller_publishes_what_the_owner_lets_it_sell(api, user_with, company, other_company):
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    make_publishable(version, seller=other_company, agreed=False)
    draft = VersionFactory(product=version.product, version=2)
    owner, seller = (api(user_with(Role.ADV, one)) for one in (company, other_company))
    manager = user_with(Role.ADV, other_company)
    publish = f"{VERSIONS}/{version.pk}/publications"
    sale = {"company_id": str(other_company.pk), "channels": ["web"], "start_at": NOW.isoformat()}
    # Without an agreement the seller does not even know the product; whoever publishes for both
    # companies is refused.
    assert send(seller, "post", publish, sale)[0] == 404
    both = api(user_with(Role.ADV, company, other_company))
    status, answer = send(both, "post", publish, sale)
    assert (status, codes(answer)) == (409, {"publication.agreement"})
    assert company.brand_name in answer["errors"][0]["message"]
    # The seller cannot give it to itself; the owner does, for a year.
    given = {
        "product_id": str(version.product_id),
        "seller_id": str(other_company.pk),
        "end_at": (NOW + YEAR).isoformat(),
        "terms": "Sans remise",
    }
    assert send(seller, "post", f"{API}/sale-agreements", given)[0] == 404
    status, made = send(owner, "post", f"{API}/sale-agreements", given)
    assert status == 201, made
    assert made["company_id"] == str(company.pk)
    told = Notification.objects.filter(kind="sale_agreement", user=manager)
    assert "Sans remise" in told.get().text
    assert send(seller, "get", path(made))[1]["terms"] == "Sans remise"
    assert send(seller, "patch", path(made), {"end_at": None})[0] == 403
    # The seller now reads the product and what is released of it, not the draft.
    assert send(seller, "get", f"{VERSIONS}/{version.pk}")[0] == 200
    assert send(seller, "get", f"{VERSIONS}/{draft.pk}")[0] == 404
    # Not beyond the agreement.
    status, answer = send(seller, "post", publish, sale)
    assert (status, codes(answer)) == (409, {"publication.agreement"})
    until = {"end_at": (NOW + YEAR).isoformat()}
    assert send(seller, "post", publish, sale | until)[0] == 201


@pytest.mark.requirement("2.1-publication-01")
def test_the_sales_end_with_the_agreement(api, user_with, company, other_company):
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    make_publishable(version, seller=other_company)
    agreement = SaleAgreement.objects.get()
    own = version.publications.get()
    running, coming = (
        PublicationFactory(
            product_version=version, company=other_company, channels=[channel], start_at=start
        )
        for channel, start in (("web", NOW - YEAR), ("field", NOW + YEAR))
    )
    owner, seller = (api(user_with(Role.ADV, one)) for one in (company, other_company))
    one = f"{API}/sale-agreements/{agreement.pk}"
    quote = {"sku": "BOX", "plan": "A", "company_id": str(other_company.pk), "channel": "web"}
    end = NOW + timedelta(days=5)

    def quoted(at):
        body = quote | {"quantity": 1, "at": at.isoformat()}
        return send(seller, "post", f"{API}/pricing/quote", body)[0]

    assert quoted(end) == 200
    status, answer = send(owner, "delete", one)
    assert (status, codes(answer)) == (409, {"agreement.kept"})
    status, answer = send(owner, "patch", one, {"start_at": NOW.isoformat()})
    assert (status, codes(answer)) == (409, {"agreement.started"})
    assert send(owner, "patch", one, {"end_at": end.isoformat()})[0] == 200
    running.refresh_from_db()
    assert running.end_at == end
    assert not Publication.objects.filter(pk=coming.pk).exists()
    own.refresh_from_db()
    assert own.end_at is None
    assert (quoted(end - timedelta(seconds=1)), quoted(end)) == (200, 409)
    # Never before this instant: what was sold was sold under it.
    past = NOW - timedelta(days=1)
    assert send(owner, "patch", one, {"end_at": past.isoformat()})[0] == 200
    running.refresh_from_db()
    assert running.end_at == NOW


def test_an_agreement_to_come_is_kept_while_a_sale_rests_on_it(
    api, user_with, company, other_company
):
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    owner = api(user_with(Role.ADV, company))
    start = NOW + timedelta(days=10)
    given = {
        "product_id": str(version.product_id),
        "seller_id": str(other_company.pk),
        "start_at": start.isoformat(),
    }
    _, made = send(owner, "post", f"{API}/sale-agreements", given)
    status, answer = send(owner, "post", f"{API}/sale-agreements", given)
    assert (status, codes(answer)) == (422, {"constraint.sale_agreement_no_overlap"})
    sale = PublicationFactory(product_version=version, company=other_company, start_at=start)
    later = {"start_at": (start + timedelta(seconds=1)).isoformat()}
    for method, body in (("patch", later), ("delete", None)):
        status, answer = send(owner, method, path(made), body)
        assert (status, codes(answer)) == (409, {"agreement.in_use"})
    sale.delete()
    assert send(owner, "patch", path(made), later)[0] == 200
    assert send(owner, "delete", path(made))[0] == 204


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"seller_id": "own"}, 422, "constraint.sale_agreement_with_another"),
        ({"end_at": "2020-01-01T00:00:00Z"}, 422, "period"),
        ({"seller_id": "00000000-0000-7000-8000-000000000000"}, 422, "unknown"),
        ({"product_id": "00000000-0000-7000-8000-000000000000"}, 404, "not_found"),
    ],
)
def test_a_bad_agreement_is_refused(api, user_with, company, other_company, change, status, code):
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    body = {"product_id": str(version.product_id), "seller_id": str(other_company.pk)} | change
    if body["seller_id"] == "own":
        body["seller_id"] = str(company.pk)
    answered, answer = send(
        api(user_with(Role.ADV, company)), "post", f"{API}/sale-agreements", body
    )
    assert (answered, codes(answer)) == (status, {code})
    assert not SaleAgreement.objects.exists()


def test_the_page_ends_the_sales_as_the_api_does(browser_as, user_with, company, other_company):
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    browser = browser_as(user_with(Role.ADV, company))
    seller = user_with(Role.ADV, other_company)
    add = reverse("admin:catalog_saleagreement_add")
    assert other_company.brand_name not in browser.get(add).text
    form = {
        "product": version.product_id,
        "seller_code": other_company.code.lower(),
        "terms": "",
        "start_at_0": "26/11/2026",
        "start_at_1": "10:00",
        "end_at_0": "",
        "end_at_1": "",
    }
    for code, said in (("ZZ", "Aucune société"), (company.code, "sans accord")):
        assert said in browser.post(add, form | {"seller_code": code}).text
    assert browser.post(add, form).status_code == 302
    agreement = SaleAgreement.objects.get()
    assert (agreement.company, agreement.seller) == (company, other_company)
    sale = PublicationFactory(product_version=version, company=other_company, start_at=NOW)
    change = reverse("admin:catalog_saleagreement_change", args=[agreement.pk])
    ended = {"terms": "", "end_at_0": "30/11/2026", "end_at_1": "00:00"}
    assert browser.post(change, ended).status_code == 302
    sale.refresh_from_db()
    assert sale.end_at == datetime(2026, 11, 29, 23, tzinfo=UTC)
    # The seller reads it, and changes nothing.
    page = browser_as(seller).get(change)
    assert (page.status_code, 'name="_save"' in page.text) == (200, False)
    with scoping.everything():
        assert Notification.objects.filter(kind="sale_agreement", user=seller).count() == 2
