"""Fixtures of every test: a real PostgreSQL cloned from a template, real Redis, users by role."""

import gc
import hashlib
import itertools
import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings

from tests.factories import CompanyFactory, MembershipFactory, UserFactory
from tests.support.databases import clone, locked, maintenance, use
from tests.support.demo import Demo, load_demo
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken

VERSIONS = itertools.count(1)
ROOT = Path(__file__).resolve().parents[1]
# Names what the workers of one run share; they inherit it from the process that starts them.
RUN = "WINVEST_TEST_RUN"


def _template_name() -> str:
    """Name the template after what builds it, so that a new migration builds a new one."""
    digest = hashlib.sha256()
    for pattern in ("**/migrations/**/*.py", "**/migrations/**/*.sql", "fixtures/reference/**/*"):
        for path in sorted(ROOT.glob(pattern)):
            if ".venv" not in path.parts and path.is_file():
                digest.update(path.read_bytes())
    return f"winvest_template_{digest.hexdigest()[:12]}"


def _build_template(name: str) -> None:
    with locked(name) as server:
        if server is None:
            return
        server.execute(f'DROP DATABASE IF EXISTS "{name}_wip"')
        server.execute(f'CREATE DATABASE "{name}_wip"')
        use(f"{name}_wip")
        call_command("migrate", verbosity=0)
        call_command("load_reference", verbosity=0)
        connection.close()
        server.execute(f'ALTER DATABASE "{name}_wip" RENAME TO "{name}"')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker, testrun_uid, worker_id):
    """Give each worker its own clone of the migrated template."""
    with django_db_blocker.unblock():
        template = _template_name()
        _build_template(template)
        name = f"test_winvest_{testrun_uid[:8]}_{worker_id}"
        clone(template, name)

        # The ledger and the log refuse TRUNCATE: a transactional test re-clones instead.
        def clone_again(test_case: TransactionTestCase | None = None) -> None:
            clone(template, name)

        TransactionTestCase._fixture_teardown = clone_again
    yield clone_again
    with django_db_blocker.unblock():
        connection.close()
        with maintenance() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def demo_template(django_db_setup, django_db_blocker) -> tuple[str, Demo]:
    """Load the demo data once for all workers: the database to clone, and what the command made.

    The files of its documents are in `media`, beside the accounts.
    """
    name = demo_name()
    folder = Path(tempfile.gettempdir()) / name
    worker = connection.settings_dict["NAME"]
    accounts, said = folder / "demo-accounts.json", folder / "output.txt"
    with django_db_blocker.unblock():
        with locked(name) as server:
            if server is not None:
                folder.mkdir(exist_ok=True)
                clone(_template_name(), f"{name}_wip")
                with override_settings(MEDIA_ROOT=folder / "media"):
                    said.write_text(load_demo(accounts).output)
                connection.close()
                server.execute(f'ALTER DATABASE "{name}_wip" RENAME TO "{name}"')
        use(worker)
    return name, Demo(accounts, said.read_text())


def demo_name() -> str:
    """Return the name of the demo database of this run."""
    return f"winvest_demo_{os.environ[RUN]}"


def pytest_configure(config):
    """Name the run."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = uuid4().hex[:12]


def pytest_collection_finish(session):
    """Keep the collector from looking again and again at what every test shares."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish(session):
    """Drop what the workers shared, once they are gone."""
    folder = Path(tempfile.gettempdir()) / demo_name()
    if hasattr(session.config, "workerinput") or not folder.exists():
        return
    shutil.rmtree(folder)
    with maintenance() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{demo_name()}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def own_redis_keys(worker_id, testrun_uid):
    """Keep the workers' keys apart in the one Redis."""
    prefix = f"{testrun_uid[:8]}{worker_id}"
    settings.CACHES["default"]["KEY_PREFIX"] = prefix
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = prefix


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    """Write files and mails where the test can look, and nowhere else."""
    settings.MEDIA_ROOT = tmp_path / "media"
    # Clearing the cache would flush the one Redis under the other workers.
    cache.version = next(VERSIONS)


@pytest.fixture
def everything():
    """Open the scope of every company, for tests that read rows themselves."""
    with scoping.everything():
        yield


@pytest.fixture
def company(db):
    """Action Prévoyance, the company of most tests."""
    return CompanyFactory(code="AP", legal_name="Action Prévoyance")


@pytest.fixture
def other_company(db):
    """Mondial TV, whose data must never appear."""
    return CompanyFactory(code="MTV", legal_name="Mondial TV")


@pytest.fixture
def user_with(db):
    """Return a function that makes a user with a role in some companies (none: group admin)."""

    def make(role: Role, *companies):
        user = UserFactory()
        for owner in companies or [None]:
            MembershipFactory(user=user, company=owner, role=role)
        return user

    return make


@pytest.fixture
def browser_as():
    """Return a function that gives a signed-in test client."""

    def make(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def api():
    """Return a function that gives a test client with the user's bearer token."""

    def make(user) -> Client:
        token, secret = ApiToken.draw(user=user, name="test")
        token.save()
        return Client(headers={"authorization": f"Bearer {secret}"})

    return make
