"""Partners in the back-office: addresses, SLA, extranet, IBAN by two people, twins, credentials."""

import pytest
from django.urls import reverse

from partners.models import Partner, PartnerActivation, PartnerCredential
from tests.factories import PartnerActivationFactory, PartnerFactory
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.services.secrets import reveal, seal

IBAN = "FR7630006000011234567890189"
SECRET = "secret-de-partenaire-9f3c"


@pytest.fixture
def partner(company):
    return PartnerFactory(company=company, name="OggoData", siren="530895710")


@pytest.fixture
def address(partner):
    return reverse("admin:partners_partner_change", args=[partner.pk])


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


def inlines(*rows, initial=0):
    data = {}
    for prefix in ("activations", "credentials", "iban_changes"):
        number = len(rows) if prefix == "activations" else 0
        data |= {f"{prefix}-TOTAL_FORMS": number, f"{prefix}-INITIAL_FORMS": min(number, initial)}
    for index, row in enumerate(rows):
        data |= {f"activations-{index}-{name}": value for name, value in row.items()}
    return data


def form(*rows, initial=0, **changes):
    fields = {
        "name": "OggoData",
        "legal_name": "OggoData",
        "type": "insurer",
        "siren": "530895710",
        "status": "active",
        "sla_notes": "",
        "export_label": "",
    }
    return fields | inlines(*rows, initial=initial) | changes


def stored(partner):
    with scoping.everything():
        return Partner.objects.get(pk=partner.pk)


@pytest.mark.requirement(
    *("2.1-partner-01", "2.1-partner-02", "2.1-partner-06", "A.2.1-partner-06", "A.2.1-partner-04")
)
def test_a_manager_writes_addresses_terms_and_sla(manager, partner, address):
    changes = {
        "addresses-0-label": "Siège",
        "addresses-0-city": "Paris",
        "payment_terms": "30 jours fin de mois",
        "sla_availability": "99.95",
        "sla_response_hours": "4",
        "sla_resolution_hours": "48",
        "sla_notes": "Jours ouvrés",
    }
    assert manager.post(address, form(**changes)).status_code == 302
    row = stored(partner)
    assert row.addresses == [{"label": "Siège", "city": "Paris"}]
    assert (row.payment_terms, str(row.sla_availability)) == ("30 jours fin de mois", "99.95")
    assert (row.sla_response_hours, row.sla_resolution_hours) == (4, 48)
    assert "99.95" in manager.get(address).text
    for wrong in ({"sla_availability": "100.5"}, {"type": "bank"}, {"siren": "12"}, {"name": ""}):
        assert manager.post(address, form(**wrong)).status_code == 200, wrong


@pytest.mark.requirement("2.1-partner-07", "A.1.1-01")
def test_a_manager_opens_the_partner_to_his_companies_only(
    manager, partner, address, company, other_company
):
    with scoping.everything():
        opened = PartnerActivationFactory(partner=partner, company=other_company)
    row = {"company": company.pk, "status": "active"}
    assert manager.post(address, form(row)).status_code == 302
    with scoping.everything():
        own = PartnerActivation.objects.get(company=company)
        assert own.activated_at is not None
    foreign = {"company": other_company.pk, "status": "test"}
    assert manager.post(address, form({**foreign, "id": opened.pk}, initial=1)).status_code == 200
    assert other_company.legal_name not in manager.get(address).text
    with scoping.everything():
        assert PartnerActivation.objects.get(company=other_company).status == "active"


@pytest.mark.requirement("2.1-partner-07")
def test_an_activation_of_a_company_where_one_only_reads_is_shown_and_kept(
    partner, address, company, other_company, user_with, browser_as
):
    user = user_with(Role.CATALOG_MANAGER, company)
    with scoping.everything():
        user.memberships.create(company=other_company, role=Role.AUDITOR)
        opened = PartnerActivationFactory(partner=partner, company=other_company)
    browser = browser_as(user)
    assert other_company.legal_name in browser.get(address).text
    row = {"id": opened.pk, "partner": partner.pk, "company": company.pk, "status": "test"}
    row["DELETE"] = "on"
    assert browser.post(address, form(row, initial=1)).status_code == 302
    with scoping.everything():
        kept = PartnerActivation.objects.get(pk=opened.pk)
        assert (kept.company, kept.status) == (other_company, "active")


