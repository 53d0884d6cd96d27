"""`make requirements`: the customer's requirements that no test names."""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

from deploy.local.layout import ROOT
from deploy.local.output import say

LIST = ROOT / "docs" / "requirements.csv"
TESTS = ROOT / "tests"


def run() -> int:
    """Print the requirements without a test, then the count; always succeeds."""
    with LIST.open(encoding="utf-8", newline="") as file:
        known = {row["id"]: row["requirement"] for row in csv.DictReader(file, delimiter=";")}
    tested = set(named_by_tests(TESTS))
    missing = [name for name in known if name not in tested]
    for name in missing:
        say(f"{name:<18} {known[name][:100]}")
    unknown = sorted(tested - known.keys())
    if unknown:
        say(f"Nommées par un test mais inconnues du cahier des charges : {', '.join(unknown)}")
    say(f"{len(known) - len(missing)} exigences testées sur {len(known)}.")
    return 0


def named_by_tests(folder: Path) -> Iterator[str]:
    """Yield the requirement ids in the `requirement(...)` marks of the tests below `folder`."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_mark(node.func):
                yield from (
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                )


def _is_mark(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "requirement"
