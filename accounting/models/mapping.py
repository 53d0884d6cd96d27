"""Accounts of products by company, and the company's own (Annexe A.2.2; readings X-01, X-09)."""

from collections.abc import Mapping
from uuid import UUID

import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper

from accounting.choices import AccountPurpose, MappingState, Nature
from accounting.domain import mapping_rules as rules
from accounting.domain.mapping_rules import account_problems
from catalog.models.product import Product
from catalog.models.version import ProductVersion
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import matches
from winvest.core.models.company import Company
from winvest.core.models.vat import VatRate

account_digits = RegexValidator(r"\A[0-9A-Z]{3,20}\Z", "Chiffres ou majuscules, de 3 à 20.")
PREFIX = "Le compte ne commence pas comme ceux de cette nature."

# The uses of an account that are the nature of a product's mapping, or a VAT account.
PURPOSES: Mapping[str, rules.Nature] = {
    AccountPurpose.REVENUE: rules.Nature.REVENUE,
    AccountPurpose.COMMISSION: rules.Nature.COMMISSION,
    AccountPurpose.FEE: rules.Nature.FEE,
    AccountPurpose.VAT_COLLECTED: rules.Nature.TAX,
    AccountPurpose.VAT_DEDUCTIBLE: rules.Nature.TAX,
}


def _prefixes(natures: Mapping[str, rules.Nature], column: str, account: str) -> models.Q:
    """Return the condition that an account begins as its nature wants, for these values (§2.2)."""
    allowed = ~models.Q(**{f"{column}__in": list(natures)})
    for value, nature in natures.items():
        starts = "|".join(rules.DEFAULT_PREFIXES[nature])
        allowed |= models.Q(**{column: value, f"{account}__regex": f"^({starts})"})
    return allowed


# What was validated is a fact: it only ends, when another one takes its place (decision 4).
KEEP_VALIDATED = pgtrigger.Trigger(
    name="keep_validated",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.state IN ('validated', 'replaced')"),
    func=(
        "IF TG_OP = 'UPDATE' AND OLD.state = 'validated' AND NEW.state IN ('validated', 'replaced') "
        "AND to_jsonb(OLD) - '{state,replaced_at,updated_at}'::text[] "
        "= to_jsonb(NEW) - '{state,replaced_at,updated_at}'::text[] "
        "THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'accounting_mapping %: what was validated is kept', OLD.id "
        "USING ERRCODE = 'restrict_violation';"
    ),
)


