"""`make check`: everything that can be said of the code without running the tests."""

import base64
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from deploy.local import locks
from deploy.local.layout import PYTHON, ROOT
from deploy.local.output import say
from deploy.local.testing import own_services

IMPORT_CONTRACTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True, slots=True)
class Check:
    """One tool with its arguments for the project's Python, and the settings it needs."""

    name: str
    arguments: Sequence[str]
    settings: str = "winvest.settings.test"


CHECKS = (
    Check("format", ["-m", "ruff", "format", "--check", "."]),
    Check("règles", ["-m", "ruff", "check", "."]),
    Check("types", ["-m", "mypy", "."]),
    Check("contrats d'import", ["-c", IMPORT_CONTRACTS]),
    Check("gabarits, format", ["-m", "djlint", "--quiet", "--check", "templates"]),
    Check("gabarits, règles", ["-m", "djlint", "--quiet", "--lint", "templates"]),
    Check("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    Check(
        "déploiement",
        ["-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        settings="winvest.settings.production",
    ),
)


def run(environment: Mapping[str, str]) -> int:
    """Run every check and print what each finds; return 1 when one of them fails."""
    failed = []
    # makemigrations compares with the migrations that a database has: it gets an empty one.
    with own_services(environment, "check") as services, ThreadPoolExecutor(2) as pool:
        production = {
            "WINVEST_SECRET_KEY": secrets.token_urlsafe(50),
            "WINVEST_MASTER_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
            "WINVEST_ALLOWED_HOSTS": "catalogue.example",
            "WINVEST_URL": "https://catalogue.example",
        }
        for check, done in pool.map(lambda one: _run(one, {**services, **production}), CHECKS):
            failed += _report(check.name, done.returncode, done.stdout)
    problems = list(lock_problems())
    failed += _report("verrous", len(problems), "\n".join(problems))
    say(f"make check : {len(failed)} échec(s)." if failed else "make check : tout est conforme.")
    return 1 if failed else 0


def lock_problems() -> Iterator[str]:
    """Yield what in the locks does not follow from the lists beside them, or disagrees."""
    run_lock = locks.read(ROOT, "run")
    develop_lock = locks.read(ROOT, "develop")
    yield from locks.stale(run_lock)
    yield from locks.stale(develop_lock)
    yield from locks.disagreements(run_lock, develop_lock)


def _run(
    check: Check, environment: Mapping[str, str]
) -> tuple[Check, subprocess.CompletedProcess[str]]:
    done = subprocess.run(
        [PYTHON, *check.arguments],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": check.settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, done


def _report(name: str, status: int, output: str) -> list[str]:
    say(f"{'échec' if status else 'ok':<6}{name}")
    if status == 0:
        return []
    say(output.rstrip())
    return [name]
