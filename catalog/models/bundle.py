"""Components of a bundle (§1, 1-10; reading P-01): content of a version, frozen with it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from catalog.choices import VersionState
from catalog.domain.bundles import BundleProblem
from catalog.domain.eligibility import SellableProblem
from catalog.models.checks import known
from catalog.models.plan import ProductPlan
from catalog.models.pricing import PricingRule
from catalog.models.product import Product
from catalog.models.version import ProductVersion, freeze_content, record_author
from winvest.core.clock import now
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    owner_from,
)

MAX_QUANTITY = 1_000


class BundleComponent(CompanyOwnedModel):
    """`quantity` of another product of the company (of one of its plans) in a plan that is a bundle.

    The version of the component is the one in force when the bundle is priced.
    """

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.CASCADE,
        related_name="bundle_components",
        verbose_name="version",
    )
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.CASCADE,
        related_name="components",
        verbose_name="formule du bundle",
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", verbose_name="produit"
    )
    plan_code = models.CharField(
        "formule du composant",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Code de la formule ; aucune pour un produit sans formule.",
    )
    quantity = models.PositiveSmallIntegerField(
        "quantité",
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_QUANTITY)],
    )
    position = models.PositiveSmallIntegerField("ordre", default=0, db_default=0)

    history = history()

    log_title = ("{product_version}", "{product}", "{plan_code}")

    class Meta:
        db_table = "bundle_component"
        verbose_name = "composant de bundle"
        verbose_name_plural = "composants de bundle"
        ordering = ("plan", "position", "id")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="bundle_component_quantity",
                violation_error_message="La quantité va de 1 à 1 000.",
            ),
            models.UniqueConstraint(
                fields=("plan", "product", "plan_code"),
                name="bundle_component_once",
                violation_error_message="Ce composant figure déjà dans le bundle.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product.sku} {self.plan_code}".rstrip()

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Check the plan that holds it, the component's owner and plan, and that it is no bundle."""
        errors: dict[str, Any] = {}
        plan, product = known(self, "plan"), known(self, "product")
        if plan is not None and plan.product_version_id != self.product_version_id:
            errors["plan"] = ValidationError("Cette formule est d'une autre version.")
        elif plan is not None and not plan.bundle_kind:
            errors["plan"] = _problem(BundleProblem.NOT_ONE)
        if product is not None and product.company_id != self.company_id:
            errors["product"] = ValidationError("Cet objet n'existe pas.", code="unknown")
        elif product is not None:
            errors |= self._problems_of_component(product)
        if errors:
            raise ValidationError(errors)

    def _problems_of_component(self, product: Product) -> dict[str, ValidationError]:
        version = known(self, "product_version")
        plans = ProductPlan._base_manager.filter(
            product_version__product=product, code=self.plan_code
        )
        if version is not None and version.product_id == product.pk:
            return {"product": _problem(BundleProblem.NESTED)}
        if plans.exclude(bundle_kind="").exists():
            return {"product": _problem(BundleProblem.NESTED)}
        if self.plan_code and not plans.exists():
            message = "Aucune version de ce produit n'a cette formule."
            return {"plan_code": ValidationError(message, code="plan.unknown")}
        return self._problems_of_price(product)

    def _problems_of_price(self, product: Product) -> dict[str, ValidationError]:
        """Tell a component whose price the bundle could not add up: it would never be quoted.

        In the versions that are sold or will be, else in those that are prepared; one is enough.
        """
        versions = ProductVersion._base_manager.filter(product=product)
        open_ones = models.Q(effective_to=None) | models.Q(effective_to__gt=now())
        sold = versions.filter(open_ones, state=VersionState.RELEASED)
        held = sold if sold.exists() else versions.exclude(state=VersionState.WITHDRAWN)
        own = models.Q(plan=None)
        if self.plan_code:
            own |= models.Q(plan__code=self.plan_code)
        elif held.exists() and not held.filter(plans=None).exists():
            return {"plan_code": _problem(SellableProblem.PLAN_REQUIRED)}
        prices = PricingRule._base_manager.filter(own, product_version__in=held)
        bases = set(prices.values_list("tax_included", flat=True))
        plan = known(self, "plan")
        if plan is not None and bases and plan.bundle_tax_included not in bases:
            return {"product": _problem(BundleProblem.MIXED)}
        return {}


def _problem(problem: BundleProblem | SellableProblem) -> ValidationError:
    return ValidationError(problem.message, code=problem.value)
