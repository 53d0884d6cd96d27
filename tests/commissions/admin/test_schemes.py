"""Schemes, tiers and beneficiaries in the back-office."""

import html
from decimal import Decimal

import pytest
from django.urls import reverse

from commissions.models import Beneficiary, CommissionScheme
from tests.factories import PlanFactory, SchemeFactory, TierFactory, VersionFactory
from tests.support.offers import make_released
from tests.support.pages import spaced
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = pytest.mark.usefixtures("everything")
ADD = "admin:commissions_commissionscheme_add"
CHANGE = "admin:commissions_commissionscheme_change"


def tiers(*rows, initial=0):
    data = {"tiers-TOTAL_FORMS": len(rows), "tiers-INITIAL_FORMS": initial}
    for index, row in enumerate(rows):
        data |= {f"tiers-{index}-{name}": value for name, value in row.items()}
    return data


def tier(low, high, value, **more):
    return {
        "basis": "volume",
        "min": low,
        "max": high,
        "value_type": "percent",
        "value": value,
        **more,
    }


GRID = tiers(tier("0", "99", "10"), tier("100", "499", "12"), tier("500", "", "15"))


def form(version, **fields):
    return {
        "product_version": version.pk,
        "direction": "outbound",
        "applies_to": "both",
        "settlement": "upfront",
        "trigger": "sale",
        "offset_months": "0",
        "mode": "postcomptee",
        "flow": "paid",
        "base": "revenue_excl_tax",
        "tier_mode": "slab",
        "counting_scope": "company",
        "counting_period": "month",
        "earned_basis": "covered",
        "recognition": "immediate",
        "share_company": "60",
        "share_commercial": "30",
        "share_manager": "10",
        **GRID,
        **fields,
    }


@pytest.fixture
def version(company):
    return VersionFactory(product__company=company)


@pytest.fixture
def browser(company, user_with, browser_as):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


