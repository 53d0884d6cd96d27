"""Reading the legal log: what a reader may see of it, and what changed, in words (§3.8, G.3)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from string import Formatter
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.text import capfirst

from winvest.core import jobs, json
from winvest.core.choices import ROLE_LABELS, AuditAction
from winvest.core.domain.roles import Role
from winvest.core.models.access import Membership, User
from winvest.core.models.audit import AuditEntry
from winvest.core.models.company import Company
from winvest.core.models.job import Job
from winvest.core.selectors.gone import last_names
from winvest.core.selectors.logged_filters import told_filters
from winvest.core.selectors.wording import EMPTY, LOG_WORDS, LogWords, from_log, or_nothing

Rows = QuerySet[Any, Any]

# Newest first: ids are given in the order of the writes, and their index is the log's own key.
ORDERING = ("-id",)
# How far apart the log and the history may date one change.
SAME_CHANGE = timedelta(minutes=10)
# Between two dates, the index of the dates finds them; their order is nearly that of the ids.
BY_DATE = ("-at", "-id")
# What every row has and nobody reads.
_TECHNICAL = {"id", "created_at", "updated_at", "sort_label", "natural_label", "search_words"}
# An empty text in the place of none is no change.
_NOTHING: tuple[Any, ...] = (None, "")
# What names a row whose model does not tell (`log_title`): its label, else its code.
TITLES = ("name", "label", "legal_name", "code", "external_id", "file_name")
# What the log speaks of and no trigger writes of.
_OTHERS = {AuditEntry._meta.db_table: "Journal d'audit"}
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
    "version": "Version",
}
_COMPANY = Membership._meta.get_field("company")
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


def logged_tables() -> list[str]:
    """Return the tables that the audit log speaks of."""
    return [*audited_models(), *_OTHERS]


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
    return str(capfirst(model._meta.verbose_name)) if model else _OTHERS.get(table, table)


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


def roles_at(states: Collection[Any]) -> dict[tuple[UUID, datetime], str]:
    """Return under which roles the authors of old states acted, by the row's key and the instant.

    The log writes them with each change; a state of before the log has none. One statement.
    """
    dates = [state.history_date for state in states]
    if not dates:
        return {}
    entries = AuditEntry._base_manager.filter(
        record_id__in={state.id for state in states},
        at__range=(min(dates) - SAME_CHANGE, max(dates) + SAME_CHANGE),
        actor_id__isnull=False,
    ).only("record_id", "actor_id", "actor_role", "at")
    logged: dict[tuple[UUID, UUID | None], list[AuditEntry]] = defaultdict(list)
    for entry in entries:
        logged[entry.record_id, entry.actor_id].append(entry)
    found = {}
    for state in states:
        # The same change, dated by the database when its transaction began.
        near = logged[state.id, state.history_user_id]
        if near:
            same = min(near, key=lambda one: abs(one.at - state.history_date))
            found[state.id, state.history_date] = roles(same)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed: its French name, itself (None: gone, or said in words), both values."""

    name: str
    field: Any
    before: Any
    after: Any


def changes(entry: AuditEntry) -> Iterator[Change]:
    """Give each field that changed, in the order of the columns; else what was done, in words."""
    if entry.action in _ROW_CHANGES:
        yield from _row_changes(entry)
    else:
        yield from _details(entry)


def _row_changes(entry: AuditEntry) -> Iterator[Change]:
    model = audited_models().get(entry.table)
    before, after = entry.before or {}, entry.after or {}
    told = False
    untold = _TECHNICAL | getattr(model, "log_untold", frozenset())
    for column in before | after:
        old, new = before.get(column), after.get(column)
        if old == new or column in untold or (old in _NOTHING and new in _NOTHING):
            continue
        if column == "filters" and (table := getattr(model, "log_filters", "")):
            yield from _filter_changes(audited_models()[table], old, new)
            told = True
            continue
        field = _field(model, column)
        name = str(capfirst(field.verbose_name)) if field else _DETAILS.get(column, column)
        if words := LOG_WORDS.get((entry.table, column)):
            field, old, new = None, _told(words, before, old), _told(words, after, new)
        yield Change(name, field, old, new)
        told = True
    if entry.action == AuditAction.UPDATE and not told:
        # Its date moves when a row inside it changes: whoever has the page open is told.
        yield Change(
            "Dernière modification",
            _field(model, "updated_at"),
            before.get("updated_at"),
            after.get("updated_at"),
        )


