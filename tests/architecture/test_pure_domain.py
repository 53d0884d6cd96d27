"""The rules import nothing of Django, and neither does any package above them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("winvest", "partners", "catalog", "documents", "commissions", "accounting", "integrations")

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted({"django", "rest_framework", "celery", "requests"} & set(sys.modules)))
"""


def domain_modules() -> list[str]:
    files = (path for app in APPS for path in (ROOT / app).glob("**/domain/*.py"))
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in files
        if path.name != "__init__.py"
    )


def test_domain_modules_load_without_django() -> None:
    modules = domain_modules()
    assert "accounting.domain.entry" in modules

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_packages_of_the_rules_are_empty() -> None:
    packages = {
        ROOT.joinpath(*parts[:depth], "__init__.py")
        for parts in (name.split(".") for name in domain_modules())
        for depth in range(1, len(parts))
    }

    assert [str(path) for path in packages if path.read_text(encoding="utf-8").strip()] == []
