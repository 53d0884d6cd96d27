"""What the product tells a person, on his page and by e-mail (B.4, D.3, E.3)."""

import pgtrigger
from django.db import models

from winvest.core.choices import MailState, NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, no_truncate, one_of
from winvest.core.models.columns import filled

# What may change once it was told: that it was read, sent, and what it asks for done.
_SAID = (
    *("user_id", "company_id", "kind", "action", "title", "text"),
    *("target", "target_id", "key", "created_at"),
)
FREEZE_SAID = pgtrigger.Trigger(
    name="freeze_said",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=(
        f"IF ({', '.join(f'OLD.{name}' for name in _SAID)}) IS DISTINCT FROM "
        f"({', '.join(f'NEW.{name}' for name in _SAID)}) THEN "
        "RAISE EXCEPTION 'notification %: what was said is not changed', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)


class Notification(CompanyOwnedModel):
    """A message of the product to one person, about something of a company.

    `action` is the right that it takes to read it, in the company and the risk's family: asked when
    it is told, mailed, and each time it is read. `key` makes it one: told again, it is not repeated.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notifications", verbose_name="destinataire"
    )
    kind = models.CharField("nature", max_length=24, choices=NotificationKind)
    action = models.CharField("droit", max_length=24, editable=False)
    risk_id = models.UUIDField("famille de risques", null=True, editable=False)
    title = models.CharField("objet", max_length=200)
    text = models.TextField("message", max_length=2000, blank=True, default="", db_default="")
    # The page of the back-office that it is about, as its addresses name it, and the row.
    target = models.CharField(max_length=60, editable=False)
    target_id = models.UUIDField(editable=False)
    key = models.CharField(max_length=160, editable=False)
    read_at = models.DateTimeField("lue le", null=True, editable=False)
    # Of a communication: whoever does it does it for all who were asked.
    done_at = models.DateTimeField("faite le", null=True, editable=False)
    done_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_column="done_by",
        verbose_name="faite par",
    )
    mail = models.CharField(
        "e-mail",
        max_length=8,
        choices=MailState,
        default=MailState.QUEUED,
        db_default=MailState.QUEUED,
        editable=False,
    )

    log_title = ("{title}",)
    log_untold = frozenset({"action", "key", "target", "target_id"})
    keys_above = {"risk_id": "risk"}  # noqa: RUF012 - one per model

    class Meta:
        db_table = "notification"
        verbose_name = "notification"
        verbose_name_plural = "notifications"
        ordering = ("-created_at", "-id")
        triggers = (audit(), no_truncate(), FREEZE_SAID)
        constraints = (
            one_of("kind", NotificationKind),
            one_of("action", Action),
            one_of("mail", MailState),
            filled("title", "Objet"),
            models.UniqueConstraint(fields=("user", "kind", "key"), name="notification_once"),
            models.CheckConstraint(
                condition=models.Q(done_at=None, done_by=None)
                | models.Q(
                    done_at__isnull=False,
                    done_by__isnull=False,
                    kind=NotificationKind.COMMUNICATION,
                ),
                name="notification_done_by_somebody",
                violation_error_message="Seule une communication se marque comme faite.",
            ),
        )
        indexes = (
            models.Index(fields=("user", "-created_at", "-id"), name="notification_of_user"),
            models.Index(
                fields=("user", "company"),
                condition=models.Q(read_at=None),
                name="notification_unread",
            ),
            models.Index(
                fields=("id",),
                condition=models.Q(mail=MailState.QUEUED),
                name="notification_to_mail",
            ),
        )

    def __str__(self) -> str:
        return self.title
