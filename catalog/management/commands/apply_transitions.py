"""`manage.py apply_transitions`: the moves of products whose date has come, at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.services.sweep import apply_due_moves


class Command(BaseCommand):
    """Does by hand what the sweeper does every minute; missed runs are caught up."""

    help = "Applique les transitions de produits arrivées à leur date, dans l'ordre."

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply, and tell each move; fail when some failed."""
        swept = apply_due_moves()
        for line in swept.applied:
            self.stdout.write(f"Faite : {line}")
        for line in swept.failed:
            self.stderr.write(f"En échec : {line}")
        if swept.failed:
            raise CommandError(f"{len(swept.failed)} transition(s) en échec.")
        self.stdout.write(f"{len(swept.applied)} transition(s) faite(s).")
