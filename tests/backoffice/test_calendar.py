"""The calendar of « Mes tâches »: what begins, ends and changes, on the company's own day (4-06)."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.urls import reverse

from catalog.choices import LifecycleStatus, TransitionState, VersionState
from catalog.models import PlannedSale, ProductTransition
from tests.factories import START, PublicationFactory, SaleAgreementFactory, VersionFactory
from winvest.core.domain.periods import local_midnight
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
HTMX = {"HX-Request": "true", "HX-Target": "calendar"}


def days(answer):
    """Return what each day of the grid holds, in words, the empty ones left out."""
    found = {}
    for item in re.split(r'<li class="calendar-day', answer.text)[1:]:
        title = re.search(r'calendar-title">([^<]+)', item)[1]
        held = [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split())
            for one in re.findall(r'<a class="calendar-event.*?</a>', item, re.DOTALL)
        ]
        if held:
            found[title] = held
    return found


def released(company, name, start):
    return VersionFactory(
        product__company=company,
        product__name=name,
        effective_from=start,
        state=VersionState.RELEASED,
        released_at=START,
        content_hash="sha256:test",
    )


@pytest.mark.requirement("3.7-06", "4-06", "4-09", "E.3-03")
def test_the_month_holds_what_is_planned_on_the_day_of_its_company(
    company, other_company, browser_as, user_with
):
    zone = "Indian/Reunion"
    type(company).objects.filter(pk=company.pk).update(timezone=zone)
    first = local_midnight(date(2031, 3, 1), zone)
    version = released(company, "Box", first)
    PublicationFactory(
        product_version=version,
        start_at=first,
        end_at=datetime(2031, 3, 9, 16, 30, tzinfo=UTC),
        channels=["web"],
    )
    ProductTransition.objects.create(
        product=version.product,
        company=company,
        to_status=LifecycleStatus.FROZEN,
        due_at=datetime(2031, 3, 20, 6, tzinfo=UTC),
        reason="Stock épuisé",
        state=TransitionState.PLANNED,
        decided_by=user_with(Role.COMPANY_ADMIN, company),
    )
    released(other_company, "Secret", first)
    VersionFactory(product__company=company, product__name="Brouillon", effective_from=first)
    browser = browser_as(user_with(Role.ACCOUNTING, company))
    page = reverse("my-calendar")
    brand = company.brand_name
    shown = browser.get(f"{page}?mois=2031-03")
    assert days(shown) == {
        "samedi 1er mars": [
            f"Mise en production Box v1 {brand}",
            f"Publication Box v1 {brand} · Web",
        ],
        "dimanche 9 mars": [f"Fin de publication · 20:30 Box v1 {brand} · Web"],
        "jeudi 20 mars": [f"Gel · 10:00 Box {brand} · Stock épuisé"],
    }
    # Turned within the tasks, the address stays theirs; by itself it is the calendar's.
    around = f"http://testserver{reverse('my-work')}?mois=2031-03"
    part = browser.get(f"{page}?mois=2031-04", headers=HTMX | {"HX-Current-URL": around})
    assert part["HX-Push-Url"] == f"{reverse('my-work')}?mois=2031-04"
    assert "Rien n'est prévu ce mois-ci" in part.text
    assert "<html" not in part.text
    alone = browser.get(f"{page}?mois=2031-03", headers=HTMX)
    assert alone["HX-Push-Url"] == f"{page}?mois=2031-03"
    tasks = browser.get(f"{reverse('my-work')}?mois=2031-03").text
    assert f'hx-get="{page}?mois=2031-03"' in tasks
    for nonsense in ("mois=2031-13", "mois=hier", "mois=0001-01", "jour=2031-02-30", "jour=9"):
        assert "Rien n'est prévu ce mois-ci" in browser.get(f"{page}?{nonsense}").text
    seller = browser_as(user_with(Role.SALES, company))
    assert seller.get(page).status_code == 403
    assert 'id="calendar-frame"' not in seller.get(reverse("my-work")).text


@pytest.mark.requirement("4-09")
def test_a_full_day_says_how_many_it_holds_and_shows_them_alone(company, browser_as, user_with):
    start = local_midnight(date(2031, 5, 5), company.timezone)
    for number in range(5):
        released(company, f"Offre {number}", start)
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = reverse("my-calendar")
    month = browser.get(f"{page}?mois=2031-05")
    assert len(days(month)["lundi 5 mai"]) == 3
    assert "et 2 de plus" in month.text
    day = browser.get(f"{page}?jour=2031-05-05").text
    assert [f"Offre {number} v1" for number in range(5)] == re.findall(r"Offre \d v1", day)
    assert "Rien n'est prévu ce jour-là." in browser.get(f"{page}?jour=2031-05-06").text


@pytest.mark.requirement("3.7-06", "4-09")
def test_a_sale_that_waits_for_its_seller_stands_on_the_sellers_day(
    company, other_company, browser_as, user_with
):
    zone = "Indian/Reunion"
    type(company).objects.filter(pk=other_company.pk).update(timezone=zone)
    version = released(company, "Box", local_midnight(date(2031, 3, 1), company.timezone))
    planned = {"product_version": version, "channels": ["web"]}
    PlannedSale.objects.create(**planned, company=company, seller=company)
    PlannedSale.objects.create(
        **planned, company=company, seller=other_company, first_day=date(2031, 3, 16)
    )
    begun = {"product_version": released(other_company, "Secret", version.effective_from)}
    PlannedSale.objects.create(
        **planned | begun, company=other_company, seller=other_company, first_day=date(2031, 3, 17)
    )
    page = f"{reverse('my-calendar')}?mois=2031-03"
    own, other = company.brand_name, other_company.brand_name
    asked = f"Vente prévue Box v1 {other} · Web"
    owner = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert days(owner.get(page)) == {
        "samedi 1er mars": [
            f"Mise en production Box v1 {own}",
            f"Vente prévue Box v1 {own} · Web",
        ],
        "dimanche 16 mars": [asked],
    }
    seller = browser_as(user_with(Role.ADV, other_company))
    assert "Box" not in seller.get(page).text
    SaleAgreementFactory(product=version.product, seller=other_company)
    assert days(seller.get(page))["dimanche 16 mars"] == [asked]
    # A version in review announces its own; a draft does not.
    for name, state in (("Avis", VersionState.IN_REVIEW), ("Ébauche", VersionState.DRAFT)):
        asked = VersionFactory(
            product__company=company,
            product__name=name,
            effective_from=local_midnight(date(2031, 3, 20), company.timezone),
            state=state,
            submitted_at=START if state == VersionState.IN_REVIEW else None,
        )
        PlannedSale.objects.create(
            product_version=asked, company=company, seller=company, channels=["web"]
        )
    assert days(owner.get(page))["jeudi 20 mars"] == [
        f"Vente prévue Avis v1 {own} · Web · en validation"
    ]
    # Once it is published, the publication itself is there.
    PublicationFactory(product_version=version, start_at=version.effective_from, channels=["web"])
    assert days(owner.get(page))["samedi 1er mars"] == [
        f"Mise en production Box v1 {own}",
        f"Publication Box v1 {own} · Web",
    ]
