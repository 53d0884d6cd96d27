"""Every reason not to sell, alone and together."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.domain.eligibility import SaleFacts, reasons_not_to_sell
from catalog.domain.lifecycle import LifecycleStatus

AT = datetime(2026, 1, 1, tzinfo=UTC)
SELLABLE = SaleFacts(
    at=AT,
    status=LifecycleStatus.ACTIVE,
    partner_active=True,
    first_effective=AT,
    version=1,
    published=True,
    plan="BASIC",
    plan_known=True,
    has_plans=True,
    priced=True,
)


def codes(**change):
    return [reason.code for reason in reasons_not_to_sell(replace(SELLABLE, **change))]


def test_nothing_forbids():
    assert codes() == []
    assert codes(plan=None, plan_known=False, has_plans=False) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": LifecycleStatus.DRAFT}, "product.not_active"),
        ({"status": LifecycleStatus.TEST}, "product.not_active"),
        ({"status": LifecycleStatus.FROZEN}, "product.not_active"),
        ({"status": LifecycleStatus.RETIRED}, "product.not_active"),
        ({"partner_active": False}, "partner.inactive"),
        ({"version": None}, "version.none"),
        ({"version": None, "first_effective": None}, "version.none"),
        ({"version": None, "first_effective": AT.replace(year=2027)}, "version.before_first"),
        ({"published": False}, "publication.none"),
        ({"plan_known": False}, "plan.unknown"),
        ({"plan": None}, "plan.required"),
        ({"priced": False}, "price.none"),
        ({"tax_codes_without_rate": ("FR20",)}, "vat.not_in_force"),
    ],
)
def test_one_reason(change, code):
    assert codes(**change) == [code]


def test_all_reasons_at_once():
    assert codes(
        status=LifecycleStatus.DRAFT, partner_active=False, version=None, published=False
    ) == ["product.not_active", "partner.inactive", "version.none", "publication.none"]
    assert codes(published=False, priced=False) == ["publication.none", "price.none"]
    assert codes(plan_in_dates=False, priced=False) == ["plan.not_in_dates", "price.none"]
    assert codes(plan_in_dates=False, tax_codes_without_rate=("FR20", "FR20", "FR55")) == [
        "plan.not_in_dates",
        "vat.not_in_force",
        "vat.not_in_force",
    ]


def test_the_sentences_are_french():
    (reason,) = reasons_not_to_sell(replace(SELLABLE, status=LifecycleStatus.FROZEN))
    assert reason.message == "Le produit n'est pas en vente (statut : Gelé)."
