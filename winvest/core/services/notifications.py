"""Telling people: on their page at once, by e-mail after the commit (B.4, D.3, E.3).

Every application calls `notify`, in the transaction of what it tells.
"""

import logging
from collections.abc import Collection
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction as django_transaction
from django.urls import reverse

from winvest.core import jobs, permissions, scoping
from winvest.core.choices import MailState, NotificationKind
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import NotFound, Problem
from winvest.core.models.access import User
from winvest.core.models.base import new_id
from winvest.core.models.notification import Notification
from winvest.core.permissions import BY_FAMILY, RIGHTS
from winvest.core.selectors.holders import holders
from winvest.core.selectors.notifications import (
    asked_communications,
    my_notifications,
    still_his,
)
from winvest.core.services.jobs import send_task
from winvest.core.transaction import transaction

MAILED_AT_ONCE = 100
TITLE_LENGTH, TEXT_LENGTH = 200, 2_000

logger = logging.getLogger(__name__)


class NotificationProblem(Problem):
    """Why nothing is said of a notification."""

    UNKNOWN = "notification.unknown", "Cette communication ne vous est pas demandée."


def notify(
    *,
    kind: NotificationKind,
    action: Action,
    company_id: UUID,
    target: str,
    target_id: UUID,
    title: str,
    text: str = "",
    key: str = "",
    risk_id: UUID | None = None,
    roles: Collection[Role] | None = None,
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> int:
    """Tell the people of a company something, and return how many notifications that makes.

    Told are the active people who hold one of `roles` there (None: any that opens `action`) and
    whose rights open `action`, in the family of `risk_id`; among them `only` those named, never
    those `without`: who does a thing is not told of it. `target` names the page of the back-office
    (`catalog_productversion`) and `target_id` its row. A person is told once for a `key` (by default
    the row's): a sweeper may call again. The e-mails leave after the commit.
    """
    wanted = RIGHTS[action] if roles is None else RIGHTS[action] & frozenset(roles)
    people = holders(wanted, company_id, risk_id if action in BY_FAMILY else None)
    told = [
        Notification(
            id=new_id(),
            user=user,
            company_id=company_id,
            kind=kind,
            action=action.value,
            risk_id=risk_id,
            title=" ".join(title.split())[:TITLE_LENGTH],
            text=text[:TEXT_LENGTH],
            target=target,
            target_id=target_id,
            key=key or str(target_id),
        )
        for pk, user in people.items()
        if pk not in without and (only is None or pk in only)
    ]
    if not told:
        return 0
    Notification._base_manager.bulk_create(told, ignore_conflicts=True)
    django_transaction.on_commit(lambda: send_task(jobs.MAIL_NOTIFICATIONS))
    return len(told)


def mark_read(*, actor: User, ids: Collection[UUID] | None) -> int:
    """Mark one's own notifications as read (None: all); those no longer one's to read stay."""
    access = permissions.access_of(actor)
    with transaction(actor):
        rows = my_notifications(access).filter(read_at=None)
        if ids is not None:
            rows = rows.filter(pk__in=ids)
        return rows.update(read_at=now(), updated_at=now())


def mark_done(*, actor: User, notification: UUID, done: bool = True) -> None:
    """Say that a communication one is asked for is done, or to be done after all (D.3.2-04, D.3.5-03).

    All who were asked or told of it read who did it and when; the first who says it is kept.
    `NotFound` for anything else than one's own, that one's rights of now open.
    """
    access = permissions.access_of(actor)
    row = asked_communications(access).filter(pk=notification).first()
    if row is None:
        raise NotFound(NotificationProblem.UNKNOWN)
    with transaction(actor, row.company_id):
        told = Notification.objects.filter(company=row.company_id, kind=row.kind, key=row.key)
        list(told.select_for_update().order_by("pk"))
        told.filter(done_at__isnull=done).update(
            done_at=now() if done else None, done_by=actor if done else None, updated_at=now()
        )
        told.filter(pk=row.pk, read_at=None).update(read_at=now(), updated_at=now())


def mail_notifications() -> int:
    """Send the e-mails that wait and return how many left; the sweeper calls again every minute.

    The right is asked once more: what was revoked since is not sent. A mail server that does not
    answer leaves them in the queue; a worker that dies between may send one twice.
    """
    sent = 0
    with scoping.everything(), transaction(None):
        rows = Notification.objects.select_for_update(skip_locked=True, of=("self",))
        waiting = rows.filter(mail=MailState.QUEUED).select_related("user").order_by("pk")
        for row in waiting[:MAILED_AT_ONCE]:
            access = permissions.access_of(row.user)
            if not row.user.is_active or not still_his(access, row):
                _end(row, MailState.WITHHELD)
                continue
            try:
                _message(row).send()
            except SMTPRecipientsRefused:
                _end(row, MailState.WITHHELD)
            except (SMTPException, OSError) as error:
                logger.warning("e-mails wait for the next sweep: %s", error)
                break
            else:
                _end(row, MailState.SENT)
                sent += 1
    return sent


def address_of(notification: UUID) -> str:
    """Return the path that leads to what a notification is about."""
    return reverse("admin:core_notification_open", args=[notification])


def _end(row: Notification, state: MailState) -> None:
    Notification.objects.filter(pk=row.pk).update(mail=state, updated_at=now())


def _message(row: Notification) -> EmailMessage:
    link = settings.PUBLIC_URL.rstrip("/") + address_of(row.pk)
    body = "\n\n".join(part for part in (row.title, row.text, link) if part)
    return EmailMessage(subject=f"[Winvest] {row.title}", body=body + "\n", to=[row.user.email])
