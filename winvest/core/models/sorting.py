"""Labels sorted and searched as a French reader expects: É with E, whatever the case."""

from django.db import models


class FrenchSort(models.Func):
    """`fr_sort(text)`: lower case without accents (the database has no French collation)."""

    function = "fr_sort"
    arity = 1
    output_field = models.TextField()


class NaturalSort(models.Func):
    """`fr_natural(text)`: `fr_sort`, with numbers in their order, « Forfait 2 » before « 10 »."""

    function = "fr_natural"
    arity = 1
    output_field = models.TextField()


def NaturalLabel(field: str) -> models.GeneratedField:  # noqa: N802 - reads as a field type
    """Return the stored column by which `field`, whose numbers count, is sorted."""
    return models.GeneratedField(
        expression=NaturalSort(models.F(field)),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="libellé de tri, nombres compris",
    )


def SortLabel(field: str) -> models.GeneratedField:  # noqa: N802 - reads as a field type
    """Return the stored column by which `field` is sorted and searched."""
    return models.GeneratedField(
        expression=FrenchSort(models.F(field)),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="libellé de tri",
    )
