"""Publications: who sells a version, where, from when (Annexe A.2.2; readings M-03, R-10)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import Availability, Channel, VersionState, Visibility
from catalog.models.checks import IsSetOf, known, problem_of_channels, problem_of_period
from catalog.models.product import Product
from catalog.models.version import InstantRange, ProductVersion
from winvest.core import scoping
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

# Within the version's period and channels (M-03, 2.1-product-07). A publication without an end
# ends with its version; so does one whose end a later release has overtaken, and it keeps that end:
# the release may be withdrawn.
WITHIN_VERSION = pgtrigger.Trigger(
    name="within_version",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert
    | pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
        "product_version_id", "channels", "start_at", "end_at"
    ),
    declare=[("sold", "product_version%ROWTYPE")],
    func=(
        "SELECT * INTO sold FROM product_version WHERE id = NEW.product_version_id; "
        "IF (sold.channels <> '[]' AND NOT sold.channels @> NEW.channels) "
        "OR NEW.start_at < sold.effective_from "
        "OR (sold.effective_to IS NOT NULL AND NEW.end_at > sold.effective_to "
        "AND (TG_OP = 'INSERT' OR NEW.end_at IS DISTINCT FROM OLD.end_at)) THEN "
        "RAISE EXCEPTION 'publication %: outside its version', NEW.id "
        "USING ERRCODE = 'check_violation', CONSTRAINT = 'publication_within_version'; "
        "END IF; RETURN NEW;"
    ),
)

# What began is ended, never erased: a product that was on sale is kept (A.4, M-18).
KEEP_STARTED = pgtrigger.Trigger(
    name="keep_started",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.start_at <= now()"),
    func=(
        "RAISE EXCEPTION 'publication %: began, so it ends', OLD.id "
        "USING ERRCODE = 'restrict_violation';"
    ),
)

# Who sells, and which version, is what a publication is: another sale is another one.
KEEP_SALE = pgtrigger.Trigger(
    name="keep_sale",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("company_id", "product_version_id"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Condition(
        "((OLD.company_id, OLD.product_version_id) IS DISTINCT FROM "
        "(NEW.company_id, NEW.product_version_id))"
    ),
    func=(
        "RAISE EXCEPTION 'publication %: sells what it sold', OLD.id "
        "USING ERRCODE = 'restrict_violation';"
    ),
)


class HasOne(models.Func):
    """Whether a JSON list has one element."""

    function = "jsonb_array_length"
    template = "%(function)s(%(expressions)s) = 1"
    output_field = models.BooleanField()
    conditional = True


def _readable() -> Any:
    return scoping.InScope("company") | scoping.InScope("owner_company")


class PublicationHistory(ScopedHistory):
    """Old states of publications, read like the publications."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """The seller or the owner is in scope."""
        return _readable()


class Publication(CompanyOwnedModel):
    """A version sold by `company` on some channels during `[start_at, end_at)`, UTC."""

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.PROTECT,
        related_name="publications",
        verbose_name="version",
    )
    owner_company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name="société propriétaire",
    )
    # Of the version, for ever: what products a company sells is asked of every list and search.
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name="produit",
    )
    channels = models.JSONField("canaux")
    visibility = models.CharField(
        "visibilité",
        max_length=8,
        choices=Visibility,
        default=Visibility.INTERNAL,
        db_default=Visibility.INTERNAL,
    )
    conditions = models.TextField(
        "conditions", max_length=2000, null=True, blank=True, help_text="Dites au vendeur."
    )
    availability = models.CharField(
        "disponibilité",
        max_length=12,
        choices=Availability,
        default=Availability.AVAILABLE,
        db_default=Availability.AVAILABLE,
    )
    price_visible = models.BooleanField(
        "prix visible",
        default=True,
        db_default=True,
        help_text="Sinon les vendeurs et les portails voient l'offre sans ses prix.",
    )
    is_pilot = models.BooleanField(
        "publication pilote",
        default=False,
        db_default=False,
        help_text="Un essai avant la vente : interne, sur un seul canal ; le produit porte « Bêta ».",
    )
    reason = models.CharField(
        "motif",
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="Exigé d'un administrateur, qui publie en l'absence de l'ADV.",
    )
    start_at = models.DateTimeField("début")
    end_at = models.DateTimeField("fin (exclue)", null=True, blank=True)

    history = history(bases=[PublicationHistory])

    log_title = ("{product_version}", "{company}")
    # The seller names the owner, by the version that it was let.
    open_keys = frozenset({"owner_company"})

    class Meta:
        db_table = "publication"
        verbose_name = "publication"
        verbose_name_plural = "publications"
        ordering = ("-start_at",)
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id", "owner_company_id"),
            owner_from("product_version", "product_version_id", "product_id", "product_id"),
            WITHIN_VERSION,
            KEEP_STARTED,
            KEEP_SALE,
        )
        constraints = (
            one_of("visibility", Visibility),
            one_of("availability", Availability),
            *kinds(channels=list),
            models.CheckConstraint(
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gt=models.F("start_at")),
                name="publication_period",
                violation_error_message="La fin doit suivre le début.",
            ),
            models.CheckConstraint(
                condition=IsSetOf("channels", Channel.values) & ~models.Q(channels=[]),
                name="publication_channels",
                violation_error_message="Au moins un canal, chacun connu et une seule fois.",
            ),
            models.CheckConstraint(
                condition=models.Q(is_pilot=False)
                | models.Q(HasOne("channels"), visibility=Visibility.INTERNAL),
                name="publication_pilot",
                violation_error_message="Une publication pilote est interne, sur un seul canal.",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values),
                name="publication_visibility",
                violation_error_message="Cette visibilité n'existe pas.",
            ),
            *(
                ExclusionConstraint(
                    name=f"publication_no_overlap_{channel.value}",
                    expressions=[
                        ("product_version", RangeOperators.EQUAL),
                        ("company", RangeOperators.EQUAL),
                        (
                            InstantRange("start_at", "end_at", RangeBoundary()),
                            RangeOperators.OVERLAPS,
                        ),
                    ],
                    condition=models.Q(channels__contains=[channel.value]),
                    violation_error_message="Une publication court déjà sur ce canal "
                    f"({channel.label}).",
                )
                for channel in Channel
            ),
        )
        indexes = (
            models.Index(fields=("company", "start_at", "end_at"), name="publication_company"),
            models.Index(fields=("-start_at", "-id"), name="publication_recent"),
            models.Index(
                fields=("company", "product"),
                include=("owner_company", "product_version"),
                condition=~models.Q(company=models.F("owner_company")),
                name="publication_lent",
            ),
            # What portals show is few among what is sold (C.3).
            models.Index(
                fields=("-start_at", "-id"),
                condition=models.Q(visibility=Visibility.PUBLIC),
                name="publication_offers",
            ),
            models.Index(
                fields=("company", "product"),
                condition=models.Q(is_pilot=True),
                name="publication_pilots",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_version} / {self.company.code}"

    @classmethod
    def readable(cls) -> Any:
        """The seller or the owner is in scope."""
        return _readable()

    @classmethod
    def lent(cls) -> models.QuerySet["Publication", Any]:
        """Return the publications that alone bring a product into the scope (R-10): a company in
        scope sells what one outside it owns.
        """
        return cls._base_manager.filter(
            scoping.InScope("company"),
            ~models.Q(scoping.InScope("owner_company")),
            # Says nothing more, but it is the condition of the index.
            ~models.Q(company=models.F("owner_company")),
        ).order_by()

    @classmethod
    def lasting(cls, at: datetime) -> models.QuerySet["Publication", Any]:
        """Return the publications that run at `at`, or are to begin, whatever the scope.

        One without an end ends with its version; of a withdrawn version none runs (M-03).
        """
        return cls._base_manager.filter(
            models.Q(end_at__isnull=True) | models.Q(end_at__gt=at),
            models.Q(product_version__effective_to__isnull=True)
            | models.Q(product_version__effective_to__gt=at),
            product_version__state=VersionState.RELEASED,
        )

    def ends_at(self) -> datetime | None:
        """Return when it ends, None without an end: at its own, or with its version (M-03)."""
        ends = (self.end_at, self.product_version.effective_to)
        return min((one for one in ends if one is not None), default=None)

    def belong(self) -> None:
        """Take from the version what a publication keeps of it: the owner and the product."""
        version = self.product_version
        self.owner_company_id, self.product_id = version.company_id, version.product_id

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def validate_constraints(self, exclude: Any = None) -> None:
        """Wait for channels that can be read: the exclusions by channel need them."""
        if "channels" not in (exclude or ()):
            super().validate_constraints(exclude=exclude)

    def clean(self) -> None:
        """Refuse a bad list of channels, an end before the start, and what the version's period and
        channels leave out.
        """
        version = known(self, "product_version")
        errors: dict[str, Any] = dict(problem_of_channels(self.channels, version))
        if version is not None:
            errors |= self._problems_of_period(version)
        errors |= problem_of_period(self)
        if errors:
            raise ValidationError(errors)

    def _problems_of_period(self, version: ProductVersion) -> dict[str, str]:
        found = {}
        start: Any = self.start_at  # a form's row may not have it yet
        if start is not None and start < version.effective_from:
            found["start_at"] = "La publication commence avant la date d'effet de la version."
        end = version.effective_to
        beyond = self.end_at is not None and end is not None and self.end_at > end
        if beyond and (self._state.adding or not self.keeps("end_at")):
            found["end_at"] = "La publication dépasse la fin de la version."
        return found
