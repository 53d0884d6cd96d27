"""The pictures of README and `docs/`, taken of the demo: `make images`.

Not collected with the tests: run by name, it writes into `docs/images`.
"""

from dataclasses import dataclass
from typing import Literal

import pytest
from django.conf import settings

from catalog.choices import WizardStep
from catalog.models import Product
from catalog.services.copies import duplicate_product
from catalog.services.wizard import accept_step, open_draft
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.models import User

IMAGES = settings.BASE_DIR / "docs" / "images"
GROUP_ADMIN = "admin.groupe@winvest.example"
MANAGER = "produit.mtv@winvest.example"


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as somebody sees it; `{sku}` in the path is the key of that product."""

    name: str
    path: str
    email: str = GROUP_ADMIN
    width: int = 1440
    scheme: Literal["light", "dark"] = "light"


SHEET = "/catalogue/produits/{MTV-OFFRE-001}/"
PICTURES = (
    Picture("catalogue", "/catalogue/"),
    Picture("catalogue-sombre", "/catalogue/", scheme="dark"),
    Picture("catalogue-telephone", "/catalogue/", width=390),
    Picture("fiche", SHEET),
    Picture("fiche-tarification", f"{SHEET}?onglet=tarification"),
    Picture("fiche-commissions", f"{SHEET}?onglet=commissions"),
    Picture("fiche-telephone", SHEET, width=390, scheme="dark"),
    Picture("assistant", "/assistant/{brouillon}/tarification/", email=MANAGER),
    Picture("tableau-de-bord", "/tableau-de-bord/"),
    Picture("journal", "/core/auditentry/"),
)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_take(picture, open_page):
    path = picture.path
    with scoping.everything():
        for product in Product.objects.all():
            path = path.replace(f"{{{product.sku}}}", str(product.pk))
        if "{brouillon}" in path:
            path = path.replace("{brouillon}", str(_draft().pk))
    page, watch = open_page(picture.email, width=picture.width, scheme=picture.scheme)
    visit(page, path)
    page.wait_for_load_state("networkidle")
    assert watch.problems == []
    page.screenshot(path=IMAGES / f"{picture.name}.png", full_page=picture.width < 500)


def _draft():
    """Begin another offer of Mondial TV in the wizard, at its second step."""
    manager = User.objects.get(email=MANAGER)
    offer = Product.objects.get(sku="MTV-OFFRE-001")
    copy = duplicate_product(actor=manager, product=offer, name="Offre TV Week-end")
    draft = open_draft(actor=manager, version=copy.versions.get())
    return accept_step(
        actor=manager, draft=draft, step=WizardStep.GENERAL, reached=WizardStep.PRICING
    )
