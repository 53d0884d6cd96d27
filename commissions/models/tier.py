"""Tiers of a commission scheme (Annexe A.2.2; readings K-05, K-06)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DecimalRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce

from catalog.models.version import ProductVersion, freeze_content, record_author
from commissions.choices import Basis, ValueType
from commissions.domain.scheme import SchemeProblem
from commissions.models.scheme import CommissionScheme
from winvest.core import scoping
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
)


class NumberRange(models.Func):
    """Half-open range of two numbers."""

    function = "numrange"
    output_field = DecimalRangeField()


# Its name sorts before « freeze_released »: the version must be known when the freeze looks at it.
FROM_SCHEME = pgtrigger.Trigger(
    name="company_and_version_from_scheme",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.company_id IS NULL OR NEW.product_version_id IS NULL"),
    func=(
        "SELECT coalesce(NEW.company_id, company_id), "
        "coalesce(NEW.product_version_id, product_version_id) "
        "INTO NEW.company_id, NEW.product_version_id "
        "FROM commission_scheme WHERE id = NEW.scheme_id; RETURN NEW;"
    ),
)


# What `tier_problems` refuses of a grid, told once the transaction has written all its tiers.
CHAIN = pgtrigger.Trigger(
    name="chain",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    timing=pgtrigger.Deferred,
    func=(
        "IF EXISTS (SELECT 1 FROM (SELECT min, max, basis, lead(min) OVER chain AS following, "
        "row_number() OVER chain AS rank FROM commission_tier "
        "WHERE scheme_id IN (OLD.scheme_id, NEW.scheme_id) "
        "WINDOW chain AS (PARTITION BY scheme_id, month_from, month_to ORDER BY min)) AS tiers "
        "WHERE (rank = 1 AND min <> 0 AND (basis, min) <> ('months', 1)) OR (max IS NULL) <> (following IS NULL) "
        "OR (following > max AND NOT (max % 1 = 0 AND following = max + 1))) "
        "OR EXISTS (SELECT 1 FROM commission_tier "
        "WHERE scheme_id IN (OLD.scheme_id, NEW.scheme_id) "
        "GROUP BY scheme_id HAVING count(DISTINCT basis) > 1) THEN "
        "RAISE EXCEPTION 'commission_tier %: gap, open end or two bases', "
        "coalesce(NEW.id, OLD.id) USING ERRCODE = 'check_violation', "
        "CONSTRAINT = 'commission_tier_chain'; END IF; RETURN NULL;"
    ),
)


class CommissionTier(CompanyOwnedModel):
    """From `min`, up to `max`, a percentage or an amount per sale.

    `month_from` and `month_to` (ranks since the sale, both included) limit it to some months.
    """

    scheme = models.ForeignKey(
        CommissionScheme,
        on_delete=models.CASCADE,
        related_name="tiers",
        verbose_name="barème",
        # The index on (scheme, min) serves it.
        db_index=False,
    )
    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
        verbose_name="version",
    )
    basis = models.CharField("mesure", max_length=10, choices=Basis)
    month_from = models.PositiveSmallIntegerField("du mois", null=True, blank=True)
    month_to = models.PositiveSmallIntegerField("au mois", null=True, blank=True)
    min = models.DecimalField("de", max_digits=18, decimal_places=4)
    max = models.DecimalField("à", max_digits=18, decimal_places=4, null=True, blank=True)
    value_type = models.CharField("forme", max_length=10, choices=ValueType)
    value = models.DecimalField("valeur", max_digits=10, decimal_places=4)

    history = history()

    log_title = ("{product_version}", "{basis}")

    class Meta:
        db_table = "commission_tier"
        verbose_name = "palier"
        verbose_name_plural = "paliers"
        ordering = ("scheme", "month_from", "min")
        triggers = (audit(), no_truncate(), FROM_SCHEME, freeze_content(), record_author(), CHAIN)
        constraints = (
            one_of("basis", Basis),
            one_of("value_type", ValueType),
            models.CheckConstraint(
                condition=models.Q(max__isnull=True) | models.Q(max__gt=models.F("min")),
                name="commission_tier_max_above_min",
                violation_error_message="La fin d'un palier dépasse son début.",
            ),
            models.CheckConstraint(
                condition=models.Q(min__gte=0, value__gte=0),
                name="commission_tier_not_negative",
                violation_error_message="Les bornes et la valeur d'un palier ne sont pas "
                "négatives.",
            ),
            models.CheckConstraint(
                condition=models.Q(month_from__isnull=True, month_to__isnull=True)
                | (
                    models.Q(month_from__isnull=False, month_from__gte=1)
                    & (
                        models.Q(month_to__isnull=True)
                        | models.Q(month_to__gte=models.F("month_from"))
                    )
                ),
                name="commission_tier_months",
                violation_error_message="Les mois se comptent à partir de 1, et se suivent.",
            ),
            ExclusionConstraint(
                name="commission_tier_no_overlap",
                expressions=[
                    ("scheme", RangeOperators.EQUAL),
                    (
                        Coalesce(models.F("month_from"), models.Value(0)),
                        RangeOperators.EQUAL,
                    ),
                    (NumberRange("min", "max", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                # The tiers of a scheme change together, in any order.
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="Deux paliers se recouvrent.",
            ),
        )
        indexes = (models.Index(fields=("scheme", "min"), name="commission_tier_scheme_min"),)

    def __str__(self) -> str:
        return f"{self.get_basis_display()} {self.min.normalize():f} → {self.value.normalize():f}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Refuse an end before the start, which the database could not even compare."""
        low: Decimal | None = self.min  # a form validates rows that are not whole yet
        if low is not None and self.max is not None and self.max <= low:
            raise ValidationError({"max": SchemeProblem.MAX_BELOW_MIN.message})

    @classmethod
    def readable(cls) -> Any:
        """Its scheme is readable."""
        schemes = CommissionScheme._base_manager.filter(
            CommissionScheme.readable(), pk=models.OuterRef("scheme")
        )
        return scoping.InScope("company") | models.Exists(schemes)
