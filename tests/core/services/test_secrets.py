"""Secrets at rest: unreadable in the database, bound to their place, readable after rotations."""

import base64
import stat
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from tests.factories import BrandFactory
from tests.support.demo import undone
from winvest.core.crypto.envelope import Unreadable, new_key
from winvest.core.crypto.local import LocalKeys
from winvest.core.crypto.masters import MasterKeyUnknown
from winvest.core.models import AuditEntry, DataKey
from winvest.core.services import secrets
from winvest.settings import env

pytestmark = [
    pytest.mark.usefixtures("everything", "db"),
    pytest.mark.requirement("3.8-12", "G.2-07"),
]
SECRET = {"api_key": "clé-très-secrète-0042"}


@pytest.fixture
def row():
    return BrandFactory.build()


@pytest.fixture
def master_file(settings, tmp_path, monkeypatch):
    """Keep the master keys in a file that does not exist yet, as `make run` does."""
    path = tmp_path / "var" / "master-keys"
    settings.MASTER_KEYS = settings.MASTER_KEYS | {"OPTIONS": {"path": path, "create": True}}
    # A process that has just started has opened no data key.
    monkeypatch.setattr(secrets, "_opened", {})
    return path


def rotate(**options) -> str:
    output = StringIO()
    call_command("rotate_keys", stdout=output, **options)
    return output.getvalue()


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_a_sealed_value_opens_in_its_own_place_only(row):
    secrets.seal(row, "name", SECRET)
    assert set(row.name) == {"key", "data"}
    assert row.name["key"] == str(DataKey.objects.get().pk)
    assert "secrète" not in base64.b64decode(row.name["data"]).decode("utf-8", "replace")
    assert secrets.reveal(row, "name") == SECRET

    twin = BrandFactory.build(name=row.name)
    row.updated_at = row.name
    for stolen, column in ((twin, "name"), (row, "updated_at")):
        with pytest.raises(Unreadable):
            secrets.reveal(stolen, column)
    first = dict(row.name)
    secrets.seal(row, "name", SECRET)
    assert row.name["data"] != first["data"]
    secrets.seal(row, "name", None)
    assert row.name is secrets.reveal(row, "name") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda envelope: envelope | {"data": text(b"\x00" * 40)},
        lambda envelope: envelope | {"data": "pas du base64 !"},
        lambda envelope: envelope | {"data": ""},
        lambda envelope: envelope | {"key": "00000000-0000-0000-0000-000000000000"},
        lambda envelope: {"data": envelope["data"]},
    ],
)
def test_an_altered_value_does_not_open(row, change):
    secrets.seal(row, "name", SECRET)
    row.name = change(row.name)
    with pytest.raises(Unreadable):
        secrets.reveal(row, "name")


def test_rotations_rewrite_no_value_and_keep_the_old_ones_readable(row, master_file, monkeypatch):
    secrets.seal(row, "name", SECRET)
    envelope, key = dict(row.name), DataKey.objects.get()
    assert stat.S_IMODE(master_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(master_file.parent.stat().st_mode) == 0o700

    assert "1 clé(s) ré-enveloppée(s)" in rotate(new_master=True)
    assert "0 clé(s) ré-enveloppée(s)" in rotate()
    wrapped = DataKey.objects.get()
    assert (wrapped.pk, wrapped.master_id != key.master_id) == (key.pk, True)
    assert bytes(wrapped.wrapped) != bytes(key.wrapped)

    # The old master key may now be thrown away.
    master_file.write_text(master_file.read_text().splitlines()[-1])
    monkeypatch.setattr(secrets, "_opened", {})
    assert (secrets.reveal(row, "name"), row.name) == (SECRET, envelope)

    rotate(new_data_key=True)
    other = BrandFactory.build()
    secrets.seal(other, "name", SECRET)
    assert other.name["key"] != envelope["key"]
    assert secrets.reveal(row, "name") == secrets.reveal(other, "name") == SECRET


def test_without_its_master_key_nothing_opens(row, master_file, monkeypatch):
    secrets.seal(row, "name", SECRET)
    master_file.write_text(text(new_key()))
    monkeypatch.setattr(secrets, "_opened", {})
    with pytest.raises(MasterKeyUnknown):
        secrets.reveal(row, "name")


def test_data_keys_are_kept_and_the_log_does_not_hold_them(row):
    secrets.seal(row, "name", SECRET)
    key = DataKey.objects.get()
    for write in (key.delete, lambda: DataKey.objects.create(wrapped=b"x", master_id="x")):
        with pytest.raises(DatabaseError), undone():
            write()
    (line,) = AuditEntry.objects.filter(table="data_key")
    assert (line.action, line.after["wrapped"]) == ("insert", "(masqué)")


def test_keys_given_as_values_rotate_at_their_manager_s(row):
    with pytest.raises(ImproperlyConfigured, match="WINVEST_MASTER_KEYS"):
        rotate(new_master=True)


def test_a_service_that_keeps_the_master_keys_rotates_them_itself(settings):
    settings.MASTER_KEYS = {"BACKEND": f"{__name__}.ElsewhereKeys", "OPTIONS": {}}
    with pytest.raises(CommandError, match="gestionnaire"):
        rotate(new_master=True)


class ElsewhereKeys:
    """Stands for a key management service."""


@pytest.mark.parametrize(
    "options",
    [{}, {"values": ["pas du base64"]}, {"values": [text(b"court")]}, {"path": "/nulle/part"}],
)
def test_wrong_master_keys_are_refused(options):
    with pytest.raises(ImproperlyConfigured):
        LocalKeys(**options).current()


def test_production_does_not_start_without_a_master_key(monkeypatch, tmp_path):
    monkeypatch.setattr(env, "_fallback", {})
    for name in ("WINVEST_MASTER_KEYS", "WINVEST_MASTER_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ImproperlyConfigured, match="WINVEST_MASTER_KEYS"):
        env.master_keys()
    assert env.master_keys(own_file=tmp_path)["OPTIONS"] == {"path": tmp_path, "create": True}
    monkeypatch.setenv("WINVEST_MASTER_KEY_FILE", "/etc/winvest/keys")
    assert env.master_keys()["OPTIONS"] == {"path": "/etc/winvest/keys", "create": False}
    monkeypatch.setenv("WINVEST_MASTER_KEYS", "a,b")
    assert env.master_keys()["OPTIONS"] == {"values": ["a", "b"]}
