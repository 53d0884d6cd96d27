"""Where partners send their events: a secret shown once, sealed, and never told again (A.2.3)."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from integrations.choices import WebhookEventType
from integrations.models import WebhookEndpoint
from tests.factories import EndpointFactory, PartnerFactory, WebhookEventFactory
from tests.support.pages import page_of
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.services.secrets import reveal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
ADD = "admin:integrations_webhookendpoint_add"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def secret_of(answer):
    (secret,) = set(SECRET.findall(answer.text))
    return secret


@pytest.mark.requirement(
    *("A.2.3-webhook_endpoint-01", "A.2.3-webhook_endpoint-02", "A.2.3-webhook_endpoint-03"),
    "3.8-12",
)
def test_a_secret_is_drawn_shown_once_and_sealed(company, user_with, browser_as):
    partner = PartnerFactory(company=company)
    browser = browser_as(user_with(Role.IT, company))
    typed = {
        "partner": partner.pk,
        "event": WebhookEventType.QUOTE,
        "target_url": "https://winvest.example/hook",
        "status": "active",
    }
    for wrong in ({"event": "invoice"}, {"status": "asleep"}, {"target_url": "ftp://x"}):
        answer = browser.post(reverse(ADD), typed | wrong)
        assert set(wrong) == set(answer.context["adminform"].form.errors), wrong
    answer = browser.post(reverse(ADD), typed)
    assert "no-store" in answer["Cache-Control"]
    first = secret_of(answer)
    endpoint = WebhookEndpoint.objects.get()
    assert reveal(endpoint, "secret") == first
    assert (endpoint.company_id, endpoint.event) == (company.pk, "quote")

    renewed = browser.post(reverse("admin:integrations_webhookendpoint_renew", args=[endpoint.pk]))
    second = secret_of(renewed)
    endpoint.refresh_from_db()
    assert second != first
    assert reveal(endpoint, "secret") == second
    told = browser.get(page_of(endpoint)).text
    told += browser.get(f"{page_of(endpoint)}../history/").text
    with connection.cursor() as cursor:
        for table in ("webhook_endpoint", "integrations_historicalwebhookendpoint", "audit_log"):
            cursor.execute(f"SELECT string_agg(row::text, ' ') FROM {table} AS row")
            told += cursor.fetchone()[0]
    assert first not in told
    assert second not in told
    lines = AuditEntry.objects.filter(table="webhook_endpoint", record_id=endpoint.pk)
    assert [line.after["secret"] for line in lines.order_by("id")] == ["(masqué)", "(modifié)"]


@pytest.mark.requirement("3.8-12", "3.8-13", "G.2-03")
def test_only_who_holds_the_secrets_draws_them(company, other_company, user_with, browser_as):
    endpoint = EndpointFactory(partner=PartnerFactory(company=company))
    sealed = endpoint.secret
    renew = reverse("admin:integrations_webhookendpoint_renew", args=[endpoint.pk])
    for user, status in (
        (user_with(Role.COMPANY_ADMIN, company), 403),
        (user_with(Role.AUDITOR, company), 403),
        (user_with(Role.IT, other_company), 404),
    ):
        browser = browser_as(user)
        assert browser.post(renew).status_code in (status, 302 if status == 404 else status)
        endpoint.refresh_from_db()
        assert endpoint.secret == sealed


@pytest.mark.requirement(
    *("A.2.3-webhook_event-01", "A.2.3-webhook_event-03", "A.2.3-webhook_event-04"), "3.8-13"
)
def test_events_are_read_as_they_came_and_by_their_company_alone(
    company, other_company, user_with, browser_as
):
    event = WebhookEventFactory(
        endpoint=EndpointFactory(partner=PartnerFactory(company=company)),
        payload={"reference": "C-42"},
        status="failed",
        attempts=3,
        last_error="Délai dépassé",
    )
    page = browser_as(user_with(Role.IT, company)).get(page_of(event)).text
    for word in ("C-42", "Échec", "Délai dépassé", event.external_event_id, event.signature):
        assert word in page
    foreign = browser_as(user_with(Role.IT, other_company)).get(page_of(event), follow=True)
    assert event.external_event_id not in foreign.text
