"""Who receives a share of the commissions that a company pays (`design/domain.md` §5, K-07)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from commissions.choices import Employment, SplitKey
from partners.models.partner import Partner
from winvest.core.models.access import Membership, User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import filled, matches
from winvest.core.models.sorting import SortLabel

# The company's own share is never booked.
KEYS = [choice for choice in SplitKey.choices if choice[0] != SplitKey.COMPANY]


AUXILIARY = RegexValidator(r"\A[0-9A-Z]{2,20}\Z", "Chiffres ou majuscules, de 2 à 20.")


class Beneficiary(CompanyOwnedModel):
    """A person or a partner that `company` pays under one key of the split."""

    split_key = models.CharField("part", max_length=12, choices=KEYS)
    name = models.CharField("nom", max_length=160)
    employment = models.CharField("statut", max_length=12, choices=Employment)
    user = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="beneficiaries",
        verbose_name="compte",
        help_text="Le compte de cette personne dans Winvest, si elle en a un.",
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="beneficiaries",
        verbose_name="partenaire",
    )
    auxiliary_account = models.CharField(
        "compte auxiliaire",
        max_length=20,
        validators=[AUXILIARY],
    )
    tax_code = models.CharField("code TVA", max_length=10, null=True, blank=True)
    is_active = models.BooleanField("actif", default=True, db_default=True)
    sort_label = SortLabel("name")

    history = history(excluded_fields=["sort_label"])

    class Meta:
        db_table = "beneficiary"
        verbose_name = "bénéficiaire"
        verbose_name_plural = "bénéficiaires"
        ordering = ("sort_label", "pk")
        triggers = (
            audit(ignored=("sort_label",)),
            no_truncate(),
        )
        constraints = (
            one_of("employment", Employment),
            matches("auxiliary_account", AUXILIARY),
            filled("name", "Nom"),
            models.UniqueConstraint(
                fields=("company", "auxiliary_account"),
                name="beneficiary_auxiliary_account",
                violation_error_message="Ce compte auxiliaire est déjà celui d'un bénéficiaire.",
            ),
            models.CheckConstraint(
                condition=models.Q(split_key__in=[key for key, _ in KEYS]),
                name="beneficiary_key",
                violation_error_message="La part de la société n'a pas de bénéficiaire.",
            ),
            models.CheckConstraint(
                condition=models.Q(partner__isnull=True)
                | models.Q(user__isnull=True, employment=Employment.INDEPENDENT),
                name="beneficiary_person_or_partner",
                violation_error_message="Un partenaire n'est ni une personne ni un salarié.",
            ),
            models.CheckConstraint(
                condition=~models.Q(employment=Employment.EMPLOYEE)
                | models.Q(tax_code__isnull=True),
                name="beneficiary_employee_without_vat",
                violation_error_message="Un salarié n'a pas de code TVA.",
            ),
        )
        indexes = (models.Index(fields=("sort_label", "id"), name="beneficiary_sorted"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.get_split_key_display()})"

    def clean(self) -> None:
        """Refuse the account of a person who has no role in the company."""
        if self.user_id is None or not self.names("company"):
            return
        roles: Any = Membership.objects.filter(user=self.user_id, company=self.company_id)
        if not roles.exists():
            raise ValidationError({"user": "Cette personne n'a pas de rôle dans la société."})
