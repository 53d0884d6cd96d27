"""Companies in the back-office: numbers, colours, logo, addresses and contacts (§2.1, M-09, M-11)."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from PIL import Image

from tests.factories import CompanyFactory
from tests.support.demo import undone
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Company

WRONG_KEY = "530895710"


def picture() -> SimpleUploadedFile:
    output = io.BytesIO()
    Image.new("RGB", (60, 30), "green").save(output, "PNG")
    return SimpleUploadedFile("logo.exe", output.getvalue(), "text/plain")


def form(**changes):
    """Return what the page posts for a company that nobody changed."""
    return {
        "legal_name": "Action Prévoyance",
        "brand_name": "Action Prévoyance",
        "siren": "800397291",
        "country": "FR",
        "currency": "EUR",
        "timezone": "Europe/Paris",
        "vat_regime": "debits",
        "account_length": "6",
        "is_active": "on",
        "color": "#0f766e",
        "secondary_color": "#f5b301",
    } | changes


@pytest.fixture
def browser(user_with, browser_as, company):
    return browser_as(user_with(Role.GROUP_ADMIN))


@pytest.fixture
def address(company):
    return reverse("admin:core_company_change", args=[company.pk])


def saved(company):
    with scoping.everything():
        return Company.objects.get(pk=company.pk)


@pytest.mark.requirement(
    *("2.1-company-01", "2.1-company-02", "2.1-company-05", "A.2.1-company-06", "A.2.1-company-04")
)
def test_a_group_admin_writes_the_charter_the_addresses_and_the_contacts(browser, address, company):
    answer = browser.post(
        address,
        form(
            vat_number="FR 50 800 397 291",
            siret_default="80039729100017",
            ics_code="FR72ZZZ123456",
            logo=picture(),
            **{
                "addresses-0-label": "Siège",
                "addresses-0-city": "Paris",
                "addresses-0-postcode": "75011",
                "addresses-1-city": " ",
                "addresses-7-city": "Lyon",
                "addresses-7-country": "FR",
                "contacts-0-name": "Jeanne Morel",
                "contacts-0-email": "jeanne@ap.example",
            },
        ),
        follow=True,
    )
    assert answer.status_code == 200
    row = saved(company)
    assert row.addresses == [
        {"label": "Siège", "postcode": "75011", "city": "Paris"},
        {"city": "Lyon", "country": "FR"},
    ]
    assert row.contacts == [{"name": "Jeanne Morel", "email": "jeanne@ap.example"}]
    assert row.brand_theme == {"color": "#0f766e", "secondary_color": "#f5b301"}
    assert (row.vat_number, row.ics_code) == ("FR50800397291", "FR72ZZZ123456")
    assert row.logo.name.startswith(f"logos/{company.pk}/")
    assert row.logo.name.endswith(".png")

    shown = browser.get(address).text
    assert 'value="Jeanne Morel"' in shown
    logo = reverse("admin:company-logo", args=[company.pk])
    assert f'src="{logo}?v=' in shown
    image = browser.get(logo)
    assert (image["Content-Type"], image["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert Image.open(io.BytesIO(b"".join(image))).size == (60, 30)
    browser.post(reverse("admin:switch-company"), {"company": "AP"})
    assert f'class="company-logo" src="{logo}?v=' in browser.get(reverse("catalogue")).text
    assert "--company-secondary: #f5b301" in browser.get(reverse("admin:company-theme")).text

    browser.post(address, form(**{"logo-clear": "on"}))
    assert not saved(company).logo
    assert browser.get(logo).status_code == 404


@pytest.mark.requirement("2.1-company-01", "A.2.1-company-03")
def test_a_wrong_key_of_the_siren_is_accepted_with_a_warning(browser, address, company):
    answer = browser.post(
        address, form(siren=WRONG_KEY, siret_default=f"{WRONG_KEY}00011"), follow=True
    )
    warning = f"La clé de contrôle du SIREN « {WRONG_KEY} » est fausse"
    assert warning in answer.text
    assert saved(company).siren == WRONG_KEY
    assert warning in browser.get(address).text
    assert "fausse" not in browser.post(address, form(), follow=True).text


@pytest.mark.requirement("2.1-company-01", "2.1-company-03", "A.2.1-company-03")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"siren": "12345678"}, "neuf chiffres"),
        ({"siren": "８00397291"}, "neuf chiffres"),
        ({"siret_default": "80039729100011"}, "SIRET n&#x27;est pas valide"),
        ({"siret_default": "53089571000011"}, "commence par le SIREN"),
        ({"vat_number": "FR12345678901"}, "numéro de TVA n&#x27;est pas valide"),
        ({"ics_code": "FR00ZZZ123456"}, "identifiant créancier n&#x27;est pas valide"),
        ({"country": "ZZ"}, "code de pays est inconnu"),
        ({"currency": "JPY"}, "Sélectionnez un choix valide"),
        ({"color": "rouge"}, "#rrvvbb"),
        ({"addresses-0-label": "Siège"}, "Ligne 1 : « ville » manque"),
        (
            {"addresses-0-city": "Paris", "addresses-0-country": "France"},
            "caractères ne sont pas admis",
        ),
        ({"contacts-3-name": "X", "contacts-3-email": "x"}, "pas une adresse e-mail"),
        ({f"contacts-{n}-name": "X" for n in range(21)}, "Pas plus de 20 lignes"),
        ({"logo": SimpleUploadedFile("a.png", b"<svg/>", "image/png")}, "le SVG est refusé"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_value_is_said_beside_its_box(browser, address, company, change, message):
    answer = browser.post(address, form(**change))
    assert answer.status_code == 200
    assert message in answer.text
    assert saved(company).brand_theme is None


@pytest.mark.requirement("A.2.1-company-02", "A.2.1-company-03", "A.2.1-company-04")
@pytest.mark.parametrize(
    "change",
    [{"siren": "12345678x"}, {"siret_default": "1" * 13}, {"currency": "JPY"}, {"code": "AP"}],
)
@pytest.mark.usefixtures("everything")
def test_the_database_refuses_what_the_form_refuses(company, change):
    with pytest.raises(IntegrityError), undone():
        CompanyFactory(**change)


@pytest.mark.requirement("2.1-company-04")
def test_compta_writes_its_own_parameters_and_nothing_else(company, address, user_with, browser_as):
    browser = browser_as(user_with(Role.ACCOUNTING, company))
    own = {"vat_regime": "collections", "account_length": "8", "ics_code": "FR72ZZZ123456"}
    assert browser.post(address, own).status_code == 302
    row = saved(company)
    assert (row.vat_regime, row.account_length, row.ics_code) == ("collections", 8, own["ics_code"])
    for name, value in {"contacts-0-name": "X", "color": "#000000", "logo": picture()}.items():
        assert browser.post(address, own | {name: value}).status_code == 403, name
    assert saved(company).contacts == []


def test_another_company_s_logo_does_not_exist(company, other_company, user_with, browser_as):
    with scoping.everything():
        other_company.logo = picture()
        other_company.save()
        assert AuditEntry.objects.filter(record_id=other_company.pk, action="update").exists()
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    address = reverse("admin:company-logo", args=[other_company.pk])
    assert browser.get(address).status_code == 404
    other_company.logo.storage.delete(other_company.logo.name)
    own = browser_as(user_with(Role.COMPANY_ADMIN, other_company))
    assert own.get(address).status_code == 404
