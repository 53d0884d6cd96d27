"""Keys of repeated requests: kept as long as a caller may repeat, then forgotten."""

from datetime import timedelta

from winvest.core.clock import now
from winvest.core.models.access import IdempotencyKey

# Callers repeat within minutes; a month-end job that was mended by hand repeats within days.
KEPT = timedelta(days=30)


def purge_idempotency_keys() -> int:
    """Delete the keys older than 30 days and return how many; their effects stay."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=now() - KEPT).delete()
    return deleted
