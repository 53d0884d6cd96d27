"""Credentials of the partners' APIs: added, renewed with an overlap, ended (Annexe A.2.1, G.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from partners.choices import AuthType
from partners.domain.credentials import secret_hint
from partners.models import Partner, PartnerCredential
from partners.models.credential import SCHEMAS
from winvest.core import permissions, schemas
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import Check
from winvest.core.services.secrets import seal
from winvest.core.transaction import transaction


class CredentialProblem(Problem):
    """Why a credential is refused."""

    ENDED = "credential.ended", "Cet accès n'est plus en service."
    PAST = "credential.past", "La fin de service ne peut pas être passée."


def add_credential(
    *,
    actor: User,
    partner: Partner,
    env: str,
    auth_type: str,
    credentials: Mapping[str, Any],
) -> PartnerCredential:
    """Add the credential of an environment that has none open, in use from now on.

    Raises `Forbidden`, or Django's `ValidationError` that never repeats a secret.
    """
    permissions.require(actor, Action.PARTNER_CREDENTIALS, partner.company_id)
    row = PartnerCredential(
        partner=partner, company_id=partner.company_id, env=env, auth_type=auth_type
    )
    with transaction(actor, partner.company_id):
        return _insert(row, credentials)


def rotate_credential(
    *,
    actor: User,
    credential: PartnerCredential,
    credentials: Mapping[str, Any],
    auth_type: str | None = None,
    overlap_until: datetime | None = None,
) -> PartnerCredential:
    """Put a new credential in the place of an open one, whose row stays, dated and signed.

    The old one still opens until `overlap_until` (now by default): a renewal without interruption.
    """
    permissions.require(actor, Action.PARTNER_CREDENTIALS, credential.company_id)
    with transaction(actor, credential.company_id):
        old = _end(credential, actor, overlap_until)
        row = PartnerCredential(
            partner_id=old.partner_id,
            company_id=old.company_id,
            env=old.env,
            auth_type=auth_type or old.auth_type,
        )
        return _insert(row, credentials)


def end_credential(
    *,
    actor: User,
    credential: PartnerCredential,
    at: datetime | None = None,
    check: Check | None = None,
) -> PartnerCredential:
    """End an open credential, now or at a later instant, with nothing in its place.

    `check` looks at the locked row first.
    """
    permissions.require(actor, Action.PARTNER_CREDENTIALS, credential.company_id)
    with transaction(actor, credential.company_id):
        return _end(credential, actor, at, check)


def _end(
    credential: PartnerCredential, actor: User, at: datetime | None, check: Check | None = None
) -> PartnerCredential:
    old: PartnerCredential = PartnerCredential.objects.select_for_update(of=("self",)).get(
        pk=credential.pk
    )
    if check is not None:
        check(old)
    if old.valid_to is not None:
        raise Conflict(CredentialProblem.ENDED)
    current = now()
    if at is not None and at < current:
        raise Invalid(CredentialProblem.PAST, path="valid_to")
    old.valid_to, old.rotated_by = at or current, actor
    old.save()
    return old


def _insert(row: PartnerCredential, credentials: Mapping[str, Any]) -> PartnerCredential:
    check_credentials(row.auth_type, credentials)
    row.secret_hint = secret_hint(row.auth_type, credentials)
    seal(row, "credentials", dict(credentials))
    row.full_clean()
    row.save(force_insert=True)
    return row


def check_credentials(auth_type: str, credentials: Mapping[str, Any]) -> None:
    """Raise a `ValidationError` under `credentials` unless they follow the type's JSON Schema."""
    if auth_type not in AuthType.values:
        message = "Ce mode d'authentification est inconnu."
        raise ValidationError({"auth_type": ValidationError(message, code="invalid_choice")})
    try:
        schemas.validate(SCHEMAS / f"{auth_type}.json", dict(credentials))
    except ValidationError as error:
        raise ValidationError({"credentials": error.error_list}) from error
