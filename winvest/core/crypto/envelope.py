"""AES-256-GCM over bytes: authenticated, bound to a context, a new nonce for each message."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
# The size that NIST SP 800-38D recommends; random, it holds for 2^32 messages under one key.
NONCE_BYTES = 12


class Unreadable(Exception):
    """The message was altered, moved to another place, or sealed under another key."""


def new_key() -> bytes:
    """Return a new key of 256 random bits."""
    return secrets.token_bytes(KEY_BYTES)


def encrypt(key: bytes, message: bytes, context: bytes) -> bytes:
    """Return the nonce followed by the encrypted message, which opens with the same context only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, message, context)


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Return the message; raise `Unreadable` when a bit of it, its key or its context differs."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
