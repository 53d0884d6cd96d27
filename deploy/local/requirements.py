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
    """Yield the requirement ids in the `requirement(...)` marks of the tests below `folder`.

    A mark names them one by one, or stars a tuple of them, written there or in a constant of the
    module; `SyntaxError` for any other, which would be left out without a word.
    """
    for path in sorted(folder.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        constants = dict(_constants(module))
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _is_mark(node.func):
                for argument in node.args:
                    yield from _ids(argument, constants, path)


def _constants(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in module.body:
        if isinstance(node, ast.Assign):
            yield from ((one.id, node.value) for one in node.targets if isinstance(one, ast.Name))


def _ids(node: ast.expr, constants: dict[str, ast.expr], path: Path) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as name):
            yield name
        case ast.Starred(value=inner):
            yield from _ids(inner, constants, path)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _ids(item, constants, path)
        case ast.Name(id=name) if name in constants:
            yield from _ids(constants[name], constants, path)
        case _:
            raise SyntaxError(
                f"{path}:{node.lineno} : marque illisible, {ast.unparse(node)} ; "
                "écrire les exigences une à une."
            )


def _is_mark(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "requirement"