@pytest.mark.requirement("2.1-partner-04")
def test_extranet_codes_are_written_by_who_keeps_the_accesses_and_never_shown(
    manager, partner, address, company, user_with, browser_as
):
    it = browser_as(user_with(Role.IT, company))
    codes = {
        "extranet-0-label": "Courtiers",
        "extranet-0-url": "https://extranet.example",
        "extranet-0-login": "winvest",
        "extranet-0-code": SECRET,
    }
    assert manager.post(address, form(**codes)).status_code == 403
    assert it.post(address, inlines() | codes).status_code == 302
    row = stored(partner)
    (code,) = reveal(row, "extranet_codes")
    assert code["code"] == SECRET
    for browser in (it, manager):
        page = browser.get(address)
        assert "•••• (chiffrés)" in page.text
        assert SECRET not in page.text
    assert "Codes extranet remplacés" in it.get(address.replace("change/", "history/")).text
    with scoping.everything():
        lines = AuditEntry.objects.filter(record_id=partner.pk).values_list("before", "after")
        assert SECRET not in str(list(lines))
    assert manager.post(address, form()).status_code == 302
    assert reveal(stored(partner), "extranet_codes") == [code]
    wrong = {"extranet-0-url": "javascript:alert(1)", "extranet-0-code": "x"}
    assert it.post(address, inlines() | wrong).status_code == 200
    assert it.post(address, inlines()).status_code == 302
    assert stored(partner).extranet_codes == row.extranet_codes
    both = codes | {"drop_extranet": "on"}
    assert it.post(address, inlines() | both).status_code == 200
    assert manager.post(address, form(drop_extranet="on")).status_code == 403
    assert it.post(address, inlines() | {"drop_extranet": "on"}).status_code == 302
    assert stored(partner).extranet_codes is None
    assert "Codes extranet effacés" in manager.get(address.replace("change/", "history/")).text


@pytest.mark.requirement("2.1-partner-03", "A.2.1-partner-05")
def test_two_accountants_change_the_iban_from_the_page(
    partner, address, company, user_with, browser_as
):
    first, second = (browser_as(user_with(Role.ACCOUNTING, company)) for _ in range(2))
    propose, confirm, drop = (
        address.replace("change/", f"{name}/")
        for name in ("propose-iban", "confirm-iban", "drop-iban")
    )
    assert "IBAN n’est pas valide" in first.post(propose, {"iban": IBAN[:-1]}).text.replace(
        "&#x27;", "’"
    )
    assert first.post(propose, {"iban": IBAN}).status_code == 302
    page = first.get(address).text
    assert "FR76 •••• 0189" in page
    assert "attend d&#x27;être confirmé" in page
    assert "confirm-iban" not in page
    assert first.post(confirm).status_code == 403
    assert "confirm-iban" in second.get(address).text
    assert second.post(confirm).status_code == 302
    assert stored(partner).iban_masked == "FR76 •••• 0189"
    assert (
        IBAN
        not in second.get(address).text + second.get(address.replace("change/", "history/")).text
    )
    assert second.post(confirm).status_code == second.post(drop).status_code == 404
    assert first.post(propose, {"iban": IBAN}).status_code == 302
    assert first.post(drop, {"reason": "erreur"}).status_code == 302


@pytest.mark.requirement("E.3-01")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"name": "oggo data"}, "OggoData"),
        ({"name": "ÔGGODATA"}, "OggoData"),
        ({"name": "Ogo Data"}, "OggoData"),
        ({"name": "Oggo Dta"}, "OggoData"),
        ({"name": "Tout autre", "siren": "530895710"}, "le même SIREN"),
        ({"name": "Tout autre"}, None),
        ({"name": "", "siren": ""}, None),
        ({"name": "a\x00b' OR 1=1 --" + "x" * 500, "siren": "\x00" * 50, "but": "x"}, None),
        ({"name": "Étranger"}, None),
    ],
)
def test_a_likely_twin_is_told_while_one_types(manager, partner, other_company, query, told):
    with scoping.everything():
        PartnerFactory(company=other_company, name="Étranger", siren="530895710")
    answer = manager.get(reverse("admin:partners_partner_twins"), query)
    assert answer.status_code == 200
    assert "Étranger" not in answer.text
    assert (told in answer.text) if told else 'class="notice"' not in answer.text
    if told and "OggoData" in answer.text:  # it leads to the partner that is there
        link = reverse("admin:partners_partner_change", args=[partner.pk])
        assert f'href="{link}"' in answer.text
    own = manager.get(reverse("admin:partners_partner_twins"), query | {"but": str(partner.pk)})
    assert "OggoData" not in own.text


@pytest.mark.requirement("E.3-01", "A.2.1-partner-03")
def test_a_twin_is_accepted_with_a_warning_the_same_name_is_not(manager, partner, company):
    add = reverse("admin:partners_partner_add")
    new = form(company=company.pk, name="Oggo Data", siren="")
    assert "Un partenaire au nom proche existe : « OggoData » (AP)" in (
        manager.post(add, new, follow=True).text
    )
    twin = manager.post(add, new)
    assert "déjà un partenaire de ce nom" in twin.text


