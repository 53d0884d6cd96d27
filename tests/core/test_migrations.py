"""A database that stopped among migrations since put together in one is refused, not damaged."""

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def test_a_database_that_stopped_halfway_is_refused_before_any_change(db):
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("core", "0012_closed_lists")
    with pytest.raises(CommandError) as refused:
        call_command("migrate", skip_checks=False, verbosity=0)
    assert "La base default s'est arrêtée avant core.0012_closed_lists" in str(refused.value)
    assert "'*/migrations/0012_closed_lists.py'" in str(refused.value)
    assert ("core", "0012_closed_lists") not in recorder.applied_migrations()


def test_a_database_that_has_them_all_passes_without_the_name_of_the_whole(db):
    loader = MigrationLoader(connection)
    recorder = MigrationRecorder(connection)
    for app, name in [key for key, found in loader.disk_migrations.items() if found.replaces]:
        recorder.record_unapplied(app, name)
    assert [found for found in run_checks(databases=["default"]) if found.id == "core.E001"] == []
    call_command("migrate", verbosity=0)
    assert "core" in {app for app, name in recorder.applied_migrations() if "_squashed_" in name}
