"""Products (Annexe A.2.2; readings M-05, M-12, M-15, M-18)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.apps import apps
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper

from catalog.choices import IntegrationStatus, LifecycleStatus, RevenueModel, Unit
from catalog.domain import family
from catalog.domain.lifecycle import TRANSITIONS, SoldProblem
from catalog.domain.sku import CodeProblem
from catalog.models.checks import api_problem, known, names_closed_partner
from catalog.models.risk import Risk
from partners.models.partner import Partner
from winvest.core import schemas, scoping
from winvest.core.clock import now
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, history, no_truncate, one_of
from winvest.core.models.columns import filled, kinds, steps
from winvest.core.models.company import Brand
from winvest.core.models.sorting import NaturalLabel, SortLabel
from winvest.core.models.validators import SchemaValidator, seen_text, validate_seen
from winvest.core.models.words import SearchWords

SKU_PATTERN = "[A-Za-z0-9][A-Za-z0-9._/-]*"

# A product that was on sale, or has been more than a draft, is kept for ten years (A.4, M-18).
KEEP_USED = pgtrigger.Trigger(
    name="keep_used",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.lifecycle_status <> 'draft'"),
    func=(
        "RAISE EXCEPTION 'product %: only a draft may be deleted', OLD.id "
        "USING ERRCODE = 'restrict_violation';"
    ),
)

# A risk is the group's or the product's company's; no foreign key says « or the group's » (M-02).
RISK_OWNER = pgtrigger.Trigger(
    name="risk_owner",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("risk_id", "company_id"),  # type: ignore[no-untyped-call]
    func=(
        "IF EXISTS (SELECT 1 FROM risk WHERE id = NEW.risk_id AND company_id IS NOT NULL "
        "AND company_id IS DISTINCT FROM NEW.company_id) THEN "
        "RAISE EXCEPTION 'product %: risk of another company', NEW.id "
        "USING ERRCODE = 'check_violation', CONSTRAINT = 'product_risk_owner'; END IF; RETURN NEW;"
    ),
)

# A partner is the product's company's, or opened to it when the product names it (M-01).
PARTNER_OWNER = pgtrigger.Trigger(
    name="partner_owner",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("partner_id", "company_id"),  # type: ignore[no-untyped-call]
    func=(
        "IF TG_OP = 'UPDATE' AND (OLD.partner_id, OLD.company_id) IS NOT DISTINCT FROM "
        "(NEW.partner_id, NEW.company_id) THEN RETURN NEW; END IF; "
        "IF EXISTS (SELECT 1 FROM partner WHERE id = NEW.partner_id "
        "AND company_id <> NEW.company_id) AND NOT EXISTS (SELECT 1 FROM partner_company "
        "WHERE partner_id = NEW.partner_id AND company_id = NEW.company_id "
        "AND status <> 'inactive') THEN "
        "RAISE EXCEPTION 'product %: partner not open to the company', NEW.id "
        "USING ERRCODE = 'check_violation', CONSTRAINT = 'product_partner_owner'; END IF; "
        "RETURN NEW;"
    ),
)


# Sales, entries and contracts name what was released by its code.
KEEP_SKU = pgtrigger.Trigger(
    name="keep_sku",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("sku"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Condition("OLD.sku <> NEW.sku"),
    func=(
        "IF EXISTS (SELECT 1 FROM product_version WHERE product_id = OLD.id "
        "AND released_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'product %: a released product keeps its code', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)


# What a sale rests on: its prices, accounts, documents and rights are those of these columns. The
# names and badges stay open (M-19, 3.1-14).
STRUCTURE = ("company", "brand", "risk", "partner", "revenue_model", "unit", "carrier")
_ATTRIBUTES = [f"{name}_id" if name in STRUCTURE[:4] else name for name in STRUCTURE]
KEEP_SOLD = pgtrigger.Trigger(
    name="keep_sold",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf(*_ATTRIBUTES),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Condition(
        f"(({', '.join(f'OLD.{name}' for name in _ATTRIBUTES)}) IS DISTINCT FROM "
        f"({', '.join(f'NEW.{name}' for name in _ATTRIBUTES)}))"
    ),
    func=(
        "IF EXISTS (SELECT 1 FROM publication JOIN product_version sold ON "
        "sold.id = publication.product_version_id WHERE publication.product_id = OLD.id "
        "AND publication.start_at <= now() AND (end_at IS NULL OR end_at > now()) "
        "AND sold.state = 'released' AND (effective_to IS NULL OR effective_to > now())) THEN "
        "RAISE EXCEPTION 'product %: on sale, it keeps its structure', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)


class Alike(models.Func):
    """A code as it looks: capitals, no separators, O as 0, I and L as 1 (`domain.sku.alike`)."""

    template = (
        "translate(upper(regexp_replace(%(expressions)s, '[^A-Za-z0-9]', '', 'g')), 'OIL', '011')"
    )
    output_field = models.TextField()


class Bare(models.Func):
    """A code in capitals without separators, as an index of the first migrations reads it."""

    template = "upper(regexp_replace(%(expressions)s, '[^A-Za-z0-9]', '', 'g'))"
    output_field = models.TextField()


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
                rf"\A{SKU_PATTERN}\Z",
                "Lettres sans accent, chiffres, point, tiret, barre ; ni espace ni signe invisible.",
                code="sku",
            )
        ],
        error_messages={"unique": "Ce code produit existe déjà."},
    )
    name = models.CharField("nom", max_length=160, validators=[validate_seen])
    short_name = models.CharField(
        "libellé court",
        max_length=80,
        null=True,
        blank=True,
        validators=[validate_seen],
    )
    revenue_model = models.CharField("type de monétisation", max_length=10, choices=RevenueModel)
    unit = models.CharField(
        "unité", max_length=10, choices=Unit, default=Unit.UNIT, db_default=Unit.UNIT
    )
    carrier = models.CharField(
        "assureur porteur",
        max_length=160,
        null=True,
        blank=True,
        validators=[validate_seen],
        help_text="Qui porte le risque quand le partenaire n'est qu'un intermédiaire.",
    )
    badges = models.JSONField(
        "badges forcés",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/product/badges.json")],
    )
    attributes = models.JSONField(
        "champs de la famille",
        encoder=DecimalEncoder,
        decoder=DecimalDecoder,
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
    )
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
    natural_label = NaturalLabel("name")
    search_words = SearchWords("name", "short_name", "carrier")

    family_path = "risk"

    history = history(excluded_fields=["sort_label", "natural_label", "search_words"])

    log_title = ("{sku} — {name}",)

    class Meta:
        db_table = "product"
        verbose_name = "produit"
        verbose_name_plural = "produits"
        ordering = ("natural_label", "sku")
        triggers = (
            audit(ignored=("sort_label", "natural_label", "search_words")),
            no_truncate(),
            KEEP_USED,
            KEEP_SKU,
            KEEP_SOLD,
            RISK_OWNER,
            PARTNER_OWNER,
            steps("lifecycle_status", TRANSITIONS, "product_lifecycle_steps"),
        )
        constraints = (
            one_of("revenue_model", RevenueModel),
            one_of("unit", Unit),
            *kinds(badges=dict, attributes=dict),
            filled("name", "Nom"),
            one_of("lifecycle_status", LifecycleStatus),
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
            models.CheckConstraint(
                condition=models.Q(sku__regex=f"^{SKU_PATTERN}$"),
                name="product_sku_signs",
                violation_error_message="Un code produit n'a ni espace, ni accent, ni signe "
                "invisible.",
            ),
            models.CheckConstraint(
                condition=models.Q(revenue_model__in=RevenueModel.values),
                name="product_revenue_model",
                violation_error_message="Cette monétisation n'existe pas.",
            ),
            models.CheckConstraint(
                condition=models.Q(lifecycle_status__in=LifecycleStatus.values),
                name="product_lifecycle_status",
                violation_error_message="Ce statut n'existe pas.",
            ),
            *(seen_text("product", name) for name in ("name", "short_name", "carrier")),
        )
        indexes = (
            # With all that the filters' counts read, so that they read nothing else.
            models.Index(
                fields=("company", "risk", "lifecycle_status"),
                include=("partner", "id"),
                name="product_company_risk_status",
            ),
            models.Index(fields=("natural_label", "id"), name="product_sorted"),
            models.Index(fields=("-updated_at", "-id"), name="product_changed"),
            models.Index(OpClass(Upper("sku"), "text_pattern_ops"), name="product_sku_prefix"),
            models.Index(Alike("sku"), name="product_sku_alike"),
            GinIndex(OpClass("sort_label", "gin_trgm_ops"), name="product_search"),
            GinIndex(fields=("search_words",), name="product_words", fastupdate=False),
        )

    def __str__(self) -> str:
        return f"{self.sku} — {self.name}"

    @classmethod
    def readable(cls) -> Any:
        """Owned by a company in scope, published to one, or let to one to publish (R-10)."""
        publication: Any = apps.get_model("catalog", "Publication")
        agreement: Any = apps.get_model("catalog", "SaleAgreement")
        products = publication.lent().values("product").distinct()
        return (
            scoping.InScope("company")
            | models.Q(pk__in=products)
            | models.Q(scoping.OneOf("pk", agreement.given().values("product")))
        )

    def family_risk(self) -> UUID | None:
        """Return the product's risk, whose family decides who may write it (N-02)."""
        return self.risk_id

    def clean(self) -> None:
        """Refuse what is another company's, and what the family of risks refuses."""
        errors: dict[str, Any] = {}
        if not self.keeps("sku") and self.is_released():
            problem = CodeProblem.KEPT
            errors["sku"] = ValidationError(problem.message, code=problem.value)
        if changed := self._structure_changed_on_sale():
            error = ValidationError(SoldProblem.STRUCTURE.message, code=SoldProblem.STRUCTURE.value)
            errors |= dict.fromkeys(changed, error)
        if not _same_company(self, "risk"):
            errors["risk"] = "Ce risque n'est pas celui de la société."
        if not _same_company(self, "brand"):
            errors["brand"] = "Cette marque n'est pas celle de la société."
        if names_closed_partner(self):
            errors["partner"] = ValidationError(
                "Ce partenaire n'est pas ouvert à cette société.", code="partner.closed"
            )
        elif self._is_linked_anew():
            errors |= api_problem(self, "partner")
        if known(self, "risk") is not None and "risk" not in errors:
            self._check_family(errors)
        if errors:
            raise ValidationError(errors)

    def is_released(self) -> bool:
        """Whether a version was released: what was sold names the product by its code."""
        if self._state.adding:
            return False
        versions: Any = apps.get_model("catalog", "ProductVersion")
        rows = versions._base_manager.filter(product=self.pk, released_at__isnull=False)
        return bool(rows.exists())

    def _structure_changed_on_sale(self) -> list[str]:
        """Return the columns of `STRUCTURE` that change while a publication of the product runs."""
        changed = [name for name in STRUCTURE if not self._state.adding and not self.keeps(name)]
        sales: Any = apps.get_model("catalog", "Publication")
        runs = sales.lasting(at := now()).filter(product=self.pk, start_at__lte=at)
        return changed if changed and runs.exists() else []

    def _is_linked_anew(self) -> bool:
        """Whether a product that an API prices is given another partner, or put on sale (C.2-03).

        A credential that ends blocks no other change.
        """
        active = self.lifecycle_status == LifecycleStatus.ACTIVE
        same = self.keeps("partner", "lifecycle_status") if active else self.keeps("partner")
        if same or self._state.adding:
            return False
        linked: Any = apps.get_model("catalog", "ExternalMapping")
        codes = linked._base_manager.filter(product=self.pk)
        return bool(codes.filter(integration_status=IntegrationStatus.API).exists())

    def wrong_attributes(self) -> list[ValidationError]:
        """Return what the family's fields find wrong: a draft alone may be incomplete."""
        return schemas.problems_with(
            self.risk.fields(),
            self.attributes,
            partial=self.lifecycle_status == LifecycleStatus.DRAFT,
        )

    def _check_family(self, errors: dict[str, Any]) -> None:
        facts = family.FamilyFacts(
            revenue_model=self.revenue_model or None, has_partner=self.partner_id is not None
        )
        for reason in family.problems_of(self.risk.families(), facts):
            problem = ValidationError(reason.message, code=reason.code)
            errors.setdefault(reason.path, []).append(problem)
        if problems := self.wrong_attributes():
            errors["attributes"] = problems


def _same_company(product: Product, name: str) -> bool:
    """Whether what the product names is unset, the group's, or of the product's company."""
    row = known(product, name)
    return row is None or row.company_id in (None, product.company_id)
