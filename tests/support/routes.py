"""The routes of the product, and what `tests/architecture/routes.csv` expects of them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from winvest.core.domain.roles import Role

# What stands in the other parameters of a path than its object.
STEPS = {"<slug:step>": "general"}
TABLE = Path(__file__).resolve().parents[1] / "architecture" / "routes.csv"
CODES = {
    "GA": Role.GROUP_ADMIN,
    "CA": Role.COMPANY_ADMIN,
    "CM": Role.CATALOG_MANAGER,
    "CO": Role.ACCOUNTING,
    "AD": Role.ADV,
    "JU": Role.LEGAL,
    "IT": Role.IT,
    "MK": Role.MARKETING,
    "VE": Role.SALES,
    "AU": Role.AUDITOR,
}


@dataclass(frozen=True)
class Expectation:
    """A line of the table.

    `target` names the object in the path, or is the whole address after `=`. `roles` get
    `allowed`, the others `refused`. `foreign` is the status for a person of another company who
    asks for the object; empty when the path names none.
    """

    route: str
    method: str
    target: str
    roles: frozenset[Role]
    allowed: int
    refused: int
    foreign: int | None
    anonymous: int

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.target}".strip()

    def status(self, role: Role) -> int:
        """Return the status for a person of the object's own company."""
        return self.allowed if role in self.roles else self.refused

    def address(self, key: Any) -> str:
        """Return the address, with `key` in the place of the path's parameter."""
        if self.target.startswith("="):
            return self.target[1:]
        route = self.route
        for parameter, value in STEPS.items():
            route = route.replace(parameter, value)
        before, marker, rest = route.partition("<")
        return f"/{before}{key if marker else ''}{rest.partition('>')[2]}"


def read_table() -> list[Expectation]:
    """Return the lines of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [_expectation(row) for row in csv.DictReader(file, delimiter=";")]


def _expectation(row: dict[str, str]) -> Expectation:
    names = CODES if row["roles"] == "tous" else row["roles"].split()
    return Expectation(
        row["route"],
        row["method"],
        row["object"],
        frozenset(CODES[name] for name in names),
        int(row["allowed"]),
        int(row["refused"]),
        int(row["foreign"]) if row["foreign"] else None,
        int(row["anonymous"]),
    )


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every route of the URLconf with its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern
