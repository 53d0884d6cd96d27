"""Plans (« formules ») and their price rules (Annexe A.2.2; readings P-01 to P-10)."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import PricingType, Recurrence
from catalog.models.version import ProductVersion, freeze_content
from winvest.core import schemas
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import CompanyOwnedModel, audit, history, owner_from

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas" / "pricing"


class ProductPlan(CompanyOwnedModel):
    """A variant of a version, with its own recurrence."""

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.CASCADE, related_name="plans", verbose_name="version"
    )
    code = models.CharField("code", max_length=60)
    name = models.CharField("nom", max_length=120)
    recurrence = models.CharField("récurrence", max_length=10, choices=Recurrence)
    billing_cycle_days = models.PositiveIntegerField("cycle (jours)", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0, db_default=0)

    history = history()

    class Meta:
        db_table = "product_plan"
        verbose_name = "formule"
        verbose_name_plural = "formules"
        ordering = ("product_version", "position", "code")
        triggers = (
            audit(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("product_version", "code"),
                name="product_plan_code",
                violation_error_message="Cette version a déjà une formule de ce code.",
            ),
            models.UniqueConstraint(
                fields=("id", "product_version"), name="product_plan_id_version"
            ),
            models.CheckConstraint(
                condition=models.Q(recurrence=Recurrence.CUSTOM, billing_cycle_days__gt=0)
                | (~models.Q(recurrence=Recurrence.CUSTOM) & models.Q(billing_cycle_days=None)),
                name="product_plan_custom_has_days",
                violation_error_message="Le cycle en jours va avec la récurrence personnalisée, "
                "et avec elle seule.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} — {self.name}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")


class PricingRule(CompanyOwnedModel):
    """A price of a plan; the VAT rate is the one of `tax_code` at the tax point (P-07)."""

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.CASCADE,
        related_name="pricing_rules",
        verbose_name="version",
    )
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="pricing_rules",
        verbose_name="formule",
    )
    type = models.CharField("type", max_length=8, choices=PricingType)
    currency = models.CharField("devise", max_length=3, default="EUR", db_default="EUR")
    payload = models.JSONField("tarif", encoder=DecimalEncoder, decoder=DecimalDecoder)
    tax_code = models.CharField("code TVA", max_length=10, default="FR20", db_default="FR20")
    tax_rate = models.DecimalField(
        "taux de TVA (%)", max_digits=5, decimal_places=2, default=20, db_default=20
    )
    tax_included = models.BooleanField("prix TTC", default=True, db_default=True)

    history = history()

    class Meta:
        db_table = "pricing_rule"
        verbose_name = "règle de prix"
        verbose_name_plural = "règles de prix"
        ordering = ("product_version", "plan", "type")
        triggers = (
            audit(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
        )
        indexes = (
            models.Index(fields=("product_version", "plan", "type"), name="pricing_rule_lookup"),
        )

    def __str__(self) -> str:
        return f"{self.get_type_display()} ({self.currency})"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Check the payload against its schema, the plan's version and the company's currency."""
        errors: dict[str, Any] = {}
        if self.type in PricingType.values:
            try:
                schemas.validate(SCHEMAS / f"{self.type}.json", self.payload)
            except ValidationError as error:
                errors["payload"] = error
        if self.plan is not None and self.plan.product_version_id != self.product_version_id:
            errors["plan"] = "Cette formule est d'une autre version."
        if self.names("company") and self.currency != self.company.currency:
            errors["currency"] = "La devise est celle de la société (multi-devises en V2)."
        if errors:
            raise ValidationError(errors)
