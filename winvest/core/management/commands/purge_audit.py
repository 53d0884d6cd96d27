"""`manage.py purge_audit --before AAAA-MM`: forget the log of more than ten years ago (G.3-03)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from winvest.core.errors import DomainError
from winvest.core.services.audit_retention import purge_audit


class Command(BaseCommand):
    """Drops whole months; refuses to touch the last ten years."""

    help = "Purge les mois du journal d'audit vieux de plus de dix ans (G.3)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the first month that stays."""
        parser.add_argument("--before", required=True, help="premier mois conservé, AAAA-MM")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge, and print what was dropped."""
        try:
            names = purge_audit(before=options["before"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Partitions supprimées : {', '.join(names) or 'aucune'}.")
