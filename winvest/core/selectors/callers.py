"""Who holds a token and what he may do, in one prepared statement (`design/performance.md`).

For the hot path alone: elsewhere the token and the memberships are read as any other row.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from winvest.core import json
from winvest.core.models.access import ApiToken, User, holds
from winvest.core.permissions import MEMBERSHIPS, Access, HeldRole, access_held, give_access
from winvest.core.prepared import Statement

# What a request asks of its caller; a column that is not here is read when it is asked for.
_TOKEN = ("id", "user_id", "digest", "expires_at", "revoked_at")
_USER = ("id", "email", "name", "is_active", "is_service")
_COLUMNS = (
    *(f"t.{name} AS token_{name}" for name in _TOKEN),
    *(f"u.{name} AS caller_{name}" for name in _USER),
)
# One row for a known token: the token, its user, and all his memberships.
CALLER = "".join(
    (
        "SELECT ",
        ", ".join(_COLUMNS),
        ", (SELECT jsonb_agg(jsonb_build_array(m.company_id, m.role, m.risks, m.companies)) FROM (",
        MEMBERSHIPS.replace("%(user)s", "u.id"),
        ") m) AS caller_roles",
        " FROM api_token t JOIN app_user u ON u.id = t.user_id WHERE t.digest = %(digest)s",
    )
)
_read = Statement(CALLER)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls with a token that holds, and what he may do."""

    user_id: UUID
    access: Access


def read_token(digest: str) -> ApiToken | None:
    """Return the token of this hash with its user, whose rights are read; None for no token."""
    row = next(iter(_read.rows({"digest": digest})), None)
    if row is None:
        return None
    alias, cut = connection.alias, len(_TOKEN)
    token: ApiToken = ApiToken.from_db(alias, _TOKEN, row[:cut])
    token.user = User.from_db(alias, _USER, row[cut : cut + len(_USER)])
    give_access(token.user, _roles(row))
    return token


def caller_of(row: Any) -> Caller | None:
    """Return the caller that a row of `CALLER` tells, None for a token or an account that is shut."""
    if not row.caller_is_active or not holds(row.token_revoked_at, row.token_expires_at):
        return None
    return Caller(row.token_user_id, access_held(row.token_user_id, _roles(row)))


def _roles(row: Any) -> list[HeldRole]:
    return [_membership(one) for one in json.loads(row.caller_roles or "[]")]


def _membership(row: list[Any]) -> HeldRole:
    company, role, risks, companies = row
    return HeldRole(company and UUID(company), role, _keys(risks), _keys(companies))


def _keys(texts: list[str]) -> list[UUID]:
    return [UUID(text) for text in texts]
