"""The other tables of Annexe A: form, API and SQL refuse the same values (A.2, A.4).

They have no files. `parts.csv` is read as `constraints.csv`; a page that types a value in several
fields is not asked (its own tests do), nor is a door that a table does not have: webhooks are not
written by API, credentials and tiers are typed in parts.
"""

from pathlib import Path

import pytest

from tests.parity.world import World
from tests.support.demo import undone
from tests.support.parity import change, read_cases
from winvest.core import scoping

CASES = read_cases(Path(__file__).with_name("parts.csv"))
CHANGES = read_cases(Path(__file__).with_name("changes.csv"))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Make the rows once; every case is undone."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        yield World()


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(world, django_db_blocker):
    """Undo what each door writes."""
    with django_db_blocker.unblock(), undone():
        yield


@pytest.mark.requirement("A.4-01", "A.2.2-product_version-02", "A.2.2-product_plan-03", "8-07")
@pytest.mark.parametrize(
    "case", CASES, ids=[f"{c['model']} {c['field']} {c['case']}" for c in CASES]
)
def test_every_door_refuses_alike(world, case):
    codes = set(filter(None, case["code"].split("|")))
    for door, ask in {"form": world.by_form, "api": world.by_api}.items():
        with undone():
            found = ask(case)
        if found is None:
            continue
        assert bool(found) is bool(codes), f"{door}: {found}"
        assert {code for _, code in found} <= codes, f"{door}: {found}"
        assert {name.split(".")[0] for name, _ in found} <= {case["field"], ""}, door
    assert world.by_sql(case) == case["sql"]


@pytest.mark.requirement("A.4-01", "8-07")
@pytest.mark.parametrize("case", CHANGES, ids=[f"{c['table']} {c['set']}" for c in CHANGES])
def test_the_database_refuses_what_no_door_offers(world, case):
    """`changes.csv`: what a form and the API leave to the services, SQL may not do either."""
    row = {"product_plan": world.known["@plan"], "company": world.company, **world.above}
    row["risk"] = row["product"].risk
    assert change(case["table"], case["set"], row[case["table"]].pk) == case["sql"]
