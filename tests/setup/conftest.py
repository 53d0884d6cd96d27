"""A data folder where services can be started, whoever runs the tests."""

import os
import shutil
import subprocess

import pytest
from django.conf import settings

from deploy.local.layout import MARKER, ROOT, create_directories, create_sockets, instance
from deploy.local.processes import stop_leftovers


@pytest.fixture
def where(worker_id):
    """An instance of its own, with a space in its path; nothing of it is left after the test."""
    mine = instance(settings.VAR_DIR / f"setup {worker_id}")
    create_directories(mine)
    create_sockets(mine)
    yield mine
    stop_leftovers(mine)
    shutil.rmtree(mine.var)
    shutil.rmtree(mine.sockets, ignore_errors=True)


@pytest.fixture
def start(where):
    """Return a function that starts a command as one of the instance's processes."""
    started = []

    def run(command, folder=ROOT):
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, MARKER: where.name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait(10)
