"""Two people at once, each on a connection of its own."""

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests.factories import MembershipFactory, UserFactory
from winvest.core import scoping
from winvest.core.errors import DomainError

BLOCKED = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""


def told(run):
    """Run on a connection of its own; return what came of it, or its code."""
    try:
        with scoping.everything():
            return run()
    except DomainError as error:
        return error.code
    except DatabaseError as error:
        return "frozen" if "frozen" in str(error) else str(error)
    finally:
        connection.close()


def at_once(*runs):
    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(told, runs))


def meanwhile(first, second, then=lambda: None):
    """Do `first`, `then` go on with it once `second` waits for it, and commit; return what came of
    `second`.
    """
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        first()
        other = pool.submit(told, second)
        deadline = time.monotonic() + 20
        with connection.cursor() as cursor:
            blocked = 0
            while not blocked and not other.done() and time.monotonic() < deadline:
                cursor.execute(BLOCKED)
                (blocked,) = cursor.fetchone()
        then()
    assert blocked, other.result()
    return other.result()


def person(company, role):
    user = UserFactory()
    MembershipFactory(user=user, company=company, role=role)
    return user
