"""The file of the demo accounts: the only place where their passwords and tokens are readable."""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from winvest.core.domain.roles import Role
from winvest.core.models.access import new_token


@dataclass(frozen=True, slots=True)
class Secret:
    """What an account signs in with: a password in the browser, a token in the API."""

    password: str
    token: str


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the file; `companies` are codes."""

    email: str
    role: Role
    companies: tuple[str, ...]
    secret: Secret


def draw_secret() -> Secret:
    """Return a new password of 120 random bits and a new token of 256."""
    return Secret(secrets.token_urlsafe(15), new_token())


def read_secrets(path: Path) -> dict[str, Secret]:
    """Return the secrets by e-mail; nothing when the file is missing or is not ours.

    A file that is half there, or where two accounts share a token, is not ours either.
    """
    try:
        known = json.loads(path.read_bytes())
        tokens = {item["name"]: item["token"] for item in known["tokens"]}
        found = {
            item["email"]: _secret(item["password"], tokens[item["email"]])
            for item in known["accounts"]
        }
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    return found if len({secret.token for secret in found.values()}) == len(found) else {}


def _secret(password: Any, token: Any) -> Secret:
    if not isinstance(password, str) or not isinstance(token, str):
        raise TypeError
    if len(password) < 12 or not token.startswith("wv_"):
        raise ValueError
    return Secret(password, token)


def write_accounts(path: Path, *, url: str, accounts: Iterable[Account]) -> None:
    """Write the file in one move, readable by its owner only.

    A reader sees the old file or the new one, never half of one.
    """
    listed = list(accounts)
    content = {
        "url": url,
        "accounts": [
            {"email": one.email, "password": one.secret.password, **_rights(one)} for one in listed
        ],
        "tokens": [
            {"name": one.email, "token": one.secret.token, **_rights(one)} for one in listed
        ],
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _rights(account: Account) -> Mapping[str, Any]:
    return {"role": account.role.value, "companies": list(account.companies)}
