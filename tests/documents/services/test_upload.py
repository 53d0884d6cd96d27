"""Uploading, publishing, archiving and deleting documents."""

from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from PIL import Image

from catalog.choices import Channel
from catalog.models import Risk
from catalog.parts import content_hash, content_of
from documents.models import DocumentRequirement, DocumentType, ProductDocument
from documents.selectors.requirements import requirements_of
from documents.services import inspection
from documents.services.inspection import clean_name, inspect
from documents.services.publish import archive_document, publish_document
from documents.services.upload import delete_document, open_document, upload_document
from tests.factories import ProductFactory, VersionFactory
from tests.support.offers import make_released
from tests.support.pdf import pdf
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Invalid
from winvest.core.pdf.render import render_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
PDF = pdf()
PDFA = render_pdf("<h1>Conditions</h1>")
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def lawyer(user_with, company):
    return user_with(Role.LEGAL, company)


@pytest.fixture
def version(company):
    health = Risk.objects.get(code="SANTE", is_global=True)
    return VersionFactory(product=ProductFactory(company=company, risk=health))


@pytest.fixture
def upload(lawyer, version):
    def make(code="FAQ", content=PDF, **fields):
        fields = {"version": version, "title": f"Titre {code}", "file_name": "a.pdf", **fields}
        kind = DocumentType.objects.get(code=code)
        return upload_document(actor=lawyer, type=kind, content=BytesIO(content), **fields)

    return make


def image(kind: str, mode: str = "RGB") -> bytes:
    content = BytesIO()
    Image.new(mode, (3, 3)).save(content, kind)
    return content.getvalue()


