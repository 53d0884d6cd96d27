"""Credentials at rest and in time: encrypted, one open by environment, dated when renewed."""

import json
import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection

from partners.models import PartnerCredential
from partners.services import credentials as services
from tests.factories import CredentialFactory, PartnerFactory
from tests.support.demo import undone
from winvest.core.clock import now
from winvest.core.crypto.envelope import Unreadable
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Invalid
from winvest.core.models import AuditEntry
from winvest.core.services.secrets import reveal

pytestmark = pytest.mark.usefixtures("everything")
SECRET = "clé-secrète-jamais-montrée-4f2a"
API_KEY = {"auth_type": "api_key", "credentials": {"api_key": SECRET}}


@pytest.fixture
def it(user_with, company):
    return user_with(Role.IT, company)


@pytest.fixture
def partner(company):
    return PartnerFactory(company=company)


@pytest.fixture
def credential(it, partner):
    return services.add_credential(actor=it, partner=partner, env="sandbox", **API_KEY)


def stored(pk) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c)::text FROM partner_credential c WHERE id = %s", [pk])
        return cursor.fetchone()[0]


@pytest.mark.requirement(
    *("2.1-partner-05", "A.2.1-partner_credential-04", "3.8-12", "G.2-07"),
    *("A.2.1-partner_credential-03",),
)
def test_the_secret_is_nowhere_in_clear(credential, caplog):
    caplog.set_level(logging.DEBUG)
    assert reveal(credential, "credentials") == {"api_key": SECRET}
    assert credential.masked == "•••• 4f2a"
    dump = StringIO()
    call_command("dumpdata", "partners", stdout=dump)
    log = [(line.before, line.after) for line in AuditEntry.objects.all()]
    everywhere = [
        stored(credential.pk),
        dump.getvalue(),
        json.dumps(log),
        repr(credential) + str(credential) + repr(vars(credential)),
        json.dumps(list(credential.history.values()), default=str),
        caplog.text,
    ]
    assert [text for text in everywhere if SECRET in text or "jamais-montr" in text] == []
    assert "credentials" not in credential.history.values()[0]
    assert AuditEntry.objects.get(record_id=credential.pk).after["credentials"] == "(masqué)"


