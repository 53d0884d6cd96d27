"""XLSX as people bring it: judged by its archive, then read in a child process with limits.

`design/quality.md`, « files »: declared sizes, entries and cells are checked before reading.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

from winvest.core.domain.tables import MAX_ROWS, TableProblem, error
from winvest.core.readers import xlsx_child
from winvest.core.readers.csv import Unreadable

MAGIC = b"PK\x03\x04"
MAX_ENTRIES = 200
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200
MAX_CELLS = 4_000_000
# Small archives of blank sheets have great ratios and do no harm.
_RATIO_FROM = 10 * 1024 * 1024
_WALL_SECONDS = 90
_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}


def is_xlsx(path: Path) -> bool:
    """Whether the file is an archive, as a workbook is; anything else is read as CSV."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def to_csv(source: Path, target: Path) -> None:
    """Write the first visible sheet of the workbook as CSV to `target`, or raise `Unreadable`."""
    _check_archive(source)
    command = [sys.executable, "-I", xlsx_child.__file__, str(source), str(target), str(MAX_CELLS)]
    try:
        # Our own script, by its path, with two paths that we made.
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, timeout=_WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as found:
        raise _too_large() from found
    if done.returncode == xlsx_child.FORMULAS:
        raise Unreadable(error(TableProblem.XLSX_FORMULA))
    if done.returncode == xlsx_child.ERRORS:
        raise Unreadable(error(TableProblem.XLSX_ERROR))
    if done.returncode == xlsx_child.TOO_LARGE or done.returncode < 0:
        raise _too_large()
    if done.returncode != xlsx_child.DONE:
        raise Unreadable(error(TableProblem.NOT_XLSX))


def _check_archive(source: Path) -> None:
    """Judge the archive by what it declares, before anything is unpacked."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as found:
        raise Unreadable(error(TableProblem.NOT_XLSX)) from found
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if (
        len(entries) > MAX_ENTRIES
        or unpacked > MAX_UNPACKED
        or (unpacked > _RATIO_FROM and unpacked / packed > MAX_RATIO)
    ):
        raise _too_large()
    names = [entry.filename for entry in entries]
    doubled = len(names) != len(set(names))
    encrypted = any(entry.flag_bits & 1 for entry in entries)
    if doubled or encrypted or not set(names) >= _PARTS:
        raise Unreadable(error(TableProblem.NOT_XLSX))


def _too_large() -> Unreadable:
    return Unreadable(error(TableProblem.XLSX_TOO_LARGE, limit=MAX_ROWS))
