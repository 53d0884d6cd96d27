"""What upper applications add to the page where a version is approved: what one opens to decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.safestring import SafeString

from catalog.models import ProductVersion


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to read: `link` opens it, `about` says what it is, `standing` how it stands."""

    title: str
    about: str
    standing: SafeString
    link: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Pieces of a kind; `empty` is said where there is none."""

    title: str
    pieces: Sequence[Piece]
    empty: str


Read = Callable[[HttpRequest, ProductVersion], Reading]
_READINGS: list[Read] = []


def register_reading(read: Read) -> None:
    """Add what an upper application gives to read; called once by each."""
    _READINGS.append(read)


def readings_of(request: HttpRequest, version: ProductVersion) -> list[Reading]:
    """Return what there is to read of a version, by kind."""
    return [read(request, version) for read in _READINGS]
