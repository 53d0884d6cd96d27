"""Bank details, credentials and twins of partners: rules without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from partners.domain.bank import bic_of, checked_bic, checked_iban, masked_iban
from partners.domain.credentials import is_due, masked_secret, secret_hint
from partners.domain.twins import partner_warnings
from winvest.core.errors import Invalid

IBAN = "FR7630006000011234567890189"


@pytest.mark.requirement("2.1-partner-03", "A.2.1-partner-05")
@pytest.mark.parametrize("text", [IBAN, "FR76 3000 6000 0112 3456 7890 189", IBAN.lower()])
def test_an_iban_is_kept_compact_and_shown_masked(text):
    assert checked_iban(text) == IBAN
    assert masked_iban(IBAN) == "FR76 •••• 0189"
    assert bic_of(IBAN) == "AGRIFRPPXXX"
    assert bic_of("FO6264600001631634") == ""


@pytest.mark.requirement("2.1-partner-03")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "FR76",
        IBAN[:-1],
        IBAN[:-1] + "8",
        "ZZ" + IBAN[2:],
        "FR7630006000011234567890188",
        "é" * 27,
    ],
)
def test_a_wrong_iban_is_refused_without_being_repeated(text):
    with pytest.raises(Invalid) as refused:
        checked_iban(text)
    assert (refused.value.code, refused.value.reasons[0].path) == ("partner.iban", "iban")
    assert not text or text not in str(refused.value)


def test_a_bic_is_checked():
    assert checked_bic("agrifrpp") == "AGRIFRPP"
    for text in ("", "AGRI", "AGRIZZPP", "AGRIFRPPXX"):
        with pytest.raises(Invalid):
            checked_bic(text)


@pytest.mark.requirement("2.1-partner-05")
@pytest.mark.parametrize(
    ("kind", "credentials", "hint"),
    [
        ("api_key", {"api_key": "0123456789ab"}, "89ab"),
        ("api_key", {"api_key": "0123456789a"}, ""),
        ("oauth2", {"client_id": "client-1234567", "client_secret": "secret-7654321"}, "4321"),
        ("basic", {"username": "winvest-api", "password": "court"}, ""),
        ("basic", {}, ""),
    ],
)
def test_the_four_last_signs_of_a_long_secret_may_be_shown(kind, credentials, hint):
    assert secret_hint(kind, credentials) == hint
    assert masked_secret(hint) == (f"•••• {hint}" if hint else "••••")


@pytest.mark.requirement("G.2-08")
def test_a_credential_is_due_after_ninety_days():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert not is_due(start, start + timedelta(days=90, seconds=-1))
    assert is_due(start, start + timedelta(days=90))


@pytest.mark.requirement("E.3-01")
def test_twins_are_told_by_siren_or_by_name():
    others = [("Oggo", "AP", "530895710"), ("Oggo Data", "FT", None)]
    found = partner_warnings("530895710", others)
    assert [(one.code, one.path) for one in found] == [
        ("identity.siren_key", "siren"),
        ("partner.same_siren", "siren"),
        ("partner.near_name", "name"),
    ]
    assert "« Oggo » (AP)" in found[1].message
    assert [one.code for one in partner_warnings(None, others)] == ["partner.near_name"] * 2
    assert partner_warnings(None, []) == []
