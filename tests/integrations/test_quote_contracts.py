"""The price of a contract in force, by what each release does to it (`applies_to_inforce`)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.choices import LifecycleStatus, VersionState
from catalog.models import ProductVersion
from tests.factories import PlanFactory, PricingRuleFactory, VersionFactory
from tests.support.quotes import codes
from winvest.core import scoping

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
AT = "2026-11-25T12:00:00Z"


@pytest.fixture
def dearer(mtv):
    """Return a function that releases version 2 at 12.90 from June, with a policy."""

    def release(policy):
        with scoping.everything():
            ProductVersion.objects.filter(pk=mtv.pk).update(effective_to=JUNE)
            version = VersionFactory(
                product=mtv.product, version=2, effective_from=JUNE, applies_to_inforce=policy
            )
            plan = PlanFactory(product_version=version, code="BASIC", name="Essentiel")
            PricingRuleFactory(plan=plan, payload={"amount": Decimal("12.90")})
            version.state, version.released_at = VersionState.RELEASED, JUNE
            version.content_hash = "sha256:2"
            version.save()

    return release


@pytest.mark.requirement("1-14")
@pytest.mark.parametrize(
    ("policy", "contract", "version", "valid_until"),
    [
        ("none", {"version": 1}, 1, "2026-11-26T12:00:00Z"),
        ("immediate", {"version": 1}, 2, "2026-11-26T12:00:00Z"),
        (
            *("next_billing", {"version": 1, "next_billing_at": "2026-11-25T20:00:00Z"}),
            *(1, "2026-11-25T20:00:00Z"),
        ),
        (
            *("next_billing", {"version": 1, "next_billing_at": "2026-11-25T12:00:00Z"}),
            *(2, "2026-11-26T12:00:00Z"),
        ),
        (
            *("renewal", {"started_on": "2025-02-01", "renewal_at": "2026-09-01T00:00:00+02:00"}),
            *(2, "2026-11-26T12:00:00Z"),
        ),
        ("renewal", {"started_on": "2025-02-01"}, 1, "2026-11-26T12:00:00Z"),
        ("none", {"started_on": "2026-07-01"}, 2, "2026-11-26T12:00:00Z"),
    ],
)
def test_a_contract_is_priced_by_the_policy(ask, dearer, policy, contract, version, valid_until):
    dearer(policy)
    status, answer = ask(at=AT, contract=contract)
    assert status == 200, answer
    assert answer["product"]["version"] == version
    assert answer["totals"]["recurring"]["incl_tax"] == {1: "9.90", 2: "12.90"}[version]
    assert answer["valid_until"] == valid_until


@pytest.mark.requirement("1-14")
def test_what_is_asked_of_a_new_sale_is_not_asked_of_a_contract(ask, dearer, mtv):
    dearer("none")
    assert ask(at=AT)[0] == 409  # version 2 is not published
    with scoping.everything():
        mtv.product.lifecycle_status = LifecycleStatus.FROZEN
        mtv.product.save()
    assert ask(at=AT, contract={"version": 1})[0] == 200
    assert codes(ask(at=AT, contract={"version": 2}, plan="DUO")[1]) == ["plan.unknown"]
    assert "product.not_active" in codes(ask(at=AT, contract={"ref": None})[1])


@pytest.mark.parametrize("contract", [{"version": 3}, {"started_on": "2024-12-31"}])
def test_a_contract_of_no_version_is_refused(ask, dearer, contract):
    dearer("immediate")
    status, answer = ask(at=AT, contract=contract)
    assert (status, codes(answer)) == (409, ["contract.version_unknown"])
    assert ask(sku="INCONNU", contract=contract)[0] == 404
