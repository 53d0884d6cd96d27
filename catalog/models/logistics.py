"""What a sale asks of logistics (§3.6): content of a version, frozen with it."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from catalog.choices import Delivery
from catalog.domain.tickets import TICKET_WORDS, unknown_words
from catalog.models.version import ProductVersion, freeze_content, record_author
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)

MAX_DAYS = 365


class VersionLogistics(CompanyOwnedModel):
    """How what is sold is delivered, whether it leaves a stock, and the ticket that a sale asks for.

    The logistics module reads it; the words of the template are those of the sale.
    """

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.CASCADE, related_name="logistics", verbose_name="version"
    )
    delivery = models.CharField(
        "livraison",
        max_length=10,
        choices=Delivery,
        blank=True,
        default="",
        db_default="",
        help_text="Aucune : rien n'est livré.",
    )
    delivery_days = models.PositiveSmallIntegerField(
        "délai de livraison (jours)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)],
    )
    stock_managed = models.BooleanField(
        "stock suivi",
        default=False,
        db_default=False,
        help_text="Chaque vente sort un article du stock.",
    )
    stock_reference = models.CharField(
        "article du stock", max_length=60, blank=True, default="", db_default=""
    )
    ticket_title = models.CharField(
        "titre du ticket",
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text="Vide : la vente ne demande aucun ticket. Mots de la vente : "
        + ", ".join(f"{{{word}}}" for word in TICKET_WORDS)
        + ".",
    )
    ticket_body = models.TextField(
        "texte du ticket", max_length=2000, blank=True, default="", db_default=""
    )

    history = history()

    log_title = ("{product_version}",)

    class Meta:
        db_table = "version_logistics"
        verbose_name = "logistique"
        verbose_name_plural = "logistique"
        ordering = ("product_version", "id")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
        )
        constraints = (
            one_of("delivery", Delivery, blank=True),
            models.UniqueConstraint(
                fields=("product_version",),
                name="version_logistics_once",
                violation_error_message="La logistique de cette version existe déjà.",
            ),
            models.CheckConstraint(
                condition=models.Q(delivery_days__isnull=True)
                | (
                    models.Q(delivery_days__gte=1, delivery_days__lte=MAX_DAYS)
                    & ~models.Q(delivery="")
                ),
                name="version_logistics_days",
                violation_error_message="Un délai va de 1 à 365 jours, et avec une livraison.",
            ),
            models.CheckConstraint(
                condition=models.Q(stock_reference="") | models.Q(stock_managed=True),
                name="version_logistics_stock",
                violation_error_message="Un article du stock va avec un stock suivi.",
            ),
            models.CheckConstraint(
                condition=models.Q(ticket_body="") | models.Q(ticket_title__regex=r"\S"),
                name="version_logistics_ticket",
                violation_error_message="Le texte d'un ticket va avec un titre.",
            ),
        )

    def __str__(self) -> str:
        return f"Logistique de {self.product_version}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Refuse a word between braces that no sale has."""
        errors = {
            name: ValidationError(f"Mot inconnu : {unknown}.", code="ticket.word")
            for name in ("ticket_title", "ticket_body")
            if (unknown := ", ".join(unknown_words(getattr(self, name))))
        }
        if errors:
            raise ValidationError(errors)
