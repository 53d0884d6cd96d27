"""Two versions compared in words, by API and on the page (3.1-08)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import ProductVersion
from catalog.services.comparison import compare_versions
from catalog.services.copies import duplicate_version
from documents.models import ProductDocument
from tests.factories import (
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    SchemeFactory,
    VersionFactory,
)
from tests.support.offers import make_released, make_whole
from tests.support.pages import page_of, spaced
from tests.support.sheet import plain, read
from winvest.core.choices import AuditAction
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = pytest.mark.usefixtures("everything")


@pytest.fixture
def admin(user_with):
    return user_with(Role.GROUP_ADMIN)


@pytest.fixture
def product(company, admin):
    """Return a product whose second version differs in every part."""
    version = make_whole(company, sku="AP-BOX-001")
    copy = duplicate_version(actor=admin, version=version)
    copy.channels, copy.eligibility = ["web"], {"age_min": 21}
    copy.save()
    basic, confort = copy.plans.order_by("code")
    basic.options = [{"code": "SAT", "name": "Satellite", "amount": Decimal("5")}]
    basic.save()
    copy.pricing_rules.filter(plan=basic).update(payload={"amount": Decimal("12.5")})
    copy.pricing_rules.filter(plan=confort).delete()
    tiers = [
        {"min": 0, "max": 99, "amount": 10},
        {"min": 100, "max": None, "amount": 9},
    ]
    PricingRuleFactory(plan=confort, type="tiered", tier_mode="slab", payload=tiers)
    premium = PlanFactory(product_version=copy, code="PREMIUM", name="Premium", position=9)
    PricingRuleFactory(plan=premium, payload={"amount": Decimal("29.90")})
    copy.commission_schemes.get().tiers.filter(min=0).update(value=Decimal("11.5"))
    ProductDocument.objects.filter(product_version=copy, mandatory=True).update(mandatory=False)
    copy.cq_rules.update(notes="Vérifier l'âge")
    return version.product


def differences(actor, product, before=1, after=2):
    changes = compare_versions(actor=actor, product=product, before=before, after=after)
    return {
        change.path: (
            *(change.label, change.kind.value),
            *(spaced(change.before_text), spaced(change.after_text)),
        )
        for change in changes
    }


@pytest.mark.requirement("3.1-08")
def test_every_part_is_compared_in_words(product, admin):
    found = differences(admin, product)
    assert found.pop("plans.plans[PREMIUM]")[:3] == ("Formule Premium", "added", "—")
    removed = found.pop("plans.plans[CONFORT].prices[fixed]")
    assert removed[:2] == ("Formule Confort › Prix fixe", "removed")
    assert removed[2] == "19,90 € TTC, TVA 20 % (FR20)"
    added = found.pop("plans.plans[CONFORT].prices[tiered]")
    assert added[:2] == ("Formule Confort › Prix palier", "added")
    assert added[3] == (
        "de 0 à 99 : 10,00 € ; à partir de 100 : 9,00 € (par palier entier) TTC, TVA 20 % (FR20)"
    )
    option = found.pop("plans.plans[BASIC].options")
    assert option[:2] == ("Formule Basic › Options", "added")
    assert option[3] == "SAT, Satellite : 5,00 €"
    document = found.pop("documents")
    assert document[:2] == ("Documents obligatoires", "removed")
    assert found == {
        "plans.plans[BASIC].prices[fixed].payload.amount": (
            "Formule Basic › Prix fixe › Montant",
            *("changed", "9,90 €", "12,50 €"),
        ),
        "offer.channels": ("Canaux autorisés", "changed", "Télévente ; Web", "Web"),
        "offer.eligibility.age_min": (
            *("Conditions d'éligibilité › Âge minimum", "changed", "18", "21"),
        ),
        "commission_schemes[outbound both CONFORT].tiers[0].value": (
            "Barème de commission Versée au réseau · Les deux · CONFORT › Palier 0 › Valeur",
            *("changed", "10 %", "11,5 %"),
        ),
        "quality[—].notes": ("Règle ADV / qualité › Notes", "added", "—", "Vérifier l'âge"),
    }


@pytest.mark.requirement("3.1-08", "E.2.2-07")
def test_an_empty_column_says_what_it_stands_for(company, admin, browser_as):
    first = VersionFactory(product=ProductFactory(company=company), company=company, channels=[])
    SchemeFactory(product_version=first, name="Réseau")
    second = duplicate_version(actor=admin, version=first)
    second.channels = ["field", "web"]
    second.eligibility = {"age_min": 18}
    second.save()
    scheme = second.commission_schemes.get()
    scheme.max_amount = Decimal(50)
    scheme.save()
    said = ("Canaux autorisés", "changed", "Tous les canaux", "Terrain ; Web")
    found = differences(admin, first.product)
    assert found["offer.channels"] == said
    assert found["offer.eligibility"][1:3] == ("changed", "Sans condition")
    (most,) = [one for path, one in found.items() if path.endswith("max_amount")]
    assert most[1:3] == ("changed", "Sans maximum")
    back = differences(admin, first.product, 2, 1)["offer.channels"]
    assert back == ("Canaux autorisés", "changed", *reversed(said[2:]))
    # Everything came with the first version of a product: nothing stood for anything before.
    came = differences(admin, first.product, None, 2)["offer.channels"]
    assert came[1:3] == ("added", "—")
    client = browser_as(admin)
    told = "Tous les canaux → Terrain ; Web"
    assert told in read(client, first.product, onglet="historique", tout=1)
    (entry,) = AuditEntry._base_manager.filter(record_id=second.pk, action=AuditAction.UPDATE)
    page = plain(client.get(page_of(entry)).content.decode())
    assert "Canaux autorisés Tous les canaux Terrain ; Web" in page


@pytest.mark.requirement("3.1-08")
def test_the_test_cases_of_a_scheme_are_told_in_amounts(company, admin, browser_as):
    first = VersionFactory(product=ProductFactory(company=company), company=company)
    case = {"name": "150 ventes", "volume": 150, "revenue": Decimal("1237.5")}
    case |= {"expected": Decimal("148.5"), "company": Decimal("89.1"), "partner": Decimal("59.4")}
    SchemeFactory(product_version=first, name="Réseau", test_cases=[case])
    second = duplicate_version(actor=admin, version=first)
    scheme = second.commission_schemes.get()
    changed = {"expected": Decimal("160.88"), "company": Decimal("96.53"), "revenue": 1300}
    scheme.test_cases = [case | changed, case | {"name": "Autre"}]
    scheme.save()
    found = differences(admin, first.product)
    told = {label.partition(" › ")[2]: rest for label, *rest in found.values()}
    assert told == {
        "Cas d'essai Autre": [
            *("added", "—"),
            "Autre : 150 ventes, assiette 1 237,50 € → 148,50 € (Société 89,10 €, Partenaire 59,40 €)",
        ],
        "Cas d'essai 150 ventes › Commission attendue": ["changed", "148,50 €", "160,88 €"],
        "Cas d'essai 150 ventes › Part société": ["changed", "89,10 €", "96,53 €"],
        "Cas d'essai 150 ventes › Assiette": ["changed", "1 237,50 €", "1 300,00 €"],
    }
    whole = "150 ventes : 150 ventes, assiette 1 237,50 € → 148,50 €"
    assert any(whole in one[3] for one in differences(admin, first.product, None, 1).values())
    address = reverse("product-diff", args=[first.product.pk])
    page = plain(browser_as(admin).get(f"{address}?de=1&a=2").content.decode())
    assert "8 910" not in page
    assert "Cas d'essai 150 ventes › Part société" in page.replace("&#x27;", "'")


EXTRAS = {
    "options": [{"code": "TV", "name": "TV", "amount": 5, "per": "line", "due": "recurring"}],
    "surcharges": [{"code": "RURAL", "name": "Zone rurale", "kind": "percent", "value": 2}],
    "discounts": [{"code": "D10", "name": "Fidélité", "kind": "percent", "value": Decimal("7.5")}],
}
OTHERS = {
    "options": [
        {"code": "TV", "name": "TV", "amount": 5, "per": "unit", "due": "once", "mandatory": True},
        {"code": "SAT", "name": "Satellite", "amount": 4, "per": "unit", "due": "once"},
    ],
    "surcharges": [
        {"code": "RURAL", "name": "Zone rurale", "kind": "percent", "value": Decimal("2.5")}
    ],
    "discounts": [{"code": "D10", "name": "Fidélité", "kind": "amount", "value": 5}],
}
PAYLOADS = {
    "tiered": (
        [
            {"min": 0, "max": 10, "amount": 5, "base": "percent"},
            {"min": 10, "max": None, "amount": 3, "base": "percent"},
        ],
        [
            {"min": 0, "max": Decimal("10.5"), "amount": 6},
            {"min": Decimal("10.5"), "max": None, "amount": 80, "base": "amount"},
        ],
    ),
    "indexed": (
        {"index": "energy", "formula": "index * 2"},
        {"index": "spot", "formula": "index * 3"},
    ),
    "usage": (
        {"unit": "kwh", "unit_price": Decimal("0.174")},
        {"unit": "gb", "unit_price": Decimal("0.2"), "min_charge": 12},
    ),
}


@pytest.mark.requirement("3.1-08")
def test_prices_and_extras_are_compared_without_a_code(company, admin):
    """What a catalogue manager would say: percentages, currencies and units, and no raw code."""
    first = VersionFactory(product=ProductFactory(company=company), company=company)
    second = duplicate_version(actor=admin, version=first)
    for version, extras, side in ((first, EXTRAS, 0), (second, OTHERS, 1)):
        plan = PlanFactory(
            product_version=version, code="A", name="A", parameters={"unit": side}, **extras
        )
        for kind, payloads in PAYLOADS.items():
            mode = "slab" if kind == "tiered" else None
            PricingRuleFactory(plan=plan, type=kind, tier_mode=mode, payload=payloads[side])
    found = {label: texts for label, _, *texts in differences(admin, first.product).values()}
    assert found == {
        f"Formule A › {label}": texts
        for label, texts in {
            "Option SAT": ["—", "SAT, Satellite : 4,00 € par unité (une fois)"],
            "Option TV › Dû": ["à chaque échéance", "une fois"],
            "Option TV › Obligatoire": ["—", "Oui"],
            "Option TV › Par": ["ligne", "unité"],
            "Surcharge RURAL › Valeur": ["2 %", "2,5 %"],
            "Remise D10 › Nature": ["Pourcentage", "Montant"],
            "Remise D10 › Valeur": ["7,5 %", "5,00 €"],
            "Paramètres › unit": ["0", "1"],
            "Prix indexé › Formule": ["index * 2", "index * 3"],
            "Prix indexé › Indice": ["Énergie", "Prix spot"],
            "Prix palier › Palier à partir de 0 › Base": ["Pourcentage d'une assiette", "—"],
            "Prix palier › Palier à partir de 0 › Montant": ["5 %", "6,00 €"],
            "Prix palier › Palier à partir de 0 › À": ["10", "10,5"],
            "Prix palier › Palier à partir de 10": ["à partir de 10 : 3 %", "—"],
            "Prix palier › Palier à partir de 10,5": ["—", "à partir de 10,5 : forfait 80,00 €"],
            "Prix usage › Minimum": ["—", "12,00 €"],
            "Prix usage › Prix unitaire": ["0,174 €", "0,20 €"],
            "Prix usage › Unité": ["kWh", "Go"],
        }.items()
    }


@pytest.mark.requirement("3.1-08")
def test_equal_versions_have_no_difference_and_the_way_back_is_the_reverse(product, admin):
    assert differences(admin, product, 1, 1) == {}
    there, back = differences(admin, product), differences(admin, product, 2, 1)
    assert {path: (label, new, old) for path, (label, _, old, new) in there.items()} == {
        path: (label, old, new) for path, (label, _, old, new) in back.items()
    }


@pytest.mark.requirement("3.1-08")
def test_what_a_release_does_to_contracts_is_compared_too(product, admin, api, browser_as):
    version = ProductVersion.objects.get(product=product, version=1)
    copy = duplicate_version(actor=admin, version=version)
    copy.applies_to_inforce, copy.breaking_changes = "renewal", True
    copy.save()
    assert differences(admin, product, 1, copy.version) == {
        "version.breaking_changes": ("Version majeure", "changed", "Non", "Oui"),
        "version.applies_to_inforce": (
            "Contrats en cours",
            *("changed", "Affaires nouvelles seulement", "Au renouvellement"),
        ),
    }
    query = {"from": 1, "to": copy.version}
    body = api(admin).get(f"/api/catalog/products/{product.pk}/versions/diff", query).json()
    assert [(one["part"], one["before"], one["after"]) for one in body["changes"]] == [
        ("version", False, True),
        ("version", "none", "renewal"),
    ]
    page = reverse("admin:catalog_productversion_compare", args=[copy.pk])
    assert "Au renouvellement" in browser_as(admin).get(f"{page}?with=1").text


@pytest.mark.requirement("3.1-08", "3.8-04", "3.8-13")
def test_the_api_and_the_page_show_what_the_role_may_read(
    product, company, other_company, user_with, api, browser_as
):
    address = f"/api/catalog/products/{product.pk}/versions/diff"
    version = ProductVersion.objects.get(product=product, version=2)
    page = reverse("admin:catalog_productversion_compare", args=[version.pk])
    for role, commissions in ((Role.ACCOUNTING, True), (Role.LEGAL, False)):
        user = user_with(role, company)
        body = api(user).get(address, {"from": 1, "to": 2}).json()
        assert (body["from"], body["to"]) == (1, 2)
        seen = {change["part"] for change in body["changes"]}
        assert ("commission_schemes" in seen) is commissions
        assert ("Barèmes de commission" in browser_as(user).get(page).text) is commissions
    (change,) = [one for one in body["changes"] if one["path"].endswith("payload.amount")]
    assert (change["before"], change["after"]) == (9.9, 12.5)
    client = api(user)
    for asked, status in (
        ({}, 422),
        ({"from": 1}, 422),
        ({"from": 0, "to": 2}, 422),
        ({"from": "1.5", "to": 2}, 422),
        ({"from": 1, "to": 9}, 404),
        ({"from": 1, "to": 2, "x": 1}, 422),
    ):
        assert client.get(address, asked).status_code == status, asked
    assert api(user_with(Role.SALES, company)).get(address).status_code == 403
    stranger = user_with(Role.COMPANY_ADMIN, other_company)
    assert api(stranger).get(address, {"from": 1, "to": 2}).status_code == 404
    assert browser_as(stranger).get(page).status_code == 404


@pytest.mark.requirement("3.1-08")
def test_the_page_chooses_the_version_before(product, company, user_with, browser_as):
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    for number, chosen in ((1, ""), (2, "?with=1"), (2, "?with=zz")):
        version = ProductVersion.objects.get(product=product, version=number)
        page = reverse("admin:catalog_productversion_compare", args=[version.pk])
        text = browser.get(page + chosen).text
        assert "Formule Basic › Prix fixe › Montant" in text
        assert text.index("9,90") < text.index("12,50")
    alone = make_released(company=company, sku="SEUL", plans={"A": "1"})
    page = reverse("admin:catalog_productversion_compare", args=[alone.pk])
    assert "n'a qu'une version" in browser.get(page).text
