"""Secrets of the webhooks' endpoints: drawn here, shown once, sealed at rest (A.2.3, G.2)."""

import base64
import secrets

from integrations.models import WebhookEndpoint
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.services.rows import lock_row
from winvest.core.services.secrets import seal
from winvest.core.transaction import transaction

# Standard Webhooks: a prefix that secret scanners know, then 32 random bytes in base64.
PREFIX = "whsec_"
BYTES = 32


def draw_secret(endpoint: WebhookEndpoint) -> str:
    """Seal a new secret in an endpoint that is not saved yet, and return it, once."""
    secret = PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()
    seal(endpoint, "secret", secret)
    endpoint.secret_set_at = now()
    return secret


def renew_secret(*, actor: User, endpoint: WebhookEndpoint) -> str:
    """Draw the secret of an endpoint anew and return it, once: right `partner.credentials`.

    The partner signs with it; the former one no longer opens. Nobody can read it again.
    """
    permissions.require(actor, Action.PARTNER_CREDENTIALS, endpoint.company_id)
    with transaction(actor, endpoint.company_id):
        row = lock_row(endpoint)
        secret = draw_secret(row)
        row.full_clean()
        row.save()
    return secret
