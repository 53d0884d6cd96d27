"""A price grid goes and comes back by the API alone (5-05): the same drafts as by the pages."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import IndexValue, PricingRule, ProductVersion
from tests.support.imports import table
from tests.support.offers import make_released
from tests.support.query_counts import check_query_count
from tests.support.world import make_import
from winvest.core.domain.roles import Role
from winvest.core.models import ImportRun
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"
HEADINGS = "SKU;Version;Formule;Tarif;Palier;Prix"


@pytest.fixture
def client(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def bring(client, company, content, target="price_grid", **more):
    file = SimpleUploadedFile("grille.csv", content.encode())
    body = {"target": target, "company_id": str(company.pk), "file": file} | more
    answer = client.post(f"{API}/imports", body)
    return answer.status_code, answer.json()


def followed(client, run):
    """Let the worker do what was asked, and read the import."""
    row = ImportRun.objects.select_related("check_job", "import_job").get(pk=run["id"])
    run_job(job_id=row.job.pk)
    return client.get(f"{API}/imports/{run['id']}").json()


@pytest.mark.requirement("5-05", "2.1-plan-02", "4-06")
def test_prices_are_brought_read_and_prepared(client, company, browser_as, user_with):
    make_released(company=company, sku="BOX", plans={"A": "29.90"}, name="Box")
    status, run = bring(client, company, table(HEADINGS, "BOX;1;A;1;;31,90"))
    assert (status, run["state"], run["job_state"], run["rows"]) == (
        202,
        "checking",
        "queued",
        None,
    )
    early = client.post(f"{API}/imports/{run['id']}/start", {}, content_type="application/json")
    assert (early.status_code, early.json()["code"]) == (409, "import.not_ready")
    run = followed(client, run)
    assert (run["state"], run["to_create"], run["to_change"], run["refused"]) == ("ready", 1, 1, 0)
    [change] = run["changes"]
    assert (change["before"], change["after"], change["gap"]) == ("29,90 €", "31,90 €", "+2,00 €")
    assert not ProductVersion.objects.filter(version=2).exists()
    started = client.post(f"{API}/imports/{run['id']}/start", {}, content_type="application/json")
    assert (started.status_code, started.json()["job_state"]) == (202, "queued")
    run = followed(client, run)
    assert (run["state"], run["imported_by"]) == ("imported", run["created_by"])
    draft = ProductVersion.objects.get(version=2)
    price = PricingRule.objects.get(product_version=draft)
    assert (draft.state, price.payload) == ("draft", {"amount": Decimal("31.90")})
    report = client.get(f"{API}/imports/{run['id']}/report")
    assert report.status_code == 200
    lines = list(csv.reader(io.StringIO(report.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert lines[1][2:6] == ["Préparée", "Prix", "29,90", "31,90"]
    listed = client.get(f"{API}/imports?target=price_grid&state=imported").json()["results"]
    assert [row["id"] for row in listed] == [run["id"]]
    page = reverse("admin:core_importrun_change", args=[run["id"]])
    assert "31,90 €" in browser_as(user_with(Role.CATALOG_MANAGER, company)).get(page).text
    over = client.post(f"{API}/imports/{run['id']}/cancel", {}, content_type="application/json")
    assert over.status_code == 409


def test_what_is_refused(client, company, other_company):
    cases = {
        "empty": (company, "", {}, 422, "import.empty"),
        "target": (company, "x", {"target": "entry"}, 422, "invalid"),
        "no file": (company, "x", {"file": "texte"}, 422, "invalid"),
        "unknown field": (company, "x", {"force": "1"}, 422, "invalid"),
        "other company": (other_company, "x", {}, 404, "not_found"),
    }
    for name, (owner, content, more, status, code) in cases.items():
        found, body = bring(client, owner, content, **more)
        assert (found, body["code"]) == (status, code), (name, body)
    assert not ImportRun.objects.exists()
    status, run = bring(client, company, table(HEADINGS, "RIEN;1;A;1;;31,90", "RIEN;x;A;1;;1"))
    run = followed(client, run)
    assert (status, run["state"], run["refused"]) == (202, "refused", 2)
    assert {(one["line"], one["code"]) for one in run["problems"]} == {
        (2, "grid.unknown_product"),
        (3, "grid.number"),
    }


@pytest.mark.requirement("1-13", "14-04")
def test_index_values_are_written_by_the_group_and_read_by_all(client, api, user_with, company):
    group = api(user_with(Role.GROUP_ADMIN))
    body = {"index": "energy", "valid_on": "2026-11-01", "value": "112.5", "source": "CRE"}

    def post(who, **change):
        answer = who.post(f"{API}/index-values", body | change, content_type="application/json")
        return answer.status_code, answer.json()

    assert post(client)[0] == 403
    for change in (
        {"index": "gold"},
        {"valid_on": "2026-13-01"},
        {"value": "1.0000001"},
        {"value": "NaN"},
        {"value": 10**30},
    ):
        status, refused = post(group, **change)
        assert (status, refused["errors"][0]["path"]) == (422, next(iter(change))), refused
    status, made = post(group)
    assert (status, made["value"]) == (201, "112.5")
    assert post(group)[0] == 422  # one a day
    address = f"{API}/index-values/{made['id']}"
    json = {"content_type": "application/json"}
    assert group.patch(address, {"value": "113"}, **json).json()["value"] == "113"
    assert group.patch(address, {"valid_on": "2026-11-02"}, **json).status_code == 422
    assert client.patch(address, {"value": "1"}, **json).status_code == 403
    assert client.get(address).json() == body | {"id": made["id"], "value": "113"}
    assert client.get(f"{API}/index-values?index=cpi").json()["results"] == []
    assert IndexValue.objects.get().value == 113
    status, run = bring(
        group, company, table("Indice;À partir du;Valeur", "cpi;2026-11-01;101"), "index"
    )
    run = followed(group, run)
    assert (status, run["state"], run["to_create"], run["changes"]) == (202, "ready", 1, [])


def test_its_statements(client, company):
    def add(count):
        for _ in range(count):
            make_import(company)

    check_query_count("api imports", lambda: client.get(f"{API}/imports"), add)
