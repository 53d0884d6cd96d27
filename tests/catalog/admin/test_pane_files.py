"""The list of the catalogue as a file: CSV, Excel and PDF, told by the log (3.7-08, E.2.1)."""

import re

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from catalog.admin import pane_files
from catalog.choices import ViewColumn
from tests.factories import (
    ExternalMappingFactory,
    PartnerFactory,
    ProductFactory,
    RiskFactory,
)
from tests.support.offers import make_released
from tests.support.panes import shown
from tests.support.pdf import pdf_text
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.services.row_exports import journalise_list

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("3.7-08", "E.2.1-07")
def test_what_is_shown_leaves_as_a_file_for_whoever_sees_it_whole(
    catalogue, browser_as, user_with, company, monkeypatch
):
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    query = f"?risk={catalogue['health'].pk}&partner=internal&search=dentaire"
    page = shown(manager, query)
    (address,) = re.findall(r'href="([^"]+)">CSV ou Excel', page)
    answer = manager.post(address.replace("&amp;", "&"), {"format": "0", "resource": "0"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert ("A-2" in content, "A-1" in content, "A-3" in content) == (True, False, False)
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    # As a PDF, with the columns that are shown.
    page = shown(manager, f"{query}&columns=code&columns=status")
    (address,) = re.findall(r'href="([^"]+)">PDF', page)
    answer = manager.get(address.replace("&amp;", "&"))
    text = pdf_text(b"".join(answer.streaming_content))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert [word in text for word in ("Dentaire", "A-2", "Actif", "Énergie", "Fibre")] == [
        *(True, True, True, False, False)
    ]
    # It says how many there are and what they were filtered by, beyond what it holds too.
    assert "1 produit au" in text
    assert "Risque : Santé · Partenaire : Interne · Recherche : dentaire" in text
    log = AuditEntry.objects.filter(table="product", after__format="pdf").get()
    assert log.after["event"] == "list_exported"
    monkeypatch.setattr(pane_files, "MAX_LINES", 1)
    text = pdf_text(b"".join(manager.get(reverse("catalogue-pdf")).streaming_content))
    assert [word in text for word in ("4 produits au", "Seuls les 1", "Sans filtre")] == [True] * 3
    seller = browser_as(user_with(Role.SALES, company))
    assert "Exporter" not in shown(seller)
    assert seller.get(reverse("catalogue-pdf")).status_code == 403


@pytest.mark.requirement("3.7-08", "E.2.1-07")
@pytest.mark.parametrize("number", [4, 9, len(ViewColumn)])
def test_no_word_date_or_code_is_cut_in_the_file(browser_as, user_with, company, number):
    product = ProductFactory(
        company=company,
        sku="AP-COMPLEMENTAIRE-SANTE-2026-001",
        name="Responsabilité professionnelle et protection juridique complémentaire",
        risk=RiskFactory(company=company, label="Responsabilité professionnelle"),
        partner=PartnerFactory(company=company, name="Réassurance internationale"),
    )
    ExternalMappingFactory(product=product, integration_status="requested")
    columns = ["code", "changed", *(one for one in ViewColumn if one not in {"code", "changed"})]
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    answer = client.get(reverse("catalogue-pdf"), {"columns": columns[:number]})
    text = pdf_text(b"".join(answer.streaming_content))
    wanted = " ".join(ViewColumn(column).label for column in columns[:number]).split()
    wanted += [product.sku, f"{localtime(product.updated_at):%d/%m/%Y}", *product.name.split()]
    wanted += [*product.risk.label.split(), *product.partner.name.split()] if number > 4 else []
    assert [word for word in wanted if word not in text] == []


@pytest.mark.requirement("3.7-08", "3.8-07")
def test_the_log_says_in_words_what_a_list_was_filtered_by(
    catalogue, browser_as, user_with, company
):
    manager = user_with(Role.CATALOG_MANAGER, company)
    client, health = browser_as(manager), catalogue["health"]
    query = f"?risk={health.pk}&partner=internal&status=active&search=dentaire&columns=code"
    assert b"".join(client.get(f"{reverse('catalogue-pdf')}{query}").streaming_content)
    (address,) = re.findall(r'href="([^"]+)">CSV ou Excel', shown(client, query))
    answer = client.post(address.replace("&amp;", "&"), {"format": "0", "resource": "0"})
    assert b"".join(answer.streaming_content)
    # As lines were kept before.
    journalise_list(
        actor=manager,
        companies=frozenset({company.pk}),
        table="product",
        details={"filters": "search=sant%C3%A9&published=true&order=code&risk=tout"},
    )
    auditor = browser_as(user_with(Role.AUDITOR, company))
    answer = auditor.get("/core/auditentry/export/?table=product")
    told = b"".join(answer.streaming_content).decode()
    filtered = [set(re.findall(r"Filtre ([^|]+) \|", line)) for line in told.splitlines()]
    for filters in (
        {f"risque : {health}", "partenaire : Interne", "statut : Actif", "recherche : dentaire"},
        {f"risque : {health}", "interne : Oui", "statut : Actif", "recherche : dentaire"},
        {"recherche : santé", "publié : Oui", "risque : tout"},
    ):
        assert filters in filtered
