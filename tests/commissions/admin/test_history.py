"""The history of a scheme, in the words of the trade (1-23, 3.8-09)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from commissions.choices import ValueType
from tests.factories import SchemeFactory, TierFactory, VersionFactory
from winvest.core import scoping
from winvest.core.domain.roles import Role


@pytest.mark.requirement("3.8-07")
def test_shares_and_values_are_told_as_people_write_them(company, user_with, browser_as):
    cases = [
        {"name": "Dix ventes", "volume": 10, "revenue": Decimal(100), "expected": Decimal("12.5")}
    ]
    with scoping.everything():
        version = VersionFactory(product__company=company)
        scheme = SchemeFactory(product_version=version, test_cases=cases, bonus=Decimal(5))
        TierFactory(scheme=scheme, value_type=ValueType.AMOUNT, value=Decimal("12.5"))
        scheme.split = {"company": Decimal("0.5"), "manager": Decimal("0.5")}
        scheme.save()
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = browser.get(reverse("admin:commissions_commissionscheme_history", args=[scheme.pk])).text
    page = page.replace("\xa0", " ").replace("\u202f", " ")
    assert "<del>Société 60 %, Commercial 40 %</del>" in page
    assert "<ins>Société 50 %, Manager 50 %</ins>" in page
    for told in ("<ins>12,50 €</ins>", "<ins>5,00 €</ins>", "assiette 100,00 € → 12,50 €"):
        assert told in page, told
    # No reason was given: no empty column.
    assert "Motif" not in page
    # The log says the same.
    auditor = browser_as(user_with(Role.AUDITOR, company))
    listed = auditor.get("/core/auditentry/export/?table=commission_scheme")
    log = b"".join(listed.streaming_content).decode()
    assert "Société 60 %, Commercial 40 % → Société 50 %, Manager 50 %" in log.replace("\xa0", " ")
