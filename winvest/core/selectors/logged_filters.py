"""What a list was filtered by when it left as a file, as the log keeps it and as people read it."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib.admin.utils import NotRelationField, get_fields_from_path
from django.core.exceptions import FieldDoesNotExist

from winvest.core.models.access import Membership
from winvest.core.models.audit import AuditEntry
from winvest.core.selectors.wording import FILTER_WORDS

# What of a list's address filters nothing: its order, its page, its columns, the view it came from.
_NEUTRAL = frozenset({"o", "p", "c", "all", "order", "cursor", "columns", "view"})
# How a filter that no list names otherwise is called, and the key or choice that it holds.
_COMPANY = Membership._meta.get_field("company")
_ACTION = AuditEntry._meta.get_field("action")
_NAMES: dict[str, tuple[str, Any]] = {
    "table": ("objet", None),
    "company": ("société", _COMPANY),
    "actor": ("auteur", Membership._meta.get_field("user")),
    "action": ("action", _ACTION),
    "action__exact": ("action", _ACTION),
    "record": ("enregistrement", None),
    "q": ("recherche", None),
    "search": ("recherche", None),
    "connexions": ("connexions et notifications", None),
    "at_from_0": ("depuis le", None),
    "at_from_1": ("depuis l'heure", None),
    "at_to_0": ("jusqu'au", None),
    "at_to_1": ("jusqu'à l'heure", None),
    "after": ("depuis le", None),
    "before": ("jusqu'au", None),
}


def filters_of(address: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an address filters by, as the log keeps it."""
    return {name: value for name, value in address.items() if name not in _NEUTRAL and value != ""}


def told_filters(model: Any, kept: Any) -> Iterator[tuple[str, str, Any, Any]]:
    """Give each filter: its key, its name on the screen, the field it holds a value of, the value.

    Lines of before keep the address as it was written.
    """
    filters = kept if isinstance(kept, dict) else dict(parse_qsl(str(kept)))
    for key, value in filters_of(filters).items():
        name, words = FILTER_WORDS.get((model and model._meta.db_table, key), ("", {}))
        label, field = _NAMES.get(key) or _column(model, key)
        said = words.get(str(value).lower())
        if said is not None or (field is not None and field.is_relation and not _is_key(value)):
            field = None  # an address may ask for anything: what is no key names no row
        yield key, name or label, field, value if said is None else said


def _column(model: Any, key: str) -> tuple[str, Any]:
    """Return the column that a filter of the list reads, as Django names it in the address."""
    path = key.removesuffix("__exact").removesuffix("__id")
    try:
        field = get_fields_from_path(model, path)[-1]
    except (AttributeError, FieldDoesNotExist, NotRelationField):
        return f"« {key} »", None
    return str(getattr(field, "verbose_name", f"« {key} »")), field


def _is_key(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
