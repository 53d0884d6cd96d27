"""Files appear whole or not at all, in a local storage and in a remote one."""

import stat
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage

from winvest.core.files import empty_folder, sha256_of, staging, store


@pytest.fixture(params=["local", "remote"])
def storage(request, tmp_path):
    if request.param == "local":
        return FileSystemStorage(tmp_path / "media", file_permissions_mode=0o600)
    return InMemoryStorage()


def test_a_finished_file_is_moved_whole(storage):
    with staging(storage, "run", 1) as place:
        path = place / "a.csv"
        path.write_bytes(b"entier")
        saved = store(storage, "exports/run/a.csv", path)

        with storage.open(saved) as content:
            assert content.read() == b"entier"
    assert not place.exists()
    if isinstance(storage, FileSystemStorage):
        assert stat.S_IMODE(Path(storage.path(saved)).stat().st_mode) == 0o600


def test_the_next_attempt_removes_what_a_killed_one_left(storage):
    with staging(storage, "run", 1) as killed:
        (killed / "half.csv").write_text("moi")
        with staging(storage, "run", 2) as place:
            assert not killed.exists()
            assert list(place.iterdir()) == []


def test_a_late_attempt_does_not_remove_its_successor_s_files(storage):
    with ExitStack() as late, ExitStack() as next_one:
        late.enter_context(staging(storage, "run", 1))
        place = next_one.enter_context(staging(storage, "run", 2))
        late.close()

        assert place.exists()


def test_a_folder_is_emptied(storage):
    empty_folder(storage, "exports/run")
    storage.save("exports/run/a.csv", ContentFile(b"a"))
    storage.save("exports/run/b.csv", ContentFile(b"b"))
    storage.save("exports/other/c.csv", ContentFile(b"c"))

    empty_folder(storage, "exports/run")

    assert storage.listdir("exports/run")[1] == []
    assert storage.exists("exports/other/c.csv")


def test_hash(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")

    assert sha256_of(tmp_path / "a") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
