"""Who is told of a document, by the letters of Annexe D.3.3."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import VersionFactory
from tests.support.calls import API
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, Notification
from winvest.core.pdf.render import render_pdf

pytestmark = pytest.mark.usefixtures("everything")
TEAM = set(Role) - {Role.GROUP_ADMIN, Role.SALES, Role.AUDITOR}


@pytest.mark.requirement("D.3.3-01", "D.3.3-02", "D.3.3-03", "D.3.5-04")
def test_a_deposit_a_publication_and_an_archive_are_told_to_all_but_who_does_them(
    company, user_with, api
):
    people = {role: user_with(role, company) for role in TEAM | {Role.SALES, Role.AUDITOR}}
    version = VersionFactory(product__company=company)

    def told():
        rows = Notification.objects.all()
        roles = set(Membership.objects.filter(user__in=rows.values("user")).values_list("role"))
        said = set(rows.values_list("kind", "title"))
        rows.delete()
        return {role for (role,) in roles}, said

    file = SimpleUploadedFile("cg.pdf", render_pdf("<h1>Conditions</h1>"))
    deposit = {"type": "CG", "title": "Conditions", "file": file}
    manager, lawyer = api(people[Role.CATALOG_MANAGER]), api(people[Role.LEGAL])
    made = manager.post(f"{API}/versions/{version.pk}/documents", deposit)
    assert made.status_code == 201, made.content
    assert told() == (
        TEAM - {Role.CATALOG_MANAGER},
        {("document_deposited", f"{version} : CG déposé")},
    )
    address = f"{API}/documents/{made.json()['id']}"
    assert lawyer.post(f"{address}/publish", {}, "application/json").status_code == 200
    without = TEAM - {Role.LEGAL}
    assert told() == (without, {("document_published", f"{version} : CG publié")})
    assert lawyer.post(f"{address}/archive", {}, "application/json").status_code == 200
    assert told() == (without, {("documents_archived", f"{version} : CG archivé")})
