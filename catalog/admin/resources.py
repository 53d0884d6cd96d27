"""Columns of the files of the catalogue (§9; readings M-02, M-08, M-12)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from catalog.choices import (
    IntegrationStatus,
    LifecycleStatus,
    PriceIndex,
    RevenueModel,
    RiskIcon,
    RiskScope,
    Unit,
)
from catalog.domain.integration import IntegrationProblem, status_by_import
from catalog.models import ExternalMapping, IndexValue, Product, ProductPlan, Risk
from partners.models import Partner
from winvest.core.choices import ImportTarget
from winvest.core.domain.roles import Action
from winvest.core.models.company import Brand
from winvest.core.resources import (
    TEXT,
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

SKU, STATUS = "SKU", "Intégration"


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

    def complete(self, row: Any, before: Any | None, cells: Mapping[str, str]) -> None:
        """Leave what is common to the group without a company, unless the file names one."""
        if before is None and row.is_global and not cells.get("Société"):
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


class PlanReference(Reference):
    """A plan of the product that the same line names, by its code and the number of its version."""

    def __init__(self) -> None:
        """Say what is wrong in the words of a version."""
        super().__init__("code", unknown="Ce produit n'a pas cette formule dans cette version.")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """Return the plan, None for the product as a whole."""
        text = value.strip()
        return super().clean(f"{(row or {}).get(SKU, '')}/{text}" if text else "")

    def explanation(self, field: Any) -> str:
        """Return how a plan is written."""
        return "Code et version, « BASE (v2) » ; vide : le produit entier."

    def expression(self, path: str) -> Any:
        """Return the same in SQL."""
        version = Cast(f"{path}__product_version__version", TEXT)
        told = Concat(f"{path}__code", Value(" (v"), version, Value(")"), output_field=TEXT)
        return Case(
            When(**{f"{path}__isnull": True}, then=Value("")), default=told, output_field=TEXT
        )


class ImportedStatus(Choice):
    """The status of a code, which an import sets."""

    def explanation(self, field: Any) -> str:
        """Return what becomes of it."""
        return f"Montré ; ce que l'import écrit devient « {IntegrationStatus.IMPORT.label} »."


class ExternalMappingResource(RowResource):
    """External codes, one for each product or plan and system; the import sets their status (C.2)."""

    target = ImportTarget.MAPPING
    edit_action = Action.CATALOG_EDIT
    model = ExternalMapping

    product = Column("product", SKU, Reference("sku", unknown="Ce produit n'existe pas."), key=True)
    plan = Column("plan", "Formule", PlanReference())
    system = Column("system", "Système", key=True)
    external_code = Column("external_code", "Code externe")
    integration_status = Column(
        "integration_status", STATUS, ImportedStatus(IntegrationStatus.choices)
    )

    class Meta:
        model = ExternalMapping
        name = "Codes externes"
        fields = export_order = (
            *("product", "plan", "system", "external_code", "integration_status"),
        )

    def load(self) -> None:
        """Leave the products to `prepare`: a company has tens of thousands."""

    def prepare(self, keys: Collection[tuple[str, ...]]) -> None:
        """Know the company's products of these SKUs, and their plans where a line names one."""
        products = Product.objects.filter(company=self.owner, sku__in={key[0] for key in keys})
        by_sku = {product.sku: product for product in products}
        self.know("product", by_sku)
        asked = {by_sku[sku] for sku, plan, _ in keys if plan and sku in by_sku}
        plans = ProductPlan.objects.filter(product_version__product__in=asked)
        self.know(
            "plan",
            {
                f"{plan.product_version.product.sku}/{plan.code} (v{plan.product_version.version})": plan
                for plan in plans.select_related("product_version__product")
            },
        )

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """A code is named by its product or plan and its system, however its capitals are typed."""
        sku, plan, system = (cells.get(name, "").strip() for name in (SKU, "Formule", "Système"))
        return sku, plan, system.lower()

    def find(self, keys: Collection[tuple[str, ...]]) -> QuerySet[Any]:
        """Return the codes of the company's products of these SKUs."""
        skus = {sku for sku, _, _ in keys}
        return ExternalMapping.objects.filter(company=self.owner, product__sku__in=skus)

    def is_settled(self, before: Mapping[str, str], cells: Mapping[str, str]) -> bool:
        """Leave what a file repeats, unless it says nothing of a status that the import sets."""
        status = self.fields["integration_status"].widget.clean(before[STATUS])
        return bool(cells.get(STATUS)) or status_by_import(status, changed=False) == status

    def complete(self, row: Any, before: Any | None, cells: Mapping[str, str]) -> None:
        """Set the status; keep the spelling of a known system; another code is another trial."""
        said = row.integration_status if cells.get(STATUS) else ""
        if before is not None and row.system.lower() == before.system.lower():
            row.system = before.system
        changed = _is_changed(before, row)
        status = status_by_import(_status(before), said, changed=changed)
        if isinstance(status, IntegrationProblem):  # which `check` tells
            status = said or _status(before)
        row.integration_status = status
        if before is not None and changed:
            row.sandbox_passed_at = row.sandbox_passed_by = None

    def check(self, row: Any, before: Any | None) -> None:
        """Refuse what the import does not set, and to change what the partner's API holds."""
        said, status = row.integration_status, _status(before)
        found = status_by_import(status, said, changed=_is_changed(before, row))
        if isinstance(found, IntegrationProblem) and said in IntegrationStatus.values:
            place = "external_code" if said == status else "integration_status"
            raise ValidationError({place: ValidationError(found.message, code=found.value)})


def _status(before: Any | None) -> str:
    return IntegrationStatus.NONE if before is None else before.integration_status


def _is_changed(before: Any | None, row: Any) -> bool:
    names = ("system", "external_code")
    return before is None or any(getattr(before, name) != getattr(row, name) for name in names)


def _day(text: str) -> date | None:
    try:
        found: date | None = Day().clean(text)
    except ValidationError:
        return None
    return found
