"""`manage.py verify_documents`: are the files as they came? (B.7-03)"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.services.integrity import verify_documents


class Command(BaseCommand):
    """Reads every file; exit code 1 names those that changed or are gone."""

    help = "Relit chaque document et nomme ceux dont le fichier a changé ou disparu."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each fault, or that all files are whole."""
        read = faults = 0
        for altered in verify_documents():
            read += 1
            if altered is not None:
                faults += 1
                self.stdout.write(str(altered))
        if faults:
            raise CommandError(f"{faults} document(s) sur {read} à rétablir.")
        self.stdout.write(f"{read} document(s) intact(s).")
