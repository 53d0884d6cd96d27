"""`manage.py write_model_docs`: the MCD, the dictionary and the lexicon, from the models."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from winvest.backoffice.selectors.model_docs import documents


class Command(BaseCommand):
    """Write the documents of the data model (Annexes A and L)."""

    help = "Écrit le MCD, le dictionnaire de données et le lexique des codes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        default = Path(settings.BASE_DIR) / "docs" / "donnees"
        parser.add_argument("--folder", type=Path, default=default, help="dossier des documents")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Write each document."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in documents().items():
            (folder / name).write_text(text, encoding="utf-8")
