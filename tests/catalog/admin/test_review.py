"""The page where a version is approved: what changes, the others' word, a comment, two buttons (§1)."""

import re
from html import escape, unescape

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from catalog.admin.sheet_tabs import sheet_address
from catalog.models import Risk, VersionApproval
from catalog.services.copies import duplicate_version
from catalog.services.versions import submit_version
from documents.models import DocumentType
from tests.catalog.services.test_approvals import rename
from tests.factories import PartnerFactory, PlanFactory
from tests.support.forms import form_of
from tests.support.offers import make_whole
from tests.support.publishable import add_document, release
from winvest.core.domain.roles import Role
from winvest.core.models import Notification

pytestmark = pytest.mark.usefixtures("everything")


def words(answer):
    """Return the text of the page's content."""
    text = answer.content.decode()
    text = re.sub(r"<[^>]+>", " ", text[text.index('class="review"') + 15 :])
    return " ".join(unescape(text).split())


@pytest.mark.requirement("4-05", "E.3-03", "D.3.2-02")
def test_what_changes_is_in_view_of_whoever_decides(company, user_with, browser_as):
    author = user_with(Role.CATALOG_MANAGER, company)
    first = make_whole(company, sku="REV-BOX-001")
    release(first)
    version = duplicate_version(actor=author, version=first)
    rename(author, version, "Essentiel plus")
    accountant = user_with(Role.ACCOUNTING, company)
    reviewer = user_with(Role.COMPANY_ADMIN, company)
    submit_version(actor=author, version=version)

    # From the notification and from the tasks, the same page.
    page = reverse("admin:catalog_productversion_review", args=[version.pk])
    told = Notification.objects.get(user=reviewer, kind="approval_asked")
    browser = browser_as(reviewer)
    opened = browser.get(reverse("admin:core_notification_open", args=[told.pk]))
    assert opened.url == f"{page}?retour=taches"
    tasks = browser.get(reverse("dashboard-figures", args=["approbations"])).text
    assert f'href="{opened.url}"' in tasks
    # The author is told of his own version by its page: he decides nothing of it.
    assert "une autre personne le fait" in browser_as(author).get(page, follow=True).text

    shown = browser.get(opened.url)
    read = words(shown)
    assert "Par rapport à la version 1, en vigueur." in read
    assert "Formule Essentiel plus › Nom" in read
    assert "Essentiel plus" in read
    assert f"Compta En attente Demandée à {accountant}." in read
    assert "Contrôle avant publication" in read
    assert "n'est pas en production" not in read

    # A refusal that does not say why is told beside the comment, with what was typed.
    fields = form_of(shown)
    blank = browser.post(opened.url, fields | {"decision": "refused", "comment": " "})
    assert 'aria-describedby="id_comment_helptext id_comment_error"' in blank.text
    beside = blank.text[blank.text.index('id="id_comment_error"') :]
    assert "Un refus dit pourquoi." in beside[: beside.index("</div>")]

    # What changed since it was read is shown anew, and only then decided.
    rename(author, version, "Essentiel max")
    stale = browser.post(opened.url, fields | {"decision": "approved"})
    assert "Le contenu a changé" in words(stale)
    assert "Essentiel max" in words(stale)
    done = browser.post(opened.url, form_of(stale) | {"decision": "approved", "comment": "Bien"})
    assert (done.status_code, done.url) == (302, reverse("my-work"))
    (said,) = VersionApproval.objects.filter(product_version=version)
    assert (said.domain, said.decision, said.comment) == ("product", "approved", "Bien")
    other = words(browser_as(accountant).get(page))
    assert f"Produit Approuvée Approuvée par {reviewer}" in other
    assert "Votre décision : Compta" in other


@pytest.mark.requirement("4-05")
def test_a_first_version_is_shown_whole(company, user_with, browser_as):
    author = user_with(Role.CATALOG_MANAGER, company)
    reviewer = user_with(Role.COMPANY_ADMIN, company)
    version = make_whole(company, sku="REV-BOX-002")
    PlanFactory(product_version=version, code="PLUS", name="Formule confort")
    version = duplicate_version(actor=author, version=version)
    submit_version(actor=author, version=version)
    browser = browser_as(reviewer)
    page = reverse("admin:catalog_productversion_review", args=[version.pk])
    read = words(browser.get(page))
    assert "Première version : tout y est nouveau." in read
    assert "Formule confort Ajouté" in read
    assert "Formule confort" in read
    back = {"domain": "product", "decision": "refused", "comment": "Trop tôt"}
    # One goes back to where one came from, which is no page of another site; else to the sheet.
    sheet = sheet_address(version.product_id, version=version.version)
    fault = browser.get(page, {"next": "//example.com/"}).text
    assert f'href="{escape(sheet)}"' in fault
    assert "example.com" not in fault[fault.index('class="review"') :]
    came = f"{sheet}&onglet=historique"
    refused = browser.post(f"{page}?{urlencode({'next': came})}", back)
    assert (refused.status_code, refused.url) == (302, came)
    version.refresh_from_db()
    assert version.state == "draft"


@pytest.mark.requirement("4-05", "3.5-04")
def test_the_documents_open_from_the_page_where_one_decides(company, user_with, browser_as):
    author = user_with(Role.CATALOG_MANAGER, company)
    jurist = browser_as(user_with(Role.LEGAL, company))
    risk = Risk.objects.get(code="SANTE", is_global=True)
    made = make_whole(
        company, sku="REV-BOX-003", risk=risk, partner=PartnerFactory(company=company)
    )
    version = submit_version(actor=author, version=duplicate_version(actor=author, version=made))
    general = add_document(version, "CG", title="Conditions 2026")
    add_document(version, "CG", title="Conditions périmées", state="archived")
    page = jurist.get(reverse("admin:catalog_productversion_review", args=[version.pk]))
    read = words(page)
    assert "Conditions 2026 " in read
    assert "Conditions périmées" not in read
    assert f"{DocumentType.objects.get(code='DIPA').label} " in read
    assert "Manquant" in read
    assert "sha256:" not in read  # a file is told apart by the end of its print
    link = reverse("product-document", args=[general.pk])
    assert f'href="{link}"' in page.text
    file = jurist.get(link)
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    file.close()
