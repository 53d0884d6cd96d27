"""The sheet of a product in time: its timeline, and what stood on a day (E.2.2-07)."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.choices import VersionState
from catalog.domain.eligibility import SellableProblem
from catalog.models import ProductVersion
from tests.factories import (
    MappingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    SchemeFactory,
    VersionFactory,
)
from tests.support.offers import make_released
from tests.support.publishable import add_document, release
from tests.support.sheet import read
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("3.7-03")
def test_the_version_of_a_day_is_shown_as_it_stood(browser_as, user_with, company):
    first = make_released(company=company, sku="BOX-1", plans={"BASIC": "29.90"}, name="Box")
    start = now() - timedelta(days=10)
    second = VersionFactory(product=first.product, company=company, version=2, effective_from=start)
    PricingRuleFactory(
        plan=PlanFactory(product_version=second, code="BASIC"), payload={"amount": Decimal("34.90")}
    )
    ProductVersion.objects.filter(pk=first.pk).update(effective_to=start)
    ProductVersion.objects.filter(pk=second.pk).update(
        state=VersionState.RELEASED, released_at=start, content_hash="sha256:test"
    )
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    prices = {"onglet": "tarification"}
    assert "34,90 €" in read(client, first.product, **prices)
    assert "29,90 €" in read(client, first.product, version=1, **prices)
    before = f"{now() - timedelta(days=30):%Y-%m-%d}"
    assert "29,90 €" in read(client, first.product, le=before, **prices)
    early = read(client, first.product, le="2024-12-31", **prices)
    assert "29,90" not in early
    assert SellableProblem.BEFORE_FIRST.message in early
    for name, text in (("le", "abc"), ("connu", "31/02/2026")):
        told = read(client, first.product, **prices, **{name: text})
        assert f"La date « {text} » n'est pas comprise" in told
        assert "34,90 €" not in told


@pytest.mark.requirement("E.2.2-07")
def test_the_timeline_is_drawn_to_scale_and_told_in_a_table(browser_as, user_with, company):
    first = make_released(company=company, sku="BOX-1", plans={"BASIC": "29.90"}, name="Box")
    VersionFactory(
        product=first.product, version=2, effective_from=now() + timedelta(days=400), notes="N"
    )
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = manager.get(reverse("product-sheet", args=[first.product_id])).content.decode()
    bars = re.findall(r'<svg x="([\d.]+)%"\s+y="\d+"\s+width="([\d.]+)%"', page)
    assert len(bars) == 3  # two versions and a publication
    (one, width), (two, _), (sold, _) = [(float(left), float(wide)) for left, wide in bars]
    assert one == sold < two
    assert one + width == pytest.approx(100)
    (today,) = re.findall(r'timeline-now"\s+x1="([\d.]+)%"', page)
    assert one < float(today) < two
    (table,) = re.findall(r'<table class="sheet-unseen">.*?</table>', page, re.DOTALL)
    for text in ("Version 1", "En vigueur", "Version 2", "Brouillon", "Publication"):
        assert text in table
    seller = browser_as(user_with(Role.SALES, company))
    assert "Version 2" not in read(seller, first.product)


@pytest.mark.requirement("E.2.2-07")
def test_a_sale_without_an_end_is_drawn_until_its_version_ends(browser_as, user_with, company):
    first = make_released(company=company, sku="BOX-1", plans={"BASIC": "29.90"}, name="Box")
    start = now() + timedelta(days=30)
    second = VersionFactory(product=first.product, company=company, version=2, effective_from=start)
    ProductVersion.objects.filter(pk=first.pk).update(effective_to=start)
    ProductVersion.objects.filter(pk=second.pk).update(
        state=VersionState.RELEASED, released_at=now(), content_hash="sha256:test"
    )
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = manager.get(reverse("product-sheet", args=[first.product_id])).content.decode()
    bars = re.findall(r'<svg x="([\d.]+)%"\s+y="\d+"\s+width="([\d.]+)%"', page)
    assert bars[0] == bars[2] != bars[1]  # the publication is drawn as what it publishes
    with_version = "Avec la version, le"
    (table,) = re.findall(r'<table class="sheet-unseen">.*?</table>', page, re.DOTALL)
    assert with_version in table
    assert with_version in read(manager, first.product, version=1).split("Publications")[-1]


@pytest.mark.requirement("3.7-03", "E.2.2-05")
def test_a_day_of_the_past_shows_what_ran_then_as_it_was_known(browser_as, user_with, company):
    version = VersionFactory(product=ProductFactory(company=company, name="Box"))
    own = {"product_version": version}
    PricingRuleFactory(plan=PlanFactory(**own, code="BASIC"))
    SchemeFactory(**own, name="Ancien", valid_to=now().date() - timedelta(days=20))
    SchemeFactory(**own, name="Actuel", valid_from=now().date() - timedelta(days=20))
    release(version)
    old, new = now() - timedelta(days=200), now() - timedelta(days=5)
    add_document(version, "CGV", title="CGV anciennes", published_at=old)
    add_document(version, "CGU", title="CGU nouvelles", published_at=new)
    late = now() - timedelta(days=3)
    MappingFactory(**own, company=company, gl_account="706999", validated_at=late)
    client = browser_as(user_with(Role.GROUP_ADMIN))
    product, month_ago = version.product, f"{now() - timedelta(days=30):%Y-%m-%d}"
    today = {tab: read(client, product, onglet=tab) for tab in ("commissions", "documents")}
    assert "Ancien" in today["commissions"]
    assert "CGU nouvelles" in today["documents"]
    then = read(client, product, onglet="commissions", le=month_ago)
    assert ("Ancien" in then, "Actuel" in then) == (True, False)
    then = read(client, product, onglet="documents", le=month_ago)
    assert ("CGV anciennes" in then, "CGU nouvelles" in then) == (True, False)
    assert "Manquant" not in then
    assert "706999" in read(client, product, onglet="parametres")
    assert "706999" not in read(client, product, onglet="parametres", le=month_ago)
    # Withdrawn since, the next version was the one expected of the day: as it was known.
    start = now() + timedelta(days=30)
    planned = VersionFactory(product=product, version=2, effective_from=start)
    PlanFactory(product_version=planned, code="LUXE")
    first, second = (ProductVersion.objects.filter(pk=one.pk) for one in (version, planned))
    first.update(effective_to=start)
    second.update(state=VersionState.RELEASED, released_at=old, content_hash="sha256:b")
    second.update(state=VersionState.WITHDRAWN, withdrawn_at=new)
    first.update(effective_to=None)
    asked = {"onglet": "tarification", "le": f"{start + timedelta(days=2):%Y-%m-%d}"}
    assert "LUXE" not in read(client, product, **asked)
    assert "LUXE" in read(client, product, **asked, connu=month_ago)
    # Of what was not known yet, it says so and draws nothing.
    early = read(client, product, connu="2024-06-01")
    assert "aucune version de ce produit n'était encore mise en production" in early
    assert "Frise des versions" not in early
    assert "Frise des versions" in read(client, product, connu=month_ago)
    # What will be known is not known yet.
    assert "LUXE" not in read(client, product, **asked, connu=f"{start:%Y-%m-%d}")
