"""The pictures of README and `docs/`, taken of the demo: `make images`.

Not collected with the tests: run by name, it writes into `docs/images`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Literal

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import expect

from catalog.choices import WizardStep
from catalog.models import PricingRule, Product, ProductVersion
from catalog.services.copies import duplicate_product, duplicate_version
from catalog.services.versions import submit_version
from catalog.services.wizard import accept_step, open_draft
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.models import User
from winvest.core.transaction import transaction

IMAGES = settings.BASE_DIR / "docs" / "images"
GROUP_ADMIN = "admin.groupe@winvest.example"
MANAGER = "produit.mtv@winvest.example"
COPY = "Offre TV Week-end"
LONG = "Complémentaire santé collective des salariés du bâtiment et des travaux publics, régime "


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as somebody sees it; `{sku}` or `{e-mail}` in the path is the key of that row.

    `before` makes the `{version}` that the page is to show; `press` is the button pressed before it
    is taken, which `shows` a text.
    """

    name: str
    path: str
    email: str = GROUP_ADMIN
    width: int = 1440
    height: int = 900
    scheme: Literal["light", "dark"] = "light"
    before: Callable[[], ProductVersion] | None = None
    press: str = ""
    shows: str = ""


def submitted() -> ProductVersion:
    """Submit another offer of Mondial TV, which then waits for its approvals."""
    manager = User.objects.get(email=MANAGER)
    offer = Product.objects.get(sku="MTV-OFFRE-001")
    version = duplicate_product(actor=manager, product=offer, name=COPY).versions.get()
    return submit_version(actor=manager, version=version)


def revised() -> ProductVersion:
    """Submit the offer's next version, whose Confort costs two euros more."""
    manager = User.objects.get(email=MANAGER)
    offer = ProductVersion.objects.get(product__sku="MTV-OFFRE-001")
    version = duplicate_version(actor=manager, version=offer)
    rule = PricingRule.objects.get(product_version=version, plan__code="CONFORT")
    with transaction(manager, version.company_id):
        rule.payload = {**rule.payload, "amount": Decimal("21.90")}
        rule.save()
    return submit_version(actor=manager, version=version)


def named_at_length() -> ProductVersion:
    """Give the products names as long as the database takes them."""
    longest = Product._meta.get_field("name").max_length
    for number, product in enumerate(Product.objects.order_by("sku"), 1):
        name = f"{number}. {LONG * 3}"[:longest].strip()
        Product.objects.filter(pk=product.pk).update(name=name)
    return ProductVersion.objects.get(product__sku="MTV-OFFRE-001")


def _of(name: str) -> str:
    return f"{name}@winvest.example"


SHEET = "/catalogue/produits/{MTV-OFFRE-001}/"
PICTURES = (
    Picture("catalogue", "/catalogue/"),
    Picture("catalogue-sombre", "/catalogue/", scheme="dark"),
    Picture("catalogue-telephone", "/catalogue/", width=390),
    Picture("catalogue-tablette", "/catalogue/", width=1024, height=768),
    Picture("catalogue-noms-longs", "/catalogue/", before=named_at_length),
    Picture("catalogue-vide", "/catalogue/", _of("admin.winvest"), height=600),
    Picture("fiche", SHEET),
    Picture("fiche-tarification", f"{SHEET}?onglet=tarification"),
    Picture("fiche-commissions", f"{SHEET}?onglet=commissions"),
    Picture("fiche-telephone", SHEET, width=390, scheme="dark"),
    Picture("fiche-tablette", SHEET, width=1024, height=768, before=named_at_length),
    Picture("assistant", "/assistant/{brouillon}/tarification/", email=MANAGER),
    Picture("tableau-de-bord", "/tableau-de-bord/"),
    Picture("journal", "/core/auditentry/"),
)
TASKS = "/mes-taches/"
# What `docs/guide/` shows, each as the role sees it.
GUIDES = (
    Picture("guide-compta-taches", TASKS, _of("compta.mtv"), height=620, before=submitted),
    Picture(
        "guide-compta-mappings", "/accounting/accountingmapping/", _of("compta.ap"), height=600
    ),
    Picture(
        "guide-juriste-documents",
        "/documents/productdocument/",
        _of("juriste.mtv"),
        height=720,
        before=submitted,
    ),
    Picture("guide-it-acces", "/partners/partnercredential/", _of("it.ap"), height=560),
    Picture("guide-marketing-notifications", "/core/notification/", _of("marketing.mtv")),
    Picture("guide-vente-catalogue", "/catalogue/", _of("vente.mtv"), height=600),
    Picture(
        "guide-vente-prix",
        f"{SHEET}?onglet=tarification",
        _of("vente.mtv"),
        press="Calculer",
        shows="Chaque étape",
    ),
    Picture("guide-audit-journal", "/core/auditentry/?action__exact=update", _of("audit.mtv")),
    Picture("guide-catalogue-actions", f"{SHEET}actions/", MANAGER, height=720),
    Picture("guide-catalogue-retrait", "/catalog/product/{MTV-OFFRE-001}/retire/", MANAGER),
    Picture(
        "guide-adv-gel", SHEET, _of("adv.mtv"), height=640, press="Geler", shows="Geler la vente"
    ),
    Picture(
        "guide-adv-controle",
        "/catalog/productversion/{version}/checklist/",
        _of("adv.mtv"),
        before=submitted,
    ),
    Picture(
        "guide-approbation",
        "/catalog/productversion/{version}/review/",
        _of("compta.mtv"),
        before=revised,
    ),
    Picture("guide-admin-compte", "/core/user/{vente.mtv@winvest.example}/change/"),
)


@pytest.mark.parametrize("picture", PICTURES + GUIDES, ids=lambda picture: picture.name)
def test_take(picture, open_page):
    path = picture.path
    with scoping.everything():
        if picture.before:
            path = path.replace("{version}", str(picture.before().pk))
        for product in Product.objects.all():
            path = path.replace(f"{{{product.sku}}}", str(product.pk))
        for user in User.objects.all():
            path = path.replace(f"{{{user.email}}}", str(user.pk))
        if "{brouillon}" in path:
            path = path.replace("{brouillon}", str(_draft().pk))
    page, watch = open_page(picture.email, width=picture.width, scheme=picture.scheme)
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    visit(page, path)
    page.wait_for_load_state("networkidle")
    if picture.press:
        button = page.locator(
            f"button:text-is('{picture.press}'), summary:text-is('{picture.press}')"
        )
        button.click()
        expect(page.get_by_text(picture.shows, exact=True)).to_be_visible()
        button.evaluate("one => one.closest('section')?.scrollIntoView()")
    assert watch.problems == []
    taken = page.screenshot(full_page=picture.width < 500)
    # A screen has few colours: a palette makes a file three times smaller.
    few = (
        Image.open(BytesIO(taken))
        .convert("RGB")
        .quantize(256, Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE)
    )
    few.save(IMAGES / f"{picture.name}.png", optimize=True)


def _draft():
    """Begin another offer of Mondial TV in the wizard, at its second step."""
    manager = User.objects.get(email=MANAGER)
    offer = Product.objects.get(sku="MTV-OFFRE-001")
    copy = duplicate_product(actor=manager, product=offer, name=COPY)
    draft = open_draft(actor=manager, version=copy.versions.get())
    return accept_step(
        actor=manager, draft=draft, step=WizardStep.GENERAL, reached=WizardStep.PRICING
    )
