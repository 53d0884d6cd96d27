"""Companies by the API: the group writes them, Compta its parameters, each number checked."""

import pytest

from tests.factories import CompanyFactory
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Company

pytestmark = pytest.mark.usefixtures("everything")
URL = "/api/catalog/companies"
SIREN, WRONG_KEY = "732829320", "732829321"


@pytest.fixture
def admin(api, user_with):
    return api(user_with(Role.GROUP_ADMIN))


@pytest.fixture
def body():
    return {
        "code": "NEUF",
        "legal_name": "Neuf Services",
        "brand_name": "Neuf",
        "siren": SIREN,
    }


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    return answer.status_code, answer.json()


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


@pytest.mark.requirement(
    *("2.1-company-01", "2.1-company-03", "2.1-company-05", "A.2.1-company-01"),
    *("A.2.1-company-04", "A.2.1-company-05", "A.2.1-company-06", "A.2.1-company-07"),
)
def test_a_company_is_created_read_and_changed(admin, body):
    given = body | {
        "siret_default": "73282932000074",
        "vat_number": "FR44732829320",
        "brand_theme": {"color": "#0055aa"},
        "addresses": [{"label": "Siège", "city": "Paris"}],
        "contacts": [{"name": "Accueil", "email": "accueil@neuf.example"}],
    }
    status, made = send(admin, "post", URL, given)
    assert status == 201, made
    assert {name: made[name] for name in given} == given
    assert (made["currency"], made["timezone"], made["is_active"], made["warnings"]) == (
        "EUR",
        "Europe/Paris",
        True,
        [],
    )
    address = f"{URL}/{made['id']}"
    read = admin.get(address)
    assert read.json() == made
    tag = read.headers["ETag"]
    status, changed = send(admin, "patch", address, {"is_active": False}, **{"if-match": tag})
    assert (status, changed["is_active"]) == (200, False)
    status, stale = send(admin, "patch", address, {"is_active": True}, **{"if-match": tag})
    assert (status, stale["code"]) == (412, "precondition_failed")
    actions = AuditEntry.objects.filter(table="company", record_id=made["id"])
    assert sorted(actions.values_list("action", flat=True)) == ["insert", "update"]


@pytest.mark.requirement("2.1-company-01")
def test_a_wrong_key_of_a_siren_only_warns(admin, body):
    given = body | {"siren": WRONG_KEY, "siret_default": f"{WRONG_KEY}00012"}
    status, made = send(admin, "post", URL, given)
    assert status == 201, made
    assert [warning["code"] for warning in made["warnings"]] == ["identity.siren_key"]
    assert WRONG_KEY in made["warnings"][0]["message"]


@pytest.mark.requirement("2.1-company-01", "A.2.1-company-02", "A.2.1-company-03", "8-07")
@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        *(({name: ...}, name, "required") for name in ("code", "legal_name", "siren")),
        ({"code": "AP"}, "code", "unique"),
        ({"legal_name": "Action Prévoyance"}, "legal_name", "unique"),
        ({"legal_name": "x" * 161}, "legal_name", "max_length"),
        ({"siren": "1234"}, "siren", "siren"),
        ({"siren": "１２３４５６７８９"}, "siren", "siren"),
        ({"siret_default": "73282932000075"}, "siret_default", "identity.siret"),
        ({"siret_default": "55208131766522"}, "siret_default", "identity.siret_other"),
        ({"vat_number": "FR45732829320"}, "vat_number", "identity.vat_number"),
        ({"currency": "FRF"}, "currency", "invalid_choice"),
        ({"timezone": "Paris"}, "timezone", "timezone"),
        ({"country": "XX"}, "country", "country"),
        ({"ics_code": "FR00ZZZ123456"}, "ics_code", "invalid"),
        ({"account_length": 13}, "account_length", "max_value"),
        ({"brand_theme": {"color": "bleu"}}, "brand_theme", "schema.pattern"),
        ({"addresses": [{"rue": "x"}]}, "addresses.0.rue", "unknown_field"),
        ({"logo": "x.png"}, "logo", "unknown_field"),
    ],
)
def test_what_is_refused(admin, company, body, change, path, code):
    given = {name: value for name, value in (body | change).items() if value is not ...}
    status, answer = send(admin, "post", URL, given)
    assert (status, errors(answer)) == (422, {(path, code)}), answer
    assert list(Company.objects.all()) == [company]


@pytest.mark.requirement("2.1-company-04", "L-03", "1-02")
def test_each_column_is_written_by_who_may(admin, api, user_with, company, other_company, body):
    address = f"{URL}/{company.pk}"
    accountant = api(user_with(Role.ACCOUNTING, company))
    status, changed = send(accountant, "patch", address, {"account_length": 8})
    assert (status, changed["account_length"]) == (200, 8)
    status, answer = send(accountant, "patch", address, {"account_length": 9, "brand_name": "X"})
    assert (status, errors(answer)) == (403, {("brand_name", "access.forbidden")})
    owner = api(user_with(Role.COMPANY_ADMIN, company))
    assert send(owner, "patch", address, {"brand_name": "X"})[0] == 403
    assert send(owner, "post", URL, body)[0] == 403
    assert send(accountant, "patch", f"{URL}/{other_company.pk}", {"account_length": 9})[0] == 404
    status, answer = send(admin, "patch", address, {"code": "AUTRE"})
    assert (status, errors(answer)) == (422, {("code", "fixed_field")})
    company.refresh_from_db()
    assert (company.account_length, company.code) == (8, "AP")


@pytest.mark.requirement("1-02")
def test_filters_and_what_is_not_one_s_own(api, user_with, company, other_company):
    asleep = CompanyFactory(code="ZEN", is_active=False)
    client = api(user_with(Role.SALES, company, asleep))

    def codes(**query):
        return [row["code"] for row in client.get(URL, query).json()["results"]]

    assert codes() == ["AP", "ZEN"]
    assert codes(is_active="false") == codes(siren=asleep.siren) == ["ZEN"]
    assert codes(code="MTV") == []
    assert client.get(f"{URL}/{other_company.pk}").status_code == 404
    assert client.get(URL, {"ordering": "siren"}).status_code == 422


@pytest.mark.requirement("1-02", "A.2.1-company-07")
def test_a_new_company_works_at_once(admin, api, user_with, body):
    made = send(admin, "post", URL, body)[1]
    manager = api(user_with(Role.CATALOG_MANAGER, Company.objects.get(pk=made["id"])))
    partner = {"type": "telecom", "name": "Opérateur", "legal_name": "Opérateur SA"}
    status, _ = send(manager, "post", "/api/catalog/partners", partner | {"company_id": made["id"]})
    assert status == 201
