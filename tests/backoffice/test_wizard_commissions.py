"""Step 3 of the wizard: a scheme in one page, and what it would make while one types."""

import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from catalog.choices import WizardStep
from catalog.models import PricingRule
from commissions.models import CommissionScheme
from tests.factories import SchemeFactory, TierFactory, VersionFactory, WizardDraftFactory
from tests.support.forms import form_of
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

STAY = {"_stay": ""}
MONDIAL = (("0", "99", "10"), ("100", "499", "12"), ("500", "", "15"))
SHARES = {"share_company": "60", "share_commercial": "30", "share_manager": "10"}


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(manager, company):
    """Begin a product of 9.90 a month, whose prices are accepted."""
    version = VersionFactory(product__company=company)
    draft = WizardDraftFactory(product_version=version, step=WizardStep.COMMISSIONS)
    pricing = reverse("wizard-step", args=[draft.pk, "tarification"])
    line = {"code": "ESSENTIEL", "name": "Essentiel", "amount": "9,90", "tax_included": "on"}
    typed = {f"plans-0-{name}": text for name, text in line.items()}
    assert manager.post(pricing, form_of(manager.get(pricing)) | typed | STAY).status_code == 302
    return draft


def page_of(draft, name="wizard-step"):
    return reverse(name, args=[draft.pk, WizardStep.COMMISSIONS.value])


def tiers(*rows):
    names = ("min", "max", "value", "value_type")
    return {
        f"tiers-{number}-{name}": text
        for number, row in enumerate(rows)
        for name, text in zip(names, (*row, "percent")[:4], strict=True)
    }


