"""Sale agreements: what an owner lets another company sell (reading R-10)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from catalog.models.checks import problem_of_period
from catalog.models.product import Product
from catalog.models.version import InstantRange
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.models.base import (
    CompanyOwnedModel,
    ScopedHistory,
    audit,
    history,
    no_truncate,
    owner_from,
)
from winvest.core.models.company import Company

# What began is ended, never erased: it says who let whom sell, and until when.
KEEP_STARTED = pgtrigger.Trigger(
    name="keep_started",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.start_at <= now()"),
    func=(
        "RAISE EXCEPTION 'sale_agreement %: began, so it ends', OLD.id "
        "USING ERRCODE = 'restrict_violation';"
    ),
)


def _readable() -> Any:
    return scoping.InScope("company") | scoping.InScope("seller")


class SaleAgreementHistory(ScopedHistory):
    """Old states of agreements, read like the agreements."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """The owner or the seller is in scope."""
        return _readable()


class SaleAgreement(CompanyOwnedModel):
    """`company`, which owns the product, lets `seller` publish it during `[start_at, end_at)`, UTC."""

    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="sale_agreements",
        verbose_name="produit",
    )
    seller = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", verbose_name="société vendeuse"
    )
    terms = models.TextField(
        "conditions",
        max_length=2000,
        null=True,
        blank=True,
        help_text="Ce que l'accord demande à la vendeuse ; elle les lit.",
    )
    start_at = models.DateTimeField("début", default=now, db_default=Now())
    end_at = models.DateTimeField("fin (exclue)", null=True, blank=True)

    family_path = "product__risk"
    # The owner names a company that is not its own.
    open_keys = frozenset({"seller"})

    history = history(bases=[SaleAgreementHistory])

    log_title = ("{product}", "{seller}")

    class Meta:
        db_table = "sale_agreement"
        verbose_name = "accord de vente"
        verbose_name_plural = "accords de vente"
        ordering = ("-start_at", "-id")
        triggers = (audit(), no_truncate(), owner_from("product", "product_id"), KEEP_STARTED)
        indexes = (models.Index(fields=("-start_at", "-id"), name="sale_agreement_recent"),)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(seller=models.F("company")),
                name="sale_agreement_with_another",
                violation_error_message="La propriétaire vend ses produits sans accord.",
            ),
            models.CheckConstraint(
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gt=models.F("start_at")),
                name="sale_agreement_period",
                violation_error_message="La fin doit suivre le début.",
            ),
            ExclusionConstraint(
                name="sale_agreement_no_overlap",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("seller", RangeOperators.EQUAL),
                    (
                        InstantRange("start_at", "end_at", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Un accord court déjà pour cette société : changez-en la fin.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product.sku} / {self.seller.code}"

    @classmethod
    def readable(cls) -> Any:
        """The owner or the seller is in scope."""
        return _readable()

    @classmethod
    def given(cls) -> models.QuerySet["SaleAgreement", Any]:
        """Return the agreements by which a company in scope may sell what one outside it owns."""
        return cls._base_manager.filter(
            scoping.InScope("seller"), ~models.Q(scoping.InScope("company"))
        ).order_by()

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product")

    def clean(self) -> None:
        """Refuse an end before the start."""
        errors: dict[str, Any] = dict(problem_of_period(self))
        if errors:
            raise ValidationError(errors)
