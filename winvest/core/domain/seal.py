"""Seal of the legal log: a chain of hashes that anyone may compute again (§3.8, G.3).

Each entry gives a digest of its content, and the chain binds the digest to the entry's number,
id and instant, and to all that came before.
"""

import hashlib
from collections.abc import Sequence

GENESIS = bytes(32)


def digest(values: Sequence[str | None]) -> bytes:
    """Return the SHA-256 of an entry's columns, in their order.

    Each value is preceded by its length in bytes, so that no two rows give the same text.
    """
    text = hashlib.sha256()
    for value in values:
        if value is None:
            text.update(b"-;")
        else:
            content = value.encode()
            text.update(b"%d:" % len(content))
            text.update(content)
    return text.digest()


def link(previous: bytes, *, number: int, entry_id: int, at: str, content: bytes) -> bytes:
    """Return the next link of the chain; `at` is the instant in UTC, `content` the digest."""
    return hashlib.sha256(previous + f"{number};{entry_id};{at};".encode() + content).digest()
