"""Sockets fit the kernel's limit, and belong to one person and one checkout."""

import stat
from pathlib import Path

import pytest

from deploy.local.errors import SetupError
from deploy.local.layout import (
    LONGEST_SOCKET,
    SOCKET_PATH_LIMIT,
    Instance,
    create_directories,
    create_sockets,
    data_directory,
    from_root,
    instance,
    temporary_directory,
)


def test_sockets_fit_however_deep_the_checkout_is():
    deep = instance(Path("/", *["long-folder-name"] * 20, "var"))
    assert len(str(deep.sockets / LONGEST_SOCKET)) <= SOCKET_PATH_LIMIT


@pytest.mark.parametrize("folder", ["/a folder", "/tmp/é", f"/{'x' * 60}", "/semi;colon"])
def test_a_long_or_odd_temporary_folder_is_replaced(folder):
    assert temporary_directory(folder) == Path("/tmp")


def test_an_ordinary_temporary_folder_is_kept():
    assert temporary_directory("/run/user/1000") == Path("/run/user/1000")


def test_two_checkouts_have_different_sockets():
    assert instance(Path("/one/var")).sockets != instance(Path("/two/var")).sockets


def test_folders_are_closed_to_the_others(tmp_path):
    where = Instance(var=tmp_path / "a folder" / "var", temporary=tmp_path)
    create_directories(where)
    create_sockets(where)
    for folder in (where.var, where.log, where.run, where.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path):
    where = Instance(var=tmp_path / "var", temporary=tmp_path)
    (tmp_path / "elsewhere").mkdir()
    where.sockets.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupError, match="appartient à un autre compte"):
        create_sockets(where)


def test_a_file_in_place_of_the_data_folder_is_one_line(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(SetupError) as refused:
        create_directories(Instance(var=tmp_path / "var", temporary=tmp_path))
    assert "\n" not in str(refused.value)


def test_the_data_folder_is_chosen_by_the_environment(tmp_path):
    assert data_directory({"WINVEST_VAR": str(tmp_path)}) == tmp_path
    assert from_root(data_directory({})) == "var"
