"""`manage.py load_large`: the volume that the promises of speed are measured on."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from winvest.backoffice.demo.large.loading import analyze, load_offers
from winvest.core import scoping

PRODUCTS = 50_000


class Command(BaseCommand):
    """Add 50,000 products of ten versions to the demo data (`design/performance.md`).

    The rows are drawn, the same on every machine; running twice adds nothing, and a load that was
    stopped goes on where it was.
    """

    help = "Ajoute à la démonstration 50 000 produits et 500 000 versions tirés au sort."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number of products."""
        parser.add_argument("--products", type=int, default=PRODUCTS, help="nombre de produits")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, renew the statistics, and tell how long it took."""
        count, start = options["products"], perf_counter()
        with scoping.everything():
            added = load_offers(count, lambda done: self._tell(done, count, perf_counter() - start))
        if not added:
            self.stdout.write(f"Les {count} produits sont déjà là.")
            return
        self.stdout.write("Statistiques…")
        analyze()
        self.stdout.write(f"{added} produits ajoutés en {perf_counter() - start:.0f} s.")

    def _tell(self, done: int, count: int, seconds: float) -> None:
        self.stdout.write(f"{done:>6} / {count} produits, {seconds:.0f} s")
        self.stdout.flush()
