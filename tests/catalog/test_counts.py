"""The counts of the catalogue are kept while no product changes, and follow each change at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from catalog.selectors import counts
from catalog.selectors.facets import count_facets
from catalog.selectors.panes import read_panes
from partners.models import Partner
from tests.factories import (
    ExternalMappingFactory,
    MembershipFactory,
    PartnerFactory,
    ProductFactory,
    PublicationFactory,
    VersionFactory,
)
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.permissions import access_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.fixture
def access(user_with, company):
    return access_of(user_with(Role.CATALOG_MANAGER, company))


def statuses(access, **filters):
    """Return the numbers by status, and whether the products were counted for it."""
    with CaptureQueriesContext(connection) as captured:
        facets = count_facets(access, at=now(), names=["status", "company"], **filters)
    counted = any("GROUP BY" in query["sql"] for query in captured)
    found = {value["value"]: value["count"] for value in facets[0].values if value["count"]}
    return found, counted


@pytest.mark.requirement("3.7-01")
def test_counts_are_kept_until_a_product_changes(access, company, other_company):
    product = ProductFactory(company=company)
    ProductFactory(company=other_company)
    assert statuses(access) == ({"active": 1}, True)
    assert statuses(access) == ({"active": 1}, False)
    # A filter is asked of what was counted; a search counts anew.
    assert statuses(access, status="frozen") == ({"active": 1}, False)
    assert statuses(access, search=product.name) == ({"active": 1}, True)
    changes = (
        (lambda: ProductFactory(company=company, lifecycle_status="draft"), 2),
        (lambda: Product.objects.filter(pk=product.pk).update(lifecycle_status="frozen"), 2),
        (lambda: Product.objects.filter(lifecycle_status="draft").delete(), 1),
    )
    for change, number in changes:
        change()
        found, counted = statuses(access)
        assert (sum(found.values()), counted) == (number, True)
    assert found == {"frozen": 1}


def test_what_another_company_lends_is_counted_when_it_does(access, company, other_company):
    lent = VersionFactory(product=ProductFactory(company=other_company))
    assert statuses(access)[0] == {}
    PublicationFactory(product_version=lent, company=company)
    (facet,) = count_facets(access, at=now(), names=["status"], company=company.pk)
    assert {value["value"]: value["count"] for value in facet.values if value["count"]} == {
        "active": 1
    }


@pytest.mark.requirement("3.7-01")
def test_how_a_partner_is_linked_follows_each_change(access, company):
    partner = PartnerFactory(company=company)
    product = ProductFactory(company=company, partner=partner)

    def linked():
        return [choice.status for choice in read_panes(access, at=now()).partners]

    assert linked() == [""]
    mapping = ExternalMappingFactory(product=product, integration_status="import")
    assert linked() == ["import"]
    type(mapping).objects.update(integration_status="requested")
    assert linked() == ["requested"]
    Partner.objects.filter(pk=partner.pk).update(status="inactive")
    assert linked() == ["inactive"]


def test_nobody_is_given_the_counts_of_other_companies(access, company, other_company, user_with):
    ProductFactory(company=company)
    assert statuses(access)[0] == {"active": 1}
    stranger = access_of(user_with(Role.CATALOG_MANAGER, other_company))
    assert statuses(stranger) == ({}, True)
    both = user_with(Role.CATALOG_MANAGER, company)
    MembershipFactory(user=both, company=other_company, role=Role.CATALOG_MANAGER)
    ProductFactory(company=other_company)
    assert statuses(access_of(both))[0] == {"active": 2}
    # Who works on one of his companies only is counted its own.
    with scoping.scope([company.pk]):
        assert statuses(access_of(both)) == ({"active": 1}, True)


def test_what_is_kept_is_dropped_in_time(access, company, monkeypatch):
    ProductFactory(company=company)
    monkeypatch.setattr(counts, "KEPT_SECONDS", 0.0)
    assert [statuses(access)[1] for _ in range(2)] == [True, True]
    monkeypatch.setattr(counts, "KEPT_SECONDS", 20.0)
    monkeypatch.setattr(counts, "MOST_KEPT", 0)
    assert [statuses(access)[1] for _ in range(2)] == [True, True]