def _filter_changes(model: Any, before: Any, after: Any) -> Iterator[Change]:
    """Give each filter that a kept list has, or no longer has."""
    old, new = (
        {key: told for key, *told in told_filters(model, kept or {})} for kept in (before, after)
    )
    for key, (label, field, _) in (old | new).items():
        values = [kept[key][-1] if key in kept else None for kept in (old, new)]
        if values[0] != values[1]:
            yield Change(f"Filtre {label}", field, *values)


def _details(entry: AuditEntry) -> Iterator[Change]:
    """Give what a line says that is no change of a row: an export, a sign-in, a purge."""
    model, row = audited_models().get(entry.table), _row(entry)
    for column, value in row.items():
        if column in _TECHNICAL or value in (*_NOTHING, {}):
            continue
        if column == "filters":
            for key, label, field, said in told_filters(model, value):
                words = table_name(said) if key == "table" else said
                yield Change(f"Filtre {label}", field, None, words)
            continue
        # The log's own lines have no row: their company is a key all the same.
        field = _field(model, column) or (_COMPANY if column == "company_id" else None)
        name = str(capfirst(field.verbose_name)) if field else column
        said = _EVENTS.get(str(value), value) if column == "event" else value
        yield Change(_DETAILS.get(column, name), field, None, said)


def _told(words: LogWords, row: Mapping[str, Any], value: Any) -> Any:
    """Return a column in the words of its table: the log writes decimals as plain JSON numbers."""
    return None if value is None else words(row, json.loads(json.dumps(value)))


