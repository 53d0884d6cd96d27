"""Partners and activations by the API: written, filtered, warned about, each refusal typed."""

from uuid import uuid4

import pytest

from partners.choices import PartnerStatus
from partners.models import Partner, PartnerActivation
from tests.factories import CompanyFactory, PartnerActivationFactory, PartnerFactory
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.services.secrets import reveal

pytestmark = pytest.mark.usefixtures("everything")
API = "/api/catalog"
PARTNERS = f"{API}/partners"
SIREN, WRONG_KEY = "732829320", "732829321"


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def it(api, user_with, company):
    return api(user_with(Role.IT, company))


@pytest.fixture
def body(company):
    return {
        "company_id": str(company.pk),
        "type": "insurer",
        "name": "Oggo Data",
        "legal_name": "OggoData SAS",
    }


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    return answer.status_code, answer.json()


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


@pytest.mark.requirement(
    *("2.1-partner-01", "2.1-partner-02", "2.1-partner-06", "A.2.1-partner-04"),
    *("A.2.1-partner-06", "A.2.1-partner-07"),
)
def test_a_partner_is_created_read_and_changed(manager, body):
    given = body | {
        "siren": SIREN,
        "addresses": [{"label": "Siège", "street": "1 rue de Rome", "city": "Paris"}],
        "payment_terms": "30 jours fin de mois",
        "sla_availability": "99.50",
        "sla_response_hours": 4,
    }
    status, made = send(manager, "post", PARTNERS, given)
    assert status == 201, made
    assert {name: made[name] for name in given} == given
    assert (made["status"], made["iban_masked"], made["warnings"]) == ("active", None, [])
    address = f"{PARTNERS}/{made['id']}"
    read = manager.get(address)
    assert read.json() == made
    tag = read.headers["ETag"]
    change = {"payment_terms": "45 jours", "sla_availability": None}
    status, changed = send(manager, "patch", address, change, **{"if-match": tag})
    assert (status, changed | {"updated_at": ""}) == (200, made | change | {"updated_at": ""})
    status, refused = send(manager, "patch", address, change, **{"if-match": tag})
    assert (status, refused["code"]) == (412, "precondition_failed")
    actions = AuditEntry.objects.filter(record_id=made["id"]).values_list("action", flat=True)
    assert sorted(actions) == ["insert", "update"]


@pytest.mark.requirement("2.1-partner-02", "E.3-01")
def test_a_doubtful_siren_and_a_twin_only_warn(manager, company, other_company, body):
    PartnerFactory(company=company, name="OggoData", siren=WRONG_KEY)
    PartnerFactory(company=other_company, name="Oggo Datas", siren=WRONG_KEY)
    status, made = send(manager, "post", PARTNERS, body | {"siren": WRONG_KEY})
    assert status == 201
    codes = [(warning["path"], warning["code"]) for warning in made["warnings"]]
    assert codes == [("siren", "identity.siren_key"), ("siren", "partner.same_siren")]
    assert "MTV" not in str(made)


