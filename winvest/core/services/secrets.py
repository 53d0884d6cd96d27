"""Sealing and revealing secret columns: envelope encryption behind one interface (G.2-07).

A value is encrypted with AES-256-GCM under the current data key and bound to its table, column and
row: copied into another row, or into another column, it does not open. Data keys are wrapped by a
master key (`winvest.core.crypto.masters`).
"""

import base64
from typing import Any
from uuid import UUID

from django.db import models, transaction

from winvest.core import json
from winvest.core.crypto.envelope import Unreadable, decrypt, encrypt, new_key
from winvest.core.crypto.masters import MasterKeys, master_keys
from winvest.core.models.base import new_id
from winvest.core.models.secret import DataKey

# Unwrapped data keys by id, for the life of the process: a key never changes under its id.
_opened: dict[UUID, bytes] = {}


def seal(row: models.Model, column: str, value: Any) -> None:
    """Encrypt a JSON value into `row.column`, bound to this row; None empties the column.

    The row is not saved.
    """
    if value is None:
        setattr(row, column, None)
        return
    key_id, key = _current_key()
    sealed = encrypt(key, json.dumps(value).encode(), _place(row, column))
    envelope = {"key": str(key_id), "data": base64.b64encode(sealed).decode()}
    setattr(row, column, envelope)


def reveal(row: models.Model, column: str) -> Any:
    """Return the JSON value that `row.column` holds encrypted, None when it is empty.

    Raise `Unreadable` when it was altered or comes from another row. Never log the result.
    """
    envelope = getattr(row, column)
    if envelope is None:
        return None
    try:
        key_id, sealed = UUID(envelope["key"]), base64.b64decode(envelope["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable from error
    return json.loads(decrypt(_key(key_id), sealed, _place(row, column)))


def rewrap_keys() -> int:
    """Wrap under the current master key the data keys that another one wraps; return how many.

    What they encrypted stays as it is and stays readable; running twice changes nothing.
    """
    masters = master_keys()
    current = masters.current()
    with transaction.atomic():
        rows = list(DataKey.objects.select_for_update().exclude(master_id=current).order_by("pk"))
        for row in rows:
            key = masters.unwrap(row.master_id, bytes(row.wrapped), _binding(row.pk))
            row.wrapped = masters.wrap(current, key, _binding(row.pk))
            row.master_id = current
            row.save(update_fields=["wrapped", "master_id", "updated_at"])
    return len(rows)


def renew_data_key() -> None:
    """Encrypt new values under a new data key; what the old ones encrypted stays readable."""
    with transaction.atomic():
        DataKey.objects.filter(is_current=True).update(is_current=False)
        _add_key(master_keys())


def _current_key() -> tuple[UUID, bytes]:
    found = DataKey.objects.filter(is_current=True).values_list("pk", flat=True).first()
    if found is None:
        _add_key(master_keys())
        found = DataKey.objects.values_list("pk", flat=True).get(is_current=True)
    return found, _key(found)


def _add_key(masters: MasterKeys) -> None:
    """Add a current data key, unless somebody else did meanwhile."""
    key_id, current = new_id(), masters.current()
    row = DataKey(
        pk=key_id, wrapped=masters.wrap(current, new_key(), _binding(key_id)), master_id=current
    )
    DataKey.objects.bulk_create([row], ignore_conflicts=True)


def _key(key_id: UUID) -> bytes:
    if key_id not in _opened:
        row = DataKey.objects.filter(pk=key_id).first()
        if row is None:
            raise Unreadable
        _opened[key_id] = master_keys().unwrap(row.master_id, bytes(row.wrapped), _binding(key_id))
    return _opened[key_id]


def _place(row: models.Model, column: str) -> bytes:
    return "\x1f".join(("v1", row._meta.db_table, column, str(row.pk))).encode()


def _binding(key_id: UUID) -> bytes:
    return f"data_key\x1f{key_id}".encode()
