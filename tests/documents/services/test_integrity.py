"""Files that changed or are gone are named by the command, told by the night's sweep (B.7-03)."""

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from documents.tasks import verify
from tests.factories import VersionFactory
from tests.support.pdf import pdf
from tests.support.publishable import add_document
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, Notification

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("B.7-03", "B.4-01")
def test_a_file_that_changed_or_is_gone_is_named(everything, company, other_company, capsys):
    whole, changed, gone = (
        add_document(VersionFactory(product__company=one), "CGV")
        for one in (company, other_company, company)
    )
    call_command("verify_documents")
    assert "3 document(s) intact(s)." in capsys.readouterr().out
    default_storage.delete(changed.file_url)
    default_storage.save(changed.file_url, ContentFile(pdf("autre")))
    default_storage.delete(gone.file_url)
    with pytest.raises(CommandError, match=r"2 document\(s\) sur 3"):
        call_command("verify_documents")
    told = capsys.readouterr().out
    assert f"({changed.pk}) : fichier modifié" in told
    assert f"({gone.pk}) : fichier introuvable" in told
    assert str(whole.pk) not in told


@pytest.mark.requirement("B.7-03", "B.4-01")
def test_the_night_tells_of_each_fault_once(everything, company, other_company, user_with):
    tasks = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert verify.name in tasks
    for one in (company, other_company):
        for role in (Role.ADV, Role.LEGAL, Role.IT, Role.CATALOG_MANAGER):
            user_with(role, one)
    whole, changed, gone = (
        add_document(VersionFactory(product__company=one), "CGV")
        for one in (company, other_company, company)
    )
    verify()
    assert not Notification.objects.exists()
    default_storage.delete(changed.file_url)
    default_storage.save(changed.file_url, ContentFile(pdf("autre")))
    default_storage.delete(gone.file_url)
    for _ in range(2):
        verify()
        assert told() == {
            (row.pk, row.company.code, role, fault)
            for row, fault in ((changed, "fichier modifié"), (gone, "fichier introuvable"))
            for role in (Role.ADV, Role.LEGAL, Role.IT)
        }
        assert Notification.objects.count() == 6
    # Another fault of the same file is another finding.
    default_storage.delete(changed.file_url)
    verify()
    assert Notification.objects.count() == 9
    assert not Notification.objects.filter(target_id=whole.pk).exists()


def told():
    roles = dict(Membership.objects.values_list("user", "role"))
    return {
        (row.target_id, row.company.code, roles[row.user_id], row.title.rpartition(", ")[2])
        for row in Notification.objects.select_related("company")
    }
