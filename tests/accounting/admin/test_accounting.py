"""Mappings, accounts and exports in the back-office."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounting.choices import ExportFormat, ExportProfile, MappingState
from accounting.models import AccountingMapping, CompanyAccount, Entry, ExportRun
from tests.factories import MappingFactory, make_accounts
from tests.support.ledger import book
from tests.support.offers import make_released
from tests.support.world import make_run
from winvest.core.choices import JobState
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Company

pytestmark = pytest.mark.usefixtures("everything")


def mapping_form(**fields):
    return {
        "gl_account": "706100",
        "journal": "VENTE",
        "tax_code": "FR20",
        "cost_center": "",
        **fields,
    }


@pytest.fixture
def version(company):
    make_accounts(company)
    return make_released(company=company, sku="AP-001", plans={"BASE": "29.90"})


@pytest.mark.requirement("3.6-01", "3.6-02", "3.8-04", "1-20")
def test_an_accountant_makes_and_validates_a_mapping(version, company, user_with, browser_as):
    actor = user_with(Role.ACCOUNTING, company)
    browser = browser_as(actor)
    fields = mapping_form(
        company=company.pk, product_version=version.pk, nature="revenue", cost_center="CC1"
    )
    browser.post(reverse("admin:accounting_accountingmapping_add"), fields)
    mapping = AccountingMapping.objects.get(product_version=version)
    assert (mapping.state, mapping.cost_center) == (MappingState.TO_VALIDATE, "CC1")
    page = reverse("admin:accounting_accountingmapping_change", args=[mapping.pk])
    button = "accounting_accountingmapping_validate"
    assert button in browser.get(page).text
    browser.post(page, mapping_form(cost_center="CC1") | {button: "1"})
    mapping.refresh_from_db()
    assert (mapping.state, mapping.validated_by) == (MappingState.VALIDATED, actor)
    assert button not in browser.get(page).text
    assert browser.post(page, mapping_form(cost_center="CC2")).status_code == 403
    replace = reverse("admin:accounting_accountingmapping_replace", args=[mapping.pk])
    assert "reste en vigueur" in browser.get(replace).text
    for _ in range(2):  # the second finds the copy that waits
        successor = browser.post(replace, {"post": "yes"}, follow=True)
    other = AccountingMapping.objects.get(product_version=version, state="to_validate")
    assert str(other.pk) in successor.redirect_chain[-1][0]
    page = reverse("admin:accounting_accountingmapping_change", args=[other.pk])
    browser.post(page, mapping_form(cost_center="CC2") | {button: "1"})
    for row in (mapping, other):
        row.refresh_from_db()
    assert (mapping.state, other.state) == (MappingState.REPLACED, MappingState.VALIDATED)
    assert (mapping.cost_center, other.cost_center) == ("CC1", "CC2")
    assert mapping.replaced_at == other.validated_at
    history = browser.get(reverse("admin:accounting_accountingmapping_history", args=[mapping.pk]))
    for words in ("Validé", "Remplacé"):
        assert words in history.text


@pytest.mark.requirement("1-22", "3.6-01")
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"gl_account": "411000"}, "706"),
        ({"gl_account": "70610"}, "6"),
        ({"tax_code": "FR99"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_bad_account_is_refused_beside_its_field(
    fields, message, version, company, user_with, browser_as
):
    answer = browser_as(user_with(Role.ACCOUNTING, company)).post(
        reverse("admin:accounting_accountingmapping_add"),
        mapping_form(company=company.pk, product_version=version.pk, nature="revenue", **fields),
    )
    assert answer.status_code == 200
    assert message in answer.text
    assert not AccountingMapping.objects.filter(product_version=version).exists()


@pytest.mark.requirement("3.8-03", "3.8-13", "G.2-03")
@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.GROUP_ADMIN, Role.ACCOUNTING)]
)
def test_no_other_role_writes_the_accounting(role, version, company, user_with, browser_as):
    mapping = MappingFactory(product_version=version)
    account = CompanyAccount.objects.filter(company=company).first()
    browser = browser_as(user_with(role, company))
    for page in (
        reverse("admin:accounting_accountingmapping_change", args=[mapping.pk]),
        reverse("admin:accounting_accountingmapping_add"),
        reverse("admin:accounting_companyaccount_change", args=[account.pk]),
        reverse("admin:accounting_exportrun_add"),
    ):
        assert browser.post(page, {"gl_account": "706200"}).status_code == 403, page
    mapping.refresh_from_db()
    assert mapping.gl_account == "706100"
    assert not ExportRun.objects.exists()


@pytest.mark.requirement("2.1-company-04", "3.8-04", "1-20")
def test_an_accountant_sets_the_accounting_of_his_company_and_nothing_else(
    company, user_with, browser_as
):
    browser = browser_as(user_with(Role.ACCOUNTING, company))
    page = reverse("admin:core_company_change", args=[company.pk])
    fields = {"vat_regime": "collections", "account_length": 8, "ics_code": "FR72ZZZ123456"}
    assert browser.post(page, fields).status_code == 302
    company.refresh_from_db()
    assert (company.vat_regime, company.account_length) == ("collections", 8)
    assert browser.post(page, fields | {"legal_name": "Volée"}).status_code == 403
    assert browser.post(page, fields | {"color": "#000000"}).status_code == 403
    company.refresh_from_db()
    assert company.legal_name == "Action Prévoyance"
    assert company.brand_theme is None


def test_a_validated_mapping_is_not_deleted(version, company, user_with, browser_as):
    mapping = MappingFactory(product_version=version)
    browser = browser_as(user_with(Role.ACCOUNTING, company))
    page = reverse("admin:accounting_accountingmapping_delete", args=[mapping.pk])
    assert browser.post(page, {"post": "yes"}).status_code == 403
    assert AccountingMapping.objects.filter(pk=mapping.pk).exists()


@pytest.mark.requirement("3.6-03", "F.6-03", "3.8-04")
def test_an_accountant_asks_for_an_export_and_follows_it(company, user_with, browser_as):
    actor = user_with(Role.ACCOUNTING, company)
    browser = browser_as(actor)
    assert "Lancer l&#x27;export" in browser.get(reverse("admin:accounting_exportrun_add")).text
    answer = browser.post(
        reverse("admin:accounting_exportrun_add"),
        {
            "company": company.pk,
            "period": "2025-09",
            "kind": "accounting",
            "profile": ExportProfile.F7,
            "format": ExportFormat.XLSX,
        },
    )
    run = ExportRun.objects.get()
    page = reverse("admin:accounting_exportrun_change", args=[run.pk])
    assert answer["Location"] == page
    assert (run.created_by, run.profile, run.job.state) == (actor, "F7", JobState.QUEUED)
    address = reverse("admin:accounting_exportrun_changelist")
    panel = browser.get(address, headers={"hx-request": "true", "hx-target": "filter-panel"}).text
    assert "?kind=vat" in panel
    assert "Grille de prix<" not in panel
    assert page not in browser.get(f"{address}?kind=vat").text
    waiting = browser.get(page).text
    progress = reverse("admin:accounting_exportrun_progress", args=[run.pk])
    assert f'hx-get="{progress}"' in waiting
    run.job.state, run.job.progress = JobState.RUNNING, 40
    run.job.save()
    fragment = browser.get(progress)
    assert "40" in fragment.text
    assert "HX-Refresh" not in fragment.headers
    browser.post(reverse("admin:accounting_exportrun_cancel", args=[run.pk]))
    run.job.refresh_from_db()
    assert run.job.state == JobState.CANCELLED
    assert browser.get(progress).headers["HX-Refresh"] == "true"


@pytest.mark.requirement("F.6-03", "F.6-04", "1-23")
def test_a_finished_export_is_downloaded_and_journalised(
    company, user_with, browser_as, django_capture_on_commit_callbacks
):
    run = make_run(company)
    run.file.save("x.csv", ContentFile(b"contenu"), save=False)
    run.file_name, run.sha256, run.rows, run.finished_at = "EXPORT_AP.csv", "ab" * 32, 1, now()
    run.save()
    run.job.state = JobState.DONE
    run.job.save()
    actor = user_with(Role.ACCOUNTING, company)
    browser = browser_as(actor)
    page = browser.get(reverse("admin:accounting_exportrun_change", args=[run.pk])).text
    assert "Télécharger EXPORT_AP.csv" in page
    assert "ab" * 32 in page
    address = reverse("admin:accounting_exportrun_download", args=[run.pk])
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.get(address)
    assert b"".join(answer.streaming_content) == b"contenu"
    assert "EXPORT_AP.csv" in answer["Content-Disposition"]
    entry = AuditEntry.objects.filter(action="export", record_id=run.pk).latest("at")
    assert (entry.actor_id, entry.company_id) == (actor.pk, company.pk)
    auditor = browser_as(user_with(Role.AUDITOR, company))
    assert auditor.get(address).status_code == 403


@pytest.mark.requirement("F.1-04", "3.8-13")
def test_entries_show_their_balanced_lines_and_are_never_written(company, user_with, browser_as):
    line = book(company, credit=100, tax_amount=20, account="706100")
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    page = reverse("admin:accounting_entry_change", args=[line.entry_id])
    shown = browser.get(page).text
    for text in ("706100", "100,00", "120,00", "20,00"):
        assert text in shown
    for path in (page, page.replace("change", "delete"), reverse("admin:accounting_entry_add")):
        assert browser.post(path, {"post": "yes"}).status_code == 403
    assert Entry.objects.filter(pk=line.entry_id).exists()


@pytest.mark.requirement(
    "1-02", "1-03", "2.1-company-01", "2.1-company-02", "2.1-company-03", "2.1-company-05", "3.8-01"
)
def test_a_group_admin_adds_a_company_that_works_at_once(user_with, browser_as):
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    fields = {
        "code": "NEUF",
        "legal_name": "Neuvième SAS",
        "brand_name": "Neuvième",
        "siren": "123456789",
        "siret_default": "",
        "vat_number": "",
        "country": "FR",
        "is_active": "on",
        "color": "#0f766e",
        "secondary_color": "#f5b301",
        "addresses-0-label": "Siège",
        "addresses-0-city": "Paris",
        "contacts-0-name": "Jeanne Dupont",
        "contacts-0-email": "jeanne@neuf.example",
        "currency": "EUR",
        "timezone": "Europe/Paris",
        "vat_regime": "debits",
        "account_length": 6,
        "ics_code": "",
    }
    refused = browser.post(reverse("admin:core_company_add"), fields | {"color": "vert"})
    assert "Une couleur s&#x27;écrit #rrvvbb." in refused.text
    refused = browser.post(reverse("admin:core_company_add"), fields | {"siren": "12"})
    assert "Un SIREN a neuf chiffres." in refused.text
    assert browser.post(reverse("admin:core_company_add"), fields).status_code == 302
    company = Company.objects.get(code="NEUF")
    assert company.brand_theme == {"color": "#0f766e", "secondary_color": "#f5b301"}
    assert company.addresses[0]["city"] == "Paris"
    assert company.contacts[0]["email"] == "jeanne@neuf.example"
    brand = {"company": company.pk, "name": "Deuxième marque"}
    assert browser.post(reverse("admin:core_brand_add"), brand).status_code == 302
    colleague = user_with(Role.CATALOG_MANAGER, company)
    risk = {"company": company.pk, "code": "R1", "label": "Risque", "scope": "personal"}
    answer = browser_as(colleague).post(reverse("admin:catalog_risk_add"), risk)
    assert answer.status_code == 302
    page = browser.get(reverse("admin:core_company_change", args=[company.pk])).text
    assert "jeanne@neuf.example" in page


@pytest.mark.requirement("1-22", "3.8-01")
def test_vat_rates_are_the_groups_matter(company, user_with, browser_as):
    rate = {
        "code": "FR20B",
        "country": "FR",
        "label": "Essai",
        "rate": "20",
        "valid_from": "01/01/2030",
        "valid_to": "",
    }
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    assert accountant.post(reverse("admin:core_vatrate_add"), rate).status_code == 403
    group = browser_as(user_with(Role.GROUP_ADMIN))
    assert group.post(reverse("admin:core_vatrate_add"), rate).status_code == 302
    overlap = group.post(reverse("admin:core_vatrate_add"), rate | {"valid_from": "01/01/2031"})
    assert "Ce code a déjà un taux sur cette période." in overlap.text
