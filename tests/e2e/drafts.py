"""A product of Mondial TV on its way in the wizard, begun by somebody."""

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
