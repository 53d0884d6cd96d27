"""Negotiated prices: a client's or a contract's own price of a plan (§1, 1-12; reading P-01)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import PricingType, TierMode, VersionState
from catalog.domain.bundles import BundleProblem
from catalog.domain.eligibility import SellableProblem
from catalog.domain.negotiated import NegotiatedProblem
from catalog.models.checks import IsPayload, keep_started, known, problem_of_period
from catalog.models.plan import ProductPlan
from catalog.models.pricing import PricingRule, problems_of_price
from catalog.models.product import Product
from catalog.models.promotion import has_plan
from catalog.models.version import InstantRange, ProductVersion
from winvest.core.errors import Problem
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)

FIXED_ONCE_STARTED = (
    *("company_id", "product_id", "plan_code", "client_ref", "contract_ref"),
    *("type", "tier_mode", "payload", "tax_included", "start_at"),
)


def _one_at_a_time(key: str, message: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=f"negotiated_price_one_{key}",
        expressions=[
            ("product", RangeOperators.EQUAL),
            ("plan_code", RangeOperators.EQUAL),
            (f"{key}_ref", RangeOperators.EQUAL),
            (InstantRange("start_at", "end_at", RangeBoundary()), RangeOperators.OVERLAPS),
        ],
        condition=models.Q(**{f"{key}_ref__isnull": False}),
        violation_error_message=message,
    )


class NegotiatedPrice(CompanyOwnedModel):
    """What a client or a contract pays instead of a plan's own rules during `[start_at, end_at)`.

    A contract's price comes before its client's. Currency and VAT code are those of the plan.
    """

    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="negotiated_prices",
        verbose_name="produit",
    )
    plan_code = models.CharField(
        "formule",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Code de la formule ; aucune pour un produit sans formule.",
    )
    client_ref = models.UUIDField("client", null=True, blank=True)
    contract_ref = models.UUIDField("contrat", null=True, blank=True)
    type = models.CharField("type", max_length=8, choices=PricingType)
    tier_mode = models.CharField(
        "mode des paliers", max_length=12, choices=TierMode, null=True, blank=True
    )
    payload = models.JSONField("tarif", encoder=DecimalEncoder, decoder=DecimalDecoder)
    tax_included = models.BooleanField("prix TTC", default=True, db_default=True)
    start_at = models.DateTimeField("début")
    end_at = models.DateTimeField("fin (exclue)", null=True, blank=True)
    note = models.CharField(
        "motif", max_length=300, blank=True, default="", db_default="", help_text="Pour l'équipe."
    )

    family_path = "product__risk"

    history = history()

    log_title = ("{product}", "{plan_code}", "{client_ref}")

    class Meta:
        db_table = "negotiated_price"
        verbose_name = "prix négocié"
        verbose_name_plural = "prix négociés"
        ordering = ("-start_at", "-id")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product", "product_id"),
            keep_started(FIXED_ONCE_STARTED),
        )
        indexes = (models.Index(fields=("-start_at", "-id"), name="negotiated_price_recent"),)
        constraints = (
            one_of("type", PricingType),
            one_of("tier_mode", TierMode, blank=True),
            models.CheckConstraint(
                condition=IsPayload(),
                name="negotiated_price_payload",
                violation_error_message="Le tarif n'a pas la forme de son type.",
            ),
            models.CheckConstraint(
                condition=models.Q(type=PricingType.TIERED, tier_mode__isnull=False)
                | (~models.Q(type=PricingType.TIERED) & models.Q(tier_mode__isnull=True)),
                name="negotiated_price_tier_mode",
                violation_error_message="Un prix par paliers, et lui seul, a un mode.",
            ),
            models.CheckConstraint(
                condition=models.Q(client_ref__isnull=False, contract_ref__isnull=True)
                | models.Q(client_ref__isnull=True, contract_ref__isnull=False),
                name="negotiated_price_for_whom",
                violation_error_message="Un prix négocié est celui d'un client ou d'un contrat.",
            ),
            models.CheckConstraint(
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gt=models.F("start_at")),
                name="negotiated_price_period",
                violation_error_message="La fin doit suivre le début.",
            ),
            _one_at_a_time("client", "Ce client a déjà un prix négocié sur cette période."),
            _one_at_a_time("contract", "Ce contrat a déjà un prix négocié sur cette période."),
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (self.product.sku, self.plan_code)))

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product")

    def clean(self) -> None:
        """Check the payload, the period, the product's owner and the plan."""
        errors = problems_of_price(self) | problem_of_period(self)
        product = known(self, "product")
        if product is not None and product.company_id != self.company_id:
            errors["product"] = ValidationError("Cet objet n'existe pas.", code="unknown")
        elif product is not None and self.plan_code and not has_plan(product, self.plan_code):
            errors["plan_code"] = ValidationError(
                "Aucune version de ce produit n'a cette formule.", code="plan.unknown"
            )
        elif product is not None and not errors:
            errors |= self._problems_of_plan(product)
        if errors:
            raise ValidationError(errors)

    def _problems_of_plan(self, product: Product) -> dict[str, ValidationError]:
        """Tell a price that no quote would use: its plan is a bundle, is not named, or has another base.

        In one of the versions of the period. A row that says the same as before keeps it: its end
        may change still.
        """
        start: Any = self.start_at
        same = ("product", "plan_code", "type", "tax_included", "start_at")
        if start is None or self.keeps(*same):
            return {}
        held = self._versions_of(product)
        plans = ProductPlan._base_manager.filter(product_version__in=held, code=self.plan_code)
        kinds = set(plans.values_list("bundle_kind", flat=True))
        if kinds and "" not in kinds and self.type != PricingType.FIXED:
            return {"type": _problem(BundleProblem.NEGOTIATED)}
        if not self.plan_code and held.exists() and not held.filter(plans=None).exists():
            return {"plan_code": _problem(SellableProblem.PLAN_REQUIRED)}
        plan = models.Q(plan=None)
        if self.plan_code:
            plan |= models.Q(plan__code=self.plan_code)
        rules = PricingRule._base_manager.filter(plan, product_version__in=held)
        bases = {
            *rules.values_list("tax_included", flat=True),
            *plans.exclude(bundle_kind="").values_list("bundle_tax_included", flat=True),
        }
        if bases and self.tax_included not in bases:
            return {"tax_included": _problem(NegotiatedProblem.TERMS)}
        return {}

    def _versions_of(self, product: Product) -> models.QuerySet[ProductVersion]:
        """Return the released versions of the period, else those that are prepared."""
        versions = ProductVersion._base_manager.filter(product=product)
        sold = versions.filter(
            models.Q(effective_to=None) | models.Q(effective_to__gt=self.start_at),
            state=VersionState.RELEASED,
        )
        if self.end_at is not None:
            sold = sold.filter(effective_from__lt=self.end_at)
        return sold if sold.exists() else versions.exclude(state=VersionState.WITHDRAWN)


def _problem(problem: Problem) -> ValidationError:
    return ValidationError(problem.message, code=problem.value)
