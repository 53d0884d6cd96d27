"""Master keys: what wraps the data keys (G.2-07, `design/architecture.md` decision 9).

`settings.MASTER_KEYS` names the class that holds them and its options. A key management service or
HashiCorp Vault's transit engine is another class with the same three methods: it wraps and unwraps
over there, and the data keys, the secrets and the doors know nothing of it.
"""

from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from winvest.core.crypto.envelope import Unreadable


class MasterKeyUnknown(Unreadable):
    """The master key that wrapped a data key is not here."""


class MasterKeys(Protocol):
    """Wraps data keys under a master key that never leaves it."""

    def current(self) -> str:
        """Return the id of the master key that wraps from now on."""

    def wrap(self, master_id: str, data_key: bytes, context: bytes) -> bytes:
        """Return the data key encrypted under this master key and bound to `context`."""

    def unwrap(self, master_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key; raise `MasterKeyUnknown` without this master key."""


def master_keys() -> MasterKeys:
    """Return the master keys that the settings choose."""
    chosen: Any = settings.MASTER_KEYS
    keys: MasterKeys = import_string(chosen["BACKEND"])(**chosen["OPTIONS"])
    return keys
