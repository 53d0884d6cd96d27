"""Risks: the taxonomy of what is sold (§2.1, Annexe A.2.1; readings M-02, M-17)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from catalog.choices import RiskScope
from winvest.core import scoping
from winvest.core.models.base import (
    DatedModel,
    ScopedHistory,
    ScopedModel,
    audit,
    history,
)
from winvest.core.models.sorting import SortLabel


class RiskHistory(ScopedHistory):
    """Old states of risks, read like the risks."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """Global, or of a company in scope."""
        return scoping.InScope("company") | models.Q(is_global=True)


class Risk(ScopedModel, DatedModel):
    """A family of products; a global one belongs to the group and has no company (M-02)."""

    company = models.ForeignKey(
        "core.Company",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="société",
        related_name="+",
    )
    code = models.CharField("code", max_length=60)
    label = models.CharField("libellé", max_length=120)
    icon = models.CharField(
        "icône",
        max_length=120,
        null=True,
        blank=True,
    )
    scope = models.CharField(
        "clientèle",
        max_length=12,
        choices=RiskScope,
        default=RiskScope.PERSONAL,
        db_default=RiskScope.PERSONAL,
    )
    is_global = models.BooleanField("commun au groupe", default=False, db_default=False)
    sort_label = SortLabel("label")

    family_path = "pk"

    history = history(bases=[RiskHistory], excluded_fields=["sort_label"])

    class Meta:
        db_table = "risk"
        verbose_name = "risque"
        verbose_name_plural = "risques"
        ordering = ("sort_label",)
        triggers = (audit(ignored=("sort_label",)),)
        constraints = (
            models.UniqueConstraint(
                fields=("company", "code"),
                name="risk_company_code",
                violation_error_message="Cette société a déjà un risque de ce code.",
            ),
            models.UniqueConstraint(
                fields=("code",),
                condition=models.Q(is_global=True),
                name="risk_global_code",
                violation_error_message="Un risque du groupe a déjà ce code.",
            ),
            models.CheckConstraint(
                condition=models.Q(is_global=True, company__isnull=True)
                | models.Q(is_global=False, company__isnull=False),
                name="risk_global_has_no_company",
                violation_error_message="Un risque est du groupe ou d'une société, pas des deux.",
            ),
        )
        indexes = (GinIndex(OpClass("sort_label", "gin_trgm_ops"), name="risk_search"),)

    def __str__(self) -> str:
        return self.label

    @classmethod
    def readable(cls) -> Any:
        """Global, or of a company in scope."""
        return scoping.InScope("company") | models.Q(is_global=True)

    def family_risk(self) -> UUID | None:
        """Return the risk itself: whoever is limited to its family writes it (N-02)."""
        return self.pk
