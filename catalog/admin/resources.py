"""Columns of the files of risks and products (§9; readings M-02, M-12)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from catalog.choices import LifecycleStatus, PriceIndex, RevenueModel, RiskIcon, RiskScope, Unit
from catalog.models import IndexValue, Product, Risk
from partners.models import Partner
from winvest.core.choices import ImportTarget
from winvest.core.domain.roles import Action
from winvest.core.models.company import Brand
from winvest.core.resources import (
    Choice,
    Column,
    Day,
    Json,
    Number,
    Reference,
    RowResource,
    YesNo,
    company_column,
    own_first,
)


class RiskResource(RowResource):
    """Risks of the company, and the group's for its administrators (M-02)."""

    known: dict[UUID, Risk]

    target = ImportTarget.RISK
    edit_action = Action.CATALOG_EDIT
    model = Risk

    company = company_column()
    is_global = Column("is_global", "Commun au groupe", YesNo(), fixed=True)
    code = Column("code", "Code", key=True)
    label = Column("label", "Libellé")
    scope = Column("scope", "Clientèle", Choice(RiskScope.choices))
    icon = Column("icon", "Icône", Choice(RiskIcon.choices))
    parent = Column("parent", "Famille parente", Reference("code"))
    constraints = Column("constraints", "Contraintes", Json())
    field_schema = Column("field_schema", "Champs propres", Json())

    class Meta:
        model = Risk
        name = "Risques"
        fields = export_order = (
            *("company", "is_global", "code", "label", "scope", "icon"),
            *("parent", "constraints", "field_schema"),
        )

    def load(self) -> None:
        """Know the import's company, and the families that its risks may descend from."""
        owner = self.owner.pk
        risks = list(Risk.objects.filter(Q(company=owner) | Q(is_global=True)))
        self.known = {risk.pk: risk for risk in risks}
        for risk in risks:
            risk.parent = self.known.get(risk.parent_id)
        self.know("company", {self.owner.code: self.owner})
        self.know("parent", own_first(risks, lambda risk: risk.code, owner))

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """A risk is named by its code, in the group or in a company."""
        shared = YesNo().clean(cells.get("Commun au groupe", ""))
        owner = "" if shared else cells.get("Société", "").strip() or self.owner.code
        return owner, cells.get("Code", "").strip()

    def find(self, keys: Collection[tuple[str, ...]]) -> QuerySet[Any]:
        """Return the risks of these codes, the group's and those in scope."""
        return Risk.objects.filter(code__in={code for _, code in keys})

    def complete(self, row: Any, cells: Mapping[str, str]) -> None:
        """Leave what is common to the group without a company, unless the file names one."""
        if row.is_global and not cells.get("Société"):
            row.company = None

    def check(self, row: Any, before: Any | None) -> None:
        """Let the lines below find the family where this one puts it: two never close a circle."""
        if before is not None and row.pk in self.known:
            self.known[row.pk].parent, self.known[row.pk].scope = row.parent, row.scope


class ProductResource(RowResource):
    """Products; the SKU names one in the whole group, and their status moves by its own button."""

    target = ImportTarget.PRODUCT
    edit_action = Action.CATALOG_EDIT
    model = Product

    sku = Column("sku", "SKU", key=True)
    company = company_column()
    name = Column("name", "Nom")
    short_name = Column("short_name", "Libellé court")
    risk = Column("risk", "Risque", Reference("code"))
    partner = Column("partner", "Partenaire", Reference("name"))
    brand = Column("brand", "Marque", Reference("name"))
    revenue_model = Column("revenue_model", "Monétisation", Choice(RevenueModel.choices))
    unit = Column("unit", "Unité", Choice(Unit.choices))
    carrier = Column("carrier", "Assureur porteur")
    badges = Column("badges", "Badges forcés", Json())
    attributes = Column("attributes", "Champs de la famille", Json())
    lifecycle_status = Column(
        "lifecycle_status", "Statut", Choice(LifecycleStatus.choices), fixed=True
    )

    class Meta:
        model = Product
        name = "Produits"
        fields = export_order = (
            "sku",
            "company",
            "name",
            "short_name",
            "risk",
            "partner",
            "brand",
            "revenue_model",
            "unit",
            "carrier",
            "badges",
            "attributes",
            "lifecycle_status",
        )

    def load(self) -> None:
        """Read the risks, partners and brands that the company may name."""
        owner = self.owner.pk
        risks = Risk.objects.filter(Q(company=owner) | Q(is_global=True))
        brands = Brand.objects.filter(company=owner)
        self.know("company", {self.owner.code: self.owner})
        self.know("risk", own_first(risks, lambda risk: risk.code, owner))
        self.know("partner", own_first(Partner.objects.all(), lambda row: row.name, owner))
        self.know("brand", own_first(brands, lambda brand: brand.name, owner))

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """A product is named by its SKU."""
        return (cells.get("SKU", "").strip(),)

    def find(self, keys: Collection[tuple[str, ...]]) -> QuerySet[Any]:
        """Return the products of these SKUs in scope."""
        return Product.objects.filter(sku__in={sku for (sku,) in keys})

    def new_row(self) -> Any:
        """Make a draft of the person who imports."""
        row = super().new_row()
        row.created_by = self.actor
        return row

    def check(self, row: Any, before: Any | None) -> None:
        """Create drafts only, and leave the status of the others to its own button (C.1)."""
        expected = before.lifecycle_status if before else LifecycleStatus.DRAFT
        if row.lifecycle_status != expected:
            message = (
                "Le statut d'un produit se change sur sa fiche."
                if before
                else "Un produit importé est un brouillon."
            )
            raise ValidationError({"lifecycle_status": ValidationError(message, code="fixed")})


class IndexValueResource(RowResource):
    """Values of the indices, which belong to the group; the company is only whose import it is."""

    target = ImportTarget.INDEX
    edit_action = Action.PRICING_EDIT
    model = IndexValue

    index = Column("index", "Indice", Choice(PriceIndex.choices), key=True)
    valid_on = Column("valid_on", "À partir du", Day(), key=True)
    value = Column("value", "Valeur", Number())
    source = Column("source", "Source")

    class Meta:
        model = IndexValue
        name = "Valeurs d'indices"
        fields = export_order = ("index", "valid_on", "value", "source")

    def load(self) -> None:
        """Name no other table."""

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """A value is named by its index and its day, however both are written."""
        text = cells.get("À partir du", "").strip()
        day = Day().render(_day(text)) or text
        return Choice(PriceIndex.choices).clean(cells.get("Indice", "")), day

    def find(self, keys: Collection[tuple[str, ...]]) -> QuerySet[Any]:
        """Return the values of these indices on these days."""
        days = [day for _, text in keys if (day := _day(text)) is not None]
        return IndexValue.objects.filter(index__in={index for index, _ in keys}, valid_on__in=days)

    def new_row(self) -> Any:
        """Make a value of the group."""
        return IndexValue()

    def owner_of(self, row: Any) -> UUID | None:
        """Ask the right of the group."""
        return None


def _day(text: str) -> date | None:
    try:
        found: date | None = Day().clean(text)
    except ValidationError:
        return None
    return found
