"""Demo facts of September 2025 (`design/domain.md` §10), told by each company's accountant."""

from collections.abc import Mapping

from django.core.management.base import CommandError

from accounting.models import Operation
from accounting.services.operations import post_operations
from winvest.backoffice.demo.files import read_json
from winvest.backoffice.demo.people import People
from winvest.core.domain.roles import Role
from winvest.core.models import Company

SOURCE = "demo"


def load_operations(*, companies: Mapping[str, Company], people: People) -> None:
    """Post the operations that are missing; a refusal stops the load with its reasons."""
    known = set(Operation.objects.filter(source=SOURCE).values_list("company__code", "external_id"))
    for code, company in companies.items():
        bodies = [
            {**row, "source": SOURCE, "company_id": str(company.pk)}
            for row in read_json("demo/operations.json")
            if row.pop("company") == code and (code, row["external_id"]) not in known
        ]
        if not bodies:
            continue
        results = post_operations(actor=people[Role.ACCOUNTING, code], bodies=bodies)
        refused = "; ".join(str(result.error) for result in results if result.error)
        if refused:
            raise CommandError(f"Opérations de démonstration refusées ({code}) : {refused}")
