"""Pages by key: every row once, forwards and backwards, whatever the columns and their nulls."""

import pytest

from catalog.models import Product
from tests.factories import ProductFactory
from winvest.core.selectors.keyset import Cursor, CursorError, read_page

pytestmark = pytest.mark.usefixtures("everything")
ORDERINGS = [
    ("id",),
    ("-id",),
    ("natural_label", "id"),
    ("-natural_label", "-id"),
    ("natural_label", "-id"),
    ("short_name", "id"),
    ("-short_name", "-id"),
    ("lifecycle_status", "-short_name", "id"),
]


@pytest.fixture
def products(company):
    risk = ProductFactory(company=company).risk
    for number in range(10):
        short = (None, "a", "b")[number % 3]
        ProductFactory(company=company, risk=risk, name=f"N{number // 4}", short_name=short)
    return Product.objects.all()


def pages(rows, ordering, size=3):
    cursor = None
    while True:
        page = read_page(rows, ordering, cursor=cursor, size=size, key=getattr)
        yield page
        cursor = page.next
        if cursor is None:
            return


@pytest.mark.requirement("H.2.4-01")
@pytest.mark.parametrize("ordering", ORDERINGS, ids=",".join)
def test_pages_hold_every_row_once_in_both_directions(products, ordering):
    whole = [row.pk for row in products.order_by(*ordering)]
    forwards = list(pages(products, ordering))
    assert [row.pk for page in forwards for row in page.rows] == whole
    assert forwards[0].previous is None
    backwards = [forwards[-1].rows]
    cursor = forwards[-1].previous
    while cursor:
        page = read_page(products, ordering, cursor=cursor, size=3, key=getattr)
        backwards.insert(0, page.rows)
        cursor = page.previous
    assert [row.pk for rows in backwards for row in rows] == whole


@pytest.mark.parametrize(
    "text",
    [
        "faux",
        "é",
        "W10=",
        Cursor(["a"], backwards=False).encode(),
        Cursor(["a", None], backwards=False).encode(),
        Cursor(["a", "pas un identifiant"], backwards=True).encode(),
        Cursor(["a", 10**40], backwards=True).encode(),
        Cursor(["a", "\x00"], backwards=True).encode(),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(products, text):
    with pytest.raises(CursorError):
        read_page(products, ("natural_label", "id"), cursor=text, size=3, key=getattr)
