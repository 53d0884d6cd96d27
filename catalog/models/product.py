"""Products (Annexe A.2.2; readings M-05, M-12, M-15, M-18)."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper

from catalog.choices import LifecycleStatus, RevenueModel
from catalog.models.risk import Risk
from partners.models.partner import Partner
from winvest.core import scoping
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, history
from winvest.core.models.company import Brand
from winvest.core.models.sorting import SortLabel


class Product(CompanyOwnedModel):
    """Something a company of the group sells, its own or a partner's."""

    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="partenaire",
    )
    risk = models.ForeignKey(
        Risk, on_delete=models.PROTECT, related_name="products", verbose_name="risque"
    )
    brand = models.ForeignKey(
        Brand,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="marque",
    )
    sku = models.CharField(
        "code produit (SKU)",
        max_length=80,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[A-Za-z0-9][A-Za-z0-9._/-]*\Z",
                "Lettres sans accent, chiffres, point, tiret, barre ; ni espace ni signe invisible.",
                code="sku",
            )
        ],
        error_messages={"unique": "Ce code produit existe déjà."},
    )
    name = models.CharField("nom", max_length=160)
    short_name = models.CharField(
        "libellé court",
        max_length=80,
        null=True,
        blank=True,
    )
    revenue_model = models.CharField("type de monétisation", max_length=10, choices=RevenueModel)
    lifecycle_status = models.CharField(
        "statut",
        max_length=8,
        choices=LifecycleStatus,
        default=LifecycleStatus.DRAFT,
        db_default=LifecycleStatus.DRAFT,
    )
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_column="created_by",
        verbose_name="créé par",
    )
    sort_label = SortLabel("name")

    family_path = "risk"

    history = history(excluded_fields=["sort_label"])

    class Meta:
        db_table = "product"
        verbose_name = "produit"
        verbose_name_plural = "produits"
        ordering = ("sort_label", "sku")
        triggers = (audit(ignored=("sort_label",)),)
        constraints = (
            models.UniqueConstraint(
                Upper("sku"),
                name="product_sku_any_case",
                violation_error_message="Ce code produit existe déjà.",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="product_id_company"),
            models.CheckConstraint(
                condition=models.Q(revenue_model=RevenueModel.REVENUE)
                | models.Q(partner__isnull=False),
                name="product_commission_has_partner",
                violation_error_message="Une commission suppose un partenaire.",
            ),
        )
        indexes = (
            models.Index(
                fields=("company", "risk", "lifecycle_status"), name="product_company_risk_status"
            ),
            models.Index(fields=("sort_label", "id"), name="product_sorted"),
            GinIndex(OpClass("sort_label", "gin_trgm_ops"), name="product_search"),
        )

    def __str__(self) -> str:
        return f"{self.sku} — {self.name}"

    @classmethod
    def readable(cls) -> Any:
        """Owned by a company in scope, or published to one (reading R-10)."""
        published = apps.get_model("catalog", "Publication")._base_manager.filter(
            scoping.InScope("company"), product_version__product=models.OuterRef("pk")
        )
        return scoping.InScope("company") | models.Exists(published)

    def family_risk(self) -> UUID | None:
        """Return the product's risk, whose family decides who may write it (N-02)."""
        return self.risk_id

    def clean(self) -> None:
        """Refuse another company's risk or brand."""
        errors = {}
        if not _same_company(self, "risk"):
            errors["risk"] = "Ce risque n'est pas celui de la société."
        if not _same_company(self, "brand"):
            errors["brand"] = "Cette marque n'est pas celle de la société."
        if errors:
            raise ValidationError(errors)


def _same_company(product: Product, name: str) -> bool:
    """Whether what the product names is unset, the group's, or of the product's company."""
    if not product.names(name):
        return True
    owner = getattr(product, name).company_id
    return owner is None or owner == product.company_id
