"""Black lists: what a company may not sell, on a channel or anywhere (§8 of the specification)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from catalog.choices import Channel
from catalog.models.checks import problem_of_period
from catalog.models.product import Product
from winvest.core.clock import now
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import filled

NOTHING = "Une interdiction nomme un produit, un canal, ou les deux."

# Whoever writes a company's black list holds it alone until the commit; publications share it.
BLACK_LIST = "sales_ban:"
HOLD_LIST = pgtrigger.Trigger(
    name="hold_list",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func=(
        "PERFORM pg_advisory_xact_lock(hashtextextended("
        f"'{BLACK_LIST}' || COALESCE(NEW.company_id, OLD.company_id), 0)); "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    ),
)


class SalesBan(CompanyOwnedModel):
    """What `company` does not sell during `[start_at, end_at)`: a product, a channel, or both."""

    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sales_bans",
        verbose_name="produit",
        help_text="Aucun : tous les produits que la société vend.",
    )
    channel = models.CharField(
        "canal",
        max_length=10,
        choices=Channel,
        null=True,
        blank=True,
        help_text="Aucun : tous les canaux.",
    )
    reason = models.CharField("motif", max_length=300)
    start_at = models.DateTimeField("début", default=now, db_default=Now())
    end_at = models.DateTimeField("fin (exclue)", null=True, blank=True)

    family_path = "product__risk"

    history = history()

    log_title = ("{product}", "{channel}", "{reason}")

    class Meta:
        db_table = "sales_ban"
        verbose_name = "interdiction de vente"
        verbose_name_plural = "interdictions de vente"
        ordering = ("-start_at", "-id")
        triggers = (audit(), no_truncate(), HOLD_LIST)
        indexes = (models.Index(fields=("-start_at", "-id"), name="sales_ban_recent"),)
        constraints = (
            one_of("channel", Channel),
            filled("reason", "Motif"),
            models.CheckConstraint(
                condition=models.Q(product__isnull=False) | models.Q(channel__isnull=False),
                name="sales_ban_of_something",
                violation_error_message=NOTHING,
            ),
            models.CheckConstraint(
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gt=models.F("start_at")),
                name="sales_ban_period",
                violation_error_message="La fin doit suivre le début.",
            ),
        )

    def __str__(self) -> str:
        channel = self.get_channel_display() if self.channel else "tous les canaux"
        return f"{self.product.sku if self.product else 'Tous les produits'}, {channel}"

    def family_risk(self) -> UUID | None:
        """Return the risk of the product; None: it bears on all families (N-02)."""
        return self.family_of("product")

    def clean(self) -> None:
        """Refuse an end before the start."""
        errors: dict[str, Any] = dict(problem_of_period(self))
        if errors:
            raise ValidationError(errors)
