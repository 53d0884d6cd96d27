"""A communication is to be done until somebody says it is: who, when, for all who were asked (D.3.2-04)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.factories import ProductFactory
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action, Role
from winvest.core.models import AuditEntry, Notification
from winvest.core.services.notifications import notify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog/notifications"


@pytest.fixture
def team(company, user_with):
    """Two of Marketing, who are asked for a communication, and a manager who is told of it."""
    people = [user_with(role, company) for role in (Role.MARKETING, Role.MARKETING)]
    manager = user_with(Role.CATALOG_MANAGER, company)
    product = ProductFactory(company=company, sku="COM-1")
    message = {
        "kind": NotificationKind.COMMUNICATION,
        "company_id": company.pk,
        "risk_id": product.risk_id,
        "target": "catalog_product",
        "target_id": product.pk,
    }
    asked = {"title": "COM-1 : communication à faire", "roles": {Role.MARKETING}}
    notify(action=Action.NOTIFICATION_PUBLISH, **asked, **message)
    notify(action=Action.CATALOG_VIEW_ALL, title="COM-1 : demandée", only=[manager.pk], **message)
    return [*people, manager]


def row_of(user):
    return Notification.objects.get(user=user)


def page_of(user):
    return reverse("admin:core_notification_change", args=[row_of(user).pk])


@pytest.mark.requirement("D.3.2-04", "D.3.5-03", "G.3-01")
def test_whoever_does_it_does_it_for_all_who_were_asked(team, browser_as):
    first, second, manager = team
    browser, colleague = browser_as(first), browser_as(second)
    done = reverse("admin:core_notification_done", args=[row_of(first).pk])
    assert f'action="{done}"' in browser.get(page_of(first)).text
    assert browser.post(done, {"done": "1"}, follow=True).status_code == 200
    row = row_of(first)
    assert (row.done_by, row.read_at is not None) == (first, True)
    said = f"Faite par {first} le "
    for reader, user in ((colleague, second), (browser_as(manager), manager)):
        assert said in reader.get(page_of(user)).text
    assert "Faite" in colleague.get(reverse("admin:core_notification_changelist")).text
    task = reverse("dashboard-figures", args=["communications"])
    assert "Aucune communication" in colleague.get(task).text
    # The log says who; a second to say so changes nothing of it.
    logged = AuditEntry.objects.filter(table="notification", action="update")
    assert logged.filter(actor_id=first.pk, record_id=row_of(second).pk).exists()
    again = reverse("admin:core_notification_done", args=[row_of(second).pk])
    colleague.post(again, {"done": "1"})
    assert row_of(second).done_by == first
    # Said too early, it is to be done again.
    assert colleague.post(again, {"done": "0"}).status_code == 302
    assert row_of(first).done_at is None
    assert "COM-1" in colleague.get(task).text


@pytest.mark.requirement("3.8-02")
def test_who_is_only_told_of_it_marks_nothing(team, browser_as, api):
    first, _, manager = team
    browser = browser_as(manager)
    own, others = (
        reverse("admin:core_notification_done", args=[row_of(user).pk]) for user in (manager, first)
    )
    assert own not in browser.get(page_of(manager)).text
    for address in (own, others):
        assert browser.post(address, {"done": "1"}).status_code == 404
    assert row_of(first).done_at is None
    body = {"content_type": "application/json"}
    assert api(manager).post(f"{API}/{row_of(manager).pk}/done", {}, **body).status_code == 404
    answer = api(first).post(f"{API}/{row_of(first).pk}/done", {}, **body)
    assert (answer.status_code, answer.json()["done_by_email"]) == (200, first.email)
    answer = api(first).post(f"{API}/{row_of(first).pk}/done", {"done": False}, **body)
    assert answer.json()["done_at"] is None


def test_nothing_but_a_communication_is_done(team):
    first = team[0]
    row = row_of(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.filter(pk=row.pk).update(done_by=first)
