"""Words searched as a French reader types them: no accents, plurals found, stop words passed over.

The SQL functions are those of `winvest/core/migrations/sql/french_words.sql`.
"""

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import models


class FrenchWords(models.Func):
    """`fr_words(texts…)`: the words of the texts and their stems, without accents or case."""

    function = "fr_words"
    output_field = SearchVectorField()


class FrenchQuery(models.Func):
    """`fr_query(text)`: every word of the text that is no stop word, the last one just begun."""

    function = "fr_query"
    arity = 1
    output_field = SearchQueryField()


class FrenchWhole(FrenchQuery):
    """The same words, the last one whole."""

    template = "plainto_tsquery('pg_catalog.french', fr_plain(%(expressions)s))"


class FrenchPhrase(FrenchQuery):
    """The same words, whole and in this order."""

    template = "phraseto_tsquery('pg_catalog.french', fr_plain(%(expressions)s))"


class Holds(models.Func):
    """SQL condition: these words answer this query."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    arity = 2
    output_field = models.BooleanField()


def SearchWords(*fields: str) -> models.GeneratedField:  # noqa: N802 - reads as a field type
    """Return the stored column that holds the words of the fields."""
    return models.GeneratedField(
        expression=FrenchWords(*fields),
        output_field=SearchVectorField(),
        db_persist=True,
        verbose_name="mots cherchés",
    )