@pytest.mark.requirement("3.8-12", "G.2-07")
def test_a_value_copied_into_another_row_does_not_open(it, credential, company):
    twin = services.add_credential(
        actor=it, partner=PartnerFactory(company=company), env="sandbox", **API_KEY
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partner_credential SET credentials = (SELECT credentials"
            " FROM partner_credential WHERE id = %s) WHERE id = %s",
            [credential.pk, twin.pk],
        )
    twin.refresh_from_db()
    with pytest.raises(Unreadable):
        reveal(twin, "credentials")


@pytest.mark.requirement("A.1.1-02", "A.2.1-partner_credential-05", "A.2.1-partner_credential-02")
def test_a_rotation_keeps_the_old_row_dated_and_signed(it, credential):
    until = now() + timedelta(hours=24)
    new = services.rotate_credential(
        actor=it,
        credential=credential,
        auth_type="oauth2",
        credentials={
            "client_id": "winvest",
            "client_secret": "un-autre-secret",
            "token_url": "https://partenaire.example/token",
        },
        overlap_until=until,
    )
    credential.refresh_from_db()
    assert (credential.valid_to, credential.rotated_by) == (until, it)
    assert reveal(credential, "credentials") == {"api_key": SECRET}
    assert (new.env, new.auth_type, new.valid_to, new.rotated_by) == (
        *("sandbox", "oauth2", None, None),
    )
    assert [row.pk for row in PartnerCredential.objects.all()] == [new.pk, credential.pk]
    assert [row.valid_to for row in credential.history.all()] == [until, None]
    with pytest.raises(Conflict):
        services.rotate_credential(
            actor=it, credential=credential, credentials=API_KEY["credentials"]
        )


def test_an_end_is_never_in_the_past_and_comes_once(it, credential):
    with pytest.raises(Invalid):
        services.end_credential(actor=it, credential=credential, at=now() - timedelta(hours=1))
    services.end_credential(actor=it, credential=credential)
    with pytest.raises(Conflict):
        services.end_credential(actor=it, credential=credential)
    services.add_credential(actor=it, partner=credential.partner, env="sandbox", **API_KEY)


@pytest.mark.requirement("A.2.1-partner_credential-02")
def test_one_credential_is_open_by_environment(it, credential, settings):
    with pytest.raises(ValidationError, match="renouvelez-le"):
        services.add_credential(actor=it, partner=credential.partner, env="sandbox", **API_KEY)
    with pytest.raises(IntegrityError), undone():
        CredentialFactory(partner=credential.partner)
    settings.PRODUCTION_CREDENTIALS = True
    services.add_credential(actor=it, partner=credential.partner, env="production", **API_KEY)


def test_a_production_key_is_for_the_production_installation(it, partner):
    with pytest.raises(ValidationError, match="installation de production"):
        services.add_credential(actor=it, partner=partner, env="production", **API_KEY)


@pytest.mark.requirement("A.2.1-partner_credential-03", "A.2.1-partner_credential-02")
@pytest.mark.parametrize(
    "change",
    [
        {"env": "test"},
        {"auth_type": "digest"},
        {"credentials": {}},
        {"credentials": {"api_key": "court"}},
        {"credentials": {"api_key": SECRET, "extra": "x"}},
        {"auth_type": "basic"},
        {
            "auth_type": "oauth2",
            "credentials": {
                "client_id": "x",
                "client_secret": SECRET,
                "token_url": "http://partenaire.example",
            },
        },
    ],
)
def test_wrong_credentials_are_refused_without_being_repeated(it, partner, change):
    given = {"env": "sandbox", **API_KEY, **change}
    with pytest.raises(ValidationError) as refused:
        services.add_credential(actor=it, partner=partner, **given)
    assert SECRET not in str(refused.value)
    assert not PartnerCredential.objects.exists()


def test_only_who_keeps_the_credentials_may(user_with, company, credential):
    manager = user_with(Role.CATALOG_MANAGER, company)
    for call in (
        lambda: services.add_credential(
            actor=manager, partner=credential.partner, env="sandbox", **API_KEY
        ),
        lambda: services.rotate_credential(
            actor=manager, credential=credential, credentials=API_KEY["credentials"]
        ),
        lambda: services.end_credential(actor=manager, credential=credential),
    ):
        with pytest.raises(Forbidden):
            call()
    credential.refresh_from_db()
    assert credential.valid_to is None


@pytest.mark.requirement("A.2.1-partner_credential-01")
@pytest.mark.parametrize("by_sql", [True, False], ids=["sql", "orm"])
def test_a_partner_takes_its_credentials_along(credential, by_sql):
    if by_sql:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM partner WHERE id = %s", [credential.partner_id])
    else:
        credential.partner.delete()
    assert not PartnerCredential.objects.exists()
    assert AuditEntry.objects.filter(record_id=credential.pk, action="delete").count() == 1


@pytest.mark.requirement("3.8-12", "A.2.1-partner_credential-04")
@pytest.mark.parametrize(
    "sql",
    [
        'UPDATE partner_credential SET credentials = \'{"api_key": "en clair"}\'',
        "UPDATE partner_credential SET env = 'test', valid_to = valid_from - interval '1 second'",
        "UPDATE partner SET iban = '\"FR7630006000011234567890189\"'",
        'UPDATE partner SET iban_masked = NULL, iban = \'{"key": "", "data": ""}\'',
        "UPDATE partner SET extranet_codes = '[]'",
        "UPDATE partner SET siren = '12'",
        "UPDATE partner SET sla_availability = 100.01",
    ],
)
def test_the_database_refuses_what_is_not_encrypted_or_wrong(credential, sql):
    with pytest.raises(DatabaseError), undone(), connection.cursor() as cursor:
        cursor.execute(sql)
