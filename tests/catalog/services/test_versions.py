"""Releasing and withdrawing versions: periods without gap, frozen content (decisions 4 and 5)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from catalog import parts
from catalog.choices import VersionState
from catalog.models import ProductVersion
from catalog.services.versions import release_version, submit_version, withdraw_version
from tests.factories import PlanFactory, PricingRuleFactory, ProductFactory, VersionFactory
from tests.support.offers import approve
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Invalid, NotFound

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("everything")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


@pytest.fixture
def make_version(company, manager):
    """Return a function that makes a submitted version of one product."""
    product = ProductFactory(company=company, sku="AP-BOX-001")

    def make(number: int, *, days: int = 0, price: str = "29.90") -> ProductVersion:
        version = VersionFactory.create(
            product=product,
            company=company,
            version=number,
            effective_from=NOW + timedelta(days=days),
        )
        plan = PlanFactory(product_version=version, company=company, code="BASIC", name="Base")
        PricingRuleFactory(plan=plan, payload={"amount": Decimal(price)})
        return approve(submit_version(actor=manager, version=version))

    return make


def periods(version: ProductVersion) -> list[tuple[int, str, int | None, int | None]]:
    """Return (version, state, start, end) of the product's versions, in days from now."""

    def days(at: datetime | None) -> int | None:
        return None if at is None else (at - NOW).days

    return [
        (row.version, row.state, days(row.effective_from), days(row.effective_to))
        for row in ProductVersion.objects.filter(product=version.product).order_by("version")
    ]


@pytest.mark.requirement("A.4-02", "1-14")
def test_releasing_between_two_versions_leaves_neither_gap_nor_overlap(make_version, manager):
    for number, days in ((1, 0), (2, 20), (3, 10)):
        last = release_version(actor=manager, version=make_version(number, days=days))
    assert periods(last) == [
        (1, "released", 0, 10),
        (2, "released", 20, None),
        (3, "released", 10, 20),
    ]


def test_withdrawing_a_future_version_lets_the_previous_one_run_on(make_version, manager):
    for number, days in ((1, 0), (2, 10), (3, 20)):
        release_version(actor=manager, version=make_version(number, days=days))
    middle = ProductVersion.objects.get(version=2)
    withdraw_version(actor=manager, version=middle, reason="Tarif refusé")
    assert periods(middle) == [
        (1, "released", 0, 20),
        (2, "withdrawn", 10, 20),
        (3, "released", 20, None),
    ]
    assert middle.history.latest().history_change_reason == "Tarif refusé"


def test_a_version_in_force_is_not_withdrawn(make_version, manager):
    version = release_version(actor=manager, version=make_version(1))
    with pytest.raises(Conflict) as refused:
        withdraw_version(actor=manager, version=version, reason="Reporté")
    assert refused.value.code == "lifecycle.already_effective"


def test_two_versions_do_not_start_together(make_version, manager):
    release_version(actor=manager, version=make_version(1, days=5))
    with pytest.raises(Conflict) as refused:
        release_version(actor=manager, version=make_version(2, days=5))
    assert refused.value.code == "version.same_start"
    assert periods(ProductVersion.objects.get(version=2))[1][1] == "in_review"


def test_a_draft_is_submitted_first_and_a_release_happens_once(make_version, manager, company):
    draft = VersionFactory(product=ProductFactory(company=company), company=company)
    with pytest.raises(Conflict):
        release_version(actor=manager, version=draft)
    version = release_version(actor=manager, version=make_version(1))
    with pytest.raises(Conflict):
        release_version(actor=manager, version=version)


def test_a_planned_date_that_is_past_becomes_now(make_version, manager):
    version = release_version(actor=manager, version=make_version(1, days=-3))
    assert version.effective_from == NOW


