"""Limits that an honest client never meets: fixed windows of a minute, counted in Redis."""

import logging
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from winvest.core.clock import now

if TYPE_CHECKING:
    from rest_framework.views import APIView

LOTS_PER_WINDOW = 1_000
NAMES_KEPT = 1_000

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
POSTS_PER_MINUTE = 120_000
FAILURES_PER_MINUTE = 300


def count(name: str) -> int:
    """Count one more event of this minute under `name`; 0 when Redis does not answer."""
    return _add(_key(name), 1)


def _key(name: str) -> str:
    return f"throttle:{name}:{int(now().timestamp()) // WINDOW_SECONDS}"


def _add(key: str, events: int) -> int:
    try:
        # One trip, two for the first of a window: Django's own `incr` makes three.
        client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
        full = cache.make_and_validate_key(key)
        counted = int(client.incr(full, events))
        if counted == events:
            client.expire(full, WINDOW_SECONDS * 2)
        return counted
    except RedisError:
        # A limit never stops the service.
        logger.warning("throttle %s not counted", key)
        return 0


class _Lots:
    """Counts in this process, and tells Redis lot by lot: a trip for each POST costs too much.

    What is counted lags by less than a lot for each process, a thousandth of the limit.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def count(self, name: str, lot: int) -> int:
        """Count one more event of this minute under `name`."""
        key = _key(name)
        with self._lock:
            if key not in self._waiting and len(self._waiting) > NAMES_KEPT:
                self._waiting, self._told = {}, {}  # names of past minutes
            waiting = self._waiting[key] = self._waiting.get(key, 0) + 1
            if waiting < lot:
                return self._told.get(key, 0) + waiting
            self._waiting[key] = 0
        counted = _add(key, waiting)
        with self._lock:
            self._told[key] = counted
        return counted


_posts = _Lots()


def may_post(user_id: UUID | None) -> bool:
    """Count one more POST of this account; False above what it may send in a minute."""
    lot = max(1, POSTS_PER_MINUTE // LOTS_PER_WINDOW)
    return _posts.count(f"post:{user_id}", lot) <= POSTS_PER_MINUTE


class PostThrottle(BaseThrottle):
    """Limits what one account may send in a minute."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count POSTs only."""
        return request.method != "POST" or may_post(request.user.pk)

    def wait(self) -> float:
        """Tell the seconds until the next window."""
        return WINDOW_SECONDS - now().timestamp() % WINDOW_SECONDS
