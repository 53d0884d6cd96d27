"""Which words of a search the names of the partners and of the risks hold (§3.7)."""

from typing import NamedTuple
from uuid import UUID

from winvest.core.prepared import Statement


class Held(NamedTuple):
    """Partners, risks or both whose names hold some words, and the `others` that they do not."""

    others: str
    partners: list[UUID] | None
    risks: list[UUID] | None


# As `fr_query` reads them: eight words, whole ones by their stem, the last one begun.
_held = Statement(
    """
    WITH RECURSIVE word AS (
      SELECT place, word, CASE
          WHEN place = max(place) OVER () THEN fr_query(word)
          ELSE plainto_tsquery('pg_catalog.french', word)
        END AS query
      FROM unnest((string_to_array(fr_plain(%(text)s), ' '))[1:8])
        WITH ORDINALITY AS typed(word, place)
      WHERE word NOT IN ('les', 'a') AND numnode(plainto_tsquery('pg_catalog.french', word)) > 0
    ),
    family AS (
      SELECT id AS top, id FROM risk
      UNION ALL
      SELECT family.top, risk.id FROM family JOIN risk ON risk.parent_id = family.id
    ),
    of_partner AS (
      SELECT partner.id, array_agg(held.place) AS places
      FROM word AS held
      JOIN partner ON fr_words(partner.name) @@ held.query
      GROUP BY partner.id
    ),
    of_risk AS (
      SELECT family.id, array_agg(DISTINCT held.place) AS places
      FROM word AS held
      JOIN risk ON fr_words(risk.label) @@ held.query
      JOIN family ON family.top = risk.id
      GROUP BY family.id
    ),
    partners AS (
      SELECT places, array_agg(id) AS ids FROM of_partner GROUP BY places
      UNION ALL SELECT '{}', NULL
    ),
    risks AS (
      SELECT places, array_agg(id) AS ids FROM of_risk GROUP BY places
      UNION ALL SELECT '{}', NULL
    )
    SELECT (
        SELECT coalesce(string_agg(word, ' ' ORDER BY place), '')
        FROM word WHERE NOT place = ANY (partners.places || risks.places)
      ) AS others, partners.ids AS partners, risks.ids AS risks
    FROM partners CROSS JOIN risks
    WHERE partners.ids IS NULL AND risks.ids IS NOT NULL
      OR risks.ids IS NULL AND partners.ids IS NOT NULL
      OR NOT (partners.places @> risks.places OR partners.places <@ risks.places)
    ORDER BY others, partners.places, risks.places
    """
)


def words_not_in_names(text: str) -> list[Held]:
    """Return whose names hold some words of the text: a risk holds those of the ones above it too.

    Of every company: whoever asks keeps what the reader sees. Words as « de » count for nothing.
    """
    return [Held(row.others, row.partners, row.risks) for row in _held.rows({"text": text})]
