"""The six permissions of the specification by role, in one's own company and in another (1-20)."""

from uuid import uuid4

import pytest

from tests.architecture.test_models import business_models
from tests.support.routes import CODES
from winvest.core.domain.roles import Action, Role
from winvest.core.models.base import ScopedModel
from winvest.core.permissions import BY_FAMILY, RIGHTS, Access

# The whole table of the design (§11): who may do what.
TABLE = {
    Action.CATALOG_VIEW: "GA CA CM CO AD JU IT MK VE AU",
    Action.CATALOG_VIEW_ALL: "GA CA CM CO AD JU IT AU",
    Action.CATALOG_EDIT: "GA CA CM",
    Action.PRICING_EDIT: "GA CA CM",
    Action.COMMISSION_EDIT: "GA CA CM",
    Action.VERSION_SUBMIT: "GA CA CM",
    Action.VERSION_RELEASE: "GA CA CM",
    Action.VERSION_WITHDRAW: "GA CA CM",
    Action.LIFECYCLE_MOVE: "GA CA CM",
    Action.COMMISSION_VIEW: "GA CA CM CO AU",
    Action.DOCUMENT_EDIT: "GA CA CM AD JU",
    Action.CQ_EDIT: "GA CA AD",
    Action.MAPPING_EDIT: "GA CO",
    Action.MAPPING_VALIDATE: "GA CO",
    Action.ACCOUNTING_SETTINGS: "GA CO",
    Action.PERIOD_CLOSE: "GA CO",
    Action.EXPORT_RUN: "GA CO",
    Action.LETTERING_EDIT: "GA CO",
    Action.APPROVE_PRODUCT: "CA CM",
    Action.APPROVE_ACCOUNTING: "CO",
    Action.APPROVE_COMPLIANCE: "AD JU",
    Action.APPROVE_INTEGRATION: "IT",
    Action.PUBLICATION_EDIT: "GA CA AD",
    Action.PUBLICATION_PUBLISH: "GA CA AD",
    Action.LIFECYCLE_FREEZE: "GA CA CM AD",
    Action.LIFECYCLE_UNFREEZE: "GA CA CM AD",
    Action.LIFECYCLE_RETIRE: "GA CA CM",
    Action.PARTNER_EDIT: "GA CA CM",
    Action.PARTNER_ONBOARD: "GA CA CM",
    Action.PARTNER_IBAN: "GA CO",
    Action.PARTNER_CREDENTIALS: "GA IT",
    Action.INTEGRATION_CONSOLE: "GA IT",
    Action.WEBHOOK_REPLAY: "GA IT",
    Action.OPERATION_POST: "GA CO",
    Action.ACCOUNTING_VIEW: "GA CA CO AU",
    Action.SIMULATE: "GA CA CM CO AD JU IT MK VE",
    Action.QUOTE: "GA CA CM CO AD JU IT MK VE",
    Action.NOTIFICATION_PUBLISH: "GA CA MK",
    Action.AUDIT_VIEW: "GA CA IT AU",
    Action.AUDIT_EXPORT: "GA CA IT AU",
    Action.ACCESS_MANAGE: "GA CA",
    Action.COMPANY_EDIT: "GA",
}
# Read, create, publish, price, map accounts, commissions.
SIX = (
    Action.CATALOG_VIEW,
    Action.CATALOG_EDIT,
    Action.PUBLICATION_PUBLISH,
    Action.PRICING_EDIT,
    Action.MAPPING_EDIT,
    Action.COMMISSION_EDIT,
)
OWN, OTHER = uuid4(), uuid4()
# Booked facts that no one edits, and the group's reference data: no family opens them.
OF_NO_FAMILY = {
    "accounting.Operation",
    "catalog.VersionAuthor",  # written by the database alone
    "documents.DocumentRequirement",
}


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
    given = code in TABLE[action].split()
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


@pytest.mark.requirement("1-20", "3.8-01")
def test_every_action_has_the_roles_of_the_table():
    given = {action: {CODES[code] for code in codes.split()} for action, codes in TABLE.items()}
    assert {action: set(roles) for action, roles in RIGHTS.items()} == given
    assert set(RIGHTS) == set(Action)


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
