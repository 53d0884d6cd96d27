"""`manage.py verify_audit`: is the legal log as it was written? (G.3)"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from winvest.core.services.audit_seal import seal_entries
from winvest.core.services.audit_verification import verify_audit


class Command(BaseCommand):
    """Seals what waits, then verifies the whole chain; exit code 1 names what was tampered with."""

    help = "Vérifie le scellement du journal d'audit et nomme toute entrée modifiée ou supprimée."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each fault, or that the log is whole."""
        seal_entries()
        result = verify_audit()
        for finding in result.findings:
            self.stdout.write(finding)
        for note in result.notes:
            self.stdout.write(f"À vérifier : {note}")
        if not result.is_whole:
            raise CommandError(f"Journal d'audit altéré : {len(result.findings)} constat(s).")
        self.stdout.write(
            f"Journal d'audit intact : {result.sealed} entrées scellées, "
            f"{result.waiting} en attente."
        )