class Words:
    """Values of the log in words; a key becomes the row it names, as far as the reader sees it.

    Rows are read by block, once each: what is out of the reader's scope stays a key.
    """

    def __init__(self) -> None:
        """Know no row yet."""
        self._names: dict[tuple[Any, str], str] = {}

    def learn(self, entries: Sequence[AuditEntry]) -> None:
        """Read the rows that the keys of these entries name, in one statement for each table."""
        wanted: dict[Any, set[str]] = defaultdict(set)
        for entry in entries:
            for change in changes(entry):
                if (target := _target(change.field)) is not None:
                    keys = {str(key) for key in (change.before, change.after) if key is not None}
                    wanted[target] |= keys
        self._learn(wanted)
        self.learn_titles(entries)

    def learn_titles(self, entries: Sequence[AuditEntry]) -> None:
        """Read the rows that the titles of these entries name, in one statement for each table."""
        wanted: dict[Any, set[str]] = defaultdict(set)
        for entry in entries:
            row = _row(entry)
            for field in naming_relations(audited_models().get(entry.table)):
                if (key := row.get(field.column)) is not None:
                    wanted[_target(field)].add(str(key))
        self._learn(wanted)

    def of(self, field: Any, value: Any) -> str:
        """Return a value in words."""
        if value is not None and (target := _target(field)) is not None:
            return self._names.get((target, str(value)), str(value))
        if field is _KIND_OF_JOB and value is not None:
            return jobs.label_of(value)
        return from_log(field, value)

    def sides(self, entry: AuditEntry, change: Change) -> tuple[str, str]:
        """Return both values of a change; where a row changed, what an empty one stands for."""
        old, new = self.of(change.field, change.before), self.of(change.field, change.after)
        if entry.action != AuditAction.UPDATE:
            return old, new
        return or_nothing(change.field, old), or_nothing(change.field, new)

    def title(self, entry: AuditEntry) -> str:
        """Return what names the row that changed, or what was done; a dash when nothing does."""
        model, row = audited_models().get(entry.table), _row(entry)
        if model is not None and model.log_title and entry.action in _ROW_CHANGES:
            parts = (self._part(model, row, text) for text in model.log_title)
            return " · ".join(part for part in parts if part) or EMPTY
        named = next((str(row[column]) for column in TITLES if row.get(column)), "")
        event = str(row.get("event") or "")
        return named or str(capfirst(_EVENTS.get(event, event))) or EMPTY

    def sentence(self, entry: AuditEntry) -> str:
        """Return all changes of an entry: « Nom : avant → après »."""
        parts = []
        for change in changes(entry):
            old, new = self.sides(entry, change)
            one_sided = entry.before is None or entry.after is None
            value = (new if entry.before is None else old) if one_sided else f"{old} → {new}"
            parts.append(f"{change.name} : {value}")
        return " | ".join(parts)

    def _part(self, model: Any, row: Mapping[str, Any], text: str) -> str:
        """Write one part of a title; what is out of the reader's scope is left out."""
        words = {}
        for name in names_in(text):
            field = model._meta.get_field(name)
            value = row.get(field.column)
            target = _target(field)
            known = target is None or (target, str(value)) in self._names
            words[name] = "" if value in (None, "") or not known else self.of(field, value)
        return text.format_map(words).strip(" —") if any(words.values()) else ""

    def _learn(self, wanted: Mapping[Any, set[str]]) -> None:
        for target, keys in wanted.items():
            self._read(target, {key for key in keys if (target, key) not in self._names})

    def _read(self, target: Any, keys: set[str]) -> None:
        if not keys:
            return
        model = target.model
        parents = [field.name for field in model._meta.concrete_fields if field.is_relation]
        # The text of a row names its parents, and theirs.
        parents += [
            f"{field.name}__{above.name}"
            for field in model._meta.concrete_fields
            if field.is_relation
            for above in naming_relations(field.related_model)
            if above.is_relation
        ]
        found = {f"{target.name}__in": keys}
        rows = model._default_manager.filter(**found).select_related(*parents)
        self._names |= {(target, str(getattr(row, target.attname))): str(row) for row in rows}
        gone = {key for key in keys if (target, key) not in self._names}
        if gone and target is model._meta.pk and hasattr(model, "history"):
            self._names |= {(target, key): name for key, name in last_names(model, gone)}


def _row(entry: AuditEntry) -> dict[str, Any]:
    """Return the row as the change left it, or as it was before its deletion."""
    return entry.after or entry.before or {}


def names_in(text: str) -> Iterator[str]:
    """Give the fields that a part of a title names."""
    return (name for _, name, _, _ in Formatter().parse(text) if name)


@cache
def naming_relations(model: Any) -> tuple[Any, ...]:
    """Return the foreign keys that the title of a model's rows reads."""
    names = [name for text in getattr(model, "log_title", ()) for name in names_in(text)]
    fields = (model._meta.get_field(name) for name in names)
    return tuple(field for field in fields if _target(field) is not None)


def _target(field: Any) -> Any:
    """Return the column that a key names, None for what is no key."""
    if field is None:
        return None
    if field.is_relation:
        return field.target_field
    table, _, column = getattr(field.model, "keys_above", {}).get(field.column, "").partition(".")
    if not table:
        return None
    options = audited_models()[table]._meta
    return options.get_field(column) if column else options.pk


_KIND_OF_JOB = Job._meta.get_field("kind")


def _field(model: Any, column: str) -> Any:
    """Return the field of a column, None for one that the model no longer has."""
    if model is None:
        return None
    try:
        return model._meta.get_field(column)
    except FieldDoesNotExist:
        fields = (field for field in model._meta.concrete_fields if field.column == column)
        return next(fields, None)
