"""`make coverage`: how much of the code the tests run, by what the customer names (H.2.1)."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import memory
from deploy.local.layout import MARKER, PYTHON, ROOT
from deploy.local.output import say
from deploy.local.testing import PYTEST, own_services

# H.2.1 asks for more than 80 %.
THRESHOLD = 80
# Those who rule each subject: files, or folders with all that they hold.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "H.2.1-01 Produits": (
        "catalog/models/product.py",
        "catalog/services/products.py",
        "catalog/services/copies.py",
        "catalog/api/products.py",
        "catalog/admin/product.py",
    ),
    "H.2.1-01 Formules": (
        "catalog/models/plan.py",
        "catalog/models/pricing.py",
        "catalog/api/parts.py",
        "catalog/api/part_views.py",
        "catalog/admin/plan.py",
        "catalog/admin/pricing.py",
    ),
    "H.2.1-01 Commissions": ("commissions/",),
    "H.2.1-02 Unicité des SKU": (
        "catalog/domain/sku.py",
        "catalog/models/sku.py",
        "catalog/services/sku.py",
    ),
    "H.2.1-02 Dates d'effet": (
        "catalog/domain/lifecycle.py",
        "catalog/services/versions.py",
        "winvest/core/domain/periods.py",
    ),
    "H.2.1-02 TVA": (
        "winvest/core/domain/vat.py",
        "winvest/core/models/vat.py",
        "catalog/models/pricing.py",
    ),
    "H.2.1-02 Documents obligatoires": ("documents/",),
}


@dataclass(frozen=True, slots=True)
class Covered:
    """A subject, and how many of its lines and branches the tests run, of how many."""

    subject: str
    run: int
    total: int

    @property
    def percent(self) -> float:
        """Return the share, to a tenth rounded down: 79.99 is not 80."""
        return self.run * 1000 // self.total / 10 if self.total else 0.0

    @property
    def is_enough(self) -> bool:
        """Whether it is more than what the customer asks."""
        return self.percent > THRESHOLD


def run(environment: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run pytest with `arguments` under coverage and judge each subject; 1 when one falls short.

    The whole report is written to `var/coverage` (HTML and JSON).
    """
    folder = ROOT / "var" / "coverage"
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "coverage.json"
    report.unlink(missing_ok=True)
    reports = (f"json:{report}", f"html:{folder / 'html'}")
    asked = ("--cov", "--cov-fail-under=0", *(f"--cov-report={one}" for one in reports))
    with (
        own_services(environment, "test") as settings,
        memory.tablespace(settings["DATABASE_URL"], settings[MARKER]) as in_memory,
    ):
        done = subprocess.run(
            [PYTHON, *PYTEST, *asked, *arguments],
            cwd=ROOT,
            env={
                **settings,
                **in_memory,
                "DJANGO_SETTINGS_MODULE": "winvest.settings.test",
                "COVERAGE_FILE": str(folder / "data"),
            },
            check=False,
        )
    if not report.exists():
        return done.returncode or 1
    return max(done.returncode, tell(report))


def tell(report: Path) -> int:
    """Print the share of each subject; return 1 when one is not enough."""
    found = list(judge(json.loads(report.read_text(encoding="utf-8"))))
    for one in found:
        told = "" if one.is_enough else f" : il faut plus de {THRESHOLD} %"
        percent = f"{one.percent:.1f}".replace(".", ",")
        say(f"{one.subject:<34} {percent:>6} %{told}")
    return 0 if all(one.is_enough for one in found) else 1


def judge(report: Mapping[str, Any]) -> Iterator[Covered]:
    """Yield the subjects with what coverage's JSON report says of their files."""
    files: Mapping[str, Any] = report["files"]
    for subject, paths in SUBJECTS.items():
        told = [files[name]["summary"] for name in files if _is_of(name, paths)]
        yield Covered(
            subject,
            sum(one["covered_lines"] + one.get("covered_branches", 0) for one in told),
            sum(one["num_statements"] + one.get("num_branches", 0) for one in told),
        )


def _is_of(name: str, paths: Sequence[str]) -> bool:
    return any(name == one or (one.endswith("/") and name.startswith(one)) for one in paths)
