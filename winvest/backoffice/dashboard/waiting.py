"""What waits for somebody, and how much of it there is."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounting.choices import MappingState
from accounting.models import AccountingMapping
from catalog.choices import TransitionState, VersionState
from catalog.models import ProductTransition, ProductVersion, Publication
from integrations.choices import EventStatus
from integrations.models import WebhookEvent
from winvest.backoffice.dashboard.expiry import expiring_documents
from winvest.backoffice.dashboard.shapes import Figures, Line, Reader, Tile
from winvest.core.admin.menu_entries import NOTIFICATIONS
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.selectors.notifications import unread_count

# From this number on, a line says « 99+ ».
MANY = 100
WAITING_STATES = (MappingState.TO_VALIDATE, MappingState.ERROR)


def waiting(reader: Reader) -> Figures:
    """Show what waits of each kind that the rights open; a kind of which nothing waits is left out."""
    return Figures(lines=list(_lines(reader)), empty="Rien n'attend : tout est à jour.")


def _lines(reader: Reader) -> Iterator[Line]:
    unread = unread_count(reader.access, limit=MANY)
    if unread:
        yield _line("Notifications à lire", unread, reverse(NOTIFICATIONS), "primary")
    for title, rows, link, tone in _kinds(reader):
        # One row too many says that there are many, without counting all.
        number = len(rows.order_by().values_list("pk")[:MANY])
        if number:
            yield _line(title, number, link, tone)


def _kinds(reader: Reader) -> Iterator[tuple[str, QuerySet[Any], str, str]]:
    seen = reader.among(Action.CATALOG_VIEW_ALL)
    versions = reverse("admin:catalog_productversion_changelist")
    yield (
        "Versions en validation",
        ProductVersion.objects.filter(company_id__in=seen, state=VersionState.IN_REVIEW),
        f"{versions}?state__exact={VersionState.IN_REVIEW}",
        "info",
    )
    accounts = reverse("admin:accounting_accountingmapping_changelist")
    yield (
        "Comptes à valider",
        AccountingMapping.objects.filter(
            company_id__in=reader.among(Action.ACCOUNTING_VIEW), state__in=WAITING_STATES
        ),
        f"{accounts}?state__exact={MappingState.TO_VALIDATE}",
        "warning",
    )
    yield _failed_events(reader)
    yield (
        "Documents à renouveler",
        expiring_documents(Reader(reader.access, seen)),
        reverse("admin:documents_productdocument_changelist"),
        "danger",
    )
    yield (
        "Publications à venir",
        Publication.objects.filter(company_id__in=seen, start_at__gt=now()),
        reverse("admin:catalog_publication_changelist"),
        "info",
    )
    yield (
        "Gels et retraits prévus",
        ProductTransition.objects.filter(company_id__in=seen, state=TransitionState.PLANNED),
        reverse("admin:catalog_product_changelist"),
        "warning",
    )


def _failed_events(reader: Reader) -> tuple[str, QuerySet[Any], str, str]:
    companies = reader.among(Action.INTEGRATION_CONSOLE)
    events = reverse("admin:integrations_webhookevent_changelist")
    return (
        "Événements reçus en échec",
        WebhookEvent.objects.filter(company_id__in=companies, status=EventStatus.FAILED),
        f"{events}?status__exact={EventStatus.FAILED}",
        "danger",
    )


def _line(title: str, number: int, link: str, tone: str) -> Line:
    value = f"{MANY - 1}+" if number == MANY else str(number)
    return Line(label=title, value=value, link=link, tone=tone)


WAITING = Tile(
    "attente",
    "Ce qui attend",
    Action.CATALOG_VIEW,
    waiting,
    wide=True,
    task=Action.CATALOG_VIEW,
)
