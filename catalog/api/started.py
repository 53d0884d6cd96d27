"""What changes once a dated row has begun: it is ended, never erased nor rewritten."""

from typing import Any, ClassVar

from winvest.core.api.resources import ResourceRow
from winvest.core.clock import now
from winvest.core.errors import Conflict, Problem


class KeptOnceStarted(ResourceRow):
    """A row with `start_at`; `open_once_started` are the fields of the body that stay open."""

    open_once_started: ClassVar[frozenset[str]]
    started: ClassVar[Problem]
    kept: ClassVar[Problem]

    def check_change(self, row: Any) -> None:
        """Refuse a stale change, and one of what has begun."""
        super().check_change(row)
        if row.start_at <= now() and set(self.request.data) - self.open_once_started:
            raise Conflict(self.started)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion, and one of what has begun."""
        super().check_delete(row)
        if row.start_at <= now():
            raise Conflict(self.kept)
