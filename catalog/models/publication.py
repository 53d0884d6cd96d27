"""Publications: who sells a version, where, from when (Annexe A.2.2; readings M-03, R-10)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import Channel, Visibility
from catalog.models.version import InstantRange, ProductVersion
from winvest.core import scoping
from winvest.core.models.base import CompanyOwnedModel, ScopedHistory, audit, history, owner_from
from winvest.core.models.company import Company


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
    channels = models.JSONField("canaux")
    visibility = models.CharField(
        "visibilité",
        max_length=8,
        choices=Visibility,
        default=Visibility.INTERNAL,
        db_default=Visibility.INTERNAL,
    )
    start_at = models.DateTimeField("début")
    end_at = models.DateTimeField("fin (exclue)", null=True, blank=True)

    history = history(bases=[PublicationHistory])

    class Meta:
        db_table = "publication"
        verbose_name = "publication"
        verbose_name_plural = "publications"
        ordering = ("-start_at",)
        triggers = (
            audit(),
            owner_from("product_version", "product_version_id", "owner_company_id"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gt=models.F("start_at")),
                name="publication_period",
                violation_error_message="La fin doit suivre le début.",
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
        )

    def __str__(self) -> str:
        return f"{self.product_version} / {self.company.code}"

    @classmethod
    def readable(cls) -> Any:
        """The seller or the owner is in scope."""
        return _readable()

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Refuse an empty, unknown or repeated channel."""
        channels = self.channels
        known = isinstance(channels, list) and set(map(str, channels)) <= set(Channel.values)
        if not known or not channels or len(set(channels)) != len(channels):
            raise ValidationError(
                {"channels": "Au moins un canal, chacun connu et une seule fois."}
            )
