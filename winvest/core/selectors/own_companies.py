"""The companies where a person holds a role, read once per request by one prepared statement."""

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from winvest.core import json
from winvest.core.models.access import User
from winvest.core.models.company import Company
from winvest.core.permissions import access_of
from winvest.core.prepared import Statement

# What pages show of them; a column that is not here is read when it is asked for.
_COLUMNS = ("id", "code", "legal_name", "brand_name", "brand_theme", "logo")
COMPANIES = """
SELECT id, code, legal_name, brand_name, brand_theme, logo
FROM company WHERE id = ANY(%(companies)s) ORDER BY brand_name
"""
_read = Statement(COMPANIES)


def companies_of(user: User | AnonymousUser) -> list[Company]:
    """Return the companies where the user holds a role, by brand name.

    They are kept on the user object beside his rights, which they follow (`access_of`), and do not
    depend on the company chosen in the switcher.
    """
    kept: list[Company] | None = getattr(user, "_winvest_companies", None)
    if kept is None:
        rows = _read.rows({"companies": list(access_of(user).all_companies)})
        kept = [_company(row._asdict()) for row in rows]
        user._winvest_companies = kept  # type: ignore[union-attr]
    return kept


def _company(values: dict[str, object]) -> Company:
    theme = values["brand_theme"]
    values["brand_theme"] = json.loads(str(theme)) if theme is not None else None
    return Company.from_db(connection.alias, _COLUMNS, list(values.values()))
