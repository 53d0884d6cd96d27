"""How a person looks at the catalogue: saved views, and favourite products (§3.7, E.3)."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import Lower

from catalog.choices import ViewOrder
from catalog.models.product import Product
from winvest.core import scoping
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    DatedModel,
    ScopedModel,
    audit,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import filled, kinds
from winvest.core.models.company import Company
from winvest.core.models.validators import SchemaValidator, seen_text, validate_seen

NAME_TAKEN = "Une vue porte déjà ce nom."


class SavedView(ScopedModel, DatedModel):
    """Filters, columns and an order of the catalogue under a name.

    A person's own without a company; with one, everybody's there. It holds no right: each reader
    sees through it what his own rights show.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="saved_views", verbose_name="auteur"
    )
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="partagée avec",
    )
    name = models.CharField("nom", max_length=80, validators=[validate_seen])
    filters = models.JSONField(
        "filtres",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/saved_view/filters.json")],
    )
    columns = models.JSONField(
        "colonnes",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/saved_view/columns.json")],
    )
    sort = models.CharField(
        "ordre",
        max_length=8,
        choices=ViewOrder,
        default=ViewOrder.NAME,
        db_default=ViewOrder.NAME,
    )

    is_first = models.BooleanField(
        "ouverte d'abord",
        default=False,
        db_default=False,
        help_text="Le catalogue s'ouvre sur cette vue.",
    )

    log_title = ("{name}",)
    log_filters = "product"

    class Meta:
        db_table = "saved_view"
        verbose_name = "vue du catalogue"
        verbose_name_plural = "vues du catalogue"
        ordering = ("name", "id")
        triggers = (audit(), no_truncate())
        constraints = (
            one_of("sort", ViewOrder),
            filled("name", "Nom"),
            seen_text("saved_view", "name"),
            *kinds(filters=dict, columns=list),
            models.UniqueConstraint(
                "user",
                Lower("name"),
                condition=models.Q(company__isnull=True),
                name="saved_view_own_name",
                violation_error_message=NAME_TAKEN,
            ),
            models.UniqueConstraint(
                "company",
                Lower("name"),
                condition=models.Q(company__isnull=False),
                name="saved_view_shared_name",
                violation_error_message=NAME_TAKEN,
            ),
            models.UniqueConstraint(
                fields=("user",),
                condition=models.Q(is_first=True),
                name="saved_view_one_first",
                violation_error_message="Le catalogue s'ouvre déjà sur une autre vue.",
            ),
            models.CheckConstraint(
                condition=models.Q(is_first=False) | models.Q(company__isnull=True),
                name="saved_view_first_is_own",
                violation_error_message="Le catalogue ne s'ouvre que sur une vue à soi.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def readable(cls) -> Any:
        """A person's own, or shared with a company in scope."""
        return models.Q(company__isnull=True) | scoping.InScope("company")


class OwnColumns(DatedModel):
    """The columns of the catalogue that a person has chosen: shown where no address says others."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="own_columns", verbose_name="personne"
    )
    columns = models.JSONField(
        "colonnes", validators=[SchemaValidator("catalog/schemas/saved_view/columns.json")]
    )

    log_title = ("{user}",)

    class Meta:
        db_table = "own_columns"
        verbose_name = "colonnes d'une personne"
        verbose_name_plural = "colonnes des personnes"
        triggers = (audit(), no_truncate())
        constraints = kinds(columns=list)

    def __str__(self) -> str:
        return str(self.user)


class Favorite(CompanyOwnedModel):
    """A product that a person keeps at hand."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="favorites", verbose_name="personne"
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="favorites", verbose_name="produit"
    )

    family_path = "product__risk"

    log_title = ("{user}", "{product}")

    class Meta:
        db_table = "favorite"
        verbose_name = "favori"
        verbose_name_plural = "favoris"
        triggers = (audit(), no_truncate(), owner_from("product", "product_id"))
        constraints = (models.UniqueConstraint(fields=("user", "product"), name="favorite_once"),)

    def __str__(self) -> str:
        return f"{self.user} : {self.product}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product")
