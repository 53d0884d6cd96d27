"""What the API takes and never gives back: credentials and IBANs."""

from datetime import timedelta

import pytest

from partners.models import PartnerCredential, PartnerIbanChange
from tests.factories import CredentialFactory, IbanChangeFactory, PartnerFactory
from tests.support.query_counts import check_query_count
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.services.secrets import reveal

pytestmark = pytest.mark.usefixtures("everything")
API = "/api/catalog"
SECRET, OTHER = "cle-jamais-montree-4f2a", "cle-jamais-montree-9c31"
IBAN = "FR7630006000011234567890189"
FIRST = {"env": "sandbox", "auth_type": "api_key", "credentials": {"api_key": SECRET}}


@pytest.fixture
def partner(company):
    return PartnerFactory(company=company)


@pytest.fixture
def it(api, user_with, company):
    return api(user_with(Role.IT, company))


@pytest.fixture
def credentials(partner):
    return f"{API}/partners/{partner.pk}/credentials"


@pytest.fixture
def changes(partner):
    return f"{API}/partners/{partner.pk}/iban-changes"


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    assert not [text for text in (SECRET, OTHER, IBAN) if text in answer.content.decode()]
    return answer.status_code, answer.json()


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


@pytest.mark.requirement(
    *("2.1-partner-05", "A.1.1-02", "3.8-12", "G.2-07"),
    *("A.2.1-partner_credential-02", "A.2.1-partner_credential-05"),
)
def test_a_credential_is_written_renewed_and_ended_never_read(it, credentials):
    status, made = send(it, "post", credentials, FIRST)
    assert (status, made["credentials"], made["valid_to"]) == (201, "•••• 4f2a", None)
    status, answer = send(it, "post", credentials, FIRST)
    assert (status, errors(answer)) == (422, {("", "constraint.partner_credential_one_open")})
    address = f"{API}/credentials/{made['id']}"
    until = (now() + timedelta(days=7)).isoformat()
    renewal = {"credentials": {"api_key": OTHER}, "overlap_until": until}
    status, new = send(it, "post", f"{address}/rotate", renewal)
    assert (status, new["credentials"], new["env"]) == (201, "•••• 9c31", "sandbox")
    status, old = send(it, "get", address)
    assert old["valid_to"] is not None
    assert old["rotated_by"] is not None
    status, answer = send(it, "post", f"{address}/rotate", renewal)
    assert (status, answer["code"]) == (409, "credential.ended")
    assert reveal(PartnerCredential.objects.get(pk=new["id"]), "credentials") == {"api_key": OTHER}
    listed = send(it, "get", credentials)[1]["results"]
    assert [row["id"] for row in listed] == [new["id"], made["id"]]
    latest = f"{API}/credentials/{new['id']}"
    tag = it.get(latest).headers["ETag"]
    end = {"valid_to": (now() + timedelta(hours=1)).isoformat()}
    assert send(it, "patch", latest, end, **{"if-match": '"vieux"'})[0] == 412
    assert send(it, "patch", latest, end, **{"if-match": tag})[0] == 200
    assert send(it, "patch", latest, end)[0] == 409
    log = str(list(AuditEntry.objects.values_list("before", "after")))
    assert not [text for text in (SECRET, OTHER) if text in log]


@pytest.mark.requirement("A.2.1-partner_credential-03", "G.2-07")
@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"env": "staging"}, "env", "invalid_choice"),
        ({"auth_type": "cookie"}, "auth_type", "invalid_choice"),
        ({"credentials": SECRET}, "credentials", "invalid"),
        ({"credentials": {"secret": SECRET}}, "credentials.secret", "unknown_field"),
        ({"credentials": {"username": SECRET}}, "credentials", "schema.additionalProperties"),
        ({"credentials": {}}, "credentials", "schema.required"),
        ({"credentials": {"api_key": "court"}}, "credentials", "schema.minLength"),
        ({"env": "production"}, "env", "credential.env"),
    ],
)
def test_what_is_refused_of_a_credential(it, credentials, change, path, code):
    status, answer = send(it, "post", credentials, FIRST | change)
    assert status == 422
    assert (path, code) in errors(answer), answer
    assert not PartnerCredential.objects.exists()


