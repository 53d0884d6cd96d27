"""The transaction of every write: it tells the audit trigger who acts (§3.8, G.3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection
from django.db import transaction as django_transaction

from winvest.core import context
from winvest.core.models.access import User
from winvest.core.permissions import access_of

# Actor, roles and request id, as the trigger reads them.
Author = tuple[str, str, str]
_author: ContextVar[Author | None] = ContextVar("author", default=None)


@contextmanager
def transaction(actor: User | None, company_id: UUID | None = None) -> Iterator[None]:
    """Open an atomic block whose rows are audited under `actor`, his role and the request id.

    The settings are local to the transaction. Without an actor (loaders, sweepers) the trigger
    records the session's user. A block inside another gives the author of the outer one back.
    """
    author = (
        str(actor.pk) if actor else "",
        _role(actor, company_id),
        context.request_id.get(),
    )
    outer = _author.get()
    token = _author.set(author)
    try:
        with django_transaction.atomic(), context.acting(actor):
            _tell(author)
            yield
            # When the block fails, its savepoint takes the settings back.
            if outer is not None:
                _tell(outer)
    finally:
        _author.reset(token)


def _tell(author: Author) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('winvest.actor_id', %s, true),"
            " set_config('winvest.actor_role', %s, true),"
            " set_config('winvest.request_id', %s, true)",
            author,
        )


def _role(actor: User | None, company_id: UUID | None) -> str:
    if actor is None:
        return ""
    access = access_of(actor)
    roles = access.roles(company_id) or frozenset().union(*access.by_company.values())
    return ",".join(sorted(roles))
