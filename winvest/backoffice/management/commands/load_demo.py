"""`manage.py load_demo`: the customer's own figures, to try the product with."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from winvest.backoffice.demo.catalogue import lacking_products, load_products
from winvest.backoffice.demo.commissions import load_beneficiaries
from winvest.backoffice.demo.companies import load_companies, load_partners
from winvest.backoffice.demo.ledger import load_operations
from winvest.backoffice.demo.people import load_people
from winvest.backoffice.demo.secrets import write_accounts
from winvest.core import scoping
from winvest.core.services.access import sync_groups


class Command(BaseCommand):
    """Add the demo data that is missing (readings of §13, A.7 and F.4; M-11) and write its accounts.

    Running twice changes nothing but the address in the file; what somebody edited stays.
    """

    help = "Charge les données de démonstration et écrit leurs comptes dans un fichier."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file of the accounts and the address that it shows."""
        parser.add_argument("--accounts", type=Path, required=True, help="fichier des comptes")
        parser.add_argument("--url", required=True, help="adresse du back-office")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load in the order in which the rows need each other; print no secret."""
        path: Path = options["accounts"]
        with scoping.everything():
            companies = load_companies()
            people, accounts = load_people(path=path, companies=companies)
            for company in companies.values():
                sync_groups(company)
            load_partners(companies, people)
            load_beneficiaries(companies)
            load_products(companies=companies, people=people)
            load_operations(companies=companies, people=people)
            lacking = lacking_products()
        write_accounts(path, url=options["url"], accounts=accounts)
        self.stdout.write(f"Démonstration : {len(accounts)} comptes dans {path}.")
        if lacking:
            self.stdout.write(
                f"Versions mises en production par une démonstration plus ancienne, sans barème ou "
                f"sans document : {', '.join(lacking)}. Leur contenu est figé : créez une nouvelle "
                "version, ou repartez d'une base vide."
            )
