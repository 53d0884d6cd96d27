"""Values of the indices that indexed prices read (A.3.3; reading P-05): dated, never erased."""

from django.db import models

from catalog.choices import PriceIndex
from winvest.core.models.base import DatedModel, audit, history, no_truncate, one_of


class IndexValue(DatedModel):
    """The value of an index from a local date on, until the next one of the same index."""

    # Common to the group: its administrators write it.
    company_id = None

    index = models.CharField("indice", max_length=6, choices=PriceIndex)
    valid_on = models.DateField("à partir du")
    value = models.DecimalField("valeur", max_digits=18, decimal_places=6)
    source = models.CharField("source", max_length=120, blank=True, default="", db_default="")

    history = history(scoped=False)

    log_title = ("{index}", "{valid_on}")

    class Meta:
        db_table = "index_value"
        verbose_name = "valeur d'indice"
        verbose_name_plural = "valeurs d'indices"
        ordering = ("index", "-valid_on")
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            one_of("index", PriceIndex),
            models.UniqueConstraint(
                fields=("index", "valid_on"),
                name="index_value_one_a_day",
                violation_error_message="Cet indice a déjà une valeur à cette date.",
            ),
        )

    def family_risk(self) -> None:
        """Return none: an index is read in every family (N-02)."""

    def __str__(self) -> str:
        return f"{self.get_index_display()} au {self.valid_on:%d/%m/%Y}"
