"""What is over with its version: it tells what was on sale, and holds nothing any more (M-03, M-19)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from catalog.models import Product, ProductVersion, Publication, Risk
from catalog.services.reminders import remind
from documents.models import ProductDocument
from tests.factories import ProductFactory, PublicationFactory, VersionFactory
from tests.support.calls import API, errors, send
from tests.support.offers import approve
from tests.support.publishable import make_publishable
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
HOUR = timedelta(hours=1)


@pytest.fixture
def people(api, user_with, company):
    roles = (Role.CATALOG_MANAGER, Role.ADV, Role.LEGAL)
    told = {role: api(user_with(role, company)) for role in roles}
    return told | {Role.GROUP_ADMIN: api(user_with(Role.GROUP_ADMIN, None))}


@pytest.fixture
def sold(company):
    """Return a version that is on sale, its publication without an end."""
    health = Risk.objects.get(code="SANTE", is_global=True)
    version = VersionFactory(product=ProductFactory(company=company, risk=health))
    make_publishable(version)
    PublicationFactory(product_version=version)
    return version


def follow(people, version, start, **reason):
    """Release the copy of a version from `start`, and return it."""
    manager = people[Role.CATALOG_MANAGER]
    status, copy = send(manager, "post", f"{API}/versions/{version.pk}/duplicate", {})
    assert (status, send(manager, "post", f"{API}/versions/{copy['id']}/submit", {})[0]) == (
        *(201, 200),
    )
    draft = approve(ProductVersion.objects.get(pk=copy["id"]))
    body = {"effective_from": start.isoformat(), **reason}
    role = Role.GROUP_ADMIN if reason else Role.CATALOG_MANAGER
    status, released = send(people[role], "post", f"{API}/versions/{draft.pk}/release", body)
    assert status == 200, released
    return draft


@pytest.mark.requirement("3.1-14", "A.4-04", "C.5-03")
def test_what_is_over_with_its_version_is_kept_and_locks_nothing(
    people, browser_as, user_with, company, other_company, sold
):
    adv, manager = people[Role.ADV], people[Role.CATALOG_MANAGER]
    row = Publication.objects.get(product_version=sold)
    product, document = f"{API}/products/{sold.product_id}", f"{API}/documents"
    dipa = ProductDocument.objects.get(product_version=sold, type="DIPA")
    assert send(manager, "patch", product, {"unit": "kwh"})[0] == 422
    second = follow(people, sold, now() - HOUR, reason="Reprise")
    keys = {"other": other_company.pk, "second": second.pk}

    address = f"{API}/publications/{row.pk}"
    for change in (
        {"conditions": "Autre"},
        {"price_visible": False},
        {"visibility": "hidden"},
        {"channels": ["web"]},
    ):
        status, refused = send(adv, "patch", address, change)
        assert (status, refused["code"]) == (409, "publication.over"), change
    status, refused = send(adv, "post", f"{address}/unpublish", {"reason": "Fin"})
    assert (status, refused["code"]) == (409, "publication.not_running")
    page = reverse("admin:catalog_publication_change", args=[row.pk])
    assert "Dépublier" not in browser_as(user_with(Role.ADV, company)).get(page).text
    for column, value in (("company_id", "other"), ("product_version_id", "second")):
        with (
            pytest.raises(IntegrityError, match="sells what it sold"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"UPDATE publication SET {column} = %s",
                [keys[value]],
            )
    row.refresh_from_db()
    assert (row.conditions, row.price_visible, row.end_at) == (None, True, None)

    problems = send(adv, "get", f"{API}/versions/{second.pk}/problems?channels=web")[1]["problems"]
    (stopped,) = [one for one in problems if one["code"] == "version.stops_sales"]
    assert "ne vend plus ce produit" in stopped["message"]
    # Nothing is sold: the structure is open again, by SQL as well, and the documents are archived.
    assert send(manager, "patch", product, {"unit": "kwh"})[0] == 200
    assert Product.objects.filter(pk=sold.product_id).update(carrier="Autre") == 1
    status, kept = send(people[Role.LEGAL], "post", f"{document}/{dipa.pk}/archive", {})
    assert (status, kept.get("state")) == (200, "archived")


@pytest.mark.requirement("2.1-publication-01", "5-02")
def test_a_withdrawn_version_is_published_nowhere(people, sold):
    start = now() + timedelta(days=30)
    second = follow(people, sold, start)
    planned = PublicationFactory(product_version=second, start_at=start, channels=["web"])
    assert remind().planned > 0
    body = {"reason": "Reportée"}
    address = f"{API}/versions/{second.pk}/withdraw"
    assert send(people[Role.CATALOG_MANAGER], "post", address, body)[0] == 200
    assert not Publication.objects.filter(pk=planned.pk).exists()
    told = Notification.objects.filter(kind="publication_ended", target_id=second.pk)
    assert Role.ADV in {row.user.memberships.get().role for row in told}
    assert all(row.text.endswith("avant son effet. Motif : Reportée") for row in told)
    assert remind().planned == 0


@pytest.mark.requirement("2.1-publication-01", "B.4-06")
def test_a_release_tells_of_the_sales_that_will_never_begin(people, sold):
    """One planned after the next version takes effect is as lost as one that runs."""
    row = Publication.objects.get(product_version=sold)
    later = now() + timedelta(days=60)
    Publication.objects.filter(pk=row.pk).update(channels=["web"])
    PublicationFactory(product_version=sold, channels=["partner"], start_at=later)
    second = follow(people, sold, now() + timedelta(days=30))
    address = f"{API}/versions/{second.pk}/problems?channels=web"
    problems = send(people[Role.ADV], "get", address)[1]["problems"]
    (stops,) = [one for one in problems if one["code"] == "version.stops_sales"]
    assert "sur Web, Partenaires" in stops["message"]
    remind()
    planned = Notification.objects.filter(kind="publication_planned")
    assert not planned.exists()


@pytest.mark.requirement("D.3.1-05", "B.6-02")
def test_a_refusal_of_what_is_sold_is_told_to_who_publishes_it(people, sold):
    refusal = {"domain": "compliance", "decision": "refused", "comment": "CG périmées"}
    address = f"{API}/versions/{sold.pk}/approvals"
    assert send(people[Role.LEGAL], "post", address, refusal)[0] == 201
    told = Notification.objects.filter(title__endswith="refusée pour ce qui se vend")
    assert Role.ADV in {row.user.memberships.get().role for row in told}
    assert all("CG périmées\nLa publication en cours ou à venir reste" in row.text for row in told)
    # Sold or not, nobody publishes it any more.
    problems = send(people[Role.ADV], "get", f"{API}/versions/{sold.pk}/problems?channels=web")[1]
    codes = {one["code"] for one in problems["problems"] if one["blocking"]}
    assert "approvals.compliance" in codes


@pytest.mark.requirement("2.1-publication-02", "3.4-01")
def test_a_sale_that_a_later_release_overtakes_is_still_changed(people, sold):
    """Its end is now the version's: it keeps its own, for the release may be withdrawn."""
    adv, row = people[Role.ADV], Publication.objects.get(product_version=sold)
    address = f"{API}/publications/{row.pk}"
    end = (now() + timedelta(days=90)).isoformat()
    assert send(adv, "patch", address, {"end_at": end})[0] == 200
    second = follow(people, sold, now() + timedelta(days=30))
    for change in ({"conditions": "Sur dossier"}, {"channels": ["web"]}):
        status, changed = send(adv, "patch", address, change)
        assert status == 200, changed
    # Another end stays within the version.
    later = (now() + timedelta(days=60)).isoformat()
    status, refused = send(adv, "patch", address, {"end_at": later})
    assert (status, errors(refused)) == (422, {("end_at", "invalid")})
    withdrawn = {"reason": "Reportée"}
    path = f"{API}/versions/{second.pk}/withdraw"
    assert send(people[Role.CATALOG_MANAGER], "post", path, withdrawn)[0] == 200
    assert send(adv, "get", address)[1]["end_at"] == changed["end_at"]
