"""Companies of the group and their brands (§2.1, Annexe A.2.1; readings M-10, P-09)."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from stdnum.eu import vat as vat_numbers
from stdnum.fr import siret as siret_numbers

from winvest.core import scoping
from winvest.core.choices import VatRegime
from winvest.core.domain.roles import Action
from winvest.core.models.base import (
    CompanyOwnedModel,
    DatedModel,
    ScopedHistory,
    ScopedModel,
    audit,
    history,
)
from winvest.core.models.validators import validate_time_zone, validate_with

siren_digits = RegexValidator(r"\A[0-9]{9}\Z", "Un SIREN a neuf chiffres.", code="siren")


class CompanyHistory(ScopedHistory):
    """Old states of companies, read like the companies."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """The company itself is in scope."""
        return scoping.InScope("id")


class Company(ScopedModel, DatedModel):
    """A company of the group (Annexe A.2.1); `code` names it in SKUs and file names (M-10)."""

    code = models.CharField(
        "code",
        max_length=12,
        unique=True,
        validators=[
            RegexValidator(r"\A[A-Z][A-Z0-9]{1,11}\Z", "Majuscules et chiffres, 12 au plus.")
        ],
        error_messages={"unique": "Ce code de société est déjà pris."},
    )
    legal_name = models.CharField(
        "raison sociale",
        max_length=160,
        unique=True,
        error_messages={"unique": "Cette raison sociale est déjà prise."},
    )
    brand_name = models.CharField("marque par défaut", max_length=120)
    siren = models.CharField(
        "SIREN",
        max_length=9,
        unique=True,
        validators=[siren_digits],
        error_messages={"unique": "Ce SIREN est déjà pris."},
    )
    siret_default = models.CharField(
        "SIRET du siège",
        max_length=14,
        null=True,
        blank=True,
        validators=[validate_with(siret_numbers, "Ce SIRET n'est pas valide.")],
    )
    vat_number = models.CharField(
        "numéro de TVA",
        max_length=32,
        null=True,
        blank=True,
        validators=[validate_with(vat_numbers, "Ce numéro de TVA n'est pas valide.")],
    )
    country = models.CharField(
        "pays",
        max_length=2,
        default="FR",
        db_default="FR",
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", "Code de pays à deux lettres.")],
    )
    currency = models.CharField(
        "devise de tenue de compte",
        max_length=3,
        default="EUR",
        db_default="EUR",
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", "Code de devise à trois lettres.")],
    )
    timezone = models.CharField(
        "fuseau horaire",
        max_length=40,
        default="Europe/Paris",
        db_default="Europe/Paris",
        validators=[validate_time_zone],
    )
    ics_code = models.CharField(
        "identifiant créancier SEPA (ICS)",
        max_length=20,
        null=True,
        blank=True,
    )
    brand_theme = models.JSONField("charte (couleurs, logo)", null=True, blank=True)
    addresses = models.JSONField("adresses", default=list, db_default=[], blank=True)
    contacts = models.JSONField("contacts", default=list, db_default=[], blank=True)
    vat_regime = models.CharField(
        "exigibilité de la TVA",
        max_length=12,
        choices=VatRegime,
        default=VatRegime.DEBITS,
        db_default=VatRegime.DEBITS,
    )
    account_length = models.PositiveSmallIntegerField(
        "longueur des comptes", default=6, db_default=6
    )
    is_active = models.BooleanField("active", default=True, db_default=True)

    history = history(
        bases=[CompanyHistory],
    )

    class Meta:
        db_table = "company"
        verbose_name = "société"
        verbose_name_plural = "sociétés"
        ordering = ("code",)
        # The rights of R-01 as object permissions; django-guardian's groups hold them.
        permissions = tuple((action.codename, action.value) for action in Action)
        triggers = (audit(),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(account_length__range=(3, 12)),
                name="company_account_length",
                violation_error_message="La longueur des comptes va de 3 à 12 chiffres.",
            ),
        )

    @classmethod
    def readable(cls) -> Any:
        """The company itself is in scope."""
        return scoping.InScope("id")

    def __str__(self) -> str:
        return f"{self.code} — {self.legal_name}"


class Brand(CompanyOwnedModel):
    """A trade name of a company (reading M-10: a company has several brands)."""

    name = models.CharField("nom", max_length=120)

    history = history()

    class Meta:
        db_table = "brand"
        verbose_name = "marque"
        verbose_name_plural = "marques"
        ordering = ("name",)
        triggers = (audit(),)
        constraints = (
            models.UniqueConstraint(
                "company",
                Lower("name"),
                name="brand_company_name",
                violation_error_message="Cette société a déjà une marque de ce nom.",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="brand_id_company"),
        )

    def __str__(self) -> str:
        return self.name
