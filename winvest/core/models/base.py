"""Bases of every business model: UUID keys, dates, owner company, history, audit."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar, Self
from uuid import UUID

import pgtrigger
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models.functions import Now
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from uuid_utils.compat import uuid7

from winvest.core import context, scoping
from winvest.core.clock import now
from winvest.core.models.checks import every_check_holds
from winvest.core.models.columns import JsonKind


def new_id() -> UUID:
    """Return a time-ordered UUID (version 7)."""
    return uuid7()


class UUIDModel(models.Model):
    """A row with a time-ordered UUID as its key."""

    # What names a row in the legal log where no column does alone: texts joined by « · », whose
    # fields are in words (`winvest.core.selectors.audit`).
    log_title: ClassVar[tuple[str, ...]] = ()
    # Keys to a table of an application above, whose migration adds the foreign key: column, then
    # table, or `table.column` where it is not the primary key.
    keys_above: ClassVar[dict[str, str]] = {}
    # Columns that only programs read: the log keeps them and tells nobody.
    log_untold: ClassVar[frozenset[str]] = frozenset()
    # The table whose lists a column `filters` narrows.
    log_filters: ClassVar[str] = ""

    id = models.UUIDField("identifiant", primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class DatedModel(UUIDModel):
    """A row that knows when it was created and last changed (UTC)."""

    created_at = models.DateTimeField("créé le", default=now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField("modifié le", auto_now=True, db_default=Now())

    class Meta:
        abstract = True


class ScopedModel(models.Model):
    """A row that is read inside a scope only (`design/architecture.md` §4)."""

    # Where the risk of a row stands, for the rows that a risk family holds (N-02).
    family_path: ClassVar[str | None] = None

    # Foreign keys that may name a row outside the scope: what the group's companies know of all.
    open_keys: ClassVar[frozenset[str]] = frozenset()
    _checks_hold = False

    objects: ClassVar[models.Manager[Any]] = scoping.ScopedManager()

    # The row as it is stored, where whoever changes many of them has just read it.
    read_as: "Self | None" = None

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """Condition under which a row may be read in the current scope: its owner is in it."""
        return scoping.InScope("company")

    def family_risk(self) -> UUID | None:
        """Return the risk whose family decides who may write the row (N-02); None: of none."""
        return None

    def family_of(self, key: str) -> UUID | None:
        """Return the risk of the row that a foreign key names; None while it names none."""
        try:
            parent = getattr(self, key)
        except ObjectDoesNotExist:
            return None
        risk: UUID | None = None if parent is None else parent.family_risk()
        return risk

    def names(self, key: str) -> bool:
        """Whether the foreign key is filled in: a form validates rows that are not whole yet."""
        return getattr(self, f"{key}_id") is not None

    def keeps(self, *names: str) -> bool:
        """Whether the stored row already has these values: nobody has just chosen them."""
        if self._state.adding:
            return False
        columns = [field.attname for field in self._meta.concrete_fields if field.name in names]
        same = {column: getattr(self, column) for column in columns}
        if self.read_as is not None:
            return all(getattr(self.read_as, column) == value for column, value in same.items())
        return type(self)._base_manager.filter(pk=self.pk, **same).exists()

    def full_clean(self, exclude: Any = None, *args: Any, **options: Any) -> None:
        """Refuse a list where an object stands, and the reverse, before anything reads it.

        Django judges no empty value, and calls `clean()` whatever the fields hold.
        """
        errors = {
            rule.column: problem
            for rule in self._meta.constraints
            if isinstance(rule, JsonKind)
            and rule.column not in (exclude or ())
            and (problem := rule.problem(self))
        }
        if errors:
            raise ValidationError(errors)
        super().full_clean(exclude, *args, **options)

    def validate_unique(self, exclude: Any = None) -> None:
        """Look for twins across all companies; the message names no owner."""
        with scoping.everything():
            super().validate_unique(exclude=exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check constraints across all companies; the message names no owner.

        Each refusal carries the code that the database's own refusal has in the API.
        """
        self._checks_hold = every_check_holds(self, exclude)
        try:
            with scoping.everything():
                super().validate_constraints(exclude=exclude)
        except ValidationError as error:
            self._name_constraints(error)
            raise

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Leave out the checks that one statement has found to hold."""
        found = super().get_constraints()
        if not self._checks_hold:
            return found
        return [
            (model, [one for one in those if not isinstance(one, models.CheckConstraint)])
            for model, those in found
        ]

    def _name_constraints(self, error: ValidationError) -> None:
        names = {
            constraint.get_violation_error_message(): constraint.name
            for constraint in self._meta.constraints
        }
        for problems in error.error_dict.values():
            for problem in problems:
                if problem.code is None and problem.message in names:
                    problem.code = f"constraint.{names[problem.message]}"

    def clean_fields(self, exclude: Any = None) -> None:
        """Refuse foreign keys to rows outside the scope, which `_base_manager` would accept.

        A row of another company and one that never was are refused alike. What the stored row
        names already stays: it may have left the scope since it was chosen.
        """
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as error:
            errors = error.error_dict
        for field in self._meta.concrete_fields:
            target = field.related_model
            if field.name in (exclude or ()) or not isinstance(target, type):
                continue
            value = getattr(self, field.attname)
            if value is None or not issubclass(target, ScopedModel):
                continue
            rows = target._base_manager if field.name in self.open_keys else target.objects
            if not rows.filter(pk=value).exists() and not self.keeps(field.name):
                unknown = ValidationError("Cet objet n'existe pas.", code="unknown")
                errors[field.name] = [unknown]
        if errors:
            raise ValidationError(errors)


class CompanyOwnedModel(ScopedModel, DatedModel):
    """A row that belongs to one company."""

    company = models.ForeignKey(
        "core.Company", on_delete=models.PROTECT, verbose_name="société", related_name="+"
    )

    class Meta:
        abstract = True


class ScopedHistory(models.Model):
    """Base of the history tables: the same filter as the rows themselves."""

    objects: ClassVar[models.Manager[Any]] = scoping.ScopedManager()

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """Condition under which an old state may be read in the current scope."""
        return scoping.InScope("company")


class ScopedHistoryManager(HistoryManager):  # type: ignore[misc]
    """`row.history`, filtered by the scope like the rows."""

    def get_super_queryset(self) -> Any:
        """Start from the rows in scope."""
        return super().get_super_queryset().filter(self.model.readable())


def _author(instance: Any, **_: Any) -> Any:
    return context.actor.get()


def history(*, scoped: bool = True, **options: Any) -> HistoricalRecords:
    """Return the history of a model for people (§3.8); the legal log is the audit trigger's.

    `scoped=False` is for group reference data that has no company.
    """
    if scoped:
        options = {
            "bases": [ScopedHistory],
            "history_manager": ScopedHistoryManager,
            **options,
        }
    return HistoricalRecords(
        get_user=_author,
        user_db_constraint=False,
        history_change_reason_field=models.TextField(null=True),
        **options,
    )


def audit(*, masked: tuple[str, ...] = (), ignored: tuple[str, ...] = ()) -> pgtrigger.Trigger:
    """Return the trigger that writes the legal log for a table (§3.8, G.3, Annexe A.2.3).

    `masked` columns leave only the fact that they changed, `ignored` ones leave nothing.
    """
    lists = [
        f"ARRAY[{', '.join(repr(name) for name in names)}]::text[]" for names in (masked, ignored)
    ]
    return pgtrigger.Trigger(
        name="audit",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=(
            "PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), "
            f"{lists[0]}, {lists[1]}); RETURN NULL;"
        ),
    )


def one_of(column: str, choices: type[Enum], *, blank: bool = False) -> Any:
    """Return the constraint that the column holds a code of the list (Annexe A's ENUM).

    A list grows by a migration; PostgreSQL's own ENUM would not shrink nor reorder.
    """
    known = [*(member.value for member in choices), *([""] if blank else [])]
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__in": known}),
        name=f"%(class)s_{column}_known",
        violation_error_message="Cette valeur n'est pas dans la liste.",
    )


def owner_from(
    parent: str, column: str, owner_column: str = "company_id", source: str = "company_id"
) -> pgtrigger.Trigger:
    """Return the trigger that fills a child's owner from its parent row when it is left out.

    `source` is the parent's column: its own company, or another row that it belongs to.

    A composite foreign key (migrations) then keeps both equal for ever.
    """
    return pgtrigger.Trigger(
        name=f"{owner_column.removesuffix('_id')}_from_parent",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(f"NEW.{owner_column} IS NULL"),
        func=(
            f"SELECT {source} INTO NEW.{owner_column} FROM {parent} WHERE id = NEW.{column}; "
            "RETURN NEW;"
        ),
    )


def no_truncate() -> pgtrigger.Trigger:
    """Return the trigger that refuses to empty the table."""
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=(
            "RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        ),
    )