def test_a_release_is_not_retroactive_except_for_the_group_admin_with_a_reason(
    make_version, manager, user_with
):
    past = NOW - timedelta(days=1)
    admin = user_with(Role.GROUP_ADMIN)
    version = make_version(1)
    for actor, reason in ((manager, "Reprise"), (admin, ""), (admin, "  ")):
        with pytest.raises(Invalid) as refused:
            release_version(actor=actor, version=version, effective_from=past, reason=reason)
        assert refused.value.code == "version.retroactive"
    released = release_version(
        actor=admin, version=version, effective_from=past, reason="Reprise de l'existant"
    )
    assert (released.effective_from, released.released_by) == (past, admin)
    assert released.release_reason == "Reprise de l'existant"


@pytest.mark.requirement("3.8-04", "3.8-05", "3.8-06")
@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.ADV, Role.SALES, Role.AUDITOR])
def test_other_roles_neither_submit_nor_release_nor_withdraw(
    make_version, user_with, company, role
):
    version = make_version(1)
    actor = user_with(role, company)
    withdraw = partial(withdraw_version, reason="Reporté")
    for act in (submit_version, release_version, withdraw):
        with pytest.raises(Forbidden):
            act(actor=actor, version=version)
    assert periods(version) == [(1, "in_review", 0, None)]


@pytest.mark.requirement("3.8-02", "3.8-13")
def test_another_company_can_do_nothing(make_version, user_with, other_company):
    version = make_version(1)
    stranger = user_with(Role.COMPANY_ADMIN, other_company)
    with pytest.raises(Forbidden):
        release_version(actor=stranger, version=version)


def test_a_version_out_of_scope_is_unknown(make_version, manager, other_company):
    version = make_version(1)
    with scoping.scope([other_company.pk]), pytest.raises(NotFound):
        release_version(actor=manager, version=version)


@pytest.mark.requirement("3.1-14")
def test_released_content_is_frozen_by_the_database(make_version, manager):
    version = release_version(actor=manager, version=make_version(1))
    plan = version.plans.get()
    row = ProductVersion.objects.filter(pk=version.pk)
    for change in (
        lambda: version.plans.update(name="Autre"),
        lambda: version.pricing_rules.all().delete(),
        lambda: PlanFactory(product_version=version, company=version.company),
        lambda: PricingRuleFactory(plan=plan),
        lambda: row.update(effective_from=NOW - timedelta(days=1)),
        lambda: row.update(content_hash="sha256:0"),
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            change()
    row.update(notes="Une note reste libre")


def test_the_hash_covers_plans_and_prices_and_nothing_else(make_version):
    first, same, dearer = make_version(1), make_version(2, days=5), make_version(3, price="30.00")
    for version in (same, dearer):
        version.notes = "Autre note"
    written = parts.content_of(first)
    assert written == {
        "plans": {
            "plans": [
                {
                    "code": "BASIC",
                    "name": "Base",
                    "recurrence": "monthly",
                    "prices": [
                        {
                            "type": "fixed",
                            "currency": "EUR",
                            "payload": {"amount": Decimal("29.9")},
                            "tax_code": "FR20",
                            "tax_rate": Decimal("20"),
                            "tax_included": True,
                        }
                    ],
                }
            ]
        }
    }
    assert parts.content_hash(first) == parts.content_hash(same)
    assert parts.content_hash(first) != parts.content_hash(dearer)


def test_the_list_of_parts_is_pinned():
    assert parts.keys() == [
        *("billing", "commission_schemes", "documents", "logistics", "offer", "plans", "quality"),
    ]
    with pytest.raises(RuntimeError):
        parts.register(parts.VersionPart("plans", lambda version: None, lambda pairs: None))


@pytest.mark.requirement("A.4-02")
def test_the_database_keeps_released_periods_apart(make_version, manager):
    release_version(actor=manager, version=make_version(1))
    twin = make_version(2, days=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductVersion.objects.filter(pk=twin.pk).update(
            state=VersionState.RELEASED, released_at=NOW, content_hash="sha256:1"
        )
