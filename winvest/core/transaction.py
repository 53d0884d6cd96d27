"""The transaction of every write: it tells the audit trigger who acts (§3.8, G.3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection
from django.db import transaction as django_transaction

from winvest.core import context
from winvest.core.models.access import User
from winvest.core.permissions import access_of


@contextmanager
def transaction(actor: User | None, company_id: UUID | None = None) -> Iterator[None]:
    """Open an atomic block whose rows are audited under `actor`, his role and the request id.

    The settings are local to the transaction. Without an actor (loaders, sweepers) the trigger
    records the session's user.
    """
    with django_transaction.atomic(), context.acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('winvest.actor_id', %s, true),"
                " set_config('winvest.actor_role', %s, true),"
                " set_config('winvest.request_id', %s, true)",
                [
                    str(actor.pk) if actor else "",
                    _role(actor, company_id),
                    context.request_id.get(),
                ],
            )
        yield


def _role(actor: User | None, company_id: UUID | None) -> str:
    if actor is None:
        return ""
    access = access_of(actor)
    roles = access.roles(company_id) or frozenset().union(*access.by_company.values())
    return ",".join(sorted(roles))
