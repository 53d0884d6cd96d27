"""Every route × role × company against `routes.csv`, written by hand (`architecture.md` §4)."""

from collections.abc import Iterable
from contextlib import nullcontext
from uuid import uuid4

import pytest
from django.test import override_settings

from tests.support.blank import blank_pages
from tests.support.demo import cloned_demo, undone
from tests.support.matrix import World
from tests.support.routes import Expectation, read_table, routes
from winvest.core.domain.roles import Role

EXPECTATIONS = read_table()
# Two halves for two workers, each with its own demo data.
LINES = [
    pytest.param(line, id=str(line), marks=pytest.mark.xdist_group(f"routes-{number % 2}"))
    for number, line in enumerate(EXPECTATIONS)
]
# What a person of Mondial TV must never read, whatever the page.
CANARIES = (
    "AP-SANTE",
    "AP-CANARI",
    "Canari",
    "Action Prévoyance",
    "OggoData",
    "Oggodata",
    ".ap@winvest.example",
    "22222222-2222-2222-2222-222222222222",
)


@pytest.fixture(scope="module")
def world(demo_template, django_db_setup, django_db_blocker, tmp_path_factory):
    """Open the demo data; every request of the module is undone."""
    with (
        cloned_demo(django_db_blocker, demo_template, django_db_setup),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        undone(),
    ):
        yield World()


def test_every_route_stands_in_the_table():
    walked = {route for route, _ in routes()}
    listed = {line.route for line in EXPECTATIONS}
    assert walked - listed == set(), "routes without a line in routes.csv"
    assert listed - walked == set(), "lines of routes.csv without a route"


@pytest.mark.requirement("1-20", "3.8-01", "3.8-02", "3.8-03", "3.8-04", "3.8-05", "3.8-06")
@pytest.mark.parametrize("line", LINES)
def test_each_role_gets_what_the_table_says(world, line):
    # The witnesses' pages are written too.
    witnesses = _witnesses(line)
    got = {
        role: (world.ask(line, user)[0] if role in witnesses else world.status(line, user))
        for role, user in world.people.items()
    }
    assert got == {role: line.status(role) for role in Role}
    assert world.ask(line, None)[0] == line.anonymous


@pytest.mark.requirement("3.8-13", "G.2-03", "H.2.5-03", "3.8-02")
@pytest.mark.parametrize("line", LINES)
def test_another_company_s_object_does_not_exist(world, line):
    """Nothing tells a stranger an object of AP from one that never was."""
    named = "AP-CANARI" if "AP-CANARI" in line.target else ""
    canaries = [text for text in CANARIES if text != named]
    witnesses = _witnesses(line, world.strangers)
    if Role.SALES in line.roles:  # a seller's lists are read in another way
        witnesses.add(Role.SALES)
    for role, user in world.strangers.items():
        # An answer of the API is written whatever its reader; a page is the same for one that may.
        written = role in witnesses or line.route.startswith("api/")
        with nullcontext() if written else blank_pages():
            status, body = world.ask(line, user)
        assert [text for text in canaries if text in body] == [], role
        if line.foreign is None:
            continue
        assert status == line.foreign or (role not in line.roles and status == line.refused), role
        if "<" in line.route and line.method == "GET" and role in witnesses:
            assert status == world.ask(line, user, key=uuid4())[0], role


def _witnesses(line: Expectation, roles: Iterable[Role] = Role) -> set[Role]:
    """Return a role that may and one that may not: the others take the same way."""
    allowed = [role for role in roles if role in line.roles]
    refused = [role for role in roles if role not in line.roles]
    return {*allowed[:1], *refused[:1]}


@pytest.mark.xdist_group("routes-0")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_api_refuses_the_methods_that_the_table_does_not_list(world, method):
    listed = {(line.route, line.method) for line in EXPECTATIONS}
    for line in EXPECTATIONS:
        if not line.route.startswith("api/catalog/") or (line.route, method) in listed:
            continue
        other = Expectation(**{**vars(line), "method": method})
        assert world.status(other, world.people[Role.GROUP_ADMIN]) == 405, str(other)


@pytest.mark.xdist_group("routes-1")
def test_the_canaries_sing_for_their_own_company(world):
    lines = {str(line): line for line in EXPECTATIONS}
    for name in ("GET api/catalog/products", "GET catalog/product/", "GET core/user/"):
        _, body = world.ask(lines[name], world.people[Role.COMPANY_ADMIN])
        assert [text for text in CANARIES if text in body], name
