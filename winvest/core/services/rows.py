"""Creating, changing and deleting one row that has no service of its own.

The API writes plain rows through here, as the pages of the back-office do through their forms:
right, lock, the model's whole `full_clean`, then the row, audited under its author.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden, NotFound, Problem, Reason
from winvest.core.models.access import User
from winvest.core.permissions import AccessProblem
from winvest.core.transaction import transaction

Row = TypeVar("Row", bound=Any)
Check = Callable[[Any], None]


class RowProblem(Problem):
    """Why a row is refused before its content is looked at."""

    UNKNOWN = "not_found", "Cet objet n'existe pas."


def create_row(
    *, actor: User, row: Row, action: Action, field_actions: Mapping[str, Action] | None = None
) -> Row:
    """Check and insert `row`: `action` in its company, and what each field in `field_actions` asks.

    Raises `Forbidden`, or Django's `ValidationError` with every error of the content.
    """
    permissions.require_on(actor, action, row)
    given = [name for name in field_actions or () if _is_filled(row, name)]
    require_fields(actor, row, given, action, field_actions or {})
    with transaction(actor, row.company_id):
        row.full_clean()
        row.save(force_insert=True)
    return row


def change_row(
    *,
    actor: User,
    row: Row,
    changes: Mapping[str, Any],
    action: Action,
    field_actions: Mapping[str, Action] | None = None,
    check: Check | None = None,
) -> Row:
    """Lock the row, run `check` on what it is now, then write `changes` (column names and values).

    Each field asks for its action in `field_actions`, else for `action`, in the row's company.
    Raises `NotFound` when the row is gone, `Forbidden` with every field that is not the actor's,
    what `check` raises, or Django's `ValidationError`. What changes nothing writes nothing.
    """
    with transaction(actor, row.company_id):
        locked = lock_row(row)
        require_fields(actor, locked, changes, action, field_actions or {})
        if check is not None:
            check(locked)
        before = _columns(locked)
        for name, value in changes.items():
            setattr(locked, name, value)
        # Once more on what it becomes: the row may have moved to another risk family.
        require_fields(actor, locked, changes, action, field_actions or {})
        locked.full_clean()
        if _columns(locked) != before:
            locked.save()
    return locked


def delete_row(*, actor: User, row: Row, action: Action, check: Check | None = None) -> None:
    """Lock and delete the row: right `action` in its company.

    Raises `NotFound`, `Forbidden`, what `check` raises, or Django's `ProtectedError`.
    """
    permissions.require_on(actor, action, row)
    with transaction(actor, row.company_id):
        locked = lock_row(row)
        if check is not None:
            check(locked)
        locked.delete()


def _columns(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def lock_row(row: Row) -> Row:
    """Return the row as it is now, locked until the transaction ends; `NotFound` when it is gone."""
    locked: Row | None = type(row).objects.filter(pk=row.pk).select_for_update(of=("self",)).first()
    if locked is None:
        raise NotFound(RowProblem.UNKNOWN)
    return locked


def require_fields(
    actor: User,
    row: Any,
    names: Iterable[str],
    action: Action,
    field_actions: Mapping[str, Action],
) -> None:
    """Refuse the fields that are not the actor's, all at once (`quality.md`: never dropped)."""
    access = permissions.access_of(actor)
    asked = {name: field_actions.get(name, action) for name in names}
    closed = [
        Reason(AccessProblem.FORBIDDEN.value, AccessProblem.FORBIDDEN.message, name)
        for name, needed in asked.items()
        if not access.allowed_on(needed, row, row.company_id)
    ]
    if closed:
        raise Forbidden.several(AccessProblem.FORBIDDEN, closed)
    for needed in set(asked.values()):
        permissions.note(needed, row.company_id, row)


def _is_filled(row: Any, name: str) -> bool:
    field = row._meta.get_field(name)
    return bool(getattr(row, field.attname) != field.get_default())
