"""Numbers of product codes, each given once (A.5-01)."""

from django.db import models

from winvest.core.models.base import UUIDModel


class SkuCounter(UUIDModel):
    """Last number given after `{SOCIETE}-{RISQUE}-`: a row, locked by whoever takes the next.

    Of the group, as codes are unique there; a number given and not used is not given again.
    """

    prefix = models.CharField("début du code", max_length=80, unique=True)
    last = models.PositiveIntegerField("dernier numéro", default=0, db_default=0)

    class Meta:
        db_table = "sku_counter"
        verbose_name = "compteur de codes produit"
        verbose_name_plural = "compteurs de codes produit"

    def __str__(self) -> str:
        return f"{self.prefix}{self.last:03d}"
