"""Instants typed in the back-office are those of the company's wall (M-24), as the API tells them."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from catalog.models import NegotiatedPrice, ProductVersion, Promotion, Publication
from tests.factories import (
    NegotiatedPriceFactory,
    PromotionFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.forms import form_of
from tests.support.offers import make_released
from tests.support.pages import page_of
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.usefixtures("everything", "db"), pytest.mark.requirement("14-05", "1-12")]
CLIENT = "0190a000-0000-7000-8000-000000000001"
# Where, a local day and time, the instant in UTC (None: a time that never comes).
WALLS = [
    ("Europe/Paris", "01/06/2027", "00:00", "2027-05-31T22:00:00Z"),
    ("Europe/Paris", "28/03/2027", "02:30", None),
    ("Europe/Paris", "31/10/2027", "02:30", "2027-10-31T00:30:00Z"),
    ("Europe/Paris", "01/01/0001", "00:00", None),
    ("Indian/Reunion", "01/01/0001", "00:00", None),
    ("Indian/Reunion", "31/12/9999", "23:59", None),
    ("Indian/Reunion", "01/06/2027", "00:00", "2027-05-31T20:00:00Z"),
    ("Indian/Reunion", "28/03/2027", "02:30", "2027-03-27T22:30:00Z"),
    ("Indian/Reunion", "31/10/2027", "02:30", "2027-10-30T22:30:00Z"),
]
PLACES = {"Europe/Paris": "Paris", "Indian/Reunion": "La Réunion"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False):
        yield


def forms(company, product, version):
    """Give each page that asks for an instant: its model, its API, and what else is typed."""
    promotion = {"company": company.pk, "name": "Été", "kind": "amount", "value": "5"}
    yield Promotion, "promotions/{}", promotion | {"code": "ETE", "priority": "1", "product": ""}
    price = {"product": product.pk, "plan_code": "A", "type": "fixed", "fixed_amount": "5"}
    price["tax_included"] = "on"  # as the plan
    yield NegotiatedPrice, "negotiated-prices/{}", price | {"client_ref": CLIENT}
    publication = {"company": company.pk, "product_version": version.pk, "channels": ["web"]}
    seen = {"visibility": "public", "availability": "available", "price_visible": "on"}
    seen |= {"reason": "L'ADV est absente."}
    yield Publication, "publications/{}", publication | seen


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_an_instant_is_typed_and_shown_in_the_company_s_zone(
    company, other_company, user_with, browser_as, api, zone
):
    company.timezone = zone
    company.save()
    version = make_released(company=company, sku="P-1", plans={"A": "1"})
    make_publishable(version)
    Publication.objects.update(end_at=datetime(2026, 1, 1, tzinfo=UTC))
    # Two companies to choose from: the zone is the chosen one's.
    user = user_with(Role.GROUP_ADMIN)
    browser, client = browser_as(user), api(user)
    for model, path, typed in forms(company, version.product, version):
        name = model._meta.model_name
        add = reverse(f"admin:catalog_{name}_add")
        assert "Heure de la société." in browser.get(add).text, name
        for where, day, time, expected in WALLS:
            if where != zone:
                continue
            answer = browser.post(add, typed | {"start_at_0": day, "start_at_1": time})
            if expected is None:
                told = "d&#x27;été" if "2027" in day else "Une date va de 1900 à 2199."
                assert told in answer.text, name
                continue
            assert answer.status_code == 302, answer.context["adminform"].form.errors
            row = model.objects.order_by("start_at").last()
            told = client.get(f"/api/catalog/{path.format(row.pk)}").json()
            assert told["start_at"] == expected, name
            if time == "00:00":
                page = browser.get(reverse(f"admin:catalog_{name}_change", args=[row.pk])).text
                assert f"Heure de {PLACES[zone]}." in page, name
                assert f'value="{day}"' in page, name
            row.delete()


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),  # 02:30 in Paris, the second time
        datetime(2027, 11, 1, 10, 0, 0, 123456, tzinfo=UTC),
    ],
)
def test_an_instant_that_nobody_touches_is_kept(company, user_with, browser_as, start):
    """The page shows neither which of two equal times it is, nor the fractions of a second."""
    row = PromotionFactory(company=company, start_at=start)
    draft = VersionFactory(product__company=company, effective_from=start)
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    for one, name, text in ((row, "name", "Été"), (draft, "notes", "Vu")):
        page = reverse(f"admin:catalog_{one._meta.model_name}_change", args=[one.pk])
        answer = browser.post(page, form_of(browser.get(page)) | {name: text})
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        before = {field.attname: getattr(one, field.attname) for field in one._meta.fields}
        one.refresh_from_db()
        changed = {key for key, value in before.items() if getattr(one, key) != value}
        assert changed == {name}


@pytest.mark.requirement("4-06")
def test_a_promotion_is_proposed_for_the_first_of_the_next_month(company, user_with, browser_as):
    company.timezone = "Indian/Reunion"
    company.save()
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    page = browser.get(reverse("admin:catalog_promotion_add")).text
    assert 'value="01/12/2026"' in page
    assert "Heure de La Réunion." in page


def test_what_runs_already_is_read_in_the_company_s_zone(company, user_with, browser_as):
    company.timezone = "Indian/Reunion"
    company.save()
    version = make_released(company=company, sku="P-1", plans={"A": "1"})
    Publication.objects.update(end_at=datetime(2026, 1, 1, tzinfo=UTC))
    row = PublicationFactory(
        product_version=version, start_at=datetime(2026, 1, 31, 20, tzinfo=UTC)
    )
    browser = browser_as(user_with(Role.AUDITOR, company))
    page = browser.get(reverse("admin:catalog_publication_change", args=[row.pk])).text
    assert "1er février 2026 00:00" in page or "01/02/2026 00:00" in page


def test_lists_tell_instants_in_the_zone_of_their_company(
    company, other_company, user_with, browser_as
):
    """A zone that is not the site's is named; so are the versions on the page of their product."""
    company.timezone = "Indian/Reunion"
    company.save()
    start = datetime(2027, 5, 31, 20, tzinfo=UTC)
    browser, told = browser_as(user_with(Role.GROUP_ADMIN)), {}
    for one in (company, other_company):
        version = make_released(company=one, sku=f"{one.code}-1", plans={"A": "1"})
        Publication.objects.filter(product_version=version).update(start_at=start)
        PromotionFactory(company=one, start_at=start)
        NegotiatedPriceFactory(product=version.product, start_at=start)
        VersionFactory(product=version.product, company=one, version=2, effective_from=start)
        told[one] = browser.get(page_of(version.product)).text
    there, here = "1er juin 2027 00:00 (heure de La Réunion)", "31 mai 2027 22:00<"
    for model in (Publication, Promotion, NegotiatedPrice, ProductVersion):
        page = browser.get(reverse(f"admin:catalog_{model._meta.model_name}_changelist")).text
        assert (there in page, here in page) == (True, True), model
    assert there in told[company]
    assert "31 mai 2027 22:00" in told[other_company]
