"""Lists of the back-office: pages by key, honest counts, sorts that an index gives."""

import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format, number_format

from catalog.models import Product
from tests.factories import ProductFactory
from winvest.core.admin import formatting, listing
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")
ROWS = 120
LIST = reverse("admin:catalog_product_changelist")


@pytest.fixture
def browser(company, user_with, browser_as):
    first = ProductFactory(company=company, name="Produit 000")
    Product.objects.bulk_create(
        Product(
            company=company,
            risk=first.risk,
            sku=f"LISTE-{number:03d}",
            name=f"Produit {number:03d}",
            revenue_model=first.revenue_model,
        )
        for number in range(1, ROWS)
    )
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


def shown(page):
    return re.findall(r"<strong>Produit (\d+)</strong>", page)


def link(page, rel):
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return unescape(found[1]) if found else None


@pytest.mark.requirement("H.2.4-01")
def test_pages_follow_each_other_and_keep_filter_search_and_sort(browser):
    query = "?lifecycle_status__exact=draft&q=produit&o=-0"
    page = browser.get(f"{LIST}{query}").content.decode()
    assert "119 produits" in " ".join(page.split())
    assert link(page, "prev") is None
    numbers = [shown(page)]
    while address := link(page, "next"):
        page = browser.get(f"{LIST}{address}").content.decode()
        numbers.append(shown(page))
    assert [len(part) for part in numbers] == [50, 50, 19]
    assert [number for part in numbers for number in part] == [
        f"{number:03d}" for number in range(119, 0, -1)
    ]
    back = browser.get(f"{LIST}{link(page, 'prev')}").content.decode()
    assert shown(back) == numbers[1]
    assert "Début" in back


def test_a_cursor_that_is_not_ours_leads_to_the_first_page(browser):
    for text in ("faux", listing.read_page.__name__, "W10="):
        answer = browser.get(LIST, {"c": text})
        assert answer.status_code == 302
        assert answer["Location"].endswith("?e=1")


def test_nothing_is_counted_beyond_the_bound(browser, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED_ROWS", 100)
    assert re.search(r"(environ|plus de) \d+", browser.get(LIST).content.decode())


def test_a_vast_list_is_not_counted_but_where_it_is_searched(browser, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE product")
    monkeypatch.setattr(listing, "COUNTED_ROWS", 60)
    monkeypatch.setattr(listing, "VAST", 1)

    def counts(query):
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(f"{LIST}{query}").text
        assert re.search(r"(environ|plus de) \d+", page)
        return sum("SELECT count(*)" in query["sql"] for query in captured)

    assert counts("") == 0
    assert counts("?lifecycle_status__exact=draft") == 1
    monkeypatch.setattr(listing, "VAST", 3)
    assert counts("") == 1


@pytest.mark.parametrize(
    ("number", "exact", "text"),
    [
        (312, True, "312"),
        (1_000, False, "plus de 1\xa0000"),
        (50_000, False, "environ 50\xa0000"),
    ],
)
def test_counts_in_words(number, exact, text):
    assert str(listing.RowCount(number, exact=exact)) == text


@pytest.mark.parametrize("month", range(1, 13))
def test_days_and_instants_are_written_as_django_does(month):
    instant = datetime(2026, month, 1 + month, month, 5 * month - 1, 59, tzinfo=ZoneInfo("UTC"))
    assert formatting.instant_text(instant) == date_format(instant, "DATETIME_FORMAT")
    assert formatting.day_text(instant.date()) == date_format(instant.date())
    assert formatting.integer_text(month * 1_000) == number_format(month * 1_000)


def test_a_column_without_an_index_does_not_sort(browser):
    page = browser.get(LIST).content.decode()
    assert "o=-0" in page
    assert "o=3" not in page  # the partner's name
    assert shown(browser.get(LIST, {"o": "3"}).content.decode())[0] == "000"
    assert "natural_label" in listing.indexed_columns(Product)
    assert "name" not in listing.indexed_columns(Product)
