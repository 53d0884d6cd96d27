"""Documents and their types in the back-office."""

from hashlib import sha256
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.models import DocumentRequirement, DocumentType, ProductDocument
from tests.factories import DocumentFactory, RiskFactory, VersionFactory
from tests.support.pdf import pdf
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = pytest.mark.usefixtures("everything")
PDF = pdf()
ADD = "admin:documents_productdocument_add"


def page(name, row):
    return reverse(f"admin:documents_productdocument_{name}", args=[row.pk])


@pytest.fixture
def version(company):
    return VersionFactory(product__company=company)


@pytest.fixture
def browser(company, user_with, browser_as):
    return browser_as(user_with(Role.LEGAL, company))


@pytest.fixture
def upload(browser, version):
    def post(content=PDF, **fields):
        data = {
            "product_version": version.pk,
            "type": "FAQ",
            "title": "Questions",
            "channels": ["web", "field"],
            "file": SimpleUploadedFile("questions.exe", content),
        }
        return browser.post(reverse(ADD), {**data, **fields})

    return post


@pytest.mark.requirement("E.2.5-01", "E.2.5-02", "E.2.5-03", "1-23")
@pytest.mark.requirement("3.5-02", "D.3.3-02", "D.3.3-03")
def test_a_lawyer_uploads_replaces_publishes_and_archives(upload, browser, version, company):
    assert upload().status_code == 302
    first = ProductDocument.objects.get()
    assert (first.company, first.channels) == (company, ["web", "field"])
    download = browser.get(page("download", first))
    assert b"".join(download.streaming_content) == PDF
    assert "attachment" in download["Content-Disposition"]
    shown = browser.get(page("preview", first))
    assert b"".join(shown.streaming_content) == PDF
    assert shown["Content-Disposition"].startswith("inline")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == (
        "application/pdf",
        "nosniff",
    )
    assert "questions.pdf" in download["Content-Disposition"]
    assert download["X-Content-Type-Options"] == "nosniff"
    assert browser.post(page("publish", first), {}).status_code == 302
    assert upload(replaces=first.pk, valid_until="01/01/2030").status_code == 302
    second = ProductDocument.objects.get(replaces=first)
    browser.post(page("publish", second), {})
    for row in (first, second):
        row.refresh_from_db()
    assert (first.state, second.state, second.version) == ("archived", "published", 2)
    listed = browser.get(reverse("admin:documents_productdocument_changelist")).content.decode()
    for text in ("badge-success", "Publié", "Archivé", "FAQ v2", "Web", "Optionnel"):
        assert text in listed
    browser.post(page("archive", second), {})
    second.refresh_from_db()
    assert second.state == "archived"
    entry = AuditEntry.objects.filter(table="product_document").first()
    assert entry.actor_role == Role.LEGAL
    assert sha256(PDF).hexdigest() in browser.get(page("change", first)).content.decode()


@pytest.mark.requirement("B.7-01")
def test_a_legal_document_that_is_no_pdf_a_is_not_published(upload, browser):
    assert upload(type="CG").status_code == 302
    row = ProductDocument.objects.get()
    told = unescape(browser.post(page("publish", row), {}, follow=True).text)
    assert "Ce document légal n'est pas un PDF/A : déposez-le en PDF/A" in told
    row.refresh_from_db()
    assert row.state == "draft"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"content": b"MZ\x90\x00"}, "ni un PDF, ni une image"),
        ({"content": b""}, "vide"),
        ({"type": "DIPAS"}, "Sélectionnez un choix valide"),
        ({"channels": []}, "obligatoire"),
        ({"title": "x" * 161}, "160"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_form_says_what_is_wrong(upload, fields, message):
    answer = upload(**fields)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not ProductDocument.objects.exists()


@pytest.mark.requirement("B.4-04")
def test_a_draft_is_edited_and_deleted_a_published_one_kept(upload, browser):
    upload()
    row = ProductDocument.objects.get()
    data = {"title": "Réponses", "channels": ["web"], "valid_until": "", "mandatory": "on"}
    assert browser.post(page("change", row), data).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.channels, row.mandatory) == ("Réponses", ["web"], True)
    browser.post(page("publish", row), {})
    browser.post(page("delete", row), {"post": "yes"})
    assert ProductDocument.objects.exists()
    upload(title="Autre")
    other = ProductDocument.objects.get(title="Autre")
    browser.post(page("delete", other), {"post": "yes"})
    assert not ProductDocument.objects.filter(title="Autre").exists()


def test_a_required_document_of_a_release_is_only_shown(upload, browser, version):
    upload()
    row = ProductDocument.objects.get()
    ProductDocument.objects.update(mandatory=True)
    version.state, version.released_at, version.content_hash = "released", row.created_at, "x"
    version.save()
    shown = browser.get(page("change", row)).content.decode()
    assert "Terrain, Web" in shown or "Web, Terrain" in shown
    assert 'name="title"' not in shown
    assert browser.post(page("publish", row), {}).status_code == 302
    row.refresh_from_db()
    assert row.state == "published"


@pytest.mark.requirement("E.2.5-02", "2.1-document-04")
def test_the_form_offers_to_replace_what_it_may(browser, version, company):
    own = DocumentFactory(product_version=version, type_id="CG", file_name="conditions.pdf")
    DocumentFactory(product_version=version, type_id="FAQ")
    other = VersionFactory(product__company=company)
    DocumentFactory(product_version=other, type_id="CG")
    later = VersionFactory(product=version.product, version=2)
    asked = {"app_label": "documents", "model_name": "productdocument", "field_name": "replaces"}

    def offered(**told):
        answer = browser.get(reverse("admin:autocomplete"), {**asked, "term": "", **told}).json()
        return [one["text"] for one in answer["results"]]

    said = f"CG v1 — {own.title} (conditions.pdf)"
    assert offered(product_version=version.pk, type="CG") == [said]
    assert offered(product_version=later.pk, type="CG", term="condi") == []
    assert offered(product_version=later.pk, type="CG", term=own.title) == [said]
    for told in ({}, {"type": "CG"}, {"product_version": "x", "type": "CG"}):
        assert offered(**told) == []
    DocumentFactory(product_version=version, type_id="CG", version=2, replaces=own)
    assert [one.partition(" — ")[0] for one in offered(product_version=version.pk, type="CG")] == [
        "CG v2"
    ]


def test_only_the_group_edits_what_families_require(browser, browser_as, user_with, company):
    kind = DocumentType.objects.get(code="FAQ")
    address = reverse("admin:documents_documenttype_change", args=[kind.pk])
    assert browser.post(address, {"label": "x"}).status_code == 403
    group = browser_as(user_with(Role.GROUP_ADMIN))
    own = RiskFactory(company=company, label="Famille de la société")
    shown = group.get(address).content.decode()
    assert own.label not in shown
    health = DocumentRequirement.objects.filter(family__code="SANTE").first().family
    data = {
        "label": "Foire aux questions",
        "position": "5",
        "requirements-TOTAL_FORMS": 1,
        "requirements-INITIAL_FORMS": 0,
        "requirements-0-family": health.pk,
        "requirements-0-channel": "web",
        "requirements-0-stage": "publication",
        "requirements-0-is_active": "on",
    }
    assert group.post(address, data).status_code == 302
    assert kind.requirements.get().channel == "web"
