"""A file that is not the one that came is handed to nobody, and those who answer are told (B.7-03)."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from documents.tasks import verify
from tests.factories import DocumentFactory, VersionFactory
from tests.support.publishable import add_document
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Membership, Notification

pytestmark = pytest.mark.usefixtures("everything")


@pytest.fixture
def people(company, other_company, user_with):
    user_with(Role.IT, other_company)
    return {role: user_with(role, company) for role in Role if role != Role.GROUP_ADMIN}


def told():
    rows = Notification.objects.filter(kind="document_altered")
    members = Membership.objects.filter(user__in=rows.values("user"))
    return set(members.values_list("company__code", "role"))


def address(row):
    return f"/api/catalog/documents/{row.pk}/download"


@pytest.mark.requirement("B.7-03", "3.5-03", "D.3.3-02")
def test_a_corrupted_file_is_never_handed_over(company, people, api, browser_as):
    row = add_document(VersionFactory(product__company=company), "CGV", title="Conditions")
    seller, jurist = api(people[Role.AUDITOR]), browser_as(people[Role.LEGAL])
    path = Path(default_storage.path(row.file_url))
    whole = path.read_bytes()
    assert b"".join(seller.get(address(row)).streaming_content) == whole
    last = whole[:-1] + bytes([whole[-1] ^ 1])
    faults = {
        "one bit": (last, "document.file_altered"),
        "truncated": (whole[:-1], "document.file_altered"),
        "empty": (b"", "document.file_altered"),
        "longer": (whole + b"\n", "document.file_altered"),
        "gone": (None, "document.file_missing"),
    }
    for number, (label, (content, code)) in enumerate(faults.items(), start=1):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        for _ in range(2):
            refused = seller.get(address(row))
            assert (refused.status_code, refused.json()["code"]) == (409, code), label
            assert "Repr-Digest" not in refused
        for name in ("download", "preview"):
            page = reverse(f"admin:documents_productdocument_{name}", args=[row.pk])
            shown = jurist.get(page, follow=True)
            assert shown.status_code == 200, label
            assert "l&#x27;ADV et l&#x27;IT en sont prévenus" in shown.content.decode(), label
        # Once for each fault, however often the file is asked for.
        assert Notification.objects.count() == 3 * number, label
    assert {role for _, role in told()} == {Role.ADV, Role.LEGAL, Role.IT}
    assert {code for code, _ in told()} == {company.code}
    said = Notification.objects.first()
    assert said.title.endswith(": CGV, fichier introuvable")
    assert row.file_hash in said.text
    assert AuditEntry.objects.filter(table="notification").count() == 15
    # The file found again is handed over as before.
    path.write_bytes(whole)
    assert b"".join(seller.get(address(row)).streaming_content) == whole


def test_a_large_file_comes_whole_and_an_unreadable_one_is_no_fault(company, people, api):
    content = bytes(range(256)) * 16 * 1024  # four times what stays in memory
    name = default_storage.save("documents/test/long.pdf", ContentFile(content))
    digest = f"sha256:{sha256(content).hexdigest()}"
    version = VersionFactory(product__company=company)
    row = DocumentFactory(product_version=version, file_url=name, file_hash=digest)
    reader = api(people[Role.ADV])
    answer = reader.get(address(row))
    assert int(answer["Content-Length"]) == len(content)
    assert b"".join(answer.streaming_content) == content
    path = Path(default_storage.path(name))
    path.unlink()
    path.mkdir()  # what the system refuses to read, as a disk that does not answer
    refused = reader.get(address(row))
    assert (refused.status_code, refused.json()["code"]) == (503, "document.file_unreadable")
    verify()
    assert not Notification.objects.exists()
    path.rmdir()
