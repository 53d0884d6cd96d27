"""« Essayer un prix » on a product's sheet: the quote of the API, in words (screens.md 2)."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from catalog.domain.eligibility import SellableProblem
from catalog.services.copies import duplicate_version
from integrations.admin.quote_words import sum_in_words
from tests.factories import (
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.calls import send
from tests.support.offers import make_released
from tests.support.pages import spaced
from tests.support.publishable import release
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
GRID = [
    {"min": 0, "max": 99, "amount": Decimal(10)},
    {"min": 100, "max": 499, "amount": Decimal(9)},
    {"min": 500, "max": None, "amount": Decimal(8)},
]
OPTION = {"code": "4K", "name": "Ultra HD", "amount": Decimal("3.00"), "mandatory": False}


def plain(text):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def version(company):
    """A version on sale whose plan has a grid by slab and an option."""
    return make_released(
        company=company,
        sku="TV-1",
        name="Offre TV",
        plans={"BASIC": "0"},
        prices=[{"type": "tiered", "tier_mode": "slab", "payload": GRID}],
        extras={"options": [OPTION]},
    )


def ask(client, version, /, **given):
    """Return what the fragment answers."""
    query = {
        "company": str(version.company_id),
        "plan": "BASIC",
        "channel": "web",
        "quantity": "150",
        "day": f"{now():%Y-%m-%d}",
    }
    answer = client.get(
        reverse("product-quote", args=[version.product_id]),
        query | given,
        headers={"HX-Request": "true", "HX-Target": "sheet-quote-answer"},
    )
    assert answer.status_code == 200
    return plain(answer.content.decode())


@pytest.mark.requirement("E.2.2-03")
def test_a_price_is_tried_with_every_step(version, browser_as, user_with, company):
    seller = browser_as(user_with(Role.SALES, company))
    page = seller.get(
        reverse("product-sheet", args=[version.product_id]), {"onglet": "tarification"}
    ).content.decode()
    assert "Essayer un prix" in page
    # The curve is drawn with the two places where more costs less.
    (points,) = re.findall(r'data-points="([^"]+)"', page)
    assert unescape(points).startswith('[{"x": 0.0, "y": 0.0}, {"x": 99.0, "y": 990.0}')
    (turned,) = re.findall(r'data-turned="([^"]+)"', page)
    assert unescape(turned) == '[{"x": 100.0, "y": 900.0}, {"x": 500.0, "y": 4000.0}]'
    assert "À 100, le total passe de 990,00 € à 900,00 €" in spaced(page)
    shown = ask(seller, version)
    for text in (
        *("1 350,00 € TTC", "1 125,00 € HT", "TVA 225,00 €", "Version 1", "Prix palier"),
        *("150 × 9", "1 350,00 € TTC × 20 / 120"),
    ):
        assert text in spaced(shown), (text, shown)
    more = ask(seller, version, options="4K", quantity="1,0").replace("\u202f", " ")
    assert "13,00\xa0€ TTC" in more.replace(" €", "\xa0€")
    # What makes no price says why: a code that nobody knows, a channel, a day before the first.
    assert "PROMO-X" in ask(seller, version, promo_code="PROMO-X")
    assert "Pas de prix" in ask(seller, version, day="2024-06-01")
    for name, odd in (
        *(
            ("quantity", "beaucoup"),
            ("quantity", "NaN"),
            ("quantity", "1e30"),
            ("day", "0001-01-01"),
        ),
        *(("day", "9999-12-31"), ("channel", "x"), ("plan", "\x00"), ("company", "x")),
    ):
        assert "TTC" not in ask(seller, version, **{name: odd}), (name, odd)
    assert "Quantité" in ask(seller, version, quantity="beaucoup")
    assert "donnez un nombre entier" in ask(seller, version, quantity="1,5")
    # What is counted in hours has fractions of them.
    grid = [{"type": "tiered", "tier_mode": "slab", "payload": GRID}]
    hours = {"company": company, "sku": "H-1", "unit": "hour", "plans": {"BASIC": "0"}}
    assert "15,00" in ask(seller, make_released(**hours, prices=grid), quantity="1,5")


@pytest.mark.requirement("E.2.2-03", "E.2.2-08")
def test_a_refusal_leads_whoever_may_to_what_mends_it(version, browser_as, user_with, company):
    version.publications.update(channels=["web"])
    publish = reverse("admin:catalog_productversion_checklist", args=[version.pk])
    address = reverse("product-quote", args=[version.product_id])
    given = {"company": str(company.pk), "plan": "BASIC", "channel": "field", "quantity": "1"}
    given |= {"day": f"{now():%Y-%m-%d}"}
    pages = {
        role: browser_as(user_with(role, company)).get(address, given).text
        for role in (Role.ADV, Role.SALES)
    }
    for page in pages.values():
        assert SellableProblem.PUBLICATION.message in unescape(page)
    assert f'href="{publish}?company={company.pk}">Publier la version</a>' in pages[Role.ADV]
    assert publish not in pages[Role.SALES]


@pytest.mark.requirement("E.2.2-03", "3.8-13")
def test_a_quote_is_asked_by_whoever_may_and_of_what_he_sees(
    version, browser_as, user_with, company, other_company
):
    address = reverse("product-quote", args=[version.product_id])
    assert browser_as(user_with(Role.AUDITOR, company)).get(address).status_code == 403
    stranger = browser_as(user_with(Role.SALES, other_company))
    assert stranger.get(address).status_code == 404
    # Of a hidden price, a seller learns that it is on demand: neither form nor curve tells it.
    version.publications.update(price_visible=False)
    seller = browser_as(user_with(Role.SALES, company))
    page = seller.get(
        reverse("product-sheet", args=[version.product_id]), {"onglet": "tarification"}
    ).content.decode()
    assert "data-points" not in page
    assert "Ultra HD" not in page
    assert "Sur devis" in ask(seller, version)
    assert "1 350,00" in ask(browser_as(user_with(Role.CATALOG_MANAGER, company)), version).replace(
        "\u202f", " "
    )
    # Without a version there is nothing to ask; a draft without a price has none to try.
    bare = ProductFactory(company=company)
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert manager.get(reverse("product-quote", args=[bare.pk])).status_code == 403
    draft = VersionFactory(
        product=bare,
        company=company,
        effective_from=now() + timedelta(days=9),
        eligibility={"age_min": 18, "customer_types": ["personal"]},
        geography={"excluded_departments": ["2A"]},
        channels=["web"],
    )
    page = manager.get(
        reverse("product-sheet", args=[bare.pk]), {"onglet": "tarification"}
    ).content.decode()
    for label in ("Âge", "Code postal", "Clientèle"):
        assert label in page
    assert "Terrain" not in page[page.index("sheet-quote") :]
    whole = manager.get(
        reverse("product-quote", args=[bare.pk]),
        {"company": str(company.pk), "channel": "web", "quantity": "1", "day": f"{now():%Y-%m-%d}"},
    ).content.decode()
    assert "Pas de prix" in whole
    assert "Retour à la fiche" in whole
    assert draft.product_id == bare.pk


@pytest.mark.requirement("E.2.2-03", "3.5-04")
def test_a_draft_is_tried_by_whoever_writes_its_prices_and_sold_to_nobody(
    version, browser_as, user_with, company, api
):
    manager = user_with(Role.CATALOG_MANAGER, company)
    draft = duplicate_version(actor=manager, version=version)
    rule = draft.plans.get().pricing_rules.get()
    rule.payload = [*GRID[:2], {"min": 500, "max": None, "amount": Decimal("7.5")}]
    rule.save()
    client, address = browser_as(manager), reverse("product-sheet", args=[draft.product_id])
    page = client.get(address, {"onglet": "tarification", "version": 2}).text
    assert "essai sur brouillon" in page
    day = f"{draft.effective_from:%Y-%m-%d}"
    shown = ask(client, draft, version=2, quantity="500", day=day).replace("\u202f", " ")
    for text in ("Essai sur brouillon", "3 750,00", "Version essayée Version 2", "500 × 7,5"):
        assert text in shown, (text, shown)
    assert "Valable" not in shown
    # The version on sale, and the price of the API, stay those of the sale.
    sold = ask(client, draft, version=1, quantity="500").replace("\u202f", " ")
    assert ("4 000,00" in sold, "brouillon" in sold) == (True, False)
    body = {"sku": "TV-1", "plan": "BASIC", "channel": "web", "quantity": 500}
    body |= {"company_id": str(company.pk), "at": f"{draft.effective_from:%Y-%m-%dT%H:%M:%SZ}"}
    status, quoted = send(api(manager), "post", "/api/catalog/pricing/quote", body)
    assert (status, quoted["totals"]["recurring"]["incl_tax"]) == (200, "4000.00")
    # Who writes no price is quoted what is on sale.
    for role in (Role.ADV, Role.ACCOUNTING):
        other = ask(browser_as(user_with(role, company)), draft, version=2, quantity="500", day=day)
        assert "Essai" not in other
        assert "3 750" not in other.replace("\u202f", " ")
    draft.plans.get().pricing_rules.all().delete()
    assert "Pas de prix" in ask(client, draft, version=2, day=day)


@pytest.mark.requirement("E.2.2-03", "3.5-04")
def test_a_released_version_is_tried_until_it_is_published(browser_as, user_with, company):
    version = VersionFactory(product=ProductFactory(company=company, name="Box"))
    plan = PlanFactory(product_version=version, code="BASIC")
    PricingRuleFactory(plan=plan, payload={"amount": Decimal(9)})
    release(version)
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = manager.get(
        reverse("product-sheet", args=[version.product_id]), {"onglet": "tarification"}
    ).text
    assert "essai, pas encore publié" in page
    shown = spaced(ask(manager, version))
    for text in ("Essai, pas encore publié", "n'est publiée nulle part", "1 350,00 € TTC"):
        assert text in shown, (text, shown)
    # Who does not quote tries nothing, and a seller does not see what is not on sale.
    address = reverse("product-quote", args=[version.product_id])
    assert browser_as(user_with(Role.AUDITOR, company)).get(address).status_code == 403
    assert browser_as(user_with(Role.SALES, company)).get(address).status_code == 404
    # Once it is published, a price is that of a sale.
    PublicationFactory(product_version=version)
    assert "Essai" not in ask(manager, version)


@pytest.mark.requirement("E.2.2-03")
@pytest.mark.parametrize(
    ("rule", "told", "shown"),
    [
        ("fixed", "150 * 29.90", "150 × 29,90 €"),
        ("fixed", "1000000 * 2.99", "1 000 000 × 2,99 €"),
        ("usage", "max(10 kwh * 0.174, 12)", "max(10 kwh × 0,174 €, 12,00 €)"),
        ("tiered", "1350.00 * 12.5 %", "1 350,00 € × 12,5 %"),
        ("tiered", "forfait 80", "forfait 80,00 €"),
        (
            "discount",
            "D10 « Fidélité 2026 » = 34.90 * 10 %",
            "D10 « Fidélité 2026 » = 34,90 € × 10 %",
        ),
        ("option", "A.1-2.50 = 3.00", "A.1-2.50 = 3,00 €"),
        ("line", "20.00 + 5.00 - 1.00", "20,00 € + 5,00 € − 1,00 €"),
        ("vat", "26.91 TTC * 20 / 120", "26,91 € TTC × 20 / 120"),
        ("share", "D / A = 20.08 * 9.99 / 29.97", "D / A = 20,08 € × 9,99 € / 29,97 €"),
        ("unit", "0.32 MWh = 0.32 * 1000 kWh", "0,32 MWh = 0,32 × 1 000 kWh"),
        ("indexed", "10 * index * 2", "10 × index × 2"),
    ],
)
def test_sums_are_written_as_people_write_them(rule, told, shown):
    said = sum_in_words(rule, told, "EUR")
    assert spaced(said) == shown
    assert not {" €", " %"} & {said[at : at + 2] for at in range(len(said))}
