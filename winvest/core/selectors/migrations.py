"""Where a database stands among the migrations that have since been put together in one."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

STOPPED = "La base {database} s'est arrêtée avant {missing}, dont le fichier n'existe plus."
HINT = (
    "Migrez-la d'abord avec la dernière révision qui le porte, que donne "
    "« git log -1 --format=%h^ --diff-filter=D -- '*/migrations/{name}.py' », puis revenez."
)


def halfway(
    app_configs: object = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Refuse a database that has some of the migrations put together in one, and not all.

    Django, which skips the whole when it has them all and runs it when it has none, would here
    do neither and leave the schema unfinished.
    """
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    found: list[CheckMessage] = []
    for database in databases or ():
        applied = MigrationRecorder(connections[database]).applied_migrations()
        for migration in loader.disk_migrations.values():
            gone = [name for name in migration.replaces if name not in loader.disk_migrations]
            missing = [name for name in gone if name not in applied]
            if missing and len(missing) < len(gone):
                stopped = STOPPED.format(database=database, missing=".".join(missing[0]))
                hint = HINT.format(name=missing[0][1])
                found.append(Error(stopped, hint=hint, id="core.E001"))
    return found
