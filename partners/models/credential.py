"""Credentials of the partners' APIs, by environment, encrypted (Annexe A.2.1; M-14, G.2, R-11)."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from partners.choices import AuthType, CredentialEnv
from partners.domain.credentials import is_due, masked_secret
from partners.models.partner import Partner
from winvest.core.clock import now
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.secret import SealedField, sealed_check

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas" / "credentials"


# A partner takes its open accesses along (Annexe A: CASCADE), never those that were renewed or
# ended: they are the history that A.1.1 asks for.
KEEP_ENDED = pgtrigger.Trigger(
    name="keep_ended",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.valid_to IS NOT NULL"),
    func=(
        "RAISE EXCEPTION 'partner_credential %: what was in service is kept', OLD.id "
        "USING ERRCODE = 'restrict_violation';"
    ),
)


class PartnerCredential(CompanyOwnedModel):
    """What opens a partner's API in one environment, for a time; one is open at once (M-14).

    Written by `partners.services.credentials`: a rotation dates the old row and adds a new one.
    """

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="credentials", verbose_name="partenaire"
    )
    env = models.CharField("environnement", max_length=10, choices=CredentialEnv)
    auth_type = models.CharField("authentification", max_length=10, choices=AuthType)
    credentials = SealedField("secrets")
    secret_hint = models.CharField(
        "fin du secret", max_length=4, blank=True, default="", db_default="", editable=False
    )
    valid_from = models.DateTimeField("en service depuis", default=now, db_default=Now())
    valid_to = models.DateTimeField("en service jusqu'au", null=True, blank=True)
    rotated_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_column="rotated_by",
        verbose_name="renouvelée par",
    )

    history = history(excluded_fields=["credentials"])

    log_title = ("{partner}", "{env}")

    class Meta:
        db_table = "partner_credential"
        verbose_name = "accès API"
        verbose_name_plural = "accès API"
        ordering = ("-valid_from", "-id")
        triggers = (
            audit(masked=("credentials", "secret_hint")),
            no_truncate(),
            owner_from("partner", "partner_id"),
            KEEP_ENDED,
        )
        indexes = (models.Index(fields=("valid_from", "id"), name="partner_credential_recent"),)
        constraints = (
            one_of("env", CredentialEnv),
            one_of("auth_type", AuthType),
            models.UniqueConstraint(
                fields=("partner", "env"),
                condition=models.Q(valid_to__isnull=True),
                name="partner_credential_one_open",
                violation_error_message="Cet environnement a déjà un accès en service : "
                "renouvelez-le.",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="partner_credential_period",
                violation_error_message="La fin ne peut pas précéder le début.",
            ),
            sealed_check("partner_credential", "credentials"),
        )

    def __str__(self) -> str:
        return f"{self.partner} — {self.get_env_display()}"

    @classmethod
    def opens(
        cls,
        partner_id: UUID | None,
        at: datetime,
        *,
        live: bool = False,
        but: UUID | None = None,
    ) -> bool:
        """Whether a credential of the partner is in service at `at`.

        `live`: for what is sold, the production's; in any environment otherwise, and everywhere on
        an installation that takes no production key (R-11). `but` leaves one credential out. It
        is asked beyond the scope: a company may sell a partner that another one manages (M-01).
        """
        started = cls._base_manager.filter(partner=partner_id, valid_from__lte=at)
        if but is not None:
            started = started.exclude(pk=but)
        if live and settings.PRODUCTION_CREDENTIALS:
            started = started.filter(env=CredentialEnv.PRODUCTION)
        return started.filter(models.Q(valid_to=None) | models.Q(valid_to__gt=at)).exists()

    @property
    def masked(self) -> str:
        """What may be shown of the secret."""
        return masked_secret(self.secret_hint)

    @property
    def is_due(self) -> bool:
        """Whether it is open and older than the 90 days of G.2."""
        return self.valid_to is None and is_due(self.valid_from, now())

    def clean(self) -> None:
        """Refuse a production key where the settings are not production's (reading R-11)."""
        refused = self.env == CredentialEnv.PRODUCTION and not settings.PRODUCTION_CREDENTIALS
        if refused and self._state.adding:
            message = "Une clé de production ne se dépose que sur l'installation de production."
            raise ValidationError({"env": ValidationError(message, code="credential.env")})
