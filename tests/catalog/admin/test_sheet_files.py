"""The sheet of a product as a file: what the person reads, journalised (screens.md 2, 3.8-08)."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from documents.services.inspection import inspect
from tests.factories import PartnerFactory, ProductFactory
from tests.support.offers import make_released, make_whole
from tests.support.pages import spaced
from winvest.core.choices import AuditAction
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def content(client, kind, product, **query):
    answer = client.get(reverse(f"product-{kind}", args=[product.pk]), query)
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


def rows(client, product, **query):
    _, text = content(client, "csv", product, **query)
    assert text.startswith("\ufeffOnglet;Partie;Ligne;Rubrique;Valeur\r\n".encode())
    assert text.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.requirement("3.8-08", "E.2.2-02", "E.2.2-03")
def test_the_files_say_what_the_page_says_to_this_person(browser_as, user_with, company):
    logo = io.BytesIO()
    Image.new("RGB", (60, 30), "purple").save(logo, "PNG")
    company.brand_theme = {"color": "#7c3aed"}
    company.logo.save("logo.png", ContentFile(logo.getvalue()))
    partner = PartnerFactory(company=company, name="OggoData")
    draft = make_whole(company, name="=Santé & Zen", sku="AP/S-1", partner=partner)
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    found = rows(manager, draft.product)
    told = {(row["Onglet"], row["Rubrique"]): row["Valeur"] for row in found}
    state = ("Statut du produit", "Version", "État de la version")
    assert [told["Fiche", name] for name in state] == ["Actif", "1", "Brouillon"]
    assert ("Fiche", "Date d'effet") in told
    assert ("Fiche", "Mise en production") not in told
    assert told["Description", "Nom"] == "'=Santé & Zen"  # no spreadsheet runs it
    assert told["Description", "Partenaire"] == "OggoData"
    assert {spaced(row["Valeur"]) for row in found} >= {"9,90 € TTC", "19,90 € TTC", "De 0 à 100"}
    assert "Historique" not in {row["Onglet"] for row in found}
    answer, pdf = content(manager, "pdf", draft.product)
    assert answer["Content-Type"] == "application/pdf"
    assert 'filename="Fiche_AP-S-1_v1.pdf"' in answer["Content-Disposition"]
    assert inspect(io.BytesIO(pdf)).pdfa == "2B"
    _, without = content(manager, "pdf", ProductFactory(company=company))
    assert without.startswith(b"%PDF")
    events = AuditEntry.objects.filter(record_id=draft.product_id, action=AuditAction.EXPORT)
    assert {entry.after["format"] for entry in events} == {"csv", "pdf"}


@pytest.mark.requirement("3.5-04", "3.8-13")
def test_a_seller_s_file_holds_neither_commission_nor_hidden_price(
    browser_as, user_with, company, other_company
):
    version = make_released(company=company, sku="BOX-1", plans={"BASIC": "29.90"}, name="Box")
    seller = browser_as(user_with(Role.SALES, company))
    found = rows(seller, version.product)
    assert {row["Onglet"] for row in found} == {"Fiche", "Description", "Tarification"}
    assert "29,90 € TTC" in {spaced(row["Valeur"]) for row in found}
    version.publications.update(price_visible=False)
    assert not any("29,90" in row["Valeur"] for row in rows(seller, version.product))
    assert Decimal("29.90") == version.pricing_rules.get().payload["amount"]
    # A day without a version, and another company's product, are no file at all.
    early = seller.get(reverse("product-csv", args=[version.product_id]), {"le": "2020-01-01"})
    assert early.status_code == 404
    stranger = browser_as(user_with(Role.CATALOG_MANAGER, other_company))
    for kind in ("pdf", "csv"):
        address = reverse(f"product-{kind}", args=[version.product_id])
        assert stranger.get(address).status_code == 404
