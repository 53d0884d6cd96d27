"""A problem of the machine is one French line."""

import errno
from pathlib import Path

import pytest

from deploy.local.errors import SetupError, explained


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "plus d'espace disque"),
        (errno.EDQUOT, "plus d'espace disque"),
        (errno.EACCES, "pas le droit d'écrire dans /srv/winvest/var/log"),
        (errno.EROFS, "pas le droit d'écrire"),
        (errno.ENOENT, "n.existe pas et ne peut pas être créé"),
        (errno.EIO, "le système refuse une opération"),
    ],
)
def test_the_error_of_the_system_is_explained(number, words):
    with pytest.raises(SetupError, match=words) as raised, explained(Path("/srv/winvest")):
        raise OSError(number, "in English", "/srv/winvest/var/log")
    assert "\n" not in str(raised.value)
