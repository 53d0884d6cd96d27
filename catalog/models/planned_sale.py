"""Planned sales: who is to sell a version that is being prepared (§3.1, E.2.3; readings E-05, R-02)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import Channel
from catalog.models.checks import IsSetOf, known, problem_of_channels
from catalog.models.version import ProductVersion
from winvest.core import scoping
from winvest.core.domain.periods import local_date
from winvest.core.models.base import CompanyOwnedModel, audit, no_truncate, owner_from
from winvest.core.models.columns import kinds
from winvest.core.models.company import Company


class PlannedSale(CompanyOwnedModel):
    """What the owner wishes of a version: `seller` sells it on some channels, from a day to a day.

    Nothing is on sale by it: once the version is released, the seller's ADV makes the publication.
    The days are those of the seller's wall, both included; without a first one, the sale begins
    with the version.
    """

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.CASCADE,
        related_name="planned_sales",
        verbose_name="version",
    )
    seller = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", verbose_name="société vendeuse"
    )
    channels = models.JSONField("canaux")
    first_day = models.DateField("premier jour", null=True, blank=True)
    last_day = models.DateField("dernier jour", null=True, blank=True)

    log_title = ("{product_version}", "{seller}")
    # The owner names a company that is not its own.
    open_keys = frozenset({"seller"})

    class Meta:
        db_table = "planned_sale"
        verbose_name = "vente prévue"
        verbose_name_plural = "ventes prévues"
        ordering = ("product_version", "id")
        triggers = (audit(), no_truncate(), owner_from("product_version", "product_version_id"))
        indexes = (models.Index(fields=("seller",), name="planned_sale_seller"),)
        constraints = (
            *kinds(channels=list),
            models.UniqueConstraint(
                fields=("product_version", "seller"),
                name="planned_sale_once",
                violation_error_message="Cette société a déjà sa vente prévue.",
            ),
            models.CheckConstraint(
                condition=IsSetOf("channels", Channel.values) & ~models.Q(channels=[]),
                name="planned_sale_channels",
                violation_error_message="Au moins un canal, chacun connu et une seule fois.",
            ),
            models.CheckConstraint(
                condition=models.Q(first_day__isnull=True)
                | models.Q(last_day__isnull=True)
                | models.Q(last_day__gte=models.F("first_day")),
                name="planned_sale_period",
                violation_error_message="Le dernier jour suit le premier.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_version} / {self.seller.code}"

    @classmethod
    def readable(cls) -> Any:
        """The owner or the seller is in scope."""
        return scoping.InScope("company") | scoping.InScope("seller")

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Refuse channels that the version leaves out, and days before it takes effect."""
        version = known(self, "product_version")
        errors: dict[str, Any] = dict(problem_of_channels(self.channels, version))
        errors |= self._problems_of_days(version)
        if errors:
            raise ValidationError(errors)

    def _problems_of_days(self, version: ProductVersion | None) -> dict[str, str]:
        if version is None or not self.names("seller"):
            return {}
        effect = local_date(version.effective_from, self.seller.timezone)
        told = f"La version ne prend effet que le {effect:%d/%m/%Y}."
        found = {}
        if self.first_day is not None and self.first_day < effect:
            found["first_day"] = told
        if self.last_day is not None and self.last_day < effect:
            found["last_day"] = told
        elif self.last_day is not None and self.first_day and self.last_day < self.first_day:
            found["last_day"] = "Le dernier jour suit le premier."
        return found
