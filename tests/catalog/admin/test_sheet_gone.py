"""A bookmark of a product that one no longer sees: why it may be, and where to go on (3.5-04)."""

from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from catalog.domain.lifecycle import LifecycleStatus
from catalog.services.lifecycle import move_product
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("3.5-04", "3.8-13")
def test_a_seller_s_bookmark_says_why_it_may_be_gone_and_where_to_go(
    company, other_company, user_with, browser_as
):
    version = make_released(company=company, sku="MARQUE-1", plans={"A": "10"}, name="Offre Zen")
    foreign = make_released(company=other_company, sku="MARQUE-2", plans={"A": "10"}).product
    seller = browser_as(user_with(Role.SALES, company))
    sheet = reverse("product-sheet", args=[version.product_id])
    assert seller.get(sheet).status_code == 200
    manager = user_with(Role.COMPANY_ADMIN, company)
    frozen = {"product": version.product, "to": LifecycleStatus.FROZEN, "reason": "Litige"}
    move_product(actor=manager, **frozen)
    gone = seller.get(sheet)
    assert gone.status_code == 404
    text = unescape(gone.text)
    assert "Cette fiche ne vous est pas ouverte" in text
    assert f'action="{reverse("catalogue")}"' in text
    # It tells nothing of the product: the page is that of one that never was, or of another's.
    assert "Offre Zen" not in text
    assert "MARQUE-1" not in text
    other = reverse("product-sheet", args=[foreign.pk])
    unknown = reverse("product-sheet", args=[uuid4()])
    for address in (other, unknown, reverse("product-pdf", args=[version.product_id])):
        answer = seller.get(address)
        assert answer.status_code == 404
        assert "Cette fiche ne vous est pas ouverte" in unescape(answer.text)
