"""`manage.py verify_documents`: a file that changed or is gone is named (B.7-03)."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from tests.factories import VersionFactory
from tests.support.pdf import pdf
from tests.support.publishable import add_document

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
