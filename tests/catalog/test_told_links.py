"""Whoever is told of something opens the page that the notification names (4-10, §4)."""

import html

import pytest

from catalog.domain.lifecycle import LifecycleStatus
from catalog.services.lifecycle import ExitPlan, move_product
from tests.factories import PublicationFactory
from tests.support.offers import make_released
from winvest.core.admin.notifications import CLOSED
from winvest.core.domain.roles import Role
from winvest.core.models import Notification
from winvest.core.services.notifications import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("4-10", "3.8-13")
def test_every_link_opens_to_whoever_is_told(browser_as, user_with, company, other_company):
    people = [
        user_with(role, one)
        for one in (company, other_company)
        for role in (Role.SALES, Role.ADV, Role.CATALOG_MANAGER, Role.LEGAL)
    ]
    version = make_released(company=company, sku="BOX", plans={"A": "10"})
    PublicationFactory(product_version=version, company=other_company)
    manager = user_with(Role.COMPANY_ADMIN, company)
    stop = {"actor": manager, "product": version.product, "reason": "Fin de l'offre."}
    move_product(**stop, to=LifecycleStatus.FROZEN)
    move_product(
        **stop, to=LifecycleStatus.RETIRED, exit_plan=ExitPlan(note="Support jusqu'en 2028.")
    )
    told = Notification.objects.filter(user__in=people).select_related("user")
    assert told.count() >= 8
    for row in told:
        page = browser_as(row.user).get(address_of(row.pk), follow=True)
        shown = (row.user.memberships.get().role, row.kind, page.redirect_chain)
        assert page.status_code == 200, shown
        # A seller sees what is on sale: of the rest, he reads what was said.
        closed = row.user.memberships.get().role == Role.SALES
        assert (CLOSED in html.unescape(page.text)) == closed, shown
        assert "BOX" in page.text
        # No link leads back to the page where one is.
        assert (address_of(row.pk) in page.text) is False, shown
    other = browser_as(user_with(Role.ADV, company))
    assert other.get(address_of(told[0].pk)).status_code == 404
