"""Files that appear whole or not at all: written aside, synced, then moved into the storage."""

import base64
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage
from django.http import FileResponse, StreamingHttpResponse


@dataclass(frozen=True, slots=True)
class Download:
    """A file to hand over; `content` is open and whoever receives it closes it."""

    content: IO[bytes]
    file_name: str
    sha256: str
    content_type: str


class _Finished(File):  # type: ignore[type-arg]
    """A finished local file: a local storage renames it, a remote one reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"))
        self._path = path

    def temporary_file_path(self) -> str:
        """Tell Django's local storage that it may rename the file."""
        return str(self._path)


@contextmanager
def staging(storage: Storage, key: str, attempt: int) -> Iterator[Path]:
    """Give an attempt a folder of its own, and remove what killed attempts at `key` have left.

    The folder is inside a local storage, so that moving the file is one atomic rename.
    """
    folder = _staging_root(storage) / key
    shutil.rmtree(folder, ignore_errors=True)
    own = folder / str(attempt)
    own.mkdir(parents=True, mode=0o700)
    try:
        yield own
    finally:
        # Only its own: an attempt that lost its lease must not remove its successor's.
        shutil.rmtree(own, ignore_errors=True)


def store(storage: Storage, name: str, path: Path) -> str:
    """Move a finished file into the storage; return its name there. The disk has it on return."""
    with _Finished(path) as content:
        os.fsync(content.fileno())
        saved = storage.save(name, content)
    if isinstance(storage, FileSystemStorage):
        folder = os.open(Path(storage.path(saved)).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return saved


def empty_folder(storage: Storage, folder: str) -> None:
    """Remove the files of a folder of the storage; an absent folder is an empty one."""
    try:
        _, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        storage.delete(f"{folder}/{name}")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# What a browser shows by itself, without a script of ours or of the file's reaching our pages.
SHOWN = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/webp", "text/plain; charset=utf-8"}
)


def preview(download: Download) -> FileResponse:
    """Return a file that a browser shows on a page of its own; any other as an attachment."""
    return _answer(download, as_attachment=download.content_type not in SHOWN)


def attachment(download: Download) -> FileResponse:
    """Return a file as an attachment that no browser interprets and no cache keeps."""
    return _answer(download, as_attachment=True)


def _answer(download: Download, *, as_attachment: bool) -> FileResponse:
    """Return a file; `Repr-Digest` (RFC 9530) carries its SHA-256 where it is known.

    The response closes the file.
    """
    digest = base64.b64encode(bytes.fromhex(download.sha256)).decode()
    told = {"Repr-Digest": f"sha-256=:{digest}:"} if digest else {}
    return FileResponse(
        download.content,
        as_attachment=as_attachment,
        filename=download.file_name,
        content_type=download.content_type,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            **told,
        },
    )


def streamed_csv(blocks: Iterator[bytes], file_name: str) -> StreamingHttpResponse:
    """Return the blocks of a CSV file as an attachment that no browser interprets or keeps."""
    return StreamingHttpResponse(
        blocks,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _staging_root(storage: Storage) -> Path:
    if isinstance(storage, FileSystemStorage):
        return Path(storage.path("staging"))
    return Path(tempfile.gettempdir()) / "winvest-staging"