@pytest.mark.requirement("2.1-partner-05", "A.1.1-02", "A.2.1-partner_credential-05", "G.2-07")
def test_it_adds_renews_and_ends_a_credential_that_no_page_shows(
    partner, address, company, user_with, browser_as
):
    it = browser_as(user_with(Role.IT, company))
    add = reverse("admin:partners_partnercredential_add")
    new = {"partner": partner.pk, "env": "sandbox", "auth_type": "api_key"}
    for wrong in (
        {"api_key": "court"},
        {"api_key": SECRET, "password": "un-autre-secret"},
        {"api_key": SECRET, "env": "production"},
        {},
    ):
        answer = it.post(add, new | wrong)
        assert answer.status_code == 200, wrong
        assert SECRET not in answer.text
    assert it.post(add, new | {"api_key": SECRET}).status_code == 302
    with scoping.everything():
        row = PartnerCredential.objects.get()
    page = reverse("admin:partners_partnercredential_change", args=[row.pk])
    for shown in (page, address, reverse("admin:partners_partnercredential_changelist")):
        text = it.get(shown).text
        assert "•••• 9f3c" in text
        assert SECRET not in text
        assert row.credentials["data"] not in text
    rotate = page.replace("change/", "rotate/")
    assert it.get(rotate).status_code == 200
    renewed = {"auth_type": "basic", "username": "winvest", "password": SECRET, "overlap_hours": 24}
    assert SECRET not in it.post(rotate, renewed | {"username": ""}).text
    assert it.post(rotate, renewed).status_code == 302
    with scoping.everything():
        old, new_row = PartnerCredential.objects.order_by("valid_from")
        assert (old.pk, old.rotated_by.name != "", new_row.auth_type) == (row.pk, True, "basic")
        assert reveal(new_row, "credentials") == {"username": "winvest", "password": SECRET}
    end = page.replace(str(row.pk), str(new_row.pk)).replace("change/", "end/")
    assert it.post(end).status_code == 302
    assert "n&#x27;est plus en service" in it.post(end, follow=True).text
    assert it.get(page.replace("change/", "history/")).status_code == 200


@pytest.mark.requirement("3.8-06", "G.2-07")
def test_accesses_and_iban_changes_are_shown_to_who_may_read_them_by_the_api(
    partner, address, company, user_with, browser_as
):
    it = browser_as(user_with(Role.IT, company))
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    new = {"partner": partner.pk, "env": "sandbox", "auth_type": "api_key", "api_key": SECRET}
    assert it.post(reverse("admin:partners_partnercredential_add"), new).status_code == 302
    propose = address.replace("change/", "propose-iban/")
    assert accountant.post(propose, {"iban": IBAN}).status_code == 302
    history = address.replace("change/", "history/")
    for role in (Role.IT, Role.ACCOUNTING, Role.CATALOG_MANAGER, Role.ADV, Role.AUDITOR):
        browser = browser_as(user_with(role, company))
        page = browser.get(address).text
        assert ("•••• 9f3c" in page) is (role is Role.IT), role
        assert ("Accès API bac à sable" in browser.get(history).text) is (role is Role.IT), role
        assert ("FR76 •••• 0189" in page) is (role is Role.ACCOUNTING), role
    with scoping.everything():
        lines = AuditEntry.objects.filter(table="partner_credential").values_list("after")
        assert "9f3c" not in str(list(lines))


def test_a_company_that_only_sells_sees_neither_credentials_nor_changes(
    partner, address, other_company, user_with, browser_as
):
    with scoping.everything():
        PartnerActivationFactory(partner=partner, company=other_company)
        seal(partner, "iban", IBAN)
        partner.iban_masked = "FR76 •••• 0189"
        partner.save()
    browser = browser_as(user_with(Role.ACCOUNTING, other_company))
    assert browser.get(address).status_code == 200
    assert (
        browser.post(address.replace("change/", "propose-iban/"), {"iban": IBAN}).status_code == 403
    )


@pytest.mark.requirement("3.8-05", "2.1-partner-03")
def test_who_only_sells_reads_partners_but_not_how_they_are_paid(
    partner, address, company, user_with, browser_as, api
):
    with scoping.everything():
        seal(partner, "iban", IBAN)
        partner.iban_masked, partner.bic = "FR76 •••• 0189", "BNPAFRPP"
        partner.payment_terms = "30 jours fin de mois"
        partner.extranet_codes = partner.iban
        partner.save()
    for role in (Role.SALES, Role.MARKETING, Role.AUDITOR):
        whole, user = role is Role.AUDITOR, user_with(role, company)
        browser, client = browser_as(user), api(user)
        assert partner.name in browser.get(reverse("admin:partners_partner_changelist")).text
        page, body = browser.get(address), client.get(f"/api/catalog/partners/{partner.pk}").json()
        listed = client.get("/api/catalog/partners").json()["results"][0]
        assert (page.status_code, body["name"], listed["name"]) == (200, *[partner.name] * 2)
        for value in ("FR76 •••• 0189", "BNPAFRPP", "30 jours fin de mois", "•••• (chiffrés)"):
            assert (value in page.text) is whole, (role, value)
        for name in ("iban_masked", "bic", "payment_terms", "has_extranet_codes"):
            assert (body[name] is not None, listed[name] is not None) == (whole, whole), name
        history = browser.get(address.replace("change/", "history/"))
        assert history.status_code == (200 if whole else 403)
        assert ("history/" in page.text) is whole
        assert browser.post(address, {"name": "Autre"}).status_code == 403
