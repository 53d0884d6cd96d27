"""Limits that an honest client never meets: fixed windows of a minute, counted in Redis."""

import logging
from typing import TYPE_CHECKING

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from winvest.core.clock import now

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
POSTS_PER_MINUTE = 120_000
FAILURES_PER_MINUTE = 300


def count(name: str) -> int:
    """Count one more event of this minute under `name`; 0 when Redis does not answer."""
    minute = int(now().timestamp()) // WINDOW_SECONDS
    key = f"throttle:{name}:{minute}"
    try:
        # One trip, two for the first of a window: Django's own `incr` makes three.
        client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
        full = cache.make_and_validate_key(key)
        counted = int(client.incr(full))
        if counted == 1:
            client.expire(full, WINDOW_SECONDS * 2)
        return counted
    except RedisError:
        # A limit never stops the service.
        logger.warning("throttle %s not counted", name)
        return 0


class PostThrottle(BaseThrottle):
    """Limits what one account may send in a minute."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count POSTs only."""
        if request.method != "POST":
            return True
        return count(f"post:{request.user.pk}") <= POSTS_PER_MINUTE

    def wait(self) -> float:
        """Tell the seconds until the next window."""
        return WINDOW_SECONDS - now().timestamp() % WINDOW_SECONDS
