"""What goes wrong on a machine, said in one French line."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_SPACE = "plus d'espace disque sous {where} ; libérez-en puis relancez la même commande."
NO_RIGHT = (
    "pas le droit d'écrire dans {where} ; donnez ce droit à votre compte ou changez de dossier."
)
NO_PLACE = "{where} n'existe pas et ne peut pas être créé ; choisissez un autre dossier."


class SetupError(Exception):
    """A problem of the machine: its text says what to do, in French, on one line."""


def explain(error: OSError, where: Path) -> SetupError:
    """Say an operating-system error in French; `where` is used when the error names no file."""
    place = error.filename if isinstance(error.filename, str) else where
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return SetupError(NO_SPACE.format(where=where))
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return SetupError(NO_RIGHT.format(where=place))
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return SetupError(NO_PLACE.format(where=place))
    return SetupError(f"le système refuse une opération sur {place} : {error.strerror or error}.")


@contextmanager
def explained(where: Path) -> Iterator[None]:
    """Turn every operating-system error of the block into a `SetupError`."""
    try:
        yield
    except OSError as error:
        raise explain(error, where) from error
