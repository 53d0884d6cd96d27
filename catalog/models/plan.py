"""Plans (« formules ») of a version (§2.1, Annexe A.2.2; readings M-09, P-02)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from catalog.choices import BundleKind, Recurrence
from catalog.domain import family
from catalog.domain.bundles import BundleProblem
from catalog.models.checks import known
from catalog.models.version import ProductVersion, freeze_content, record_author
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import filled, kinds, matches
from winvest.core.models.validators import SchemaValidator

# What a plan adds to or takes from its price; each item has a code, unique in the plan.
EXTRAS = ("options", "surcharges", "discounts")
CODE = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z",
    "Lettres sans accent, chiffres, point, tiret ; ni espace ni signe invisible.",
    code="code",
)


def _payload(label: str, schema: str, empty: Any) -> Any:
    return models.JSONField(
        label,
        encoder=DecimalEncoder,
        decoder=DecimalDecoder,
        default=type(empty),
        db_default=models.Value(empty, models.JSONField()),
        blank=True,
        validators=[SchemaValidator(f"catalog/schemas/plan/{schema}.json")],
    )


class ProductPlan(CompanyOwnedModel):
    """A variant of a version, with its own recurrence, on offer during `[valid_from, valid_to)`.

    Options, surcharges and discounts are JSON lists of the plan: frozen, hashed and read with it.
    """

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.CASCADE, related_name="plans", verbose_name="version"
    )
    code = models.CharField("code", max_length=60, validators=[CODE])
    name = models.CharField("nom", max_length=120)
    recurrence = models.CharField("récurrence", max_length=10, choices=Recurrence)
    billing_cycle_days = models.PositiveIntegerField("cycle (jours)", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0, db_default=0)
    valid_from = models.DateTimeField("proposée à partir du", null=True, blank=True)
    valid_to = models.DateTimeField("jusqu'au (exclu)", null=True, blank=True)
    parameters = _payload("paramètres", "parameters", {})
    options = _payload("options", "options", [])
    surcharges = _payload("surcharges", "surcharges", [])
    discounts = _payload("remises", "discounts", [])
    bundle_kind = models.CharField(
        "bundle",
        max_length=7,
        choices=BundleKind,
        blank=True,
        default="",
        db_default="",
        help_text="Comment le prix se fait de ses composants ; aucun : la formule a ses tarifs.",
    )
    bundle_value = models.DecimalField(
        "valeur du bundle", max_digits=18, decimal_places=4, null=True, blank=True
    )
    bundle_tax_included = models.BooleanField(
        "bundle TTC",
        default=True,
        db_default=True,
        help_text="Comme les prix de ses composants.",
    )

    history = history()

    log_title = ("{product_version}", "{code} — {name}")

    class Meta:
        db_table = "product_plan"
        verbose_name = "formule"
        verbose_name_plural = "formules"
        ordering = ("product_version", "position", "code")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
        )
        constraints = (
            one_of("recurrence", Recurrence),
            one_of("bundle_kind", BundleKind, blank=True),
            matches("code", CODE),
            *kinds(parameters=dict, options=list, surcharges=list, discounts=list),
            filled("name", "Nom"),
            models.CheckConstraint(
                condition=models.Q(bundle_kind="", bundle_value__isnull=True)
                | (
                    ~models.Q(bundle_kind="")
                    & models.Q(bundle_value__isnull=False, bundle_value__gte=0)
                    & models.Q(bundle_value__lt=10**14)
                    & (~models.Q(bundle_kind=BundleKind.PERCENT) | models.Q(bundle_value__lte=100))
                ),
                name="product_plan_bundle",
                violation_error_message="Le prix d'un bundle a une valeur, positive ou nulle ; un "
                "pourcentage va jusqu'à 100.",
            ),
            models.UniqueConstraint(
                "product_version",
                Lower("code"),
                name="product_plan_code",
                violation_error_message="Cette version a déjà une formule de ce code.",
            ),
            models.UniqueConstraint(
                fields=("id", "product_version"), name="product_plan_id_version"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    recurrence=Recurrence.CUSTOM,
                    billing_cycle_days__isnull=False,
                    billing_cycle_days__gt=0,
                )
                | (~models.Q(recurrence=Recurrence.CUSTOM) & models.Q(billing_cycle_days=None)),
                name="product_plan_custom_has_days",
                violation_error_message="Le cycle en jours va avec la récurrence personnalisée, "
                "et avec elle seule.",
            ),
            models.CheckConstraint(
                condition=models.Q(recurrence__in=Recurrence.values),
                name="product_plan_recurrence",
                violation_error_message="Cette récurrence n'existe pas.",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="product_plan_period",
                violation_error_message="La fin doit suivre le début.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} — {self.name}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Refuse a code twice among the extras, those of a bundle, and a recurrence that the family
        refuses.
        """
        errors: dict[str, Any] = {}
        for name in EXTRAS:
            codes = [item["code"].upper() for item in getattr(self, name) or [] if _has_code(item)]
            if len(set(codes)) != len(codes):
                errors[name] = "Un code figure deux fois."
        if self.bundle_kind and (self.options or self.surcharges):
            errors["bundle_kind"] = ValidationError(
                BundleProblem.EXTRAS.message, code=BundleProblem.EXTRAS.value
            )
        if known(self, "product_version") is not None:
            facts = family.FamilyFacts(recurrences=[self.recurrence])
            families = self.product_version.product.risk.families()
            for reason in family.problems_of(families, facts):
                errors[reason.path] = ValidationError(reason.message, code=reason.code)
        if errors:
            raise ValidationError(errors)


def _has_code(item: Any) -> bool:
    """Whether an item is far enough along for its code to be read: its schema tells the rest."""
    return isinstance(item, dict) and isinstance(item.get("code"), str)