class AccountingMapping(CompanyOwnedModel):
    """Accounts of a product version for the company that sells it (C.6 for the states).

    A validated one is in force from `validated_at` until `replaced_at`: another account is
    another mapping, which takes its place at its own validation.
    """

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.PROTECT,
        related_name="accounting_mappings",
        verbose_name="version",
    )
    # Of the version, for ever: the lists find a mapping by its product.
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name="produit",
    )
    nature = models.CharField("nature", max_length=10, choices=Nature)
    gl_account = models.CharField("compte général", max_length=20, validators=[account_digits])
    journal = models.CharField(
        "journal",
        max_length=20,
        null=True,
        blank=True,
    )
    tax_code = models.CharField(
        "code TVA",
        max_length=10,
        null=True,
        blank=True,
    )
    cost_center = models.CharField(
        "centre de coûts",
        max_length=20,
        null=True,
        blank=True,
    )
    state = models.CharField(
        "état",
        max_length=12,
        choices=MappingState,
        default=MappingState.TO_VALIDATE,
        db_default=MappingState.TO_VALIDATE,
    )
    validated_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="validé par",
    )
    validated_at = models.DateTimeField("validé le", null=True, blank=True)
    replaced_at = models.DateTimeField("remplacé le", null=True, blank=True)

    history = history()

    log_title = ("{product_version}", "{nature}", "{gl_account}")

    class Meta:
        db_table = "accounting_mapping"
        verbose_name = "mapping comptable"
        verbose_name_plural = "mappings comptables"
        ordering = ("product_version", "nature")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id", "product_id", "product_id"),
            KEEP_VALIDATED,
        )
        indexes = (
            models.Index(
                OpClass(Upper("gl_account"), name="text_pattern_ops"),
                name="mapping_account_prefix",
            ),
        )
        constraints = (
            one_of("nature", Nature),
            matches("gl_account", account_digits),
            models.CheckConstraint(
                condition=_prefixes(
                    {Nature(nature.value): nature for nature in rules.Nature},
                    "nature",
                    "gl_account",
                ),
                name="accounting_mapping_account_prefix",
                violation_error_message=PREFIX,
            ),
            one_of("state", MappingState),
            models.UniqueConstraint(
                fields=("product_version", "company", "nature"),
                condition=models.Q(state=MappingState.VALIDATED),
                name="accounting_mapping_once",
                violation_error_message="Cette nature a déjà un compte validé pour la société.",
            ),
            models.UniqueConstraint(
                fields=("product_version", "company", "nature"),
                condition=models.Q(state__in=(MappingState.TO_VALIDATE, MappingState.ERROR)),
                name="accounting_mapping_one_waits",
                violation_error_message="Un compte de cette nature attend déjà sa validation.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(MappingState.VALIDATED, MappingState.REPLACED))
                | models.Q(validated_at__isnull=False),
                name="accounting_mapping_validated_is_dated",
                violation_error_message="Un mapping validé porte la date de sa validation.",
            ),
            models.CheckConstraint(
                condition=models.Q(state=MappingState.REPLACED, replaced_at__isnull=False)
                | (~models.Q(state=MappingState.REPLACED) & models.Q(replaced_at__isnull=True)),
                name="accounting_mapping_replaced_is_dated",
                violation_error_message="Un mapping remplacé, et lui seul, porte la date de sa fin.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_version} : {self.get_nature_display()} {self.gl_account}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Check the account's prefix and length (§2.2, reading X-08), and that the VAT code exists.

        Its validation checks the rate that the code has at the date of effect (C.6, P-07).
        """
        errors: dict[str, list[ValidationError]] = {}
        if self.names("company"):
            if self.nature in Nature.values:
                errors |= _account_errors("gl_account", self.gl_account, self.nature, self.company)
            errors |= _tax_code_errors(self)
        if errors:
            raise ValidationError(errors)


class CompanyAccount(CompanyOwnedModel):
    """A company's account by purpose, for what no product mapping says (X-09)."""

    purpose = models.CharField("usage", max_length=16, choices=AccountPurpose)
    tax_code = models.CharField(
        "code TVA",
        max_length=10,
        null=True,
        blank=True,
        help_text="Pour un compte de TVA propre à un taux ; vide pour tous les taux.",
    )
    account = models.CharField("compte", max_length=20, validators=[account_digits])
    journal = models.CharField("journal", max_length=20, blank=True, default="", db_default="")
    cost_center = models.CharField(
        "centre de coûts", max_length=20, blank=True, default="", db_default=""
    )

    history = history()

    log_title = ("{purpose}", "{account}")

    class Meta:
        db_table = "company_account"
        verbose_name = "compte de la société"
        verbose_name_plural = "comptes de la société"
        ordering = ("company", "purpose")
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            one_of("purpose", AccountPurpose),
            matches("account", account_digits),
            models.CheckConstraint(
                condition=_prefixes(PURPOSES, "purpose", "account"),
                name="company_account_prefix",
                violation_error_message=PREFIX,
            ),
            models.UniqueConstraint(
                fields=("company", "purpose", "tax_code"),
                nulls_distinct=False,
                name="company_account_once",
                violation_error_message="Cet usage a déjà un compte.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} : {self.account}"

    def clean(self) -> None:
        """Check prefix and length where the purpose is a product's nature or a VAT account, and
        that the VAT code exists.
        """
        if not self.names("company"):
            return
        nature = PURPOSES.get(self.purpose)
        errors = _tax_code_errors(self)
        if nature:
            errors |= _account_errors("account", self.account, nature, self.company)
        if errors:
            raise ValidationError(errors)


def _account_errors(
    column: str, account: str, nature: str, company: Company
) -> dict[str, list[ValidationError]]:
    if not account:
        return {}  # said already
    problems = account_problems(rules.Nature(nature), account, length=company.account_length)
    errors = [ValidationError(reason.message, code=reason.code) for reason in problems]
    return {column: errors} if errors else {}


def _tax_code_errors(row: AccountingMapping | CompanyAccount) -> dict[str, list[ValidationError]]:
    """Refuse a VAT code that never had a rate in the company's country; a stored one stays."""
    code, country = row.tax_code, row.company.country
    if not code or VatRate.objects.filter(code=code, country=country).exists():
        return {}
    if row.keeps("tax_code", "company"):
        return {}
    return {"tax_code": [ValidationError("Ce code TVA n'existe pas.", code="vat.unknown")]}
