"""Commission schemes of a version (§2.1, Annexe A.2.2; readings K-01 to K-11)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce

from catalog.choices import Channel, TierMode
from catalog.models.checks import known, names_closed_partner
from catalog.models.plan import ProductPlan
from catalog.models.version import ProductVersion, freeze_content, record_author
from commissions.choices import (
    AppliesTo,
    Base,
    CountingPeriod,
    CountingScope,
    Direction,
    EarnedBasis,
    Flow,
    Mode,
    Recognition,
    Settlement,
    Trigger,
)
from commissions.domain.scheme import split_problems
from partners.models.partner import Partner
from winvest.core import scoping
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import (
    CompanyOwnedModel,
    ScopedHistory,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import kinds
from winvest.core.models.company import Company
from winvest.core.models.validators import SchemaValidator
from winvest.core.models.vat import DateRange

NONE = UUID(int=0)


class SplitIsValid(models.Func):
    """Whether the database finds a split right: known keys, shares from 0 to 1, sum 1 (A.4)."""

    function = "commission_split_is_valid"
    output_field = models.BooleanField()


def _readable() -> Any:
    return scoping.InScope("company") | scoping.InScope("seller")


class SchemeHistory(ScopedHistory):
    """Old states of schemes, read like the schemes."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """The owner or the seller is in scope."""
        return _readable()


def _any(name: str) -> Coalesce:
    """Return a foreign key for comparison, where « any » equals « any »."""
    return Coalesce(models.F(name), models.Value(NONE), output_field=models.UUIDField())


def _money(label: str, **options: Any) -> Any:
    return models.DecimalField(
        label,
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        **options,
    )


def _choice(label: str, choices: type[models.TextChoices], default: str) -> Any:
    return models.CharField(
        label, max_length=20, choices=choices, default=default, db_default=default
    )


class CommissionScheme(CompanyOwnedModel):
    """How a version's sales are commissioned; `company` owns the version, `seller` is an axis.

    Amounts are in the currency of `company`; `[valid_from, valid_to)` are days in its time zone.
    """

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.PROTECT,
        related_name="commission_schemes",
        verbose_name="version",
    )
    name = models.CharField("libellé", max_length=120, blank=True, default="", db_default="")
    direction = _choice("sens", Direction, Direction.OUTBOUND)
    applies_to = _choice("s'applique à", AppliesTo, AppliesTo.BOTH)
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commission_schemes",
        verbose_name="formule",
    )
    channel = models.CharField("canal", max_length=10, choices=Channel, null=True, blank=True)
    seller = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="société vendeuse",
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commission_schemes",
        verbose_name="partenaire",
    )
    valid_from = models.DateField("à partir du", null=True, blank=True)
    valid_to = models.DateField("jusqu'au (exclu)", null=True, blank=True)
    settlement = models.CharField("règlement", max_length=20, choices=Settlement)
    trigger = _choice("déclencheur", Trigger, Trigger.SALE)
    offset_months = models.PositiveSmallIntegerField("décalage (mois)", default=0, db_default=0)
    offset_day = models.PositiveSmallIntegerField("jour du mois", null=True, blank=True)
    mode = _choice("mode", Mode, Mode.POSTCOMPTEE)
    flow = _choice("flux", Flow, Flow.PAID)
    base = _choice("assiette des pourcentages", Base, Base.REVENUE_EXCL_TAX)
    split = models.JSONField("répartition", encoder=DecimalEncoder, decoder=DecimalDecoder)
    tier_mode = _choice("mode des paliers", TierMode, TierMode.SLAB)
    counting_scope = _choice("volume compté", CountingScope, CountingScope.BENEFICIARY)
    counting_period = _choice("période de comptage", CountingPeriod, CountingPeriod.MONTH)
    min_amount = _money("minimum")
    max_amount = _money("maximum")
    bonus = _money("prime", help_text="Montant ajouté.")
    malus = _money("malus", help_text="Montant retiré.")
    clawback_months = models.PositiveSmallIntegerField(
        "reprise sur (mois)",
        null=True,
        blank=True,
        help_text="Reprise au prorata des mois non courus en cas de résiliation anticipée.",
    )
    earned_basis = _choice("acquis selon", EarnedBasis, EarnedBasis.COVERED)
    advance_months = models.PositiveSmallIntegerField("avance (mois)", null=True, blank=True)
    advance_percent = models.DecimalField(
        "avance (%)", max_digits=7, decimal_places=4, null=True, blank=True
    )
    recognition = _choice("constatation", Recognition, Recognition.IMMEDIATE)
    test_cases = models.JSONField(
        "cas d'essai",
        encoder=DecimalEncoder,
        decoder=DecimalDecoder,
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[SchemaValidator("commissions/schemas/commission_scheme/test_cases.json")],
    )

    history = history(bases=[SchemeHistory])

    log_title = ("{product_version}", "{name}", "{direction}")

    class Meta:
        db_table = "commission_scheme"
        verbose_name = "barème de commission"
        verbose_name_plural = "barèmes de commission"
        ordering = ("product_version", "direction", "applies_to", "pk")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
        )
        constraints = (
            one_of("channel", Channel),
            one_of("settlement", Settlement),
            one_of("direction", Direction),
            one_of("applies_to", AppliesTo),
            one_of("trigger", Trigger),
            one_of("mode", Mode),
            one_of("flow", Flow),
            one_of("base", Base),
            one_of("tier_mode", TierMode),
            one_of("counting_scope", CountingScope),
            one_of("counting_period", CountingPeriod),
            one_of("earned_basis", EarnedBasis),
            one_of("recognition", Recognition),
            *kinds(test_cases=list),
            models.UniqueConstraint(
                fields=("id", "product_version"), name="commission_scheme_id_version"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="commission_scheme_id_company"),
            models.CheckConstraint(
                condition=SplitIsValid("split"),
                name="commission_scheme_split",
                violation_error_message="La répartition donne à des bénéficiaires connus des parts "
                "de 0 à 1, dont la somme est 1.",
            ),
            ExclusionConstraint(
                name="commission_scheme_no_tie",
                expressions=[
                    ("product_version", RangeOperators.EQUAL),
                    ("direction", RangeOperators.EQUAL),
                    ("applies_to", RangeOperators.EQUAL),
                    (_any("plan"), RangeOperators.EQUAL),
                    (Coalesce(models.F("channel"), models.Value("")), RangeOperators.EQUAL),
                    (_any("seller"), RangeOperators.EQUAL),
                    (_any("partner"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Un autre barème a exactement la même portée à ces dates : "
                "on ne saurait lequel appliquer.",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="commission_scheme_period",
                violation_error_message="La fin doit suivre le début.",
            ),
            models.CheckConstraint(
                condition=(models.Q(min_amount__isnull=True) | models.Q(min_amount__gte=0))
                & (models.Q(max_amount__isnull=True) | models.Q(max_amount__gte=0))
                & (models.Q(bonus__isnull=True) | models.Q(bonus__gte=0))
                & (models.Q(malus__isnull=True) | models.Q(malus__gte=0)),
                name="commission_scheme_not_negative",
                violation_error_message="Minimum, maximum, prime et malus ne sont pas négatifs.",
            ),
            models.CheckConstraint(
                condition=models.Q(min_amount__isnull=True)
                | models.Q(max_amount__isnull=True)
                | models.Q(max_amount__gte=models.F("min_amount")),
                name="commission_scheme_min_below_max",
                violation_error_message="Le maximum est au moins le minimum.",
            ),
            models.CheckConstraint(
                condition=models.Q(offset_day__isnull=True)
                | models.Q(offset_day__gte=1, offset_day__lte=31),
                name="commission_scheme_day",
                violation_error_message="Le jour du mois va de 1 à 31.",
            ),
            models.CheckConstraint(
                condition=models.Q(advance_months__isnull=True, advance_percent__isnull=True)
                | models.Q(
                    advance_months__isnull=False,
                    advance_percent__isnull=False,
                    advance_months__gte=1,
                    advance_percent__gt=0,
                    advance_percent__lte=100,
                ),
                name="commission_scheme_advance",
                violation_error_message="Une avance a un nombre de mois et un pourcentage de 0 à "
                "100 %%.",
            ),
        )
        indexes = (models.Index(fields=("company", "direction"), name="commission_scheme_company"),)

    def __str__(self) -> str:
        name = self.name or f"{self.get_direction_display()}, {self.get_applies_to_display()}"
        return f"{self.product_version} : {name}"

    @classmethod
    def readable(cls) -> Any:
        """The owner is in scope, or the company whose sales the scheme is for (R-10)."""
        return _readable()

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Name what is wrong with the split, and refuse another version's plan."""
        errors: dict[str, Any] = {}
        if problems := split_problems(self.split):
            errors["split"] = [
                ValidationError(reason.message, code=reason.code) for reason in problems
            ]
        plan = known(self, "plan")
        if plan is not None and plan.product_version_id != self.product_version_id:
            errors["plan"] = "Cette formule est d'une autre version."
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            errors["valid_to"] = "La fin doit suivre le début."
        if names_closed_partner(self):
            errors["partner"] = ValidationError(
                "Ce partenaire n'est pas ouvert à cette société.", code="partner.closed"
            )
        if errors:
            raise ValidationError(errors)
