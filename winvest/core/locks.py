"""Advisory locks of the database, named; they end with the transaction."""

from django.db import connection


def try_lock(name: str) -> bool:
    """Take the lock `name` until the end of the transaction, or return False at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def share_lock(name: str) -> None:
    """Wait for whoever holds the lock `name` alone, and keep it with others until the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [name])
