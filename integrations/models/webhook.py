"""Webhooks of the partners: endpoints, events by month, and what makes them unique (A.2.3)."""

import pgtrigger
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Now

from integrations.choices import EndpointStatus, EventStatus, WebhookEventType
from partners.models.partner import Partner
from winvest.core.clock import now
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import (
    CompanyOwnedModel,
    ScopedModel,
    UUIDModel,
    audit,
    history,
    no_truncate,
    owner_from,
)
from winvest.core.models.columns import shaped
from winvest.core.models.secret import SealedField, sealed_check

MONTH_KEY = "received_at"


class WebhookEndpoint(CompanyOwnedModel):
    """Where a partner sends one kind of event (A-03): `target_url` is the address told to him."""

    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        related_name="webhook_endpoints",
        verbose_name="partenaire",
    )
    event = models.CharField("événement", max_length=60, choices=WebhookEventType)
    target_url = models.TextField(
        "adresse communiquée", validators=[URLValidator(schemes=["http", "https"])]
    )
    secret = SealedField("secret")
    secret_set_at = models.DateTimeField("secret tiré le", default=now, editable=False)
    status = models.CharField(
        "état",
        max_length=10,
        choices=EndpointStatus,
        default=EndpointStatus.ACTIVE,
        db_default=EndpointStatus.ACTIVE,
    )

    history = history(excluded_fields=["secret"])

    log_title = ("{partner}", "{event}")

    class Meta:
        db_table = "webhook_endpoint"
        verbose_name = "point d'entrée webhook"
        verbose_name_plural = "points d'entrée webhook"
        ordering = ("partner", "event")
        triggers = (
            audit(masked=("secret",)),
            no_truncate(),
            owner_from("partner", "partner_id"),
        )
        constraints = (
            sealed_check("webhook_endpoint", "secret"),
            shaped(
                "target_url", r"^https?://[^\s]+$", "Une adresse commence par http:// ou https://."
            ),
            models.UniqueConstraint(fields=("id", "company"), name="webhook_endpoint_id_company"),
            models.CheckConstraint(
                condition=models.Q(event__in=WebhookEventType.values),
                name="webhook_endpoint_event",
                violation_error_message="Cet événement n'est pas de ceux qu'un partenaire envoie.",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=EndpointStatus.values),
                name="webhook_endpoint_status",
                violation_error_message="Un point d'entrée est actif ou inactif.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner} : {self.get_event_display()}"


class WebhookEvent(ScopedModel, UUIDModel):
    """What a partner sent, journalised before anything else; cut by month on `received_at` (UTC).

    The table is written in SQL (migration 0001): Django does not know partitions.
    """

    company = models.ForeignKey(
        "core.Company", on_delete=models.PROTECT, verbose_name="société", related_name="+"
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.PROTECT,
        related_name="events",
        verbose_name="point d'entrée",
        db_index=False,
    )
    external_event_id = models.CharField("identifiant du partenaire", max_length=200)
    received_at = models.DateTimeField("reçu le", default=now, db_default=Now())
    payload = models.JSONField("contenu", encoder=DecimalEncoder, decoder=DecimalDecoder)
    signature = models.CharField("signature", max_length=96)
    status = models.CharField(
        "état",
        max_length=10,
        choices=EventStatus,
        default=EventStatus.RECEIVED,
        db_default=EventStatus.RECEIVED,
    )
    attempts = models.PositiveIntegerField("essais", default=0, db_default=0)
    last_error = models.TextField("dernière erreur", null=True, blank=True)
    next_retry_at = models.DateTimeField("prochain essai", null=True, blank=True)
    processed_at = models.DateTimeField("traité le", null=True, blank=True)

    log_title = ("{endpoint}", "{external_event_id}")

    class Meta:
        db_table = "webhook_event"
        verbose_name = "événement webhook"
        verbose_name_plural = "événements webhook"
        ordering = ("-received_at", "-id")
        triggers = (
            # A row trigger of a partition would name the partition.
            pgtrigger.Trigger(
                name="audit",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "PERFORM audit_write('webhook_event', lower(TG_OP), to_jsonb(OLD), "
                    "to_jsonb(NEW), ARRAY['payload', 'signature']::text[], ARRAY[]::text[]); "
                    "RETURN NULL;"
                ),
            ),
            no_truncate(),
            owner_from("webhook_endpoint", "endpoint_id"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=EventStatus.values),
                name="webhook_event_status",
                violation_error_message="Un événement est reçu, traité, en échec ou ignoré.",
            ),
            models.CheckConstraint(
                condition=models.Q(next_retry_at__isnull=True)
                | models.Q(status=EventStatus.FAILED),
                name="webhook_event_retry_is_failed",
                violation_error_message="Seul un échec attend un autre essai.",
            ),
        )
        indexes = (
            models.Index(fields=("received_at", "id"), name="webhook_event_received"),
            models.Index(fields=("endpoint", "received_at"), name="webhook_event_endpoint"),
            models.Index(
                fields=("next_retry_at",),
                condition=models.Q(status__in=[EventStatus.RECEIVED, EventStatus.FAILED]),
                name="webhook_event_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.endpoint} {self.external_event_id}"

    @property
    def annexe_status(self) -> str:
        """The status in the words of Annexe A.2.3: ok, retry or failed; empty for the others."""
        if self.status == EventStatus.PROCESSED:
            return "ok"
        if self.status == EventStatus.FAILED:
            return "failed" if self.next_retry_at is None else "retry"
        return ""


class WebhookReceipt(CompanyOwnedModel):
    """That an event was received: unique for ever, where a partitioned table cannot be.

    `body_hash` tells the same event sent again from another one under the same identifier.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.PROTECT,
        related_name="receipts",
        verbose_name="point d'entrée",
        # The unique constraint begins with it.
        db_index=False,
    )
    external_event_id = models.CharField("identifiant du partenaire", max_length=200)
    event_id = models.UUIDField("événement")
    received_at = models.DateTimeField("reçu le", default=now, db_default=Now())
    body_hash = models.CharField("empreinte du corps", max_length=64)

    class Meta:
        db_table = "webhook_receipt"
        verbose_name = "accusé webhook"
        verbose_name_plural = "accusés webhook"
        ordering = ("-received_at",)
        triggers = (no_truncate(), owner_from("webhook_endpoint", "endpoint_id"))
        constraints = (
            models.UniqueConstraint(
                fields=("endpoint", "external_event_id"),
                name="webhook_receipt_once",
                violation_error_message="Cet événement a déjà été reçu.",
            ),
        )

    def __str__(self) -> str:
        return self.external_event_id
