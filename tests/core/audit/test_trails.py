"""The monthly trail of each company: one file, once, handed over to auditors (3.8-09)."""

import csv
import io
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from django.urls import reverse

from tests.factories import BrandFactory, ProductFactory
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.periods import add_months, local_date, local_midnight
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, AuditTrail
from winvest.core.tasks import write_audit_trails

PARIS = "Europe/Paris"


def month_end() -> tuple[str, datetime]:
    """Return the present month, by which the database dates its log, and the first hours after."""
    today = local_date(now(), PARIS)
    following = add_months(today.replace(day=1), 1)
    return f"{today:%Y-%m}", local_midnight(following, PARIS) + timedelta(hours=2)


def cells(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


@pytest.mark.requirement("3.8-09", "3.8-08", "3.8-13")
def test_each_company_gets_the_file_of_its_month_once(
    company, other_company, user_with, browser_as
):
    with scoping.everything():
        BrandFactory(company=company, name="=1+1")
        BrandFactory(company=other_company, name="Canari")
        mine = AuditEntry.objects.filter(company_id=company.pk).count()
    month, after = month_end()
    with time_machine.travel(after, tick=False):
        write_audit_trails()
        write_audit_trails()
    with scoping.everything():
        trails = {trail.company_id: trail for trail in AuditTrail.objects.all()}
    assert set(trails) == {company.pk, other_company.pk}
    trail = trails[company.pk]
    assert (trail.month, trail.file_name, trail.rows) == (
        month,
        f"PISTE_AUDIT_AP_{month}.csv",
        mine,
    )

    auditor = user_with(Role.AUDITOR, company)
    browser = browser_as(auditor)
    page = browser.get(reverse("admin:core_audittrail_changelist"))
    assert trail.file_name in page.text
    assert trails[other_company.pk].file_name not in page.text
    base = reverse("admin:core_audittrail_changelist")
    answer = browser.get(f"{base}{trail.pk}/download/")
    content = b"".join(answer.streaming_content)
    assert sha256(content).hexdigest() == trail.sha256
    rows = cells(content)
    assert len(rows) == mine
    assert {row["Société"] for row in rows} == {"AP"}
    [brand] = [row for row in rows if row["Objet"] == "Marque"]
    assert (brand["Action"], brand["Désignation"]) == ("Création", "'=1+1")
    assert "Canari" not in content.decode()
    with scoping.everything():
        taken = AuditEntry.objects.filter(action="export", record_id=trail.pk).order_by("id").last()
    assert (taken.actor_id, taken.after["event"]) == (auditor.pk, "downloaded")
    told = browser.get(reverse("admin:core_auditentry_change", args=[taken.pk])).text
    assert "téléchargé" in told
    assert "downloaded" not in told
    assert browser.get(f"{base}{trails[other_company.pk].pk}/download/").status_code == 404
    seller = browser_as(user_with(Role.SALES, company))
    assert seller.get(f"{base}{trail.pk}/download/").status_code == 403


def test_a_product_s_lines_are_in_words(company):
    with scoping.everything():
        product = ProductFactory(company=company)
        product.name = "Renommé"
        product.save()
    with time_machine.travel(month_end()[1], tick=False):
        write_audit_trails()
    with scoping.everything():
        trail = AuditTrail.objects.get()
    with trail.file.open() as file:
        rows = [row for row in cells(file.read()) if row["Objet"] == "Produit"]
    assert [row["Action"] for row in rows] == ["Modification", "Création"]
    assert rows[0]["Changements"].startswith("Nom : Produit ")
    assert rows[0]["Changements"].endswith("→ Renommé")
    assert f"Risque : {product.risk.label}" in rows[1]["Changements"]
    assert "Type de monétisation : CA interne" in rows[1]["Changements"]
