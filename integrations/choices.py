"""Closed lists of integrations, with their French labels (A.2.3, C.7; readings A-01, A-02)."""

from django.db import models


class WebhookEventType(models.TextChoices):
    """What a partner tells (A-02)."""

    QUOTE = "quote", "Devis"
    ISSUE_POLICY = "issuePolicy", "Création de contrat"
    CANCEL = "cancel", "Annulation"
    RENEWAL = "renewal", "Renouvellement"
    COMMISSION_REPORT = "commissionReport", "Bordereau de commission"


class EndpointStatus(models.TextChoices):
    """Whether an endpoint takes events."""

    ACTIVE = "active", "Actif"
    INACTIVE = "inactive", "Inactif"


class EventStatus(models.TextChoices):
    """How an event stands (C.7).

    Annexe A.2.3's « ok » is processed; its « retry », failed with a date of the next attempt; its
    « failed », failed without one (A-01).
    """

    RECEIVED = "received", "Reçu"
    PROCESSED = "processed", "Traité"
    FAILED = "failed", "Échec"
    IGNORED = "ignored", "Ignoré"
