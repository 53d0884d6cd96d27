"""What a version is made of, part by part, and what its publication is checked for (decision 4).

Upper applications register their parts and their checks. The content hash of a version covers what
its parts return. Approvals are given to that hash.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model
from simple_history.utils import bulk_create_with_history

from catalog.domain.diff import Listings
from catalog.domain.publication import Finding, Sale
from catalog.models.version import ProductVersion
from winvest.core import json
from winvest.core.domain.roles import Action

Row = TypeVar("Row", bound=Model)
# A version and the new draft, of the same company, that takes its content.
Pair = tuple[ProductVersion, ProductVersion]
# What a publication of a version finds wrong, whatever the person who asks (`domain.md` §2).
Check = Callable[[ProductVersion, Sale], Iterable[Finding]]
BATCH = 1_000

# What a copy does not take from its row: its own key and dates.
_OWN = frozenset({"id", "created_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class VersionPart:
    """A part of a version's content.

    `content` returns plain JSON values without ids, instants, version number or dates: two
    versions that sell the same thing give the same content. `clone` gives each new draft the part
    of its version, so that both have the same content; no version stands in two pairs.
    """

    key: str
    content: Callable[[ProductVersion], Any]
    clone: Callable[[Sequence[Pair]], None]
    # How people are told of it: its name, the lists in it and how their rows are recognised, the
    # model whose columns stand in each list (under the part's own key: in the part itself), and
    # values said in other words. `sentences` says a row of a list whole, `values` a value by what
    # stands beside it, both in a currency. `action` is the right to read the part.
    label: str = ""
    # Takes the part of a draft away with it, where its rows keep their version (None: they go).
    erase: Callable[[ProductVersion], None] | None = None
    listings: Listings = field(default_factory=dict)
    models: Mapping[str, type[Model]] = field(default_factory=dict)
    words: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    sentences: Mapping[str, Callable[[Mapping[str, Any], str], str]] = field(default_factory=dict)
    values: Mapping[str, Callable[[Any, Mapping[str, Any], str], str]] = field(default_factory=dict)
    action: Action = Action.CATALOG_VIEW_ALL


_parts: dict[str, VersionPart] = {}
_checks: dict[str, Check] = {}


def register(part: VersionPart) -> None:
    """Add a part; called once by each application's `AppConfig.ready()`."""
    if part.key in _parts:
        raise RuntimeError(f"Two parts of a version have the key {part.key!r}.")
    _parts[part.key] = part


def register_check(key: str, check: Check) -> None:
    """Add a check of what is published; called once by each application's `AppConfig.ready()`."""
    if key in _checks:
        raise RuntimeError(f"Two checks of a publication have the key {key!r}.")
    _checks[key] = check


def checks() -> dict[str, Check]:
    """Return the checks of a publication by key."""
    return dict(_checks)


def keys() -> list[str]:
    """Return the keys of the registered parts, sorted."""
    return sorted(_parts)


def every() -> list[VersionPart]:
    """Return the registered parts by key."""
    return [_parts[key] for key in keys()]


def registered(key: str) -> VersionPart:
    """Return a part by its key."""
    return _parts[key]


def clone_into(source: ProductVersion, target: ProductVersion) -> None:
    """Give a new draft every part of `source`."""
    clone_all([(source, target)])


def clone_all(pairs: Sequence[Pair]) -> None:
    """Give new drafts every part of their versions, part by part: plans before what names them."""
    for part in _parts.values():
        part.clone(pairs)


def erase_all(version: ProductVersion) -> None:
    """Take away what keeps a draft: what names other parts first."""
    for part in reversed(every()):
        if part.erase is not None:
            part.erase(version)


def insert_all(rows: Sequence[Model]) -> None:
    """Insert copies with their history, as saving each of them would."""
    if rows:
        bulk_create_with_history(rows, type(rows[0]), batch_size=BATCH)


def copied(row: Row, **changes: Any) -> Row:
    """Return an unsaved copy of a row, with a key and dates of its own and these columns changed."""
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in _OWN and not field.generated
    }
    return type(row)(**{**kept, **changes})


def content_of(version: ProductVersion) -> dict[str, Any]:
    """Return the canonical content of a version: its parts by key, the empty ones left out."""
    content: dict[str, Any] = _canonical({key: _parts[key].content(version) for key in keys()})
    return content


def content_hash(version: ProductVersion) -> str:
    """Return the hash of the version's content."""
    return hash_of(content_of(version))


def hash_of(content: Mapping[str, Any]) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical JSON of parts by their key."""
    text = json.dumps(_canonical(content), canonical=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """Write equal values equally (9.9 and 9.90), and leave out what is empty.

    A column or a part added to the product later, and empty on old versions, thus changes no old
    hash.
    """
    if isinstance(value, Mapping):
        pairs = {key: _canonical(item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if not _is_empty(item)}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, Decimal):
        return Decimal(f"{value.normalize():f}")
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
