"""Steps and copies of a version by the API (`design/api.md`, 5-02)."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from catalog.models import Product, ProductVersion, Publication, Risk
from catalog.services.copies import duplicate_version
from tests.factories import PublicationFactory
from tests.support.offers import approve, make_released, make_whole
from winvest.core.domain.roles import Role
from winvest.core.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NEW_YEAR = "2027-01-01T00:00:00+01:00"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(company):
    return make_whole(company, sku="AP-BOX-001")


def post(client, path, body=None):
    answer = client.post(f"{API}/{path}", body or {}, content_type="application/json")
    return answer.status_code, answer.json()


@pytest.mark.requirement("5-02", "3.1-09", "A.3.2-01")
def test_a_draft_is_submitted_released_at_a_date_and_withdrawn(manager, draft):
    address = f"versions/{draft.pk}"
    status, body = post(manager, f"{address}/submit")
    assert (status, body["state"]) == (200, "in_review")
    status, body = post(manager, f"{address}/release")
    assert (status, body["code"]) == (409, "approvals.product")
    approve(draft)
    status, body = post(
        manager,
        f"{address}/release",
        {"effective_from": NEW_YEAR, "applies_to_inforce": "renewal"},
    )
    assert (status, body["state"], body["effective_from"]) == (
        *(200, "released", "2026-12-31T23:00:00Z"),
    )
    assert (body["applies_to_inforce"], body["never_applied"]) == ("renewal", False)
    assert body["content_hash"].startswith("sha256:")
    status, body = post(manager, f"{address}/withdraw", {"reason": "Reporté"})
    assert (status, body["state"], body["never_applied"]) == (200, "withdrawn", True)
    again = post(manager, f"{address}/withdraw", {"reason": "Encore"})
    assert (again[0], again[1]["code"]) == (409, "lifecycle.version_transition")


@pytest.mark.requirement("4-10")
def test_no_version_of_a_retired_product_is_prepared(manager, draft):
    product = draft.product
    product.lifecycle_status = "retired"
    product.save()
    refused = (409, "version.retired")
    for step in ("submit", "duplicate"):
        status, body = post(manager, f"versions/{draft.pk}/{step}")
        assert (status, body["code"]) == refused, step
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert ProductVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("release", {}, 409, "lifecycle.version_transition"),
        ("withdraw", {"reason": "Reporté"}, 409, "lifecycle.version_transition"),
        ("withdraw", {}, 422, "invalid"),
        ("withdraw", {"reason": " "}, 422, "invalid"),
        ("release", {"effective_from": "2027-01-01T00:00:00"}, 422, "invalid"),
        ("release", {"applies_to_inforce": "always"}, 422, "invalid"),
        ("submit", {"force": True}, 422, "invalid"),
        ("withdraw", {"reason": "x" * 301}, 422, "invalid"),
        ("duplicate", {"effective_from": 1}, 422, "invalid"),
    ],
)
def test_what_a_step_refuses(manager, draft, step, body, status, code):
    answer = post(manager, f"versions/{draft.pk}/{step}", body)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert ProductVersion.objects.get(product=draft.product).state == "draft"


@pytest.mark.requirement("3.1-07", "3.1-10")
def test_versions_and_products_are_copied_and_gone_back_to(manager, draft, company):
    status, body = post(manager, f"versions/{draft.pk}/duplicate")
    assert (status, body["version"], body["state"]) == (201, 2, "draft")
    assert body["effective_from"] == "2026-11-30T23:00:00Z"
    assert [plan["code"] for plan in body["plans"]] == ["BASIC", "CONFORT"]
    address = f"products/{draft.product_id}"
    status, body = post(manager, f"{address}/duplicate", {"version": 1, "sku": "COPIE-1"})
    assert (status, body["sku"], body["lifecycle_status"]) == (201, "COPIE-1", "draft")
    assert len(body["versions"][0]["pricing_rules"]) == 2
    status, body = post(manager, f"{address}/duplicate", {"sku": "COPIE-1"})
    assert (status, body["errors"][0]["path"]) == (422, "sku")
    status, body = post(manager, f"{address}/rollback", {"version": 1})
    assert (status, body["code"]) == (409, "version.not_released")
    assert post(manager, f"{address}/rollback", {"version": 7})[0] == 404
    post(manager, f"versions/{draft.pk}/submit")
    approve(draft)
    post(manager, f"versions/{draft.pk}/release")
    status, body = post(manager, f"{address}/rollback", {"version": 1})
    assert (status, body["version"], body["notes"]) == (201, 3, "Retour à la version 1.")


@pytest.mark.requirement("A.5-01", "3.8-13")
def test_codes_are_given_once_and_to_whoever_may_use_them(manager, company, other_company):
    risk = Risk.objects.get(code="SANTE")
    ask = {"company_id": str(company.pk), "risk_id": str(risk.pk)}
    given = [post(manager, "products/sku-proposals", ask) for _ in range(2)]
    assert given == [(201, {"sku": "AP-SANTE-001"}), (201, {"sku": "AP-SANTE-002"})]
    foreign = ask | {"company_id": str(other_company.pk)}
    assert post(manager, "products/sku-proposals", foreign)[0] == 404
    assert post(manager, "products/sku-proposals", {})[0] == 422
    assert not Product.objects.exists()


def test_another_company_s_versions_are_unknown(api, user_with, other_company, company):
    version = make_released(company=company, sku="AP-BOX-001", plans={"BASE": "1"})
    stranger = api(user_with(Role.COMPANY_ADMIN, other_company))
    for path in (
        *(f"versions/{version.pk}/{step}" for step in ("submit", "release", "withdraw")),
        f"versions/{version.pk}/duplicate",
        f"products/{version.product_id}/duplicate",
        f"products/{version.product_id}/rollback",
    ):
        assert post(stranger, path)[0] == 404, path
    assert ProductVersion.objects.count() == 1


@pytest.mark.requirement("3.1-09", "3.4-05")
def test_a_release_tells_where_it_stops_the_sales(company, manager, api, user_with, browser_as):
    """The version before is published, this one not yet: told in the answer, the page, the list of
    control and the notification, until it is published there."""
    sold = make_released(company=company, sku="SUITE-1", plans={"A": "10"})
    person = user_with(Role.CATALOG_MANAGER, company)
    adv = user_with(Role.ADV, company)
    Publication.objects.filter(product_version=sold).update(channels=["web", "telesales"])
    draft = duplicate_version(actor=person, version=sold)
    address = f"versions/{draft.pk}"
    assert post(manager, f"{address}/submit")[0] == 200
    approve(draft)
    page = reverse("admin:catalog_productversion_change", args=[draft.pk])
    asked = browser_as(person).get(page.replace("change", "release")).text
    status, body = post(manager, f"{address}/release", {"effective_from": NEW_YEAR})
    assert status == 200, body
    (warning,) = body["warnings"]
    assert (warning["code"], warning["path"]) == ("version.stops_sales", "effective_from")
    told = f"{company.brand_name} ne vendra plus ce produit sur Télévente, Web"
    assert told in warning["message"]
    assert told in asked
    notified = Notification.objects.get(user=adv, kind="version_released")
    assert told in notified.text

    def problems():
        listed = api(adv).get(f"{API}/{address}/problems?channels=web").json()["problems"]
        return {one["message"]: one["blocking"] for one in listed if one["code"] == warning["code"]}

    assert problems() == {warning["message"]: False}
    draft.refresh_from_db()
    own = {"product_version": draft, "start_at": draft.effective_from}
    PublicationFactory(**own, channels=["web"])
    (message,) = problems()
    assert "sur Télévente :" in message
    PublicationFactory(**own, channels=["telesales"])
    assert problems() == {}


@pytest.mark.requirement("4-05", "D.3.1-05")
def test_who_submits_a_version_approves_nothing_of_it_but_takes_it_back(
    api, browser_as, user_with, company, draft
):
    """R-02: requester ≠ approver, even of what somebody else wrote."""
    requester = user_with(Role.COMPANY_ADMIN, company)
    other = user_with(Role.CATALOG_MANAGER, company)
    address = f"versions/{draft.pk}"
    assert post(api(requester), f"{address}/submit")[0] == 200
    required = api(other).get(f"{API}/{address}/required-approvals").json()["approvals"]
    assert [one["asked"] for one in required if one["domain"] == "product"] == [[str(other)]]
    asked = Notification.objects.filter(kind="approval_asked", title__contains="Produit")
    assert {row.user for row in asked} == {other}

    given = {"domain": "product", "decision": "approved"}
    refused = post(api(requester), f"{address}/approvals", given)
    assert (refused[0], refused[1]["code"]) == (403, "approval.requester")
    page = reverse("admin:catalog_productversion_review", args=[draft.pk])
    browser = browser_as(requester)
    shown = browser.post(page, given).text
    assert "Qui a soumis cette version ne l&#x27;approuve pas" in shown
    assert 'value="refused"' in shown
    assert 'value="approved"' not in shown
    assert not draft.approvals.exists()
    # What he asked for, he may take back; then somebody else asks, and he approves.
    back = {"domain": "product", "decision": "refused", "comment": "Soumise trop tôt"}
    assert post(api(requester), f"{address}/approvals", back)[0] == 201
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert post(api(other), f"{address}/submit")[0] == 200
    assert post(api(requester), f"{address}/approvals", given)[0] == 201
