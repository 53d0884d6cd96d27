"""`manage.py rotate_keys`: put the encryption keys in order after a rotation (G.2-08)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from winvest.core.crypto.local import LocalKeys
from winvest.core.crypto.masters import master_keys
from winvest.core.services.secrets import renew_data_key, rewrap_keys


class Command(BaseCommand):
    """Wrap the data keys under the current master key; no encrypted value is written again.

    The product goes on working meanwhile. Running twice changes nothing.
    """

    help = "Ré-enveloppe les clés de chiffrement sous la clé maître courante."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer a new master key and a new data key."""
        parser.add_argument(
            "--new-master", action="store_true", help="ajoute d'abord une clé maître au fichier"
        )
        parser.add_argument(
            "--new-data-key", action="store_true", help="chiffre désormais sous une nouvelle clé"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and print the id of the current master key, which is no secret."""
        masters = master_keys()
        if options["new_master"]:
            if not isinstance(masters, LocalKeys):
                raise CommandError("Cette clé maître se renouvelle chez son gestionnaire.")
            masters.add()
        count = rewrap_keys()
        if options["new_data_key"]:
            renew_data_key()
        self.stdout.write(f"Clé maître {masters.current()} : {count} clé(s) ré-enveloppée(s).")
