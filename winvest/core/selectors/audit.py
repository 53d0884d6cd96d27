"""Reading the legal log: what a reader may see of it, and what changed, in words (§3.8, G.3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.text import capfirst

from winvest.core.choices import ROLE_LABELS, AuditAction
from winvest.core.domain.roles import Role
from winvest.core.models.access import User
from winvest.core.models.audit import AuditEntry
from winvest.core.models.company import Company
from winvest.core.selectors.wording import EMPTY, from_log

Rows = QuerySet[Any, Any]

# Newest first: ids are given in the order of the writes, and their index is the log's own key.
ORDERING = ("-id",)
# Between two dates, the index of the dates finds them; their order is nearly that of the ids.
BY_DATE = ("-at", "-id")
# What every row has and nobody reads.
_TECHNICAL = {"id", "created_at", "updated_at", "sort_label", "search_words"}
# What best names a row: its label, else its code.
_TITLES = ("name", "label", "legal_name", "sku", "code", "email", "external_id", "account")
_ROW_CHANGES = {AuditAction.INSERT, AuditAction.UPDATE, AuditAction.DELETE}
# How the lines that no table's column explains are read.
_DETAILS = {
    "event": "Événement",
    "file_name": "Fichier",
    "filters": "Filtres",
    "format": "Format",
    "kind": "Nature",
    "name": "Nom",
    "partitions": "Partitions",
    "period": "Période",
    "profile": "Profil",
    "revision": "Révision",
    "rows": "Lignes",
    "sha256": "Empreinte SHA-256",
}
_EVENTS = {
    "created": "créé",
    "downloaded": "téléchargé",
    "list_exported": "liste exportée",
    "report_downloaded": "rapport téléchargé",
    "requested": "demandé",
}


@cache
def audited_models() -> dict[str, Any]:
    """Return the models that the audit log speaks of, by their table."""
    return {
        model._meta.db_table: model
        for model in apps.get_models()
        if any(trigger.name == "audit" for trigger in getattr(model._meta, "triggers", ()))
    }


def audit_entries(companies: Collection[UUID], *, group: bool) -> Rows:
    """Return what happened in the companies, and to the group's rows for its own auditors."""
    condition = Q(company_id__in=companies)
    if group:
        condition |= Q(company_id__isnull=True)
    author = User.objects.filter(pk=OuterRef("actor_id")).values("name")
    owner = Company._base_manager.filter(pk=OuterRef("company_id")).values("code")
    rows: Rows = AuditEntry._base_manager.filter(condition).annotate(
        actor_name=Subquery(author), company_code=Subquery(owner)
    )
    return rows.order_by(*ORDERING)


def table_name(table: str) -> str:
    """Return the French name of a table's rows."""
    model = audited_models().get(table)
    return str(capfirst(model._meta.verbose_name)) if model else table


def author(entry: Any) -> str:
    """Return who acted, or the database account when nobody had signed in."""
    if entry.actor_id is None:
        return f"Système ({entry.session_user_name})"
    return entry.actor_name or str(entry.actor_id)


def roles(entry: AuditEntry) -> str:
    """Return the roles under which the author acted."""
    known = {role.value for role in Role}
    held = [role for role in entry.actor_role.split(",") if role in known]
    return ", ".join(ROLE_LABELS[Role(role)] for role in held) or EMPTY


def title(entry: AuditEntry) -> str:
    """Return what best names the row that changed."""
    row = entry.after or entry.before or {}
    return next((str(row[column]) for column in _TITLES if row.get(column)), EMPTY)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed: its French name, itself (None: no longer a column), both values."""

    name: str
    field: Any
    before: Any
    after: Any


def changes(entry: AuditEntry) -> Iterator[Change]:
    """Give each field that changed, in the order of the columns."""
    model = audited_models().get(entry.table)
    plain = entry.action not in _ROW_CHANGES
    before, after = entry.before or {}, entry.after or {}
    for column in before | after:
        old, new = before.get(column), after.get(column)
        if old == new or column in _TECHNICAL:
            continue
        field = _field(model, column)
        name = str(capfirst(field.verbose_name)) if field else _DETAILS.get(column, column)
        if plain:
            name = _DETAILS.get(column, name)
            new = _EVENTS.get(str(new), new) if column == "event" else new
        yield Change(name, field, old, new)


class Words:
    """Values of the log in words; a key becomes the row it names, as far as the reader sees it.

    Rows are read by block, once each: what is out of the reader's scope stays a key.
    """

    def __init__(self) -> None:
        """Know no row yet."""
        self._names: dict[tuple[Any, str], str] = {}

    def learn(self, entries: Iterable[AuditEntry]) -> None:
        """Read the rows that the keys of these entries name, in one statement for each table."""
        wanted: dict[Any, set[str]] = defaultdict(set)
        for entry in entries:
            for change in changes(entry):
                if change.field is not None and change.field.is_relation:
                    keys = {str(key) for key in (change.before, change.after) if key is not None}
                    wanted[change.field.target_field] |= keys
        for target, keys in wanted.items():
            self._read(target, {key for key in keys if (target, key) not in self._names})

    def of(self, field: Any, value: Any) -> str:
        """Return a value in words."""
        if value is not None and field is not None and field.is_relation:
            return self._names.get((field.target_field, str(value)), str(value))
        return from_log(field, value)

    def sentence(self, entry: AuditEntry) -> str:
        """Return all changes of an entry: « Nom : avant → après »."""
        parts = []
        for change in changes(entry):
            old, new = self.of(change.field, change.before), self.of(change.field, change.after)
            one_sided = entry.before is None or entry.after is None
            value = (new if entry.before is None else old) if one_sided else f"{old} → {new}"
            parts.append(f"{change.name} : {value}")
        return " | ".join(parts)

    def _read(self, target: Any, keys: set[str]) -> None:
        if not keys:
            return
        model = target.model
        parents = [field.name for field in model._meta.concrete_fields if field.is_relation]
        found = {f"{target.name}__in": keys}
        rows = model._default_manager.filter(**found).select_related(*parents)
        self._names |= {(target, str(getattr(row, target.attname))): str(row) for row in rows}


def _field(model: Any, column: str) -> Any:
    """Return the field of a column, None for one that the model no longer has."""
    if model is None:
        return None
    try:
        return model._meta.get_field(column)
    except FieldDoesNotExist:
        fields = (field for field in model._meta.concrete_fields if field.column == column)
        return next(fields, None)
