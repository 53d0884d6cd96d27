"""Master keys of this machine: given as values, or lines of a file that only its owner reads."""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from winvest.core.crypto.envelope import KEY_BYTES, decrypt, encrypt, new_key
from winvest.core.crypto.masters import MasterKeyUnknown


class LocalKeys:
    """AES-256 keys in base64, the last one current; the earlier ones open what they wrapped.

    `values` gives them directly. `path` names a file of one key a line, read at each use, so that
    every process sees a rotation at once; with `create`, the first use makes it.
    """

    def __init__(
        self, *, values: Iterable[str] = (), path: str | Path = "", create: bool = False
    ) -> None:
        """Keep where the keys are."""
        self._values = tuple(values)
        self._path = Path(path) if path else None
        self._create = create

    def current(self) -> str:
        """Return the id of the last key."""
        return next(reversed(self._keys()))

    def wrap(self, master_id: str, data_key: bytes, context: bytes) -> bytes:
        """Encrypt a data key."""
        return encrypt(self._key(master_id), data_key, context)

    def unwrap(self, master_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a data key."""
        return decrypt(self._key(master_id), wrapped, context)

    def add(self) -> str:
        """Append a new key to the file and return its id: it is current from now on."""
        if self._path is None:
            raise ImproperlyConfigured(
                "Les clés maîtres viennent de WINVEST_MASTER_KEYS : ajoutez-y la nouvelle clé à la "
                "fin, redémarrez, puis lancez « rotate_keys » sans « --new-master »."
            )
        keys = self._keys()
        key = new_key()
        _write(self._path, [*keys.values(), key])
        return key_id(key)

    def _key(self, master_id: str) -> bytes:
        try:
            return self._keys()[master_id]
        except KeyError as error:
            raise MasterKeyUnknown(f"La clé maître {master_id} n'est pas ici.") from error

    def _keys(self) -> dict[str, bytes]:
        texts = self._values if self._path is None else _read(self._path, create=self._create)
        keys = [_parsed(text) for text in texts]
        if not keys:
            raise ImproperlyConfigured("Aucune clé maître n'est configurée.")
        return {key_id(key): key for key in keys}


def key_id(key: bytes) -> str:
    """Name a key after its content, which the name does not tell."""
    return "local:" + hashlib.sha256(b"winvest master key\x00" + key).hexdigest()[:16]


def _parsed(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured("Une clé maître n'est pas en base64.") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"Une clé maître a {KEY_BYTES} octets.")
    return key


def _read(path: Path, *, create: bool) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except FileNotFoundError as error:
        if not create:
            raise ImproperlyConfigured(f"Le fichier des clés maîtres manque : {path}.") from error
        return _make(path)


def _make(path: Path) -> list[str]:
    """Make the file unless another process was quicker, and return its lines."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, [new_key()])
    try:
        # Unlike a renaming, a link never takes the place of a file that is already there.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").split()


def _write(path: Path, keys: list[bytes]) -> None:
    """Put a new file in the place of the old one, whole or not at all."""
    _draft(path, keys).replace(path)


def _draft(path: Path, keys: list[bytes]) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{base64.b64encode(key).decode()}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())
    return draft
