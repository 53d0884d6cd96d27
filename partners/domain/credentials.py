"""Credentials of partners: which part is the secret, how it is shown, when it must be renewed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from partners.domain.bank import DOTS

# G.2: keys and credentials turn every 90 days.
LIFETIME = timedelta(days=90)
SECRET_PARTS = {"api_key": "api_key", "oauth2": "client_secret", "basic": "password"}
# Below this length four signs would tell too much.
LEAST_LENGTH = 12


def secret_hint(auth_type: str, credentials: Mapping[str, str]) -> str:
    """Return the four last signs of the secret, nothing of a short one."""
    secret = credentials.get(SECRET_PARTS[auth_type], "")
    return secret[-4:] if len(secret) >= LEAST_LENGTH else ""


def masked_secret(hint: str) -> str:
    """Show a secret as « •••• 4f2a », or dots alone."""
    return f"{DOTS} {hint}".rstrip()


def is_due(valid_from: datetime, at: datetime) -> bool:
    """Whether a credential in use since `valid_from` must be renewed."""
    return at >= valid_from + LIFETIME
