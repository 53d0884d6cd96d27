"""Sealing the legal log, after the fact and in batches (G.3; `quality.md`, audit).

Hashing inside the trigger would halve the writes. What waits stands in a queue that fills at the
commit, so that an entry whose transaction ends late is sealed later and never passed over.
"""

from datetime import date

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db import transaction as django_transaction

from winvest.core import locks
from winvest.core.domain import seal
from winvest.core.models.audit import AuditRoot
from winvest.core.selectors import audit_seal as selectors

BATCH = 5_000
LOCK = "audit:seal"
ROOTS = "audit/roots"


def seal_entries() -> int:
    """Seal what waits, batch by batch, and return how many; 0 when another sweeper is at it."""
    sealed, last = 0, 0
    while True:
        with django_transaction.atomic():
            if not locks.try_lock(LOCK):
                return sealed
            count, last = _seal_batch(after=last)
        sealed += count
        if count < BATCH:
            return sealed


def keep_root(*, day: date) -> AuditRoot | None:
    """Keep where the chain stands as the root of `day`, in the database and as a file.

    The file leaves the database: its storage is the one that no one rewrites in production. None
    when nothing was ever sealed; a root already kept stays as it is.
    """
    seal_entries()
    with django_transaction.atomic():
        number, chain = _head()
        if not number:
            return None
        root, _ = AuditRoot.objects.get_or_create(
            day=day, defaults={"number": number, "chain": chain}
        )
    name = f"{ROOTS}/{day.isoformat()}.txt"
    if not default_storage.exists(name):
        text = f"{day.isoformat()} {root.number} {bytes(root.chain).hex()}\n"
        default_storage.save(name, ContentFile(text.encode()))
    return root


def _seal_batch(*, after: int) -> tuple[int, int]:
    """Seal one batch of ids above `after`; return how many and the last id."""
    number, chain = _head()
    with connection.cursor() as cursor:
        cursor.execute(selectors.WAITING, [after, BATCH])
        rows = cursor.fetchall()
        if not rows:
            return 0, after
        with cursor.copy(
            "COPY audit_seal (number, entry_id, entry_at, digest, chain) FROM STDIN"
        ) as copy:
            for entry_id, at, at_text, *content in rows:
                number += 1
                content_digest = seal.digest(content)
                chain = seal.link(
                    chain, number=number, entry_id=entry_id, at=at_text, content=content_digest
                )
                copy.write_row((number, entry_id, at, content_digest, chain))
        ids = [row[0] for row in rows]
        cursor.execute(selectors.MOVE_HEAD, [number, chain])
        cursor.execute("DELETE FROM audit_unsealed WHERE id = ANY(%s)", [ids])
    return len(ids), ids[-1]


def _head() -> tuple[int, bytes]:
    """Return the last number and the chain there; the genesis before the first seal.

    The next number follows the head: seals that were removed from the end stay missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(selectors.HEAD)
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, seal.GENESIS)
