"""Promotions: planned, with or without a code, alone or cumulative (§1, §2.1; reading P-01)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Upper

from catalog.choices import Channel, DiscountKind
from catalog.models.checks import IsSetOf, keep_started, known, problem_of_period
from catalog.models.plan import CODE, ProductPlan
from catalog.models.product import Product
from catalog.models.version import InstantRange
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import filled, kinds, matches
from winvest.core.models.validators import SchemaValidator

# What a sale was priced with stays: once it has begun, a promotion is renamed and ended only.
FIXED_ONCE_STARTED = (
    *("company_id", "code", "on_code", "kind", "value", "priority", "cumulative"),
    *("product_id", "plan_code", "channels", "start_at"),
)


class Promotion(CompanyOwnedModel):
    """An amount or a percent off during `[start_at, end_at)`, on what it targets.

    An amount is in the currency of the company, tax included or not as the price is. `on_code`:
    only for whoever gives the code; otherwise for everyone.
    """

    code = models.CharField("code", max_length=60, validators=[CODE])
    name = models.CharField("nom", max_length=120)
    on_code = models.BooleanField(
        "sur code",
        default=False,
        db_default=False,
        help_text="Seulement pour qui donne le code ; sinon pour tous.",
    )
    kind = models.CharField("remise en", max_length=7, choices=DiscountKind)
    value = models.DecimalField("valeur", max_digits=18, decimal_places=4)
    priority = models.PositiveSmallIntegerField(
        "priorité",
        default=1,
        db_default=1,
        validators=[MinValueValidator(1)],
        help_text="Les promotions cumulables s'appliquent dans cet ordre, à partir de 1.",
    )
    cumulative = models.BooleanField(
        "cumulable",
        default=False,
        db_default=False,
        help_text="Avec les autres promotions cumulables, si c'est mieux pour le client.",
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="promotions",
        verbose_name="produit",
        help_text="Aucun : tous les produits de la société.",
    )
    plan_code = models.CharField(
        "formule",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Code de la formule ; aucune : toutes.",
    )
    channels = models.JSONField(
        "canaux",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/version/channels.json")],
        help_text="Aucun : tous les canaux.",
    )
    start_at = models.DateTimeField("début")
    end_at = models.DateTimeField("fin (exclue)", null=True, blank=True)

    family_path = "product__risk"

    history = history()

    log_title = ("{code} — {name}",)

    class Meta:
        db_table = "promotion"
        verbose_name = "promotion"
        verbose_name_plural = "promotions"
        ordering = ("-start_at", "-id")
        triggers = (audit(), no_truncate(), keep_started(FIXED_ONCE_STARTED))
        indexes = (models.Index(fields=("-start_at", "-id"), name="promotion_recent"),)
        constraints = (
            one_of("kind", DiscountKind),
            matches("code", CODE),
            *kinds(channels=list),
            filled("name", "Nom"),
            models.CheckConstraint(
                condition=models.Q(value__gt=0, value__lt=10**14)
                & (~models.Q(kind=DiscountKind.PERCENT) | models.Q(value__lte=100)),
                name="promotion_value",
                violation_error_message="La remise est positive ; un pourcentage va jusqu'à 100.",
            ),
            models.CheckConstraint(
                condition=models.Q(priority__gte=1),
                name="promotion_priority",
                violation_error_message="Les priorités commencent à 1.",
            ),
            models.CheckConstraint(
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gt=models.F("start_at")),
                name="promotion_period",
                violation_error_message="La fin doit suivre le début.",
            ),
            models.CheckConstraint(
                condition=models.Q(plan_code="") | models.Q(product__isnull=False),
                name="promotion_plan_has_product",
                violation_error_message="Une formule va avec son produit.",
            ),
            models.CheckConstraint(
                condition=IsSetOf("channels", Channel.values),
                name="promotion_channels",
                violation_error_message="Un canal est inconnu, ou coché deux fois.",
            ),
            ExclusionConstraint(
                name="promotion_code_no_overlap",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (Upper("code"), RangeOperators.EQUAL),
                    (
                        InstantRange("start_at", "end_at", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Une promotion de ce code court déjà sur cette période.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} — {self.name}"

    def family_risk(self) -> UUID | None:
        """Return the risk of the product; None: it bears on all families (N-02)."""
        return self.family_of("product")

    def clean(self) -> None:
        """Refuse an empty period, another company's product, a plan that it never had."""
        errors: dict[str, Any] = {**problem_of_period(self)}
        product = known(self, "product")
        if product is not None and product.company_id != self.company_id:
            errors["product"] = ValidationError("Cet objet n'existe pas.", code="unknown")
        elif product is not None and self.plan_code and not has_plan(product, self.plan_code):
            errors["plan_code"] = ValidationError(
                "Aucune version de ce produit n'a cette formule.", code="plan.unknown"
            )
        if errors:
            raise ValidationError(errors)


def has_plan(product: Product, code: str) -> bool:
    """Whether a version of the product has a plan of this code."""
    plans = ProductPlan._base_manager.filter(product_version__product=product, code=code)
    return plans.exists()
