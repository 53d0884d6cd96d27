"""Documents by API: `versions/{id}/documents`, multipart, and `documents/{id}`."""

import hashlib
import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from catalog.models import Risk
from documents.models import ProductDocument
from tests.factories import DocumentFactory, ProductFactory, VersionFactory
from tests.support.offers import make_released
from tests.support.pdf import pdf
from tests.support.publishable import release
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.pdf.render import render_pdf

pytestmark = pytest.mark.usefixtures("everything")
PDF = pdf()
JSON = "application/json"


def of_version(version):
    return f"/api/catalog/versions/{version.pk}/documents"


def of_document(row, more=""):
    return f"/api/catalog/documents/{row['id'] if isinstance(row, dict) else row.pk}{more}"


def form(content=PDF, name="questions.exe", **fields):
    file = SimpleUploadedFile(name, content)
    return {"type": "FAQ", "title": "Questions", "file": file, **fields}


@pytest.fixture
def version(company):
    return VersionFactory(product__company=company)


@pytest.fixture
def lawyer(company, user_with, api):
    return api(user_with(Role.LEGAL, company))


@pytest.mark.requirement(
    "3.5-01", "3.5-03", "2.1-document-01", "2.1-document-02", "2.1-document-03", "2.1-document-04"
)
@pytest.mark.requirement("B.4-03", "B.4-05", "C.5-03")
def test_a_document_is_brought_read_changed_published_and_archived(lawyer, version):
    made = lawyer.post(of_version(version), form(channels=["web", "field"], mandatory="true"))
    assert made.status_code == 201, made.content
    row = made.json()
    digest = hashlib.sha256(PDF).hexdigest()
    assert (row["file_hash"], row["file_name"]) == (f"sha256:{digest}", "questions.pdf")
    assert (row["channels"], row["mandatory"], row["state"]) == (["web", "field"], True, "draft")
    assert lawyer.get(of_version(version)).json()["results"] == [row]

    file = lawyer.get(of_document(row, "/download"))
    assert b"".join(file.streaming_content) == PDF
    assert "attachment" in file["Content-Disposition"]

    read = lawyer.get(of_document(row))
    changed = lawyer.patch(
        of_document(row), {"title": "Réponses"}, JSON, headers={"If-Match": read["ETag"]}
    )
    assert (changed.status_code, changed.json()["title"]) == (200, "Réponses")
    stale = lawyer.delete(of_document(row), headers={"If-Match": read["ETag"]})
    assert stale.status_code == 412

    assert lawyer.post(of_document(row, "/publish"), {}, JSON).json()["state"] == "published"
    kept = lawyer.delete(of_document(row))
    assert (kept.status_code, kept.json()["code"]) == (409, "document.kept")
    assert lawyer.post(of_document(row, "/archive"), {}, JSON).json()["state"] == "archived"
    assert AuditEntry.objects.filter(table="product_document").count() == 4

    draft = lawyer.post(of_version(version), form(channels="web")).json()
    assert draft["channels"] == ["web"]
    assert lawyer.delete(of_document(draft)).status_code == 204


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"content": b"MZ\x90\x00"}, "file", "document.file_type"),
        ({"content": b""}, "file", "empty"),
        ({"type": "INCONNU"}, "type", "unknown"),
        ({"title": ""}, "title", "blank"),
        ({"title": "x" * 161}, "title", "max_length"),
        ({"channels": ["web", "moon"]}, "channels", "invalid_choice"),
        ({"valid_until": "demain"}, "valid_until", "invalid"),
        ({"replaces_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}, "replaces_id", "unknown"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"file": "not a file"}, "file", "invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refused_form_says_where_and_keeps_nothing(lawyer, version, fields, path, code):
    data = form(**{k: v for k, v in fields.items() if k == "content"})
    data |= {key: value for key, value in fields.items() if key != "content"}
    answer = lawyer.post(of_version(version), data)
    assert answer.status_code == 422, answer.content
    found = {
        (error["path"].split(".")[0].split("[")[0], error["code"])
        for error in answer.json()["errors"]
    }
    assert (path, code) in found
    assert not ProductDocument.objects.exists()


def test_only_a_form_of_bounded_size_is_read(lawyer, version):
    assert lawyer.post(of_version(version), {"type": "FAQ"}, JSON).status_code == 415
    long = lawyer.post(of_version(version), form(), headers={"content-length": str(30 * 2**20)})
    assert (long.status_code, long.json()["errors"]) == (
        413,
        [{"path": "", "code": "too_large", "message": "Le formulaire dépasse 26 Mo."}],
    )
    chunked = lawyer.post(
        of_version(version),
        form(),
        headers={"transfer-encoding": "chunked", "content-length": ""},
    )
    assert (chunked.status_code, chunked.json()["code"]) == (400, "length_required")
    torn = lawyer.post(of_version(version), b"--x\r\n", "multipart/form-data")
    assert (torn.status_code, torn.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("size", [4 * 2**20, 26 * 2**20 - 1000])
def test_what_a_refused_file_left_on_the_disk_goes_with_the_answer(
    lawyer, version, settings, tmp_path, size
):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    refused = lawyer.post(of_version(version), form(b"%PDF-1.7" + b" " * size))
    assert refused.json()["code"] in ("document.file_broken", "document.file_too_large")
    assert list(tmp_path.iterdir()) == []
    assert not ProductDocument.objects.exists()


@pytest.mark.requirement("2.1-document-03")
def test_a_file_that_changed_on_its_way_is_refused(lawyer, version):
    told = "sha256:" + hashlib.sha256(PDF).hexdigest()
    changed = lawyer.post(of_version(version), form(PDF + b"%", file_hash=told))
    assert (changed.status_code, changed.json()["code"]) == (422, "document.file_hash")
    assert not ProductDocument.objects.exists()
    kept = lawyer.post(of_version(version), form(file_hash=told))
    assert (kept.status_code, kept.json()["file_hash"], kept.json()["pdfa"]) == (201, told, "")


def test_a_full_disk_keeps_neither_row_nor_file(lawyer, version, settings):
    """The kernel refuses to write more than so many bytes of a file, as a full disk does."""
    picture = BytesIO()
    Image.effect_noise((200, 200), 90).save(picture, "PNG")
    lawyer.raise_request_exception = False
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        answer = lawyer.post(of_version(version), form(picture.getvalue()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert (answer.status_code, answer.json()["code"]) == (503, "document.not_kept")
    assert not ProductDocument.objects.exists()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
    assert lawyer.post(of_version(version), form(picture.getvalue())).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_who_replace_a_document_at_once_keep_one_file(company, user_with, api, settings):
    with scoping.everything():
        version = VersionFactory(product__company=company)
        people = [api(user_with(Role.LEGAL, company)) for _ in range(2)]
        first = people[0].post(of_version(version), form()).json()

    def replace(person):
        try:
            answer = person.post(of_version(version), form(pdf("suite"), replaces_id=first["id"]))
            return answer.status_code, answer.json().get("errors", [])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(replace, people))
    assert [status for status, _ in answers] == [201, 422]
    told = [{"path": "replaces_id", "message": "Ce document a déjà été remplacé."}]
    assert [{**error, "code": ""} for error in answers[1][1]] == [{**told[0], "code": ""}]
    assert replace(people[0]) == answers[1]
    with scoping.everything():
        assert ProductDocument.objects.count() == 2
    files = [path for path in Path(settings.MEDIA_ROOT, "documents").rglob("*") if path.is_file()]
    assert len(files) == 2


def test_the_same_upload_under_the_same_key_is_kept_once(lawyer, version):
    key = {"idempotency-key": "dossier-1"}
    first, again = (lawyer.post(of_version(version), form(), headers=key) for _ in range(2))
    assert (first.json(), ProductDocument.objects.count()) == (again.json(), 1)
    other = lawyer.post(of_version(version), form(PDF + b"%"), headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.other_body")


def test_the_documents_of_a_release_close_with_it(lawyer, company):
    version = make_released(company=company, sku="AP-X-1", plans={"BASE": "1.00"})
    refused = lawyer.post(of_version(version), form(mandatory="true"))
    assert (refused.status_code, refused.json()["code"]) == (409, "document.frozen")
    brought = lawyer.post(of_version(version), form()).json()
    closed = lawyer.patch(of_document(brought), {"mandatory": True}, JSON)
    assert closed.status_code in (409, 422)


@pytest.mark.requirement("G.2-03", "3.5-04")
def test_sellers_read_what_is_published_and_strangers_nothing(
    company, other_company, user_with, api, lawyer
):
    version = make_released(company=company, sku="AP-X-1", plans={"BASE": "1.00"})
    lawyer.post(of_version(version), form())
    published = lawyer.post(of_version(version), form(title="Publié")).json()
    lawyer.post(of_document(published, "/publish"), {}, JSON)
    seller = api(user_with(Role.SALES, company))
    assert [row["title"] for row in seller.get(of_version(version)).json()["results"]] == ["Publié"]
    assert b"".join(seller.get(of_document(published, "/download")).streaming_content) == PDF
    assert seller.post(of_version(version), form()).status_code == 403
    stranger = api(user_with(Role.LEGAL, other_company))
    for more in ("", "/download"):
        assert stranger.get(of_document(published, more)).status_code == 404
    assert stranger.post(of_version(version), form()).status_code == 404
    assert stranger.post(of_document(published, "/archive"), {}, JSON).status_code == 404


@pytest.mark.requirement("B.7-01")
def test_a_legal_document_is_published_as_a_pdf_a_only(lawyer, version):
    plain, text = (
        lawyer.post(of_version(version), form(content, type="CG")).json()
        for content in (PDF, b"Conditions")
    )
    for row in (plain, text):
        refused = lawyer.post(of_document(row, "/publish"), {}, JSON)
        assert (refused.status_code, refused.json()["code"]) == (409, "document.not_pdfa")
        assert lawyer.get(of_document(row)).json()["state"] == "draft"
    right = form(render_pdf("<h1>Conditions</h1>"), type="CG", replaces_id=plain["id"])
    made = lawyer.post(of_version(version), right).json()
    assert lawyer.post(of_document(made, "/publish"), {}, JSON).json()["state"] == "published"
    # Questions and pictures are no legal documents.
    faq = lawyer.post(of_version(version), form()).json()
    assert lawyer.post(of_document(faq, "/publish"), {}, JSON).status_code == 200


@pytest.mark.requirement("B.7-01", "3.4-03")
def test_a_release_that_came_with_no_pdf_a_still_finds_one(lawyer, company):
    health = Risk.objects.get(code="SANTE", is_global=True)
    version = VersionFactory(product=ProductFactory(company=company, risk=health))
    plain = lawyer.post(of_version(version), form(type="DIPA")).json()
    release(version)
    assert lawyer.post(of_document(plain, "/publish"), {}, JSON).json()["code"] == (
        "document.not_pdfa"
    )

    def told():
        address = f"/api/catalog/versions/{version.pk}/problems?channels=web"
        found = lawyer.get(address).json()["problems"]
        return [one["code"] for one in found if "information" in one["message"]]

    assert told() == ["documents.not_pdfa"]
    right = form(render_pdf("<h1>Information</h1>"), type="DIPA")
    made = lawyer.post(of_version(version), right)
    assert made.status_code == 201, made.content
    assert lawyer.post(of_document(made.json(), "/publish"), {}, JSON).status_code == 200
    assert told() == []


def test_a_document_past_its_day_is_not_published(lawyer, version):
    row = DocumentFactory(product_version=version, valid_until=(now() - timedelta(days=3)).date())
    answer = lawyer.post(of_document(row, "/publish"), {}, JSON)
    assert answer.status_code == 409
