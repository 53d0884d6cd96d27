"""Who holds a token and what he may do, in one prepared statement (`design/performance.md`).

For the hot path alone: elsewhere the token and the memberships are read as any other row.
"""

from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from winvest.core import json
from winvest.core.models.access import ApiToken, User
from winvest.core.permissions import MEMBERSHIPS, HeldRole, give_access

# What a request asks of its caller; a column that is not here is read when it is asked for.
_TOKEN = ("id", "user_id", "digest", "expires_at", "revoked_at")
_USER = ("id", "email", "name", "is_active", "is_service")
_SQL = "".join(
    (
        "SELECT ",
        ", ".join([f"t.{name}" for name in _TOKEN] + [f"u.{name}" for name in _USER]),
        ", (SELECT jsonb_agg(jsonb_build_array(m.company_id, m.role, m.risks, m.companies)) FROM (",
        MEMBERSHIPS.replace("%(user)s", "u.id"),
        ") m) FROM api_token t JOIN app_user u ON u.id = t.user_id WHERE t.digest = %(digest)s",
    )
)


def read_token(digest: str) -> ApiToken | None:
    """Return the token of this hash with its user, whose rights are read; None for no token."""
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        row: Any = cursor.execute(_SQL, {"digest": digest}).fetchone()
    if row is None:
        return None
    alias, cut = connection.alias, len(_TOKEN)
    token: ApiToken = ApiToken.from_db(alias, _TOKEN, row[:cut])
    token.user = User.from_db(alias, _USER, row[cut : cut + len(_USER)])
    give_access(token.user, [_membership(one) for one in json.loads(row[-1] or "[]")])
    return token


def _membership(row: list[Any]) -> HeldRole:
    company, role, risks, companies = row
    return HeldRole(company and UUID(company), role, _keys(risks), _keys(companies))


def _keys(texts: list[str]) -> list[UUID]:
    return [UUID(text) for text in texts]
