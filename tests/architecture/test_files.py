"""The same file names in every application; a new kind of file is an ADR (`architecture.md` §3)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("partners", "catalog", "documents", "commissions", "accounting", "integrations")
FILES = {"__init__", "apps", "choices", "jobs", "part", "parts", "tasks"}
FOLDERS = {
    *("admin", "api", "clients", "connectors", "domain", "exports", "management"),
    *("migrations", "models", "schemas", "selectors", "services"),
}
# The core also holds what every application shares.
CORE_FILES = FILES | {
    *("clock", "context", "errors", "files", "json", "locks", "middleware", "permissions"),
    "prepared",
    *("resources", "schemas", "scoping", "snapshot", "transaction"),
}
CORE_FOLDERS = FOLDERS | {"crypto", "pdf", "readers", "writers"}
BACKOFFICE_FOLDERS = {"dashboard", "demo", "guide", "management", "selectors", "wizard"}
MAX_FILE, MAX_FUNCTION = 400, 40


def sources() -> list[Path]:
    """Return the product's Python files, migrations left out."""
    found = [path for folder in ("winvest", *APPS) for path in (ROOT / folder).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found if "migrations" not in path.parts)


SOURCES = sources()


def kinds(base: Path) -> tuple[set[str], set[str]]:
    """Return the names of the modules and of the folders right below `base`."""
    below = [path.relative_to(base) for path in SOURCES if path.is_relative_to(base)]
    return (
        {path.stem for path in below if len(path.parts) == 1},
        {path.parts[0] for path in below if len(path.parts) > 1},
    )


@pytest.mark.parametrize(
    ("base", "files", "folders"),
    [
        *(pytest.param(Path(app), FILES, FOLDERS, id=app) for app in APPS),
        pytest.param(Path("winvest/core"), CORE_FILES, CORE_FOLDERS, id="core"),
        pytest.param(
            Path("winvest/backoffice"),
            {"__init__", "apps", "tasks"},
            BACKOFFICE_FOLDERS,
            id="backoffice",
        ),
    ],
)
def test_files_have_the_names_of_the_house(base, files, folders):
    found_files, found_folders = kinds(base)
    assert found_files <= files
    assert found_folders <= folders


def test_package_files_are_empty():
    """Except the models', where Django looks for them: an import there would load too much."""
    packages = [path for path in SOURCES if path.name == "__init__.py"]
    written = [path for path in packages if (ROOT / path).read_text().strip()]
    assert [str(path) for path in written if path.parent.name != "models"] == []


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_files_and_functions_stay_short(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_FILE
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and _length(node) > MAX_FUNCTION
    ]
    assert long == []


def _length(function: ast.FunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    return lines - len((ast.get_docstring(function, clean=False) or "").splitlines())
