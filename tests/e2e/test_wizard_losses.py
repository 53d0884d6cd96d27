"""Nothing that is typed in the wizard is lost: signed out in the middle, an error of the server."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import expect

from catalog.models import ProductPlan, WizardDraft
from documents.models import ProductDocument
from documents.services.upload import delete_document
from tests.e2e.drafts import MISSING, missing_documents, prepared
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.models import User
from winvest.core.pdf.render import render_pdf

MANAGER = "produit.mtv@winvest.example"
PASSWORD = "Bouquet-d-essai-2026"
# The database refuses to write drafts: the server has a real error to answer.
BREAK = """
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'broken'; END $$;
CREATE TRIGGER broken BEFORE UPDATE ON wizard_draft FOR EACH ROW EXECUTE FUNCTION broken();
"""
MEND = "DROP FUNCTION broken CASCADE"
LINES = (("WEEKEND", "Week-end", "4,90"), ("NUIT", "Nuit", "2,90"))


def type_lines(page):
    """Add lines to the table, with one plan in each."""
    expect(page.get_by_role("button", name="Continuer")).to_be_visible()
    first = page.locator("[name$=-code]").count() - 3
    for number, texts in enumerate(LINES, start=first):
        for name, text in zip(("code", "name", "amount"), texts, strict=True):
            page.locator(f"[name=plans-{number}-{name}]").fill(text)
    page.get_by_role("button", name="Ajouter une ligne").first.click()
    page.locator("[name$=-code]").last.fill("SOIR")
    return [page.locator(f"[name=plans-{number}-code]") for number in range(first, first + 4)]


@pytest.mark.requirement("3.1-01", "E.2.3-06")
def test_nothing_typed_is_lost(open_page):
    page, watch = open_page(MANAGER)
    draft = prepared(MANAGER)
    user = User.objects.get(email=MANAGER)
    user.set_password(PASSWORD)
    with scoping.everything():
        user.save()
    address = f"/assistant/{draft.pk}/tarification/"
    page.context.clear_cookies()
    visit(page, address)
    page.locator("[name=username]").fill(MANAGER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page).to_have_url(re.compile(address))
    kept = page.get_by_role("status")

    # Signed out in the middle: the page says so, and sends to the sign-in, which leads back.
    Session.objects.all().delete()
    boxes = type_lines(page)
    expect(kept).to_contain_text("Vous n'êtes plus connecté")
    page.get_by_role("button", name="Continuer").click()
    page.locator("[name=username]").fill(MANAGER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page).to_have_url(re.compile(address))
    expect(kept).to_contain_text("Gardé à")
    for box, text in zip(boxes, ("WEEKEND", "NUIT", "", "SOIR"), strict=True):
        expect(box).to_have_value(text)
    with scoping.everything():
        assert WizardDraft.objects.get(pk=draft.pk).typed != {}
        assert not ProductPlan.objects.filter(code="WEEKEND").exists()

    # With every cookie gone too, by the link of what it says.
    page.context.clear_cookies()
    boxes[3].fill("SOIREE")
    expect(kept).to_contain_text("Vous n'êtes plus connecté")
    kept.get_by_role("link", name="Se connecter").click()
    page.locator("[name=username]").fill(MANAGER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page).to_have_url(re.compile(address))
    expect(boxes[3]).to_have_value("SOIREE")

    # An error of the server: while one types, and when one goes on.
    with connection.cursor() as cursor:
        cursor.execute(BREAK)
    boxes[3].fill("")
    page.locator("[name=plans-0-name]").fill("Renommée")
    expect(kept).to_contain_text("Le serveur a rencontré une erreur")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Une erreur est survenue")).to_be_visible()
    with connection.cursor() as cursor:
        cursor.execute(MEND)
    visit(page, address)
    expect(page.locator("[name=plans-0-name]")).to_have_value("Renommée")
    expect(boxes[0]).to_have_value("WEEKEND")
    expect(boxes[3]).to_have_value("")
    page.get_by_role("button", name="Continuer").click()
    expect(page).to_have_url(re.compile("commissions/$"))
    with scoping.everything():
        made = ProductPlan.objects.filter(product_version=draft.product_version)
        assert {"Renommée", "Week-end", "Nuit"} <= set(made.values_list("name", flat=True))
    # What is written is not brought back.
    page.get_by_role("link", name="Précédent").click()
    expect(page.locator("[name=plans-0-name]")).to_have_value("Renommée")
    expect(kept).to_contain_text("gardé à chaque saisie")
    # All the faults are those of the server that was broken and of the sign-in.
    watch.problems = [one for one in watch.problems if "status 500" not in one]
    assert [one for one in watch.problems if not re.search("(status|Code) 40[13]", one)] == []


@pytest.mark.requirement("3.1-05", "E.2.3-04", "E.2.3-06")
def test_a_file_that_is_chosen_is_deposited_when_one_goes_on(open_page):
    page, watch = open_page(MANAGER)
    draft = prepared(MANAGER)
    with scoping.everything():
        manager = User.objects.get(email=MANAGER)
        for one in ProductDocument.objects.filter(product_version=draft.product_version):
            delete_document(actor=manager, document=one)
    visit(page, f"/assistant/{draft.pk}/documents/")
    missing, goes_on = missing_documents(page), page.get_by_role("button", name="Continuer")
    # A title without its file is told beside it.
    page.get_by_text("Autre document").click()
    page.locator("[name=title]").fill("Script du soir")
    goes_on.click()
    told = page.locator("[data-told]", has_text="Script du soir")
    expect(told).to_contain_text("Choisissez le fichier")
    page.locator("[name=title]").fill("")
    # One of the files is none: it is told, and the others are still chosen.
    file = {"name": "faux.pdf", "mimeType": "application/pdf", "buffer": b"<html></html>"}
    for number in range(MISSING):
        missing.nth(number).locator("[type=file]").set_input_files([file])
        file = file | {"name": "bon.pdf", "buffer": render_pdf(f"<h1>Conditions {number}</h1>")}
    goes_on.click()
    refused = missing.first.get_by_role("alert")
    expect(refused).to_be_visible()
    expect(missing).to_have_count(MISSING)
    with scoping.everything():
        kept = ProductDocument.objects.filter(product_version=draft.product_version)
        assert not kept.exists()
    missing.first.locator("[type=file]").set_input_files([file])
    goes_on.click()
    expect(page).to_have_url(re.compile("publication/$"))
    with scoping.everything():
        assert kept.count() == MISSING
    watch.problems = [one for one in watch.problems if "status 422" not in one]
    assert watch.problems == []
