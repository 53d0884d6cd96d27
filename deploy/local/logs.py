"""Show the log files of the processes on the terminal, each line with its process's name."""

from collections.abc import Iterable, Iterator
from pathlib import Path


class Follower:
    """What is added to a log file from now on, through its rotations."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self._position = path.stat().st_size if path.exists() else 0
        self._file_id = _file_id(path)
        self._rest = b""

    def lines(self) -> Iterator[str]:
        """Yield the complete lines written since the last call."""
        current = _file_id(self.path)
        if current is None:
            return
        size = self.path.stat().st_size
        if current != self._file_id or size < self._position:
            self._file_id, self._position, self._rest = current, 0, b""
        with self.path.open("rb") as file:
            file.seek(self._position)
            added = file.read()
        self._position += len(added)
        *complete, self._rest = (self._rest + added).split(b"\n")
        for line in complete:
            yield line.decode(errors="replace").rstrip("\r")


def followers(folder: Path, names: Iterable[str]) -> list[Follower]:
    """Follow the log files of the named processes, from their present end on."""
    return [Follower(folder / f"{name}.log") for name in names]


def prefixed(following: Iterable[Follower]) -> Iterator[str]:
    """Yield the new lines of every file, as `web      | text`."""
    for follower in following:
        for line in follower.lines():
            yield f"{follower.name:<8} | {line}"


def _file_id(path: Path) -> int | None:
    return path.stat().st_ino if path.exists() else None
