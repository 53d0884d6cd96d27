"""The demo data, loaded once for a module and taken back at its end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from tests.support.databases import clone

URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Demo:
    """The file of the accounts, and what the command printed."""

    path: Path
    output: str

    @property
    def accounts(self) -> dict[str, Any]:
        """What the file says now."""
        return json.loads(self.path.read_text())

    def load_again(self) -> str:
        """Run the command once more and return what it printed."""
        return load_demo(self.path).output


def load_demo(path: Path) -> Demo:
    """Run the command."""
    output = StringIO()
    call_command("load_demo", accounts=path, url=URL, stdout=output)
    return Demo(path, output.getvalue())


@contextmanager
def cloned_demo(blocker: Any, template: tuple[str, Demo], clone_again: Any) -> Iterator[Demo]:
    """Open a clone of the demo database, which is left at the end."""
    name, demo = template
    with blocker.unblock():
        try:
            clone(name, connection.settings_dict["NAME"])
            yield demo
        finally:
            clone_again()


@contextmanager
def demo_for_a_module(blocker: Any, folder: Path) -> Iterator[Demo]:
    """Open the database, load the demo data inside a transaction, and undo it at the end."""
    with blocker.unblock(), undone():
        with override_settings(MEDIA_ROOT=folder / "media"):
            demo = load_demo(folder / "demo-accounts.json")
        yield demo


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written inside the block (a savepoint inside a transaction)."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
