-- Words as a French reader searches them. Every function may stand in an index or a generated
-- column: the dictionaries are named. The accents go before the stemmer comes, so that « été » is
-- no stop word, and the same word typed without its accents has the same stem.

-- Lower case without accents, and a space for whatever is neither letter nor digit.
CREATE FUNCTION fr_plain(label text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(fr_sort(label), '[^[:alnum:]]+', ' ', 'g'));

-- The stems, by which a plural is found, and the words as written, by whose beginning one is found
-- while it is typed: « assuranc » is no beginning of the stem « assur ».
CREATE FUNCTION fr_words(VARIADIC labels text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT to_tsvector('pg_catalog.french', plain) || to_tsvector('pg_catalog.simple', plain)
    FROM fr_plain(array_to_string(labels, ' ')) AS plain
);

-- At most eight words, all of them wanted: whole ones by their stem, the last one begun. Stop words
-- count for nothing (PostgreSQL's list lacks « les » and « a »), unless there is nothing else.
CREATE FUNCTION fr_query(asked text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    WITH typed AS (
        SELECT words, words[cardinality(words)] AS last, words[:cardinality(words) - 1] AS others
        FROM (SELECT (string_to_array(fr_plain(asked), ' '))[1:8] AS words) AS cut
    ),
    stems AS (
        SELECT plainto_tsquery(
                   'pg_catalog.french',
                   array_to_string(array_remove(array_remove(others, 'les'), 'a'), ' ')
               ) AS others,
               plainto_tsquery('pg_catalog.french', nullif(nullif(last, 'les'), 'a')) AS last,
               plainto_tsquery('pg_catalog.simple', array_to_string(others, ' ')) AS written,
               to_tsquery('pg_catalog.simple', '''' || last || ''':*') AS begun
        FROM typed
    )
    SELECT CASE
        WHEN numnode(last) > 0 THEN others && (last || begun)
        WHEN numnode(others) > 0 THEN others
        ELSE written && begun
    END
    FROM stems
);
