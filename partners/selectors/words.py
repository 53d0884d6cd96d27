"""Which words of a search the partners' names hold (§3.7)."""

from uuid import UUID

from winvest.core.prepared import Statement

# As `fr_query` reads them: eight words, whole ones by their stem, the last one begun.
_held = Statement(
    """
    WITH word AS (
      SELECT place, word, CASE
          WHEN place = max(place) OVER () THEN fr_query(word)
          ELSE plainto_tsquery('pg_catalog.french', word)
        END AS query
      FROM unnest((string_to_array(fr_plain(%(text)s), ' '))[1:8])
        WITH ORDINALITY AS typed(word, place)
      WHERE word NOT IN ('les', 'a') AND numnode(plainto_tsquery('pg_catalog.french', word)) > 0
    ),
    named AS (
      SELECT partner.id, array_agg(held.place) AS places
      FROM word AS held
      JOIN partner ON fr_words(partner.name) @@ held.query
      GROUP BY partner.id
    ),
    part AS (
      SELECT id, (
          SELECT coalesce(string_agg(word, ' ' ORDER BY place), '')
          FROM word WHERE NOT place = ANY (places)
        ) AS others
      FROM named
    )
    SELECT others, array_agg(id) AS partners FROM part GROUP BY others ORDER BY others
    """
)


def words_not_in_names(text: str) -> dict[str, list[UUID]]:
    """Return the partners whose name holds some words of the text, by the words it does not hold.

    Of every company: whoever asks keeps what the reader sees. Words as « de » count for nothing.
    """
    return {row.others: row.partners for row in _held.rows({"text": text})}
