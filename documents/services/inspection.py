"""What an uploaded file is, by its content and never by its name (`quality.md`, files)."""

import hashlib
import re
import warnings
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from winvest.core.errors import Invalid, Problem

MEGABYTE = 1024 * 1024
MAX_UPLOAD = 25 * MEGABYTE
MAX_TEXT = 1 * MEGABYTE
MAX_PIXELS = 50_000_000
MAX_NAME = 200
BLOCK = 64 * 1024

# An attribute or an element of the metadata (ISO 19005): the prefix is the standard's.
PDFA_PART = re.compile(rb"""pdfaid:part(?:>|\s*=\s*["'])\s*([1-4])""")
PDFA_LEVEL = re.compile(rb"""pdfaid:conformance(?:>|\s*=\s*["'])\s*([ABUEF])""")

IMAGES = {
    "PNG": ("image/png", ".png"),
    "JPEG": ("image/jpeg", ".jpg"),
    "WEBP": ("image/webp", ".webp"),
}


class FileProblem(Problem):
    """Why a file is refused."""

    EMPTY = "document.file_empty", "Ce fichier est vide."
    TOO_LARGE = "document.file_too_large", "Ce fichier dépasse {limit} Mo."
    TYPE = (
        "document.file_type",
        "Ce fichier n'est ni un PDF, ni une image (PNG, JPEG, WebP), ni un texte en UTF-8.",
    )
    BROKEN = "document.file_broken", "Ce fichier est abîmé ou incomplet."
    ENCRYPTED = "document.file_encrypted", "Ce PDF est protégé par un mot de passe ou chiffré."
    HASH = (
        "document.file_hash",
        "Le fichier reçu n'a pas l'empreinte annoncée : il a changé en chemin.",
    )
    IMAGE_TOO_LARGE = "document.image_too_large", "Cette image dépasse 50 millions de pixels."


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be kept: its format, the extension that goes with it, its hash and size.

    `pdfa` is the part and level of PDF/A that a PDF claims to follow (« 2B »), else nothing.
    """

    content_type: str
    extension: str
    file_hash: str
    size: int
    pdfa: str = ""


def inspect(content: IO[bytes], *, expected_hash: str | None = None) -> Inspected:
    """Return what `content` is; refuse what is empty, too large, broken or of another format.

    25 MB at most, 1 MB for a text. The hash is `sha256:` and 64 hexadecimal digits (D-06), and the
    `expected_hash` where the sender tells one.
    """
    digest, size = _digest(content)
    if size == 0:
        raise Invalid(FileProblem.EMPTY, path="file")
    if expected_hash not in (None, f"sha256:{digest}"):
        raise Invalid(FileProblem.HASH, path="file_hash")
    content_type, extension, pdfa = _format(content, size)
    content.seek(0)
    return Inspected(content_type, extension, f"sha256:{digest}", size, pdfa)


def clean_name(name: str, extension: str) -> str:
    """Return the name under which a file is handed over: no folder, its own extension."""
    stem = PurePath(name.replace("\\", "/")).name
    stem = "".join(sign for sign in stem if sign.isprintable())
    stem = stem.rpartition(".")[0] or stem or "document"
    return stem[: MAX_NAME - len(extension)] + extension


def _digest(content: IO[bytes]) -> tuple[str, int]:
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := content.read(BLOCK):
        size += len(block)
        if size > MAX_UPLOAD:
            raise Invalid(FileProblem.TOO_LARGE, path="file", limit=MAX_UPLOAD // MEGABYTE)
        digest.update(block)
    return digest.hexdigest(), size


def _format(content: IO[bytes], size: int) -> tuple[str, str, str]:
    content.seek(0)
    start = content.read(16)
    if start.startswith(b"%PDF-"):
        return _pdf(content, size)
    if start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or start[8:12] == b"WEBP":
        return (*_image(content), "")
    return (*_text(content, size), "")


def _pdf(content: IO[bytes], size: int) -> tuple[str, str, str]:
    content.seek(max(0, size - 1024))
    if b"%%EOF" not in content.read():
        raise Invalid(FileProblem.BROKEN, path="file")
    content.seek(0)
    try:
        reader = PdfReader(content)
        encrypted = reader.is_encrypted
        pdfa = "" if encrypted else _pdfa(reader)
    # What a torn or hostile file makes a reader stumble on is anything.
    except (
        PyPdfError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise Invalid(FileProblem.BROKEN, path="file") from error
    if encrypted:
        raise Invalid(FileProblem.ENCRYPTED, path="file")
    return "application/pdf", ".pdf", pdfa


def _pdfa(reader: PdfReader) -> str:
    """Return what the metadata claim; a document without a page is refused (`LookupError`)."""
    reader.pages[0]
    metadata = reader.root_object.get("/Metadata")
    if metadata is None:
        return ""
    told = metadata.get_object().get_data()
    part, level = PDFA_PART.search(told), PDFA_LEVEL.search(told)
    return f"{part[1].decode()}{level[1].decode() if level else ''}" if part else ""


def _image(content: IO[bytes]) -> tuple[str, str]:
    content.seek(0)
    try:
        with warnings.catch_warnings():
            # Our own limit is lower than the library's warning, and refuses.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(content, formats=tuple(IMAGES))
            width, height = image.size
            kind = IMAGES[str(image.format)]
            if width * height > MAX_PIXELS:
                raise Invalid(FileProblem.IMAGE_TOO_LARGE, path="file")
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Invalid(FileProblem.BROKEN, path="file") from error
    return kind


def _text(content: IO[bytes], size: int) -> tuple[str, str]:
    if size > MAX_TEXT:
        raise Invalid(FileProblem.TYPE, path="file")
    content.seek(0)
    try:
        text = content.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(FileProblem.TYPE, path="file") from error
    # Markup would be a page for whoever opens it.
    if text.lstrip("\ufeff \t\r\n").startswith("<") or not _is_plain(text):
        raise Invalid(FileProblem.TYPE, path="file")
    return "text/plain; charset=utf-8", ".txt"


def _is_plain(text: str) -> bool:
    return all(sign.isprintable() or sign in "\t\r\n\ufeff\u00ad" for sign in text)
