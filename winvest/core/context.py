"""Who acts and for which request: read by the audit trigger and the history."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from winvest.core.models.access import User

request_id: ContextVar[str] = ContextVar("request_id", default="")
actor: ContextVar["User | None"] = ContextVar("actor", default=None)


@contextmanager
def acting(user: "User | None") -> Iterator[None]:
    """Make `user` the author of what is written inside the block."""
    token = actor.set(user)
    try:
        yield
    finally:
        actor.reset(token)
