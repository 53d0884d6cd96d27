"""The RACI of Annexe D.3 as data: the letters of the specification, and rights that agree."""

import csv
import re
from pathlib import Path

import pytest

from catalog.domain import raci
from catalog.domain.raci import Actor, Step
from winvest.core.domain.roles import Action, Role
from winvest.core.permissions import RIGHTS

REQUIREMENTS = Path(__file__).parents[3] / "docs" / "requirements.csv"
IDS = (
    *(
        "D.3.1-01",
        "D.3.1-02",
        "D.3.1-03",
        "D.3.1-04",
        "D.3.1-05",
        "D.3.1-06",
        "D.3.1-07",
        "D.3.1-08",
    ),
    *("D.3.2-01", "D.3.2-02", "D.3.2-03", "D.3.2-04"),
    *("D.3.3-01", "D.3.3-02", "D.3.3-03"),
    *("D.3.5-01", "D.3.5-02", "D.3.5-03", "D.3.5-04"),
)
# The right by which a step is done.
DONE_BY = {
    Step.NEEDS: Action.CATALOG_EDIT,
    Step.SHEET: Action.CATALOG_EDIT,
    Step.PRICING: Action.PRICING_EDIT,
    Step.COMMISSIONS: Action.COMMISSION_EDIT,
    Step.DOCUMENTS: Action.APPROVE_COMPLIANCE,
    Step.MAPPING: Action.MAPPING_EDIT,
    Step.PARTNER_API: Action.PARTNER_CREDENTIALS,
    Step.PUBLICATION: Action.PUBLICATION_PUBLISH,
    Step.PROPOSAL: Action.CATALOG_EDIT,
    Step.FINANCIAL_IMPACT: Action.APPROVE_ACCOUNTING,
    Step.IMPLEMENTATION: Action.PRICING_EDIT,
    Step.COMMUNICATION: Action.NOTIFICATION_PUBLISH,
    Step.COLLECTION: Action.DOCUMENT_EDIT,
    Step.VERIFICATION: Action.APPROVE_COMPLIANCE,
    Step.DIFFUSION: Action.DOCUMENT_EDIT,
    Step.RETIREMENT: Action.LIFECYCLE_RETIRE,
    Step.SALES_STOP: Action.LIFECYCLE_FREEZE,
    Step.CLIENTS: Action.NOTIFICATION_PUBLISH,
    Step.ARCHIVE: Action.DOCUMENT_EDIT,
}


@pytest.mark.requirement(*IDS)
def test_letters_are_those_of_the_specification_and_rights_agree():
    with REQUIREMENTS.open(encoding="utf-8", newline="") as file:
        rows = {row[0]: row[2] for row in csv.reader(file, delimiter=";") if row}
    told = {key for key in rows if re.fullmatch(r"D\.3\.[1235]-\d\d", key)}
    assert told == set(IDS) == {step.value for step in raci.RACI}
    for step, line in raci.RACI.items():
        text = rows[step.value]
        assert f"« {line.label} »" in text
        letters = dict(re.findall(r"(\w+)=([RACI/]+)", text))
        assert letters == {
            actor.value: letter for actor, letter in zip(Actor, line.letters, strict=True)
        }
        may = RIGHTS[DONE_BY[step]]
        assert raci.ROLES[raci.accountable(step)] & may, step


@pytest.mark.parametrize(
    ("step", "accountable"),
    [
        (Step.SHEET, Actor.PRODUCT),
        (Step.DOCUMENTS, Actor.ADV),
        (Step.PARTNER_API, Actor.IT),
        (Step.PROPOSAL, Actor.PRODUCT),
        (Step.ARCHIVE, Actor.ADV),
        (Step.CLIENTS, Actor.MARKETING),
    ],
)
def test_where_a_line_names_nobody_the_governance_does(step, accountable):
    assert raci.accountable(step) is accountable


def test_who_is_told_of_an_approval_follows_its_step():
    assert raci.approval_step("accounting", first=True) is Step.MAPPING
    assert raci.approval_step("accounting", first=False) is Step.FINANCIAL_IMPACT
    assert raci.told_roles(Step.FINANCIAL_IMPACT) == set(Role) - {
        *(Role.GROUP_ADMIN, Role.ACCOUNTING, Role.SALES, Role.AUDITOR)
    }
