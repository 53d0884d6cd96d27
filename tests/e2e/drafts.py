"""A product of Mondial TV on its way in the wizard, begun by somebody."""

from playwright.sync_api import Locator, Page, expect

from catalog.choices import WizardStep
from catalog.models import Product, WizardDraft
from catalog.services.copies import duplicate_product
from catalog.services.wizard import open_draft
from winvest.core import scoping
from winvest.core.models import User


def prepared(email: str, *, reached: WizardStep = WizardStep.PUBLICATION) -> WizardDraft:
    """Return the draft of another offer with the prices of the first, which has come to `reached`."""
    with scoping.everything():
        actor = User.objects.get(email=email)
        source = Product.objects.get(sku="MTV-OFFRE-001")
        product = duplicate_product(actor=actor, product=source, name="Offre en préparation")
        return open_draft(actor=actor, version=product.versions.get(), reached=reached)


# The documents that Mondial TV's channels require (B.2.4, B.3, B.8).
MISSING = 4


def missing_documents(page: Page) -> Locator:
    """Wait until the step is there whole; return the documents that it still lacks."""
    missing = page.locator("section.wizard-need").filter(has_text="Manquant")
    expect(missing).to_have_count(MISSING)
    return missing