def said(answer):
    """Return the words of the preview."""
    text = strip_tags(answer.text).replace("\xa0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


@pytest.mark.requirement("E.2.3-03", "3.1-04")
def test_the_example_is_counted_with_the_rules_of_commissions(manager, draft):
    preview = page_of(draft, "wizard-preview")
    typed = form_of(manager.get(page_of(draft))) | tiers(*MONDIAL)
    assert "Somme des parts : 0 %" in said(manager.post(preview, typed))
    half = said(manager.post(preview, typed | SHARES | {"share_manager": "5"}))
    assert "Somme des parts : 95 %" in half
    assert "elle doit faire 100 %" in half
    assert "Pour 150" not in half
    typed |= SHARES
    shown = said(manager.post(preview, typed))
    assert "Somme des parts : 100 %" in shown
    assert "Pour 150 ventes de 9,90 € TTC (8,25 € HT) : 148,50 €" in shown
    assert "de 100 à 499 12 % 1 237,50 € 148,50 €" in shown
    assert "Société 89,10 € Commercial 44,55 € Manager 14,85 €" in shown
    progressive = said(manager.post(preview, typed | {"tier_mode": "progressive"}))
    assert "132,17 €" in progressive
    # What the tiers make is told to the cent, and adds up to the commission.
    thirds = typed | tiers(("0", "50", "1,1"), ("50", "100", "1,1"), ("100", "", "1,1"))
    thirds |= {"tier_mode": "progressive"}
    split = said(manager.post(preview, thirds))
    assert "8,25 € HT) : 13,61 €" in split
    assert "de 0 à 50 1,1 % 412,50 € 4,54 €" in split
    assert "de 50 à 100 1,1 % 412,50 € 4,54 €" in split
    assert "à partir de 100 1,1 % 412,50 € 4,53 €" in split
    ten = tiers(("0", "", "5", "amount"))
    each = said(manager.post(preview, typed | ten | {"example_volume": "10"} | no_more(1)))
    assert "Pour 10 ventes de 9,90 € TTC (8,25 € HT) : 50,00 €" in each
    # Each of the sales is of one unit: a grid by quantity makes none of them cheaper.
    PricingRule.objects.filter(product_version=draft.product_version).update(
        type="tiered",
        tier_mode="slab",
        payload=[
            {"min": Decimal(0), "max": Decimal(9), "amount": Decimal("9.90")},
            {"min": Decimal(10), "max": None, "amount": Decimal("7.90")},
        ],
    )
    tiered = said(manager.post(preview, typed))
    assert "Pour 150 ventes de 9,90 € TTC (8,25 € HT) : 148,50 €" in tiered
    # A base that no price tells is typed.
    margin = typed | {"base": "margin"}
    assert "Donnez la marge" in said(manager.post(preview, margin))
    assert "60,00 €" in said(manager.post(preview, margin | {"example_base": "500"}))
    assert "n'a pas de prix par unité" in manager.post(
        preview, typed | {"example_plan": ""}
    ).text.replace("&#x27;", "'")
    assert not CommissionScheme.objects.exists()


def no_more(count):
    """Return how many lines of tiers the page sends."""
    return {"tiers-TOTAL_FORMS": str(count)}


@pytest.mark.requirement("E.2.3-03", "3.1-04")
def test_a_scheme_is_written_with_its_tiers_and_split(manager, draft):
    page = page_of(draft)
    blank = form_of(manager.get(page))
    wrong = (
        (SHARES, "Donnez au moins un palier"),
        (tiers(*MONDIAL), "une part à chaque"),
        (tiers(*MONDIAL) | SHARES | {"share_manager": "5"}, "elle doit faire 100 %"),
        (tiers(("0", "99", "10"), ("200", "", "12")) | SHARES, "Un trou sépare"),
        (tiers(("0", "99", "10")) | SHARES, "Seul le dernier palier"),
        (tiers(("0", "", "")) | SHARES, "Ce champ est obligatoire"),
    )
    for typed, problem in wrong:
        refused = manager.post(page, blank | typed | STAY)
        assert problem in refused.text, problem
        assert not CommissionScheme.objects.exists()
    # Pasted in any order.
    typed = blank | tiers(*reversed(MONDIAL)) | SHARES | {"counting_scope": "company"}
    stays = manager.post(page, typed | STAY).url
    assert stays == f"{page}?bareme={CommissionScheme.objects.get().pk}#ecrit"
    scheme = CommissionScheme.objects.get()
    assert scheme.split == {
        "company": Decimal("0.6"),
        "commercial": Decimal("0.3"),
        "manager": Decimal("0.1"),
    }
    assert (scheme.counting_scope, scheme.settlement) == ("company", "upfront")
    rows = [(one.min, one.max, one.value) for one in scheme.tiers.order_by("min")]
    assert rows == [(0, 99, 10), (100, 499, 12), (500, None, 15)]
    # The same scope twice is refused; the form of a new scheme stays as it was typed.
    revision = {"_revision": form_of(manager.get(page))["_revision"]}
    twice = manager.post(f"{page}?nouveau=1", typed | revision | STAY)
    assert "exactement la même portée" in twice.text
    assert 'value="499"' in twice.text
    # What the page does not ask stays; what it asks is changed.
    CommissionScheme.objects.filter(pk=scheme.pk).update(min_amount=20)
    shown = form_of(manager.get(page))
    assert (shown["share_company"], shown["tiers-1-value"]) == ("60", "12")
    changed = shown | {"name": "Réseau", "tiers-1-value": "13"}
    goes = manager.post(page, changed | {"_next": ""})
    assert goes.url == reverse("wizard-step", args=[draft.pk, "documents"]) + "#ecrit"
    scheme.refresh_from_db()
    assert (scheme.name, scheme.min_amount) == ("Réseau", 20)
    assert [one.value for one in scheme.tiers.order_by("min")] == [10, 13, 15]
    assert CommissionScheme.objects.count() == 1


@pytest.mark.requirement("3.1-04")
def test_what_the_page_cannot_hold_keeps_the_full_form(manager, draft):
    page = page_of(draft)
    # Sold without a commission: nothing is typed, and one goes on.
    goes = manager.post(page, form_of(manager.get(page)) | {"_next": ""})
    assert goes.url == reverse("wizard-step", args=[draft.pk, "documents"]) + "#ecrit"
    scheme = SchemeFactory(product_version=draft.product_version)
    TierFactory(scheme=scheme, min=0, month_from=1, month_to=3)
    TierFactory(scheme=scheme, min=0, month_from=4)
    assert "tiers-0-month_from" in form_of(manager.get(page))
    plain = SchemeFactory(product_version=draft.product_version, channel="web")
    TierFactory(scheme=plain, min=0)
    simple = f"{page}?bareme={plain.pk}"
    assert "tiers-0-month_from" not in form_of(manager.get(simple))
    full = manager.get(f"{page}?complet=1&bareme={plain.pk}")
    assert "tiers-0-month_from" in form_of(full)
    assert f"bareme={plain.pk}" in full.text
    # Texts kept of a page come back in it alone.
    keep = reverse("wizard-keep", args=[draft.pk, "commissions"])
    typed = form_of(manager.get(simple)) | {"name": "À moitié"}
    assert manager.post(keep, typed).status_code == 200
    assert 'value="À moitié"' in manager.get(page).text
    assert "À moitié" not in manager.get(f"{page}?complet=1&bareme={plain.pk}").text


@pytest.mark.requirement("3.8-06", "3.1-04")
def test_a_tier_that_changes_is_told_as_changed(manager, draft):
    page, product = page_of(draft), draft.product_version.product_id
    typed = form_of(manager.get(page)) | tiers(*MONDIAL) | SHARES | STAY | {"name": "Réseau"}
    assert manager.post(page, typed).status_code == 302
    scheme = CommissionScheme.objects.get()
    first = [tier.pk for tier in scheme.tiers.all()]
    typed = form_of(manager.get(page)) | tiers(MONDIAL[0], ("100", "499", "13"), MONDIAL[2]) | STAY
    assert manager.post(page, typed).status_code == 302
    assert [(tier.pk, tier.value) for tier in scheme.tiers.all()] == list(
        zip(first, (10, 13, 15), strict=True)
    )
    sheet = reverse("product-sheet", args=[product])
    whole = reverse("admin:catalog_product_history", args=[product])
    told = said(manager.get(f"{sheet}?onglet=historique"))
    assert "Palier Réseau, de 100 à 499 (v1) Valeur : 12 % → 13 %" in told
    told = said(manager.get(whole)).replace("arrow_right_alt", "→")
    assert "Palier Réseau, de 100 à 499" in told
    assert "Valeur 12 % → 13 %" in told
    # Bounds that move over each other: the tier that begins where one began is that one.
    moved = tiers(("0", "299", "10"), ("300", "", "15"), ("", "", ""))
    assert manager.post(page, form_of(manager.get(page)) | moved | STAY).status_code == 302
    kept = list(scheme.tiers.all())
    assert [(tier.min, tier.max) for tier in kept] == [(0, 299), (300, None)]
    assert kept[0].pk == first[0]
    assert (
        manager.post(page, form_of(manager.get(page)) | tiers(*MONDIAL) | STAY).status_code == 302
    )
    assert [tier.min for tier in scheme.tiers.all()] == [0, 100, 500]


@pytest.fixture
def tried(draft):
    """Give the draft a scheme of 12 %, with two test cases that expect it."""
    amounts = {"expected": Decimal("148.5"), "company": Decimal("89.1")}
    case = {"name": "150 ventes", "volume": 150, "revenue": Decimal("1237.5"), **amounts}
    right = {"name": "Rien", "volume": 0, "revenue": 0, "expected": 0}
    scheme = SchemeFactory(
        product_version=draft.product_version,
        name="Réseau",
        test_cases=[right, case],
        split={"company": Decimal("0.6"), "commercial": Decimal("0.4")},
    )
    TierFactory(scheme=scheme, value=Decimal(12))
    return scheme


@pytest.mark.requirement("3.3-02", "3.1-04")
def test_a_test_case_that_fails_is_told_once_with_its_amounts(manager, draft, tried):
    page = page_of(draft)
    typed = form_of(manager.get(page))
    stopped = manager.post(page, typed | {"tiers-0-value": "13", "_next": ""})
    assert "manque=1" in stopped.url
    answer = manager.get(stopped.url)
    told = html.unescape(said(answer))
    line = (
        "Cas d'essai n° 2, « 150 ventes » : attendu 148,50 €, obtenu 160,88 € "
        "(Société : attendu 89,10 €, obtenu 96,53 €)."
    )
    assert told.count(line) == 1
    assert told.count("n° 2") == 1
    # The scheme's form holds the cases, and leads back to the step.
    (link,) = re.findall(r'href="(/commissions/commissionscheme/[^"]+\?next=[^"]+)"', answer.text)
    form = html.unescape(link)
    cases = form_of(manager.get(form))
    back = manager.post(form, cases | {"_save": ""})
    assert back.status_code == 302
    assert back.url.startswith(page)
    # The full form of the step tells the same.
    assert line in html.unescape(said(manager.get(f"{page}?complet=1&bareme={tried.pk}")))


@pytest.mark.requirement("3.3-02", "3.1-04")
def test_the_test_cases_may_expect_what_comes_out(manager, draft, tried):
    page = page_of(draft)
    assert "Mettre à jour les cas d'essai" not in html.unescape(manager.get(page).text)
    typed = form_of(manager.get(page)) | {"tiers-0-value": "13"}
    assert manager.post(page, typed | STAY).status_code == 302
    assert "Mettre à jour les cas d'essai" in html.unescape(manager.get(page).text)
    done = manager.post(page, {"_recount": str(tried.pk), "_row": f"table:{tried.pk}"})
    assert done.status_code == 302
    shown = html.unescape(manager.get(done.url).text)
    assert "attendent désormais ce que donne le barème" in shown
    assert "obtenu" not in shown
    tried.refresh_from_db()
    right, case = tried.test_cases
    assert right["expected"] == 0
    assert (case["expected"], case["company"]) == (Decimal("160.88"), Decimal("96.53"))
    going = manager.post(page, form_of(manager.get(page)) | {"_next": ""})
    assert "documents" in going.url