def test_a_credential_neither_changes_nor_ends_in_the_past(it, partner):
    address = f"{API}/credentials/{CredentialFactory(partner=partner).pk}"
    status, answer = send(it, "patch", address, {"credentials": {"api_key": OTHER}})
    assert (status, errors(answer)) == (
        422,
        {("credentials", "unknown_field"), ("valid_to", "required")},
    )
    past = {"valid_to": (now() - timedelta(days=1)).isoformat()}
    status, answer = send(it, "patch", address, past)
    assert (status, errors(answer)) == (422, {("valid_to", "credential.past")})


@pytest.mark.requirement("2.1-partner-03", "A.2.1-partner-05")
def test_an_iban_changes_by_two_people(api, user_with, company, partner, changes):
    one, two = (api(user_with(Role.ACCOUNTING, company)) for _ in range(2))
    status, made = send(one, "post", changes, {"iban": "fr76 3000 6000 0112 3456 7890 189"})
    assert (status, made["iban_masked"], made["bic"]) == (201, "FR76 •••• 0189", "AGRIFRPPXXX")
    status, answer = send(two, "post", changes, {"iban": IBAN})
    assert (status, answer["code"]) == (409, "partner.iban_pending")
    confirm = f"{API}/iban-changes/{made['id']}/confirm"
    status, answer = send(one, "post", confirm, {})
    assert (status, answer["code"]) == (403, "partner.iban_same_person")
    status, done = send(two, "post", confirm, {})
    assert (status, done["state"]) == (200, "applied")
    assert send(two, "post", confirm, {})[1]["code"] == "partner.iban_decided"
    shown = send(one, "get", f"{API}/partners/{partner.pk}")[1]
    assert (shown["iban_masked"], shown["bic"]) == ("FR76 •••• 0189", "AGRIFRPPXXX")
    partner.refresh_from_db()
    assert reveal(partner, "iban") == IBAN


@pytest.mark.requirement("2.1-partner-03")
def test_a_wrong_iban_is_refused_and_a_proposed_one_dropped(
    api, user_with, company, partner, changes
):
    accountant = api(user_with(Role.ACCOUNTING, company))
    for body, path, code in (
        ({"iban": "FR7630006000011234567890188"}, "iban", "partner.iban"),
        ({"iban": IBAN, "bic": "AGRIXXPP"}, "bic", "partner.bic"),
        ({}, "iban", "required"),
    ):
        status, answer = send(accountant, "post", changes, body)
        assert (status, errors(answer)) == (422, {(path, code)})
    assert not PartnerIbanChange.objects.exists()
    made = send(accountant, "post", changes, {"iban": IBAN})[1]
    refusal = {"reason": "Relevé périmé"}
    dropped = send(accountant, "post", f"{API}/iban-changes/{made['id']}/refuse", refusal)[1]
    assert (dropped["state"], dropped["reason"]) == ("refused", "Relevé périmé")
    assert PartnerIbanChange.objects.get().iban is None


@pytest.mark.requirement("L-03", "3.8-13")
def test_who_lacks_the_right_reads_no_secret_s_mask(
    api, user_with, company, other_company, partner, credentials, changes
):
    manager = api(user_with(Role.CATALOG_MANAGER, company))
    stranger = api(user_with(Role.IT, other_company))
    for address in (credentials, changes):
        assert send(manager, "get", address)[0] == 403
        assert send(stranger, "get", address)[0] == 404


def test_the_lists_cost_as_much_for_twenty(
    it, api, user_with, company, partner, credentials, changes
):
    accountant = user_with(Role.ACCOUNTING, company)
    client = api(accountant)
    ended = {"partner": partner, "valid_to": now() + timedelta(days=1)}
    decided = {"partner": partner, "state": "refused", "decided_by": accountant}
    check_query_count(
        "api partners/{id}/credentials",
        lambda: it.get(credentials),
        lambda n: CredentialFactory.create_batch(n, **ended),
    )
    check_query_count(
        "api partners/{id}/iban-changes",
        lambda: client.get(changes),
        lambda n: IbanChangeFactory.create_batch(n, **decided),
    )
