"""What the seal of the legal log reads: entries as the text that is hashed, seals, roots.

Raw SQL over every company: it serves the sealing and its verification only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

# The columns whose content is sealed, in the order of the digest; instants are in UTC.
_CONTENT = (
    'l."table", l.record_id::text, l.company_id::text, l.actor_id::text, l.actor_role,'
    " l.session_user_name, l.request_id, l.action, l.before::text, l.after::text"
)
_INSTANT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""


def _statement(text: str) -> str:
    """Write the columns and the instants of a statement out."""
    parts = {name: _INSTANT.format(f"{name}.at") for name in ("u", "l")}
    return text.format(content=_CONTENT, seal_at=_INSTANT.format("s.entry_at"), **parts)


WAITING = _statement(
    "SELECT u.id, u.at, {u}, {content}"
    " FROM audit_unsealed AS u JOIN audit_log AS l ON l.id = u.id AND l.at = u.at"
    " WHERE u.id > %s ORDER BY u.id LIMIT %s"
)
# The head itself, else the last seal: the head tells more than the seals once a tail is gone.
HEAD = (
    "SELECT number, chain FROM audit_head UNION ALL"
    " (SELECT number, chain FROM audit_seal ORDER BY number DESC LIMIT 1)"
    " ORDER BY number DESC LIMIT 1"
)
MOVE_HEAD = (
    "INSERT INTO audit_head (number, chain) VALUES (%s, %s)"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number, chain = excluded.chain,"
    " at = statement_timestamp()"
)

_SEALS = _statement(
    "SELECT s.number, s.entry_id, {seal_at}, s.digest, s.chain, l.id, {content}"
    " FROM audit_seal AS s LEFT JOIN audit_log AS l ON l.id = s.entry_id AND l.at = s.entry_at"
    " ORDER BY s.number"
)
_UNSEALED = _statement(
    'SELECT l.id, {l}, l."table", l.record_id::text FROM audit_log AS l'
    " WHERE NOT EXISTS (SELECT FROM audit_seal AS s WHERE s.entry_id = l.id AND s.entry_at = l.at)"
    " AND NOT EXISTS (SELECT FROM audit_unsealed AS u WHERE u.id = l.id AND u.at = l.at)"
    " ORDER BY l.id"
)
_LOST = _statement(
    "SELECT u.id, {u} FROM audit_unsealed AS u"
    " WHERE NOT EXISTS (SELECT FROM audit_log AS l WHERE l.id = u.id AND l.at = u.at)"
    " ORDER BY u.id"
)
_IDS = (
    "SELECT CASE WHEN is_called THEN last_value ELSE 0 END, greatest("
    " (SELECT max(id) FROM audit_log), (SELECT max(entry_id) FROM audit_seal),"
    " (SELECT max(id) FROM audit_unsealed), 0) FROM audit_log_id_seq"
)
READ_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """A seal beside the entry that it seals; `content` is None when the entry is gone."""

    number: int
    entry_id: int
    at: str
    digest: bytes
    chain: bytes
    content: tuple[str | None, ...] | None


@dataclass(frozen=True, slots=True)
class Stray:
    """An entry that no seal knows; without `table`, only the queue remembers it."""

    entry_id: int
    at: str
    table: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """What a daily root says, and the chain at that number (None: there is no such seal)."""

    day: date
    number: int
    chain: bytes
    found: bytes | None


def sealed_entries(reader: psycopg.Connection[Any]) -> Iterator[SealedEntry]:
    """Give every seal in its order with its entry, in constant memory."""
    with reader.cursor(name="audit_seals") as cursor:
        cursor.itersize = READ_AT_ONCE
        cursor.execute(_SEALS)
        for number, entry_id, at, content_digest, chain, found, *content in cursor:
            yield SealedEntry(
                number, entry_id, at, content_digest, chain, tuple(content) if found else None
            )


def unsealed_entries(reader: psycopg.Connection[Any]) -> Iterator[Stray]:
    """Give the entries that have no seal and do not wait for one."""
    for row in reader.execute(_UNSEALED):
        yield Stray(*row)


def lost_entries(reader: psycopg.Connection[Any]) -> Iterator[Stray]:
    """Give what waits for a seal although its entry is gone."""
    for row in reader.execute(_LOST):
        yield Stray(*row)


def waiting(reader: psycopg.Connection[Any]) -> int:
    """Count the entries that wait for their seal."""
    row = reader.execute("SELECT count(*) FROM audit_unsealed").fetchone()
    return int(row[0]) if row else 0


def roots(reader: psycopg.Connection[Any]) -> list[Root]:
    """Return the daily roots with the chain at their number."""
    rows = reader.execute(
        "SELECT r.day, r.number, r.chain, s.chain FROM audit_root AS r"
        " LEFT JOIN audit_seal AS s USING (number) ORDER BY r.day"
    )
    return [Root(*row) for row in rows]


def head(reader: psycopg.Connection[Any]) -> tuple[int, bytes] | None:
    """Return the number and the chain that the head keeps, None when it keeps none."""
    return reader.execute("SELECT number, chain FROM audit_head").fetchone()


def ids(reader: psycopg.Connection[Any]) -> tuple[int, int]:
    """Return the last id that was given, and the highest that anything remembers (0: none)."""
    given, known = reader.execute(_IDS).fetchone() or (0, 0)
    return given, known


def chain_at(reader: psycopg.Connection[Any], number: int) -> bytes | None:
    """Return the chain at a number, None when there is no such seal."""
    row = reader.execute("SELECT chain FROM audit_seal WHERE number = %s", [number]).fetchone()
    return row[0] if row else None


def sealed_as(reader: psycopg.Connection[Any], content: list[bytes]) -> dict[bytes, int]:
    """Return the entry that was sealed with each of these digests."""
    rows = reader.execute(
        "SELECT digest, min(entry_id) FROM audit_seal WHERE digest = ANY(%s) GROUP BY digest",
        [content],
    )
    return dict(rows.fetchall())
