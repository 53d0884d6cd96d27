"""The price of a contract in force, by what each release does to it (`applies_to_inforce`)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.choices import VersionState
from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import ProductVersion
from catalog.services.lifecycle import ExitPlan, move_product
from tests.factories import PlanFactory, PricingRuleFactory, VersionFactory
from tests.support.quotes import codes
from winvest.core import scoping
from winvest.core.domain.roles import Role

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
    for later in ({"started_on": "2099-01-01"}, {"started_on": "2099-01-01", "version": 1}):
        status, answer = ask(at=AT, contract=later)
        assert (status, codes(answer)) == (422, ["contract.not_started"])


@pytest.mark.requirement("4-10", "C.1-05")
@pytest.mark.parametrize("allowed", [False, True])
def test_a_retired_product_is_not_renewed_unless_its_exit_plan_says_so(
    ask, dearer, mtv, user_with, allowed
):
    with scoping.everything():
        move_product(
            actor=user_with(Role.GROUP_ADMIN),
            product=mtv.product,
            to=LifecycleStatus.RETIRED,
            reason="Fin de la gamme",
            exit_plan=ExitPlan(renewals_allowed=allowed, note="Support."),
        )
    assert "product.not_active" in codes(ask(at=AT)[1])
    contract = {"version": 1, "renewal_at": "2026-11-25T20:00:00Z"}
    status, answer = ask(at=AT, contract=contract)
    assert status == 200, answer
    assert answer["valid_until"] == ("2026-11-26T12:00:00Z" if allowed else "2026-11-25T20:00:00Z")
    after = "2026-11-25T20:00:00Z"
    status, answer = ask(at=after, contract=contract)
    if allowed:
        assert (status, answer["totals"]["recurring"]["incl_tax"]) == (200, "9.90")
        return
    assert (status, codes(answer)) == (409, ["contract.renewal_refused"])
    assert answer["errors"][0]["path"] == "contract.renewal_at"
    every = ask(at=after, contract=contract, plan="RIEN")[1]
    assert set(codes(every)) == {"contract.renewal_refused", "plan.unknown"}
    # Renewed before the product was retired, and awaiting no renewal: both run on.
    for kept in ({"renewal_at": "2026-11-01T00:00:00Z"}, {}):
        assert ask(at=after, contract={"version": 1, **kept})[0] == 200
