"""The bench of the quote, at a tiny volume: it prices what it asks, and measures both ways."""

import pytest

from tests.perf.people import Person
from tests.perf.quotes import quote_report
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")


def test_the_bench_prices_what_is_on_sale(user_with, company, api, browser_as):
    user = user_with(Role.SALES, company)
    reader = Person("sales", user, browser_as(user), api(user))
    assert quote_report(reader, 5) == {"samples": 0}
    make_released(company=company, sku="P-1", plans={"A": "1", "B": "2"})
    measured = quote_report(reader, 15)
    assert (measured["samples"], measured["priced"]) == (15, 15)
    assert measured["quote_per_second_on_2_cores"] > 0
    assert min(measured["bare_p50_ms"], measured["quote_p50_ms"]) > 0  # no race of clocks here
    assert measured["quote_p99_ms"] >= measured["quote_p50_ms"]