@pytest.mark.requirement("3.8-06", "2.1-commission-03", "2.1-commission-08", "1-23")
def test_a_scheme_is_typed_in_percent_with_its_tiers(browser, version, company):
    plan = PlanFactory(product_version=version)
    answer = browser.post(reverse(ADD), form(version, plan=plan.pk, channel="web"))
    assert answer.status_code == 302, answer.content.decode()
    scheme = CommissionScheme.objects.get()
    assert (scheme.company, scheme.plan, scheme.channel) == (company, plan, "web")
    assert scheme.split == {
        "company": Decimal("0.6"),
        "commercial": Decimal("0.3"),
        "manager": Decimal("0.1"),
    }
    assert [(row.min, row.max, row.value, row.product_version) for row in scheme.tiers.all()] == [
        (0, 99, 10, version),
        (100, 499, 12, version),
        (500, None, 15, version),
    ]
    written = AuditEntry.objects.get(table="commission_scheme")
    assert written.actor_role == Role.CATALOG_MANAGER
    page = browser.get(reverse(CHANGE, args=[scheme.pk])).content.decode()
    assert 'name="share_commercial" value="30"' in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"share_company": "50"}, "La somme des parts est 90 %"),
        ({"share_company": "120"}, "inférieure ou égale à 100"),
        (tiers(tier("0", "99", "10"), tier("101", "", "12")), "Un trou sépare"),
        (tiers(tier("0", "99", "10"), tier("50", "", "12")), "recouvre"),
        (tiers(tier("0", "5", "10")), "Seul le dernier palier"),
        (tiers(tier("0", "5", "10"), tier("5", "", "1", basis="months")), "une assiette"),
        (tiers(tier("9", "5", "10")), "dépasse son début"),
        ({"advance_months": "12"}, "Une avance"),
        ({"valid_from": "01/02/2026", "valid_to": "01/01/2026"}, "La fin doit suivre le début"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_form_says_what_is_wrong(browser, version, fields, message):
    answer = browser.post(reverse(ADD), form(version, **fields))
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not CommissionScheme.objects.exists()


def test_a_tie_is_told(browser, version):
    SchemeFactory(product_version=version)
    answer = browser.post(reverse(ADD), form(version))
    assert "exactement la même portée" in answer.content.decode()


def test_tiers_are_changed_together(browser, version):
    scheme = SchemeFactory(product_version=version)
    first = TierFactory(scheme=scheme, max=Decimal(9))
    second = TierFactory(scheme=scheme, min=Decimal(10))
    kept = [
        tier("0", "", "10", id=first.pk, scheme=scheme.pk),
        tier("10", "", "10", id=second.pk, scheme=scheme.pk, DELETE="on"),
    ]
    data = form(version, **tiers(*kept, initial=2))
    del data["product_version"]
    answer = browser.post(reverse(CHANGE, args=[scheme.pk]), data)
    assert answer.status_code == 302, answer.content.decode()
    assert [(row.min, row.max) for row in scheme.tiers.all()] == [(0, None)]


def test_a_released_version_s_scheme_is_only_shown(browser, company):
    released = make_released(company=company, sku="AP-1", plans={})
    draft = VersionFactory(product=released.product, version=2)
    scheme = TierFactory(scheme__product_version=draft, value=Decimal("12.5")).scheme
    draft.state, draft.released_at, draft.content_hash = "released", draft.created_at, "x"
    draft.effective_from = draft.created_at
    released.effective_to = draft.created_at
    released.save()
    draft.save()
    page = spaced(browser.get(reverse(CHANGE, args=[scheme.pk])).content.decode())
    assert "contenu figé" in page
    assert "12,5 %" in page
    assert "share_company" not in page
    assert browser.post(reverse(CHANGE, args=[scheme.pk]), form(draft)).status_code == 403
    answer = browser.post(reverse(ADD), form(draft, share_company="100"))
    assert "Sélectionnez un choix valide" in answer.content.decode()


@pytest.mark.requirement("3.8-06")
def test_a_seller_offers_the_people_of_his_company(browser, company, other_company, user_with):
    own, stranger = (user_with(Role.SALES, owner) for owner in (company, other_company))
    address = reverse("admin:commissions_beneficiary_add")
    page = browser.get(address).content.decode()
    assert str(own.pk) in page
    assert str(stranger.pk) not in page
    data = {
        "company": company.pk,
        "name": "Élodie",
        "split_key": "commercial",
        "employment": "independent",
        "is_active": "on",
        "auxiliary_account": "VRP1",
        "tax_code": "FR20",
    }
    assert browser.post(address, {**data, "user": stranger.pk}).status_code == 200
    assert browser.post(address, {**data, "user": own.pk}).status_code == 302
    assert Beneficiary.objects.get().user == own


def cases(*rows):
    return {
        f"test_cases-{index}-{part}": value
        for index, row in enumerate(rows)
        for part, value in row.items()
    }


@pytest.mark.requirement("3.3-04")
def test_a_case_that_fails_is_told_when_saving_and_above_the_form(browser, version):
    right = {"name": "150 ventes", "volume": "150", "revenue": "1237,50", "expected": "148,50"}
    wrong = right | {"name": "99 ventes", "volume": "99", "revenue": "816,75", "expected": "81,67"}
    page = browser.post(reverse(ADD), form(version, **cases(right, wrong)), follow=True)
    told = "Cas « 99 ventes » : 81,67 attendus, le barème donne 81,68."
    assert told in html.unescape(page.content.decode())
    scheme = CommissionScheme.objects.get()
    assert [case["expected"] for case in scheme.test_cases] == [
        Decimal("148.50"),
        Decimal("81.67"),
    ]
    page = browser.get(reverse(CHANGE, args=[scheme.pk]))
    shown = html.unescape(page.content.decode())
    assert told in shown
    assert "150 ventes" in shown
    assert "Cas « 150 ventes »" not in shown
