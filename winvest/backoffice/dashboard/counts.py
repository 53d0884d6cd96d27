"""How many tasks wait for a person, beside « Mes tâches » in the menu of every page.

Counting reads the versions in review: it is done once a minute for a person, and anew when he opens
« Mes tâches », where a decision leads back.
"""

import logging
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from documents.selectors.lacking import lacking_versions
from winvest.backoffice.dashboard.launching import (
    agreements_to_give,
    communications,
    products_to_activate,
    sales_to_publish,
    versions_to_publish,
    versions_to_release,
)
from winvest.backoffice.dashboard.mine import (
    accounts_of_sellers,
    accounts_to_enter,
    accounts_to_validate,
    drafts_sent_back,
    versions_to_approve,
)
from winvest.backoffice.dashboard.shapes import Reader
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.middleware import SESSION_COMPANY
from winvest.core.permissions import access_of

KEPT_SECONDS = 60
# From this number on, the menu says « 99+ ».
MANY = 100

logger = logging.getLogger(__name__)


def tasks_waiting(request: HttpRequest) -> int:
    """Return how many tasks wait, `MANY` at most, as last counted within the minute."""
    try:
        kept = cache.get(_key(request))
    except RedisError:
        # A menu without its number is still a menu.
        logger.warning("the tasks of the menu are not counted")
        return 0
    return count_tasks(request) if kept is None else int(kept)


def count_tasks(request: HttpRequest) -> int:
    """Count them now, and keep the number for the next pages."""
    reader = Reader(access_of(request.user), companies_allowing(request, Action.CATALOG_VIEW_ALL))
    number = min(MANY, _lacking(reader) + sum(_few(rows) for rows in _waiting(reader)))
    try:
        cache.set(_key(request), number, KEPT_SECONDS)
    except RedisError:
        logger.warning("the tasks of the menu are not kept")
    return number


def _waiting(reader: Reader) -> list[Any]:
    return [
        versions_to_approve(reader),
        drafts_sent_back(reader),
        accounts_to_enter(reader),
        accounts_of_sellers(reader),
        accounts_to_validate(reader),
        versions_to_release(reader),
        products_to_activate(reader),
        agreements_to_give(reader),
        sales_to_publish(reader),
        versions_to_publish(reader),
        communications(reader),
    ]


def _lacking(reader: Reader) -> int:
    """Return how many versions wait for documents of those who answer for them (R-05)."""
    companies = reader.among(Action.APPROVE_COMPLIANCE)
    return len(lacking_versions(companies, at=now(), limit=MANY)) if companies else 0


def _few(rows: Any) -> int:
    return len(rows.order_by().values_list("pk", flat=True)[:MANY])


def _key(request: HttpRequest) -> str:
    return f"tasks:{person(request).pk}:{request.session.get(SESSION_COMPANY, '')}"