@pytest.mark.requirement(
    *("2.1-partner-01", "A.2.1-partner-02", "A.2.1-partner-03", "A.2.1-partner-07", "8-07"),
)
@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        *(({name: ...}, name, "required") for name in ("type", "name", "legal_name")),
        ({"type": "bank"}, "type", "invalid_choice"),
        ({"status": "gone"}, "status", "invalid_choice"),
        ({"name": "Déjà là"}, "", "constraint.partner_company_name"),
        ({"name": "x" * 161}, "name", "max_length"),
        ({"siren": "12345678"}, "siren", "siren"),
        ({"siren": "１２３４５６７８９"}, "siren", "siren"),
        ({"bic": "AGRIXXPP"}, "bic", "partner.bic"),
        ({"iban": "FR7630006000011234567890189"}, "iban", "unknown_field"),
        ({"iban_masked": "FR76"}, "iban_masked", "unknown_field"),
        ({"addresses": [{"rue": "x"}]}, "addresses.0.rue", "unknown_field"),
        ({"addresses": "Paris"}, "addresses", "not_a_list"),
        ({"sla_availability": 101}, "sla_availability", "max_value"),
        ({"sla_response_hours": -1}, "sla_response_hours", "min_value"),
        ({"is_insurance": "oui"}, "is_insurance", "invalid"),
        ({"extra": 1}, "extra", "unknown_field"),
    ],
)
def test_what_is_refused(api, user_with, company, body, change, path, code):
    admin = api(user_with(Role.GROUP_ADMIN))
    PartnerFactory(company=company, name="Déjà là")
    given = {name: value for name, value in (body | change).items() if value is not ...}
    status, answer = send(admin, "post", PARTNERS, given)
    assert (status, errors(answer)) == (422, {(path, code)}), answer
    assert Partner.objects.filter(company=company).count() == 1


@pytest.mark.requirement("A.2.1-partner-01", "2.1-partner-03")
def test_the_owner_never_changes_and_the_iban_only_by_two(manager, company):
    partner = PartnerFactory(company=company)
    change = {"company_id": str(company.pk), "iban": "FR7630006000011234567890189"}
    status, answer = send(manager, "patch", f"{PARTNERS}/{partner.pk}", change)
    assert (status, errors(answer)) == (
        422,
        {("company_id", "fixed_field"), ("iban", "unknown_field")},
    )


@pytest.mark.requirement("2.1-partner-04", "3.8-12", "L-03")
def test_the_bank_is_compta_s_and_the_extranet_it_s(manager, it, api, user_with, company):
    partner = PartnerFactory(company=company)
    address = f"{PARTNERS}/{partner.pk}"
    codes = [{"label": "Souscription", "url": "https://ex.example/", "code": "secret-0042"}]
    status, answer = send(manager, "patch", address, {"extranet_codes": codes, "name": "Autre"})
    assert (status, errors(answer)) == (403, {("extranet_codes", "access.forbidden")})
    status, answer = send(it, "patch", address, {"extranet_codes": codes})
    assert (status, answer["has_extranet_codes"]) == (200, True)
    assert "secret-0042" not in str(answer)
    partner.refresh_from_db()
    assert reveal(partner, "extranet_codes") == codes
    status, answer = send(it, "patch", address, {"name": "Autre"})
    assert (status, errors(answer)) == (403, {("name", "access.forbidden")})
    accountant = api(user_with(Role.ACCOUNTING, company))
    status, answer = send(accountant, "patch", address, {"bic": "agrifrppxxx"})
    assert (status, answer["bic"]) == (200, "AGRIFRPPXXX")
    wrong = [{"label": "x", "url": "ftp://ex.example", "code": "secret-0042"}]
    status, answer = send(it, "patch", address, {"extranet_codes": wrong})
    assert (status, {path for path, _ in errors(answer)}) == (422, {"extranet_codes"})
    assert "secret-0042" not in str(answer)


@pytest.mark.requirement("2.1-partner-07", "A.1.1-01", "1-02")
def test_filters_search_and_pages(manager, company, other_company):
    here = PartnerFactory(company=company, name="Électricité Générale", type="energy", siren=SIREN)
    PartnerFactory(company=company, name="Zen Assur", status=PartnerStatus.TEST)
    lent = PartnerFactory(company=other_company, name="Prêté")
    PartnerActivationFactory(partner=lent, company=company)
    asleep = PartnerFactory(company=other_company, name="Éteint")
    PartnerActivationFactory(partner=asleep, company=company, status=PartnerStatus.INACTIVE)
    PartnerFactory(company=other_company, name="Canari")

    def names(**query):
        answer = manager.get(PARTNERS, query)
        assert answer.status_code == 200, answer.content
        return [row["name"] for row in answer.json()["results"]]

    assert names() == [here.name, "Éteint", "Prêté", "Zen Assur"]
    assert (
        names(type="energy") == names(siren=SIREN) == names(search="generale elec") == [here.name]
    )
    assert names(status="test") == ["Zen Assur"]
    assert names(company=company.pk) == [here.name, "Zen Assur"]
    assert names(activated_for=company.pk) == ["Prêté"]
    first = manager.get(PARTNERS, {"page_size": 2}).json()
    assert [row["name"] for row in manager.get(first["next"]).json()["results"]] == [
        "Prêté",
        "Zen Assur",
    ]
    for query in ({"company": other_company.pk}, {"activated_for": uuid4()}):
        assert manager.get(PARTNERS, query).status_code == 404
    assert manager.get(PARTNERS, {"type": "bank"}).status_code == 422


