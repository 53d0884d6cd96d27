"""Partners and their activation by company (Annexe A.2.1; readings M-01, M-16, M-18)."""

from typing import Any

from django.db import models

from partners.choices import PartnerStatus, PartnerType
from winvest.core import scoping
from winvest.core.models.base import (
    CompanyOwnedModel,
    ScopedHistory,
    audit,
    history,
)
from winvest.core.models.company import siren_digits


class Partner(CompanyOwnedModel):
    """An insurer, telecom, energy, OTT provider or marketplace, managed by one company."""

    type = models.CharField("type", max_length=12, choices=PartnerType)
    name = models.CharField("nom", max_length=160)
    legal_name = models.CharField("raison sociale", max_length=160)
    export_label = models.CharField(
        "libellé dans les exports",
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text="Nom écrit dans les fichiers comptables ; à défaut, le nom du partenaire.",
    )
    siren = models.CharField(
        "SIREN",
        max_length=9,
        null=True,
        blank=True,
        validators=[siren_digits],
    )
    is_insurance = models.BooleanField(
        "assurance",
        default=False,
        db_default=False,
        help_text="Les commissions d'assurance sont exonérées de TVA (CGI 261 C 2°).",
    )
    status = models.CharField(
        "statut",
        max_length=8,
        choices=PartnerStatus,
        default=PartnerStatus.ACTIVE,
        db_default=PartnerStatus.ACTIVE,
    )

    history = history()

    class Meta:
        db_table = "partner"
        verbose_name = "partenaire"
        verbose_name_plural = "partenaires"
        ordering = ("name",)
        triggers = (audit(),)
        constraints = (
            models.UniqueConstraint(
                fields=("company", "name"),
                name="partner_company_name",
                violation_error_message="Cette société a déjà un partenaire de ce nom.",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="partner_id_company"),
        )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def readable(cls) -> Any:
        """Managed by, or activated for, a company in scope."""
        activated = PartnerActivation.objects.filter(
            partner=models.OuterRef("pk"), status=PartnerStatus.ACTIVE
        )
        return scoping.InScope("company") | models.Exists(activated)


class ActivationHistory(ScopedHistory):
    """Old states of activations, read by the selling company and the managing one."""

    class Meta:
        abstract = True


class PartnerActivation(CompanyOwnedModel):
    """A partner opened to a company of the group (reading M-01); `company` is that company."""

    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="activations", verbose_name="partenaire"
    )
    status = models.CharField(
        "statut",
        max_length=8,
        choices=PartnerStatus,
        default=PartnerStatus.ACTIVE,
        db_default=PartnerStatus.ACTIVE,
    )
    activated_at = models.DateTimeField("activé le", null=True, blank=True)

    history = history(bases=[ActivationHistory])

    class Meta:
        db_table = "partner_company"
        verbose_name = "activation par société"
        verbose_name_plural = "activations par société"
        triggers = (audit(),)
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "company"),
                name="partner_company_once",
                violation_error_message="Ce partenaire est déjà activé pour cette société.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner} / {self.company}"
