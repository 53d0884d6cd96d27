"""Versions of a product, dated and frozen once released (Annexe A.2.2; readings M-03, M-04)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pgtrigger
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import Channel, InforcePolicy, VersionState
from catalog.domain import family
from catalog.models.checks import IsSetOf, known
from catalog.models.product import Product
from winvest.core import scoping
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import kinds
from winvest.core.models.validators import SchemaValidator


class InstantRange(models.Func):
    """Half-open range of two instants."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


# What a release fixes for ever; `effective_to`, `state`, notes and dates of withdrawal stay open.
_FROZEN = (
    "product_id",
    "company_id",
    "version",
    "effective_from",
    "breaking_changes",
    "applies_to_inforce",
    "channels",
    "geography",
    "eligibility",
    "content_hash",
    "released_at",
)

FREEZE_VERSION = pgtrigger.Trigger(
    name="freeze_released",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.released_at IS NOT NULL"),
    func=(
        # It is withdrawn, once, and nothing else: a draft it is no more. What was known before and
        # after that instant is answered from it (decision 6).
        "IF TG_OP = 'DELETE' OR (NEW.state <> OLD.state AND NEW.state <> 'withdrawn') OR "
        "(OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at) OR "
        f"({', '.join(f'OLD.{name}' for name in _FROZEN)}) IS DISTINCT FROM "
        f"({', '.join(f'NEW.{name}' for name in _FROZEN)}) THEN "
        "RAISE EXCEPTION 'product_version %: released content is frozen', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)


def freeze_content() -> pgtrigger.Trigger:
    """Return the trigger that refuses any change of a released version's content (decision 4).

    It locks the version row, so that a release and an edit never cross.
    """
    return pgtrigger.Trigger(
        name="freeze_released",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("released", "boolean")],
        func=(
            "FOR released IN SELECT released_at IS NOT NULL FROM product_version "
            "WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE "
            "LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME "
            "USING ERRCODE = 'restrict_violation'; END IF; END LOOP; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
        ),
    )


def record_author(
    changed: str = "to_jsonb(OLD) - 'updated_at' IS DISTINCT FROM to_jsonb(NEW) - 'updated_at'",
    *,
    key: str = "product_version_id",
) -> pgtrigger.Trigger:
    """Return the trigger that remembers who changes a version's content, raw SQL included (§1).

    `changed` tells a real change of the content from a mere save.
    """
    return pgtrigger.Trigger(
        name="record_author",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=(
            "IF coalesce(current_setting('winvest.actor_id', true), '') <> '' AND "
            f"{changed} THEN PERFORM version_changed(coalesce(NEW.{key}, OLD.{key})); END IF; "
            "RETURN NULL;"
        ),
    )


# The columns of the version itself that are content.
_CONTENT = ("channels", "geography", "eligibility")
_CONTENT_CHANGED = (
    f"({', '.join(f'OLD.{name}' for name in _CONTENT)}) IS DISTINCT FROM "
    f"({', '.join(f'NEW.{name}' for name in _CONTENT)}) AND NEW.id IS NOT NULL"
)


class ProductVersion(CompanyOwnedModel):
    """What is sold from `effective_from` (included) to `effective_to` (excluded), UTC."""

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="versions", verbose_name="produit"
    )
    version = models.PositiveIntegerField("version")
    state = models.CharField(
        "état",
        max_length=10,
        choices=VersionState,
        default=VersionState.DRAFT,
        db_default=VersionState.DRAFT,
    )
    effective_from = models.DateTimeField("date d'effet")
    effective_to = models.DateTimeField("fin d'effet (exclue)", null=True, blank=True)
    notes = models.TextField("notes", null=True, blank=True)
    breaking_changes = models.BooleanField("version majeure", default=False, db_default=False)
    applies_to_inforce = models.CharField(
        "contrats en cours",
        max_length=12,
        choices=InforcePolicy,
        default=InforcePolicy.NONE,
        db_default=InforcePolicy.NONE,
    )
    channels = models.JSONField(
        "canaux autorisés",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/version/channels.json")],
        help_text="Aucun : tous les canaux.",
    )
    geography = models.JSONField(
        "périmètre géographique",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/version/geography.json")],
    )
    eligibility = models.JSONField(
        "conditions d'éligibilité",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/version/eligibility.json")],
    )
    content_hash = models.CharField(
        "empreinte du contenu", max_length=71, blank=True, default="", db_default=""
    )
    released_at = models.DateTimeField("mise en production le", null=True, blank=True)
    released_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="mise en production par",
    )
    release_reason = models.CharField(
        "motif", max_length=300, blank=True, default="", db_default=""
    )
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)
    # How often it was sent to review: who changed it since, and since the time before.
    submissions = models.PositiveSmallIntegerField(
        "soumissions", default=0, db_default=0, editable=False
    )
    submitted_at = models.DateTimeField("soumise le", null=True, blank=True, editable=False)
    # Who asks for the approvals gives none of them.
    submitted_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_column="submitted_by",
        verbose_name="soumise par",
    )

    family_path = "product__risk"

    history = history()

    log_title = ("{product} v{version}",)

    class Meta:
        db_table = "product_version"
        verbose_name = "version"
        verbose_name_plural = "versions"
        ordering = ("product", "-version")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product", "product_id"),
            FREEZE_VERSION,
            record_author(_CONTENT_CHANGED, key="id"),
        )
        constraints = (
            one_of("state", VersionState),
            one_of("applies_to_inforce", InforcePolicy),
            *kinds(channels=list, geography=dict, eligibility=dict),
            models.CheckConstraint(
                condition=models.Q(version__gte=1),
                name="product_version_from_one",
                violation_error_message="Les versions se comptent à partir de 1.",
            ),
            models.UniqueConstraint(
                fields=("product", "version"),
                name="product_version_number",
                violation_error_message="Ce numéro de version existe déjà.",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="product_version_id_company"),
            models.UniqueConstraint(fields=("id", "product"), name="product_version_id_product"),
            models.CheckConstraint(
                condition=models.Q(effective_to__isnull=True)
                | models.Q(effective_to__gt=models.F("effective_from")),
                name="product_version_period",
                violation_error_message="La fin d'effet doit suivre la date d'effet.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=VersionState.RELEASED)
                | (models.Q(released_at__isnull=False) & ~models.Q(content_hash="")),
                name="product_version_released_is_hashed",
            ),
            models.CheckConstraint(
                condition=(
                    ~models.Q(state=VersionState.WITHDRAWN) & models.Q(withdrawn_at__isnull=True)
                )
                | models.Q(
                    state=VersionState.WITHDRAWN,
                    released_at__isnull=False,
                    withdrawn_at__isnull=False,
                    withdrawn_at__gte=models.F("released_at"),
                    withdrawn_at__lt=models.F("effective_from"),
                ),
                name="product_version_withdrawn",
                violation_error_message="Une version ne se retire qu'avant sa date d'effet.",
            ),
            models.CheckConstraint(
                condition=IsSetOf("channels", Channel.values),
                name="product_version_channels",
                violation_error_message="Un canal est inconnu, ou coché deux fois.",
            ),
            ExclusionConstraint(
                name="product_version_no_overlap",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    (
                        InstantRange("effective_from", "effective_to", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(state=VersionState.RELEASED),
                violation_error_message="Une autre version est en vigueur sur cette période.",
            ),
        )
        indexes = (
            models.Index("product", models.F("effective_from").desc(), name="version_product_from"),
            models.Index(fields=("-effective_from", "-id"), name="version_recent"),
            # Whether a product is on sale at an instant, without reading its versions.
            models.Index(
                fields=("product", "effective_from", "effective_to", "id"),
                condition=models.Q(state=VersionState.RELEASED),
                name="version_in_force",
            ),
            # The versions of a product that run or come, whose prices answer a filter.
            models.Index(
                fields=("product", "effective_to", "id", "company"),
                condition=~models.Q(state=VersionState.WITHDRAWN),
                name="version_open",
            ),
            # What waits for approvals, which the dashboard counts.
            models.Index(
                fields=("company", "id"),
                condition=models.Q(state=VersionState.IN_REVIEW),
                name="version_in_review",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product.sku} v{self.version}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product")

    @classmethod
    def readable(cls) -> Any:
        """Owned by a company in scope, or published to one; released and let to one (R-10)."""
        publications: Any = cls.publications.rel.related_model
        agreement: Any = apps.get_model("catalog", "SaleAgreement")
        lent = publications.lent().values("product_version").distinct()
        agreed = scoping.OneOf("product", agreement.given().values("product"))
        released = models.Q(agreed, state=VersionState.RELEASED)
        return models.Q(scoping.InScope("company")) | models.Q(scoping.OneOf("pk", lent)) | released

    def clean(self) -> None:
        """Check that the version only narrows its family of risks (2.1-risk-03, M-17)."""
        errors: dict[str, Any] = {}
        low, high = (self.eligibility.get(key) for key in ("age_min", "age_max"))
        if low is not None and high is not None and low > high:
            errors["eligibility"] = [ValidationError("L'âge minimum dépasse l'âge maximum.")]
        if known(self, "product") is not None:
            for reason in family.problems_of(self.product.risk.families(), self.family_facts()):
                problem = ValidationError(reason.message, code=reason.code)
                errors.setdefault(reason.path, []).append(problem)
        if errors:
            raise ValidationError(errors)

    def family_facts(self) -> family.FamilyFacts:
        """Return what the family of risks must know of the version itself."""
        conditions: Mapping[str, Any] = self.eligibility
        return family.FamilyFacts(
            channels=self.channels,
            of_version=True,
            age_min=conditions.get("age_min"),
            age_max=conditions.get("age_max"),
            customers=conditions.get("customer_types"),
        )