@pytest.mark.requirement("A.2.2-product_document-02", "2.1-document-03", "2.1-document-02")
def test_the_server_tells_hash_format_and_size(upload, lawyer, version, time_machine):
    time_machine.move_to(AT)
    row = upload(file_name="../C:\\dossier\\Règlement.exe")
    assert row.file_hash == "sha256:" + sha256(PDF).hexdigest()
    assert (row.content_type, row.size, row.author) == ("application/pdf", len(PDF), lawyer)
    assert (row.file_name, row.version, row.state) == ("Règlement.pdf", 1, "draft")
    assert row.created_at == AT
    assert row.file_url.startswith(f"documents/{version.company.code}/")
    download = open_document(row)
    with download.content as content:
        assert content.read() == PDF
    assert download.sha256 == sha256(PDF).hexdigest()
    default_storage.delete(row.file_url)
    with pytest.raises(Conflict, match="introuvable"):
        open_document(row)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, "application/pdf"),
        (image("PNG"), "image/png"),
        (image("JPEG"), "image/jpeg"),
        (image("WEBP"), "image/webp"),
        ("Bonjour à tous\n".encode(), "text/plain; charset=utf-8"),
        (b"", "document.file_empty"),
        (b"%PDF-1.7 coupe", "document.file_broken"),
        (b"%PDF-1.7\n<html><script>\n%%EOF\n", "document.file_broken"),
        (PDF[:200] + b"%%EOF", "document.file_broken"),
        (PDF[:-30], "document.file_broken"),
        (pdf(pages=0), "document.file_broken"),
        (pdf(password="secret"), "document.file_encrypted"),
        (image("PNG")[:45], "document.file_broken"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "document.file_broken"),
        (image("GIF", "P"), "document.file_type"),
        (b"MZ\x90\x00", "document.file_type"),
        (b"PK\x03\x04 docx", "document.file_type"),
        ("é".encode("latin-1"), "document.file_type"),
        (b"  <html><script>", "document.file_type"),
        (b"a\x00b", "document.file_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_it_contains(content, expected):
    try:
        found = inspect(BytesIO(content)).content_type
    except Invalid as error:
        found = error.code
    assert found == expected


@pytest.mark.requirement("B.7-01")
def test_the_claim_of_pdf_a_is_read_from_the_metadata():
    assert inspect(BytesIO(render_pdf("<p>Notice</p>"))).pdfa == "2B"
    assert inspect(BytesIO(PDF)).pdfa == ""
    assert inspect(BytesIO(image("PNG"))).pdfa == ""


def test_sizes_are_capped(monkeypatch):
    monkeypatch.setattr(inspection, "MAX_UPLOAD", 10)
    monkeypatch.setattr(inspection, "MAX_TEXT", 5)
    monkeypatch.setattr(inspection, "MAX_PIXELS", 8)
    for content, code in (
        (b"x" * 11, "document.file_too_large"),
        (b"x" * 6, "document.file_type"),
    ):
        with pytest.raises(Invalid) as refused:
            inspect(BytesIO(content))
        assert refused.value.code == code
    monkeypatch.setattr(inspection, "MAX_UPLOAD", 10_000)
    with pytest.raises(Invalid, match="millions de pixels"):
        inspect(BytesIO(image("PNG")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", "a.pdf"),
        ("sans", "sans.pdf"),
        ("", "document.pdf"),
        ("a/b\\c.txt", "c.pdf"),
        ("a\x00\u202eb.pdf", "ab.pdf"),
        ("x" * 300, "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(name, expected):
    assert clean_name(name, ".pdf") == expected


def test_a_refusal_leaves_no_row_and_no_file(upload, version, company, user_with):
    with pytest.raises(Invalid):
        upload(content=b"MZ\x90\x00")
    with pytest.raises(ValidationError):
        upload(channels=["minitel"])
    seller = user_with(Role.SALES, company)
    with pytest.raises(Forbidden):
        upload_document(
            actor=seller,
            version=version,
            type=DocumentType.objects.get(code="FAQ"),
            title="x",
            content=BytesIO(PDF),
            file_name="a.pdf",
        )
    assert not ProductDocument.objects.exists()
    assert not default_storage.exists("documents")


@pytest.mark.requirement("A.2.2-product_document-03", "2.1-document-01")
@pytest.mark.requirement("C.5-01")
def test_what_the_family_requires_is_mandatory(upload, version):
    assert [upload(code).mandatory for code in ("DIPA", "CG", "CP", "FAQ", "NOTICE")] == [
        *(True, True, False, False, False)
    ]
    assert upload("FAQ", mandatory=True).mandatory
    required = requirements_of(version).values_list("document_type__code", "channel")
    assert set(required) == {("DIPA", None), ("CG", None)}
    line = DocumentRequirement(
        family=ProductFactory().risk, document_type=DocumentType.objects.get(code="CG")
    )
    with pytest.raises(ValidationError, match="famille du groupe"):
        line.full_clean()


@pytest.mark.requirement("A.1.1-06", "A.1.2-02")
def test_required_documents_are_content_their_state_is_not(upload, version, lawyer):
    before = content_hash(version)
    faq = upload("FAQ")
    assert content_hash(version) == before
    assert "documents" not in content_of(version)
    dipa = upload("DIPA", content=PDFA)
    with_dipa = content_hash(version)
    publish_document(actor=lawyer, document=dipa)
    publish_document(actor=lawyer, document=faq)
    assert content_hash(version) == with_dipa != before
    other = upload("DIPA", content=render_pdf("<h1>Suite</h1>"), replaces=dipa)
    (content,) = content_of(version)["documents"]
    assert content["file_hash"] == other.file_hash
    publish_document(actor=lawyer, document=other)
    dipa.refresh_from_db()
    assert (dipa.state, other.version) == ("archived", 2)


@pytest.mark.requirement("2.1-document-04", "2.1-document-02")
@pytest.mark.requirement("C.5-04")
def test_one_document_of_a_type_is_published_by_channel(upload, lawyer, version):
    web = upload("CG", content=PDFA, channels=["web"])
    field = upload("CG", content=PDFA, channels=["field", "telesales"])
    every = upload("CG", content=PDFA)
    for row in (web, field):
        publish_document(actor=lawyer, document=row)
    with pytest.raises(ValidationError, match="déjà publié sur ce canal"):
        publish_document(actor=lawyer, document=every)
    with pytest.raises(Conflict, match="Seul un brouillon"):
        publish_document(actor=lawyer, document=web)
    for _ in range(2):
        publish_document(actor=lawyer, document=upload("MEDIA", content=image("PNG")))
    archive_document(actor=lawyer, document=field)
    with pytest.raises(Conflict):
        archive_document(actor=lawyer, document=field)
    row = upload("TARIF", valid_until=date(2020, 1, 1))
    with pytest.raises(Conflict, match="01/01/2020"):
        publish_document(actor=lawyer, document=row)


@pytest.mark.requirement("2.1-document-04", "E.2.5-02")
def test_a_draft_that_is_replaced_waits_no_more(upload, lawyer, version):
    first = upload("DIPA", content=PDFA)
    second = upload("DIPA", content=render_pdf("<h1>Suite</h1>"), replaces=first)
    first.refresh_from_db()
    assert (first.state, first.published_at, second.state) == ("archived", None, "draft")
    # What had replaced it goes: the first waits again.
    delete_document(actor=lawyer, document=second)
    first.refresh_from_db()
    assert first.state == "draft"
    third = upload("DIPA", content=render_pdf("<h1>Fin</h1>"), replaces=first)
    publish_document(actor=lawyer, document=third)
    # A new version takes over the last one only; what it replaces elsewhere stays in force.
    later = VersionFactory(product=version.product, version=2)
    fourth = upload("DIPA", content=PDFA, version=later, replaces=third)
    publish_document(actor=lawyer, document=fourth)
    third.refresh_from_db()
    assert third.state == "published"


def test_a_chain_stays_within_product_and_type(upload, company):
    first = upload("CG")
    foreign = VersionFactory(product__company=company)
    for fields in ({"code": "DIPA"}, {"code": "CG", "version": foreign}):
        with pytest.raises(ValidationError, match="même produit et type"):
            upload(**fields, replaces=first)
    upload("CG", replaces=first)
    with pytest.raises(ValidationError, match="déjà été remplacé"):
        upload("CG", replaces=first)


@pytest.mark.requirement("A.2.2-product_document-01", "A.2.2-product_document-03")
def test_annexe_a_s_columns_are_enough(version):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO product_document (id, product_version_id, type, title, file_url, file_hash)"
            " VALUES (gen_random_uuid(), %s, 'DIPA', 'x', 'x', %s)",
            [version.pk, "sha256:" + "a" * 64],
        )
    row = ProductDocument.objects.get()
    assert (row.company, row.mandatory, row.published_at) == (version.company, False, None)
    assert row.channels == list(Channel.values)
    for column, value in (("type", "'INCONNU'"), ("file_hash", "'x'"), ("state", "'published'")):
        with pytest.raises(IntegrityError):
            run(f"UPDATE product_document SET {column} = {value}; SET CONSTRAINTS ALL IMMEDIATE")


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE product_document SET title = 'x' WHERE mandatory",
        "UPDATE product_document SET mandatory = false",
        "UPDATE product_document SET valid_until = '2030-01-01' WHERE mandatory",
        "UPDATE product_document SET mandatory = true WHERE NOT mandatory",
        "UPDATE product_document SET file_hash = 'sha256:' || repeat('1', 64)",
        "UPDATE product_document SET published_at = now() WHERE published_at IS NOT NULL",
        "DELETE FROM product_document WHERE mandatory",
        "DELETE FROM product_document WHERE published_at IS NOT NULL",
    ],
)
def test_sql_changes_no_file_and_no_required_document_of_a_release(upload, version, lawyer, sql):
    upload("DIPA")
    publish_document(actor=lawyer, document=upload("FAQ"))
    version.state, version.released_at = "released", version.effective_from
    version.content_hash = content_hash(version)
    version.save()
    with pytest.raises(IntegrityError, match=r"frozen|never changes|is kept"):
        run(sql)


def test_a_released_version_takes_optional_documents_only(upload, lawyer, company):
    released = make_released(company=company, sku="AP-1", plans={})
    row = upload("FAQ", version=released)
    assert not row.mandatory
    publish_document(actor=lawyer, document=row)
    with pytest.raises(Conflict, match="nouvelle version"):
        upload("CG", version=released, mandatory=True)
    with pytest.raises(Conflict, match="archivez-le"):
        delete_document(actor=lawyer, document=row)


def test_a_draft_is_deleted_with_its_file(upload, lawyer, django_capture_on_commit_callbacks):
    row = upload()
    with django_capture_on_commit_callbacks(execute=True):
        delete_document(actor=lawyer, document=row)
    assert not default_storage.exists(row.file_url)
    assert not ProductDocument.objects.exists()


def test_a_seller_reads_what_is_published_with_what_he_sells(upload, lawyer, other_company):
    from tests.factories import PublicationFactory

    row = upload()
    draft = upload("TARIF")
    PublicationFactory(product_version=row.product_version, company=other_company)
    publish_document(actor=lawyer, document=row)
    with scoping.scope([other_company.pk]):
        assert list(ProductDocument.objects.all()) == [row]
    assert draft.published_at is None
