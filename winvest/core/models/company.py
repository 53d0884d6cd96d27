"""Companies of the group and their brands (§2.1, Annexe A.2.1; readings M-10, P-09)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from stdnum.eu import at_02 as creditor_ids

from winvest.core import scoping
from winvest.core.choices import Currency, VatRegime
from winvest.core.domain.identity import compact_number, siret_problem, vat_number_problem
from winvest.core.domain.roles import Action
from winvest.core.models.base import (
    CompanyOwnedModel,
    DatedModel,
    ScopedHistory,
    ScopedModel,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import COUNTRY, filled, kinds, matches, shaped
from winvest.core.models.validators import (
    SchemaValidator,
    validate_country,
    validate_time_zone,
    validate_with,
)

CODE = RegexValidator(r"\A[A-Z][A-Z0-9]{1,11}\Z", "Majuscules et chiffres, 12 au plus.")
siren_digits = RegexValidator(r"\A[0-9]{9}\Z", "Un SIREN a neuf chiffres.", code="siren")


def logo_path(company: "Company", name: str) -> str:
    """Return where a logo is kept: a new name for each content, so that none is ever replaced."""
    return f"logos/{company.pk}/{name}"


class CompanyHistory(ScopedHistory):
    """Old states of companies, read like the companies."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """The company itself is in scope."""
        return scoping.InScope("id")


# The customer's own inserts (A.7) know no code: a company written by SQL alone gets its initials.
CODE_FROM_NAME = pgtrigger.Trigger(
    name="code_from_name",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.code IS NULL"),
    declare=[("letters", "text"), ("initials", "text"), ("rank", "integer := 1")],
    func=(
        "letters := upper(trim(regexp_replace(public.unaccent('public.unaccent'::regdictionary, "
        "NEW.legal_name), '[^A-Za-z]+', ' ', 'g'))); "
        "SELECT string_agg(left(word, 1), '' ORDER BY place) INTO initials "
        "FROM regexp_split_to_table(letters, ' ') WITH ORDINALITY AS words(word, place); "
        "IF length(initials) < 2 THEN initials := left(replace(letters, ' ', ''), 4); END IF; "
        "initials := left(rpad(initials, 2, 'X'), 9); NEW.code := initials; "
        "WHILE EXISTS (SELECT 1 FROM company WHERE code = NEW.code) LOOP "
        "rank := rank + 1; NEW.code := initials || rank; END LOOP; RETURN NEW;"
    ),
)


# The names that PostgreSQL itself knows; reading them all takes a while, so not for most companies.
KNOWN_ZONE = pgtrigger.Trigger(
    name="known_zone",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("timezone"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Condition("NEW.timezone <> 'Europe/Paris'"),
    func=(
        "IF NOT EXISTS (SELECT 1 FROM pg_timezone_names WHERE name = NEW.timezone) THEN "
        "RAISE EXCEPTION 'company %: unknown time zone', NEW.id USING "
        "ERRCODE = 'check_violation', CONSTRAINT = 'company_timezone_known'; END IF; RETURN NEW;"
    ),
)


class Company(ScopedModel, DatedModel):
    """A company of the group (Annexe A.2.1); `code` names it in SKUs and file names (M-10)."""

    code = models.CharField(
        "code",
        max_length=12,
        unique=True,
        validators=[CODE],
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
    )
    vat_number = models.CharField(
        "numéro de TVA",
        max_length=32,
        null=True,
        blank=True,
    )
    country = models.CharField(
        "pays",
        max_length=2,
        default="FR",
        db_default="FR",
        validators=[validate_country],
    )
    currency = models.CharField(
        "devise de tenue de compte",
        max_length=3,
        choices=Currency,
        default=Currency.EUR,
        db_default=Currency.EUR,
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
        validators=[validate_with(creditor_ids, "Cet identifiant créancier n'est pas valide.")],
    )
    brand_theme = models.JSONField(
        "couleurs",
        null=True,
        blank=True,
        validators=[SchemaValidator("winvest/core/schemas/brand_theme.json")],
    )
    # Checked and drawn again by the form (`winvest.core.domain.logo`); served by the admin site.
    logo = models.FileField(
        "logo", upload_to=logo_path, max_length=160, blank=True, default="", db_default=""
    )
    addresses = models.JSONField(
        "adresses",
        default=list,
        db_default=[],
        blank=True,
        validators=[SchemaValidator("winvest/core/schemas/addresses.json")],
    )
    contacts = models.JSONField(
        "contacts",
        default=list,
        db_default=[],
        blank=True,
        validators=[SchemaValidator("winvest/core/schemas/contacts.json")],
    )
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
        triggers = (audit(), no_truncate(), CODE_FROM_NAME, KNOWN_ZONE)
        constraints = (
            one_of("vat_regime", VatRegime),
            *kinds(brand_theme=dict, addresses=list, contacts=list),
            filled("legal_name", "Raison sociale"),
            filled("brand_name", "Marque par défaut"),
            matches("code", CODE),
            shaped("country", COUNTRY, "Un pays s'écrit en deux lettres capitales."),
            shaped(
                "vat_number", "^[A-Z]{2}[0-9A-Z+*]{2,13}$", "Ce numéro de TVA n'est pas valide."
            ),
            shaped(
                "ics_code",
                "^[A-Z]{2}[0-9]{2}[0-9A-Z]{4,16}$",
                "Cet identifiant créancier n'est pas valide.",
            ),
            models.CheckConstraint(
                condition=models.Q(account_length__range=(3, 12)),
                name="company_account_length",
                violation_error_message="La longueur des comptes va de 3 à 12 chiffres.",
            ),
            models.CheckConstraint(
                condition=models.Q(siren__regex=r"^[0-9]{9}$"),
                name="company_siren_digits",
                violation_error_message="Un SIREN a neuf chiffres.",
            ),
            models.CheckConstraint(
                condition=models.Q(siret_default__isnull=True)
                | models.Q(siret_default__regex=r"^[0-9]{14}$"),
                name="company_siret_digits",
                violation_error_message="Un SIRET a quatorze chiffres.",
            ),
            models.CheckConstraint(
                condition=models.Q(siret_default__startswith=models.F("siren")),
                name="company_siret_of_siren",
                violation_error_message="Un SIRET commence par le SIREN de son entreprise.",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__in=Currency.values),
                name="company_currency_known",
                violation_error_message="Cette devise n'est pas connue.",
            ),
        )

    @classmethod
    def readable(cls) -> Any:
        """The company itself is in scope."""
        return scoping.InScope("id")

    def __str__(self) -> str:
        return f"{self.code} — {self.legal_name}"

    @property
    def company_id(self) -> UUID:
        """A company is its own owner."""
        return self.pk

    def clean(self) -> None:
        """Check the numbers that follow from the SIREN; a wrong key of the SIREN itself is said by
        `winvest.core.domain.identity.siren_warnings` (M-11).
        """
        self.addresses, self.contacts = self.addresses or [], self.contacts or []
        self.siret_default = self.siret_default or None
        self.ics_code = compact_number(self.ics_code or "") or None
        problems = {}
        if self.siret_default:
            problems["siret_default"] = siret_problem(self.siret_default, self.siren)
        self.vat_number = compact_number(self.vat_number or "") or None
        if self.vat_number:
            problems["vat_number"] = vat_number_problem(self.vat_number, self.siren)
        errors = {
            name: ValidationError(problem.message, code=problem.value)
            for name, problem in problems.items()
            if problem
        }
        if errors:
            raise ValidationError(errors)


class Brand(CompanyOwnedModel):
    """A trade name of a company (reading M-10: a company has several brands)."""

    name = models.CharField("nom", max_length=120)

    history = history()

    class Meta:
        db_table = "brand"
        verbose_name = "marque"
        verbose_name_plural = "marques"
        ordering = ("name",)
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            filled("name", "Nom"),
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
