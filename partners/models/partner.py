"""Partners and their activation by company (Annexe A.2.1; readings M-01, M-16, M-18)."""

from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Lower

from partners.choices import PartnerStatus, PartnerType
from partners.domain.bank import BIC_SHAPE, MASKED_IBAN, checked_bic
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.errors import Invalid
from winvest.core.models.base import (
    CompanyOwnedModel,
    ScopedHistory,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import filled, kinds, shaped
from winvest.core.models.company import siren_digits
from winvest.core.models.secret import SealedField, sealed_check
from winvest.core.models.sorting import SortLabel
from winvest.core.models.validators import SchemaValidator, seen_text, validate_seen
from winvest.core.models.words import FrenchWords

ADDRESSES = "winvest/core/schemas/addresses.json"
EXTRANET = Path(__file__).resolve().parents[1] / "schemas" / "extranet_codes.json"


# The hours of a year.
MAX_HOURS = 8_760


def hours_check(column: str, what: str) -> models.CheckConstraint:
    """Return the constraint that a number of hours is at most a year's."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__lte": MAX_HOURS}),
        name=f"partner_{column}_within_a_year",
        violation_error_message=f"{what} ne dépasse pas un an (8 760 heures).",
    )


class Partner(CompanyOwnedModel):
    """An insurer, telecom, energy, OTT provider or marketplace, managed by one company."""

    type = models.CharField("type", max_length=12, choices=PartnerType)
    name = models.CharField("nom", max_length=160, validators=[validate_seen])
    legal_name = models.CharField("raison sociale", max_length=160, validators=[validate_seen])
    export_label = models.CharField(
        "libellé dans les exports",
        max_length=160,
        blank=True,
        default="",
        db_default="",
        validators=[validate_seen],
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
    addresses = models.JSONField(
        "adresses", null=True, blank=True, validators=[SchemaValidator(ADDRESSES)]
    )
    # Written by `partners.services.iban` only: two people (`design/domain.md` §11).
    iban = SealedField("IBAN", null=True, blank=True)
    iban_masked = models.CharField("IBAN", max_length=40, null=True, blank=True, editable=False)
    bic = models.CharField("BIC", max_length=20, null=True, blank=True)
    payment_terms = models.CharField(
        "conditions de règlement", max_length=60, null=True, blank=True
    )
    extranet_codes = SealedField("codes extranet", null=True, blank=True)
    sla_availability = models.DecimalField(
        "disponibilité garantie (%)",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
    )
    sla_response_hours = models.PositiveSmallIntegerField(
        "prise en charge (heures)", null=True, blank=True, validators=[MaxValueValidator(MAX_HOURS)]
    )
    sla_resolution_hours = models.PositiveSmallIntegerField(
        "résolution (heures)", null=True, blank=True, validators=[MaxValueValidator(MAX_HOURS)]
    )
    sla_notes = models.CharField(
        "précisions du SLA", max_length=300, blank=True, default="", db_default=""
    )
    status = models.CharField(
        "statut",
        max_length=8,
        choices=PartnerStatus,
        default=PartnerStatus.ACTIVE,
        db_default=PartnerStatus.ACTIVE,
    )
    sort_label = SortLabel("name")

    history = history(excluded_fields=["iban", "extranet_codes", "sort_label"])

    class Meta:
        db_table = "partner"
        verbose_name = "partenaire"
        verbose_name_plural = "partenaires"
        ordering = ("sort_label", "id")
        triggers = (
            audit(masked=("iban", "extranet_codes"), ignored=("sort_label",)),
            no_truncate(),
        )
        indexes = (
            models.Index(fields=("sort_label", "id"), name="partner_sorted"),
            GinIndex(OpClass("sort_label", "gin_trgm_ops"), name="partner_search"),
            GinIndex(FrenchWords("name"), name="partner_words", fastupdate=False),
            models.Index(fields=("siren",), name="partner_siren"),
        )
        constraints = (
            one_of("type", PartnerType),
            *kinds(addresses=list),
            filled("name", "Nom"),
            filled("legal_name", "Raison sociale"),
            one_of("status", PartnerStatus),
            models.UniqueConstraint(
                "company",
                Lower("name"),
                name="partner_company_name",
                violation_error_message="Cette société a déjà un partenaire de ce nom.",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="partner_id_company"),
            models.CheckConstraint(
                condition=models.Q(siren__isnull=True) | models.Q(siren__regex=r"^[0-9]{9}$"),
                name="partner_siren_digits",
                violation_error_message="Un SIREN a neuf chiffres.",
            ),
            models.CheckConstraint(
                condition=models.Q(sla_availability__isnull=True)
                | models.Q(sla_availability__range=(0, 100)),
                name="partner_sla_availability",
                violation_error_message="Une disponibilité va de 0 à 100 pour cent.",
            ),
            hours_check("sla_response_hours", "La prise en charge"),
            hours_check("sla_resolution_hours", "La résolution"),
            shaped("bic", BIC_SHAPE, "Ce BIC n'est pas valide."),
            shaped("iban_masked", MASKED_IBAN, "Un IBAN se montre masqué."),
            *(seen_text("partner", name) for name in ("name", "legal_name", "export_label")),
            sealed_check("partner", "iban"),
            sealed_check("partner", "extranet_codes"),
            models.CheckConstraint(
                condition=models.Q(iban__isnull=True) | models.Q(iban_masked__isnull=False),
                name="partner_iban_is_shown_masked",
                violation_error_message="Un IBAN se montre masqué.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check the BIC by its library; what is left empty is NULL, as in Annexe A."""
        for name in ("siren", "bic", "payment_terms", "addresses"):
            setattr(self, name, getattr(self, name) or None)
        if self.bic:
            try:
                self.bic = checked_bic(self.bic)
            except Invalid as error:
                raise ValidationError(
                    {"bic": ValidationError(str(error), code=error.code)}
                ) from error

    @classmethod
    def readable(cls) -> Any:
        """Managed by a company in scope, or opened to one.

        An inactive activation closes what is new and hides nothing: the company has its products.
        """
        activated = PartnerActivation.objects.filter(partner=models.OuterRef("pk"))
        return scoping.InScope("company") | models.Exists(activated)

    @cached_property
    def open_to(self) -> frozenset[UUID]:
        """The companies whose products may name the partner: its own, and those it is opened to."""
        activations = PartnerActivation._base_manager.filter(partner=self).exclude(
            status=PartnerStatus.INACTIVE
        )
        return frozenset({self.company_id, *activations.values_list("company_id", flat=True)})


# What the products of a company name stays open to it, if only to be read (M-01, M-18).
KEEP_USED = pgtrigger.Trigger(
    name="keep_used",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete | pgtrigger.UpdateOf("partner_id", "company_id"),  # type: ignore[no-untyped-call]
    func=(
        "IF TG_OP = 'UPDATE' AND (OLD.partner_id, OLD.company_id) = (NEW.partner_id, "
        "NEW.company_id) THEN RETURN NEW; END IF; "
        "IF EXISTS (SELECT 1 FROM product JOIN partner ON partner.id = product.partner_id "
        "WHERE product.partner_id = OLD.partner_id AND product.company_id = OLD.company_id "
        "AND partner.company_id <> OLD.company_id) THEN "
        "RAISE EXCEPTION 'partner_company %: products of the company name the partner', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    ),
)


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

    log_title = ("{partner}", "{company}")

    class Meta:
        db_table = "partner_company"
        verbose_name = "activation par société"
        verbose_name_plural = "activations par société"
        triggers = (audit(), no_truncate(), KEEP_USED)
        constraints = (
            one_of("status", PartnerStatus),
            models.UniqueConstraint(
                fields=("partner", "company"),
                name="partner_company_once",
                violation_error_message="Ce partenaire est déjà activé pour cette société.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner} / {self.company}"

    def clean(self) -> None:
        """Date the activation when it starts (M-01)."""
        if self.status == PartnerStatus.ACTIVE and self.activated_at is None:
            self.activated_at = now()