@pytest.mark.requirement("2.1-partner-07", "A.1.1-01")
def test_a_partner_is_active_for_one_company_and_not_for_another(
    manager, api, user_with, company, other_company
):
    partner = PartnerFactory(company=company)
    address = f"{PARTNERS}/{partner.pk}/activations"
    status, made = send(manager, "post", address, {"company_id": str(company.pk)})
    assert (status, made["status"], made["company_code"]) == (201, "active", "AP")
    assert made["activated_at"] is not None
    status, answer = send(manager, "post", address, {"company_id": str(company.pk)})
    assert (status, errors(answer)) == (422, {("", "constraint.partner_company_once")})
    status, answer = send(manager, "post", address, {"company_id": str(other_company.pk)})
    assert status == 404
    both = api(user_with(Role.CATALOG_MANAGER, company, other_company))
    status, lent = send(
        both, "post", address, {"company_id": str(other_company.pk), "status": "inactive"}
    )
    assert (status, lent["activated_at"]) == (201, None)
    assert [row["company_code"] for row in both.get(address).json()["results"]] == ["AP", "MTV"]
    assert [row["company_code"] for row in manager.get(address).json()["results"]] == ["AP"]
    row = f"{API}/activations/{lent['id']}"
    assert send(both, "patch", row, {"company_id": str(company.pk)})[0] == 422
    assert send(both, "patch", row, {"status": "active"})[1]["activated_at"] is not None
    assert manager.get(row).status_code == 404
    assert PartnerActivation.objects.filter(partner=partner).count() == 2


@pytest.mark.requirement("1-02", "3.8-13")
def test_another_company_s_partner_does_not_exist(manager, company, other_company, body):
    foreign = PartnerFactory(company=other_company, name="Canari")
    for method, address, given in (
        ("get", f"{PARTNERS}/{foreign.pk}", None),
        ("patch", f"{PARTNERS}/{foreign.pk}", {"name": "Pris"}),
        ("get", f"{PARTNERS}/{foreign.pk}/activations", None),
        ("post", f"{PARTNERS}/{foreign.pk}/activations", {"company_id": str(company.pk)}),
        ("post", PARTNERS, body | {"company_id": str(other_company.pk)}),
    ):
        status, answer = send(manager, method, address, given)
        assert (status, "Canari" in str(answer)) == (404, False), address
    # Lent to the caller's company, it is read and still not written.
    PartnerActivationFactory(partner=foreign, company=company)
    assert manager.get(f"{PARTNERS}/{foreign.pk}").status_code == 200
    assert send(manager, "patch", f"{PARTNERS}/{foreign.pk}", {"name": "Pris"})[0] == 403


def test_a_list_costs_as_much_for_twenty(api, user_with, company):
    partner = PartnerFactory(company=company)
    admin = api(user_with(Role.GROUP_ADMIN))
    check_query_count(
        "api partners/{id}/activations",
        lambda: admin.get(f"{PARTNERS}/{partner.pk}/activations"),
        lambda n: [
            PartnerActivationFactory(partner=partner, company=CompanyFactory()) for _ in range(n)
        ],
    )
