"""Exports by API: asked for, followed, taken, cancelled; each refusal typed (`design/api.md`)."""

import base64
import hashlib
from decimal import Decimal

import pytest

from accounting.models import ExportRun
from tests.support.ledger import book
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Job
from winvest.core.models.base import new_id
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]

URL = "/api/catalog/exports"
JSON = {"content_type": "application/json"}


@pytest.fixture
def client(api, user_with, company):
    return api(user_with(Role.ACCOUNTING, company))


@pytest.fixture
def ask(client, company):
    def post(**given):
        body = {
            "kind": "accounting",
            "company_id": str(company.pk),
            "period": "2025-09",
            "profile": "F4",
            "format": "csv",
            **given,
        }
        return client.post(URL, body, **JSON)

    return post


def run(answer) -> str:
    export = ExportRun.objects.get(pk=answer.json()["id"])
    run_job(job_id=export.job_id)
    return f"{URL}/{export.pk}"


@pytest.mark.requirement("3.6-03", "F.6-03", "F.6-04")
def test_from_the_request_to_the_file(ask, client, company):
    book(company, account="706100", credit=Decimal("24.92"), tax_amount=Decimal("4.98"))

    answer = ask()

    assert answer.status_code == 202
    asked = answer.json()
    assert asked == {
        "id": asked["id"],
        "kind": "accounting",
        "company_id": str(company.pk),
        "company_code": "AP",
        "period": "2025-09",
        "profile": "F4",
        "format": "csv",
        "channel": None,
        "at": None,
        "revision": 1,
        "state": "queued",
        "progress": 0,
        "rows": None,
        "file_name": None,
        "sha256": None,
        "total_debit": None,
        "total_credit": None,
        "created_at": asked["created_at"],
        "created_by": asked["created_by"],
        "finished_at": None,
        "error": None,
    }
    assert client.get(f"{URL}/{asked['id']}").json() == asked
    early = client.get(f"{URL}/{asked['id']}/download")
    assert (early.status_code, early.json()["code"]) == (409, "export.not_done")

    url = run(answer)

    done = client.get(url).json()
    assert (done["state"], done["progress"], done["rows"]) == ("done", 100, 1)
    assert (done["file_name"], done["total_credit"]) == ("EXPORT_AP_2025-09.csv", "29.90")
    file = client.get(f"{url}/download", headers={"accept": "text/csv"})
    content = b"".join(file.streaming_content)
    assert file.status_code == 200
    assert done["sha256"] == hashlib.sha256(content).hexdigest()
    assert file["Content-Disposition"] == 'attachment; filename="EXPORT_AP_2025-09.csv"'
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Repr-Digest"] == (
        f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
    )
    taken = AuditEntry.objects.filter(record_id=asked["id"], action="export").order_by("-id")
    assert [entry.after["event"] for entry in taken] == ["downloaded", "requested"]


def test_defaults(ask, client, company):
    body = {"kind": "accounting", "company_id": str(company.pk), "period": "2025-09"}

    asked = client.post(URL, body, **JSON).json()

    assert (asked["profile"], asked["format"]) == ("standard", "csv")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"kind": "fec"}, "kind"),
        ({"kind": None}, "kind"),
        ({"profile": "F5"}, "profile"),
        ({"format": "pdf"}, "format"),
        ({"period": "2025-13"}, "period"),
        ({"period": "2025-9"}, "period"),
        ({"period": 202509}, "period"),
        ({"period": "２０２５-09"}, "period"),
        ({"company_id": "AP"}, "company_id"),
        ({"delivery": "mail"}, "delivery"),
    ],
)
def test_what_breaks_a_rule_is_422_and_writes_nothing(ask, given, path):
    answer = ask(**given)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert path in [error["path"] for error in answer.json()["errors"]]
    assert (ExportRun.objects.count(), Job.objects.count()) == (0, 0)


@pytest.mark.requirement("3.8-13", "1-01")
def test_another_company_is_404_and_a_missing_right_403(
    ask, client, api, user_with, company, other_company
):
    url = run(ask())
    for owner in (str(other_company.pk), str(new_id())):
        assert ask(company_id=owner).status_code == 404
        assert client.get(f"{URL}?company={owner}").status_code == 404
    stranger = api(user_with(Role.ACCOUNTING, other_company))
    reader = api(user_with(Role.AUDITOR, company))
    seller = api(user_with(Role.SALES, company))

    assert stranger.get(URL).json()["results"] == []
    assert len(reader.get(URL).json()["results"]) == 1
    assert seller.get(URL).status_code == 403
    for door, method, form in (
        ("", "get", {}),
        ("/download", "get", {}),
        ("/cancel", "post", JSON),
    ):
        assert getattr(stranger, method)(url + door, **form).status_code == 404
        assert getattr(seller, method)(url + door, **form).status_code == 403
        assert getattr(reader, method)(url + door, **form).status_code == (403 if door else 200)
        assert getattr(client, method)(f"{URL}/{new_id()}{door}", **form).status_code == 404
    assert ExportRun.objects.count() == 1


def test_cancelled(ask, client):
    asked = ask().json()

    answer = client.post(f"{URL}/{asked['id']}/cancel", {}, **JSON)
    again = client.post(f"{URL}/{asked['id']}/cancel", {}, **JSON)

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (again.status_code, again.json()["code"]) == (409, "job.finished")
    run_job(job_id=ExportRun.objects.get().job_id)
    assert client.get(f"{URL}/{asked['id']}").json()["state"] == "cancelled"


def test_the_list_is_filtered_and_newest_first(ask, client, company):
    run(ask(period="2025-08"))
    ask(period="2025-09", kind="vat")

    def found(query=""):
        return [row["period"] for row in client.get(URL + query).json()["results"]]

    assert found() == ["2025-09", "2025-08"]
    assert found("?state=done") == ["2025-08"]
    assert found("?kind=vat") == ["2025-09"]
    assert found(f"?period=2025-08&company={company.pk}") == ["2025-08"]
    assert client.get(URL + "?profil=F4").status_code == 422


def test_the_same_key_makes_one_export(client, company):
    body = {"kind": "vat", "company_id": str(company.pk), "period": "2025-09"}
    answers = [
        client.post(
            URL,
            body,
            **JSON,
            headers={"idempotency-key": "clé".encode().hex()},
        )
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert ExportRun.objects.count() == 1


def test_the_list_costs_the_same_at_any_length(ask, client):
    months = iter(f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13))

    check_query_count(
        "api exports",
        lambda: client.get(URL),
        lambda count: [ask(period=next(months)) for _ in range(count)],
    )
