"""The locks of deploy/requirements: renewed with uv, compared with their lists without network."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import SetupError
from deploy.local.layout import PYTHON, ROOT
from deploy.local.output import say

FOLDER = "deploy/requirements"
NAMES = ("run", "develop")
# Extras stay in the pins: pip 23 refuses a lock where the extra that a package asks for is not
# pinned. No index address: each machine has its own.
OPTIONS = (
    "--universal --python-version 3.11 --generate-hashes --no-strip-extras "
    "--no-emit-index-url --no-header --quiet"
)
REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?\s*(?P<version>[~=<>!].*)?$")
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(\[[^\]]*\])?==(?P<version>[^\s;]+)")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock and the list it was made from."""

    name: str
    wanted: dict[str, str]  # package → version condition, from the .in file
    pins: dict[str, set[str]]  # package → versions: one for each Python where they differ
    asked: set[str]  # packages that the lock says come from the .in file


def renew() -> int:
    """Compute the locks again, keeping the pins that the lists still allow."""
    for name in NAMES:
        files = [f"{FOLDER}/{name}.in", "--output-file", f"{FOLDER}/{name}.lock"]
        command = [PYTHON, "-m", "uv", "pip", "compile", *OPTIONS.split(), *files]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            raise SetupError(f"le verrou {name}.lock n'a pas pu être recalculé.")
        say(f"{FOLDER}/{name}.lock est à jour.")
    return 0


def read(root: Path, name: str) -> Lock:
    """Read a list and its lock."""
    folder = root / FOLDER
    wanted = _wanted((folder / f"{name}.in").read_text())
    pins: dict[str, set[str]] = {}
    asked = set()
    package = ""
    for line in (folder / f"{name}.lock").read_text().splitlines():
        if found := PIN.match(line):
            package = found["name"]
            pins.setdefault(package, set()).add(found["version"])
        elif line.strip().endswith(f"-r {FOLDER}/{name}.in"):
            asked.add(package)
    return Lock(name, wanted, pins, asked)


def stale(lock: Lock) -> Iterator[str]:
    """Yield what differs between a list and its lock."""
    for package in sorted(lock.wanted.keys() - lock.asked):
        yield f"{lock.name}.lock ne suit pas {package} de {lock.name}.in : tapez « make lock »."
    for package in sorted(lock.asked - lock.wanted.keys()):
        yield f"{lock.name}.in ne demande plus {package} : tapez « make lock »."
    for package, condition in lock.wanted.items():
        exact = condition.removeprefix("==").strip()
        if condition.startswith("==") and lock.pins.get(package, {exact}) != {exact}:
            yield f"{lock.name}.lock n'a pas {package} {exact} : tapez « make lock »."


def disagreements(run: Lock, develop: Lock) -> Iterator[str]:
    """Yield the pins of run.lock that develop.lock does not repeat exactly."""
    for package, versions in run.pins.items():
        if develop.pins.get(package) != versions:
            yield f"develop.lock n'a pas le {package} de run.lock : tapez « make lock »."


def _wanted(text: str) -> dict[str, str]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    found = (REQUIREMENT.match(line) for line in lines if line and not line.startswith("-"))
    return {match["name"].lower(): match["version"] or "" for match in found if match}
