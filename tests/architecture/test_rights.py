"""The six permissions of the specification by role, in one's own company and in another (1-20)."""

from uuid import uuid4

import pytest

from tests.architecture.test_models import business_models
from tests.support.routes import CODES
from winvest.core.domain.roles import Action, Role
from winvest.core.models.base import ScopedModel
from winvest.core.permissions import BY_FAMILY, RIGHTS, Access

# Read, create, publish, price, map accounts, commissions: `design/domain.md` §11.
SIX = {
    Action.CATALOG_VIEW: "GA CA CM CO AD JU IT MK VE AU",
    Action.CATALOG_EDIT: "GA CA CM",
    Action.PUBLICATION_PUBLISH: "GA CA AD",
    Action.PRICING_EDIT: "GA CA CM",
    Action.MAPPING_EDIT: "GA CO",
    Action.COMMISSION_EDIT: "GA CA CM",
}
OWN, OTHER = uuid4(), uuid4()
# Booked facts that no one edits, and the group's reference data: no family opens them.
OF_NO_FAMILY = {"accounting.Operation", "documents.DocumentRequirement"}


def access(role: Role) -> Access:
    """Return the rights of a person with this role in one company (the group's: in both)."""
    held = frozenset({role})
    if role is Role.GROUP_ADMIN:
        return Access(uuid4(), held, {OWN: held, OTHER: held})
    return Access(uuid4(), frozenset(), {OWN: held})


@pytest.mark.requirement("1-20", "G.2-03", "3.8-03", "3.8-04", "3.8-05", "3.8-06")
@pytest.mark.parametrize("action", SIX)
@pytest.mark.parametrize("code", CODES)
def test_each_permission_is_given_to_its_roles_in_their_company(action, code):
    rights = access(CODES[code])
    given = code in SIX[action].split()
    assert rights.allowed(action, OWN) == given
    assert rights.allowed(action, OTHER) == (given and code == "GA")
    companies = {OWN, OTHER} if code == "GA" else {OWN}
    assert rights.companies(action) == (companies if given else set())


@pytest.mark.requirement("3.8-01")
def test_only_a_group_administrator_holds_a_right_for_the_group():
    for action, roles in RIGHTS.items():
        for role in Role:
            given = role is Role.GROUP_ADMIN and role in roles
            assert access(role).allowed(action, None) == given, (action, role)


def test_every_action_is_in_the_table():
    assert set(RIGHTS) == set(Action)
    assert all(RIGHTS.values())


@pytest.mark.requirement("N-02")
def test_every_row_of_a_risk_tells_its_family():
    """A row below a risk, a product or a version; one that tells none is closed to the limited."""
    above = {"catalog.Risk", "catalog.Product", "catalog.ProductVersion"}
    below = [
        model
        for model in business_models()
        if any(
            field.is_relation and field.related_model._meta.label in above
            for field in model._meta.concrete_fields
        )
    ]
    assert len(below) >= 5
    silent = {
        model._meta.label
        for model in below
        if getattr(model, "family_risk", None) in (None, ScopedModel.family_risk)
    }
    assert silent <= OF_NO_FAMILY


def test_what_a_family_limits_is_edited_or_approved():
    assert set(RIGHTS) >= BY_FAMILY
    assert not {Action.CATALOG_VIEW, Action.CATALOG_VIEW_ALL, Action.QUOTE} & BY_FAMILY
