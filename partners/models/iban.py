"""Changes of a partner's IBAN: one person proposes, another confirms (`design/domain.md` §11)."""

from django.db import models

from partners.choices import IbanChangeState
from partners.domain.bank import BIC_SHAPE, MASKED_IBAN
from partners.models.partner import Partner
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import shaped
from winvest.core.models.secret import SealedField, sealed_check


class PartnerIbanChange(CompanyOwnedModel):
    """A proposed IBAN, kept encrypted until it is decided; then only its masked form stays."""

    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="iban_changes", verbose_name="partenaire"
    )
    iban = SealedField("IBAN", null=True, blank=True)
    iban_masked = models.CharField("IBAN", max_length=40)
    bic = models.CharField("BIC", max_length=20, blank=True, default="", db_default="")
    state = models.CharField(
        "état",
        max_length=8,
        choices=IbanChangeState,
        default=IbanChangeState.PENDING,
        db_default=IbanChangeState.PENDING,
    )
    proposed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="proposed_by",
        verbose_name="proposé par",
    )
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_column="decided_by",
        verbose_name="décidé par",
    )
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True, default="", db_default="")

    log_title = ("{partner}", "{iban_masked}")

    class Meta:
        db_table = "partner_iban_change"
        verbose_name = "changement d'IBAN"
        verbose_name_plural = "changements d'IBAN"
        ordering = ("-created_at", "-id")
        triggers = (
            audit(masked=("iban",)),
            no_truncate(),
            owner_from("partner", "partner_id"),
        )
        constraints = (
            one_of("state", IbanChangeState),
            models.UniqueConstraint(
                fields=("partner",),
                condition=models.Q(state=IbanChangeState.PENDING),
                name="partner_iban_change_one_pending",
                violation_error_message="Un changement d'IBAN attend déjà d'être confirmé.",
            ),
            models.CheckConstraint(
                condition=models.Q(state=IbanChangeState.PENDING, decided_by__isnull=True)
                | (~models.Q(state=IbanChangeState.PENDING) & models.Q(decided_by__isnull=False)),
                name="partner_iban_change_decided",
                violation_error_message="Une décision a un auteur.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=IbanChangeState.APPLIED)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="partner_iban_change_two_people",
                violation_error_message="Un IBAN se confirme par une autre personne.",
            ),
            shaped("bic", BIC_SHAPE, "Ce BIC n'est pas valide.", blank=True),
            shaped("iban_masked", MASKED_IBAN, "Un IBAN se montre masqué."),
            sealed_check("partner_iban_change", "iban"),
        )

    def __str__(self) -> str:
        return f"{self.partner} : {self.iban_masked}"
