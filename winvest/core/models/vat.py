"""VAT rates by code, country and date: data, never constants (readings P-07, P-08)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models

from winvest.core.models.base import (
    DatedModel,
    audit,
    history,
    no_truncate,
)
from winvest.core.models.columns import COUNTRY, filled, shaped


class DateRange(models.Func):
    """Half-open range of two date columns."""

    function = "daterange"
    output_field = DateRangeField()


class VatRate(DatedModel):
    """A rate in percent, valid from a day (included) to another (excluded) in a country."""

    code = models.CharField("code", max_length=10)
    country = models.CharField("pays", max_length=2, default="FR", db_default="FR")
    label = models.CharField("libellé", max_length=80)
    rate = models.DecimalField("taux (%)", max_digits=5, decimal_places=2)
    valid_from = models.DateField("à partir du")
    valid_to = models.DateField("jusqu'au (exclu)", null=True, blank=True)

    history = history(scoped=False)

    class Meta:
        db_table = "vat_rate"
        verbose_name = "taux de TVA"
        verbose_name_plural = "taux de TVA"
        ordering = ("country", "code", "valid_from")
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            shaped("country", COUNTRY, "Un pays s'écrit en deux lettres capitales."),
            filled("code", "Code"),
            filled("label", "Libellé"),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=100),
                name="vat_rate_between_0_and_100",
                violation_error_message="Un taux de TVA va de 0 à 100 %%.",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="vat_rate_period",
                violation_error_message="La fin doit suivre le début.",
            ),
            ExclusionConstraint(
                name="vat_rate_no_overlap",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (
                        DateRange("valid_from", "valid_to", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Ce code a déjà un taux sur cette période.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} ({self.rate.normalize():f} %)"
