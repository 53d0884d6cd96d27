"""What several stories do by hand on a sheet, and what other modules of the CRM do by the API."""

import json
from urllib.request import Request, urlopen

from playwright.sync_api import Page, expect

from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.models import User
from winvest.core.services.access import issue_token


def publish_documents(page: Page, tab: str, number: int) -> None:
    """Publish one by one the documents that wait on a tab « Documents »."""
    visit(page, tab)
    drafts = page.locator("#sheet tr").filter(has_text="Brouillon")
    expect(drafts).to_have_count(number)
    for left in range(number, 0, -1):
        drafts.first.get_by_role("link").first.click()
        page.get_by_role("link", name="Publier").click()
        page.get_by_role("button", name="Publier").click()
        expect(page.get_by_role("link", name="Archiver")).to_be_visible()
        visit(page, tab)
        expect(drafts).to_have_count(left - 1)


def map_revenue(page: Page, tab: str) -> None:
    """Enter the account of the sale from a tab « Paramètres », and validate it."""
    visit(page, tab)
    page.get_by_role("link", name="Ajouter un mapping").click()
    page.locator("[name=gl_account]").fill("706100")
    page.locator("[name=tax_code]").select_option("FR20")
    page.get_by_role("button", name="Enregistrer et rester").click()
    page.get_by_role("button", name="Enregistrer et valider").click()
    expect(page.get_by_text("Mapping validé.")).to_be_visible()
    expect(page.get_by_role("button", name="Enregistrer et valider")).to_have_count(0)


def crm(base: str, email: str):
    """Return a function that calls the API of the site as a module of the CRM, with its token."""
    with scoping.everything():
        admin = User.objects.get(email="admin.groupe@winvest.example")
        user = User.objects.get(email=email)
        _, secret = issue_token(actor=admin, user=user, name="crm")
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def call(path: str, body: object = None):
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{base}/api/catalog/{path}", data, headers)) as answer:
            return json.loads(answer.read())

    return call
