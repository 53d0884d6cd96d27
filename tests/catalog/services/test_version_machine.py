"""Versions against a simple model: whatever the order of the steps, the database agrees with it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from catalog.domain.moments import Moment
from catalog.models import PricingRule, ProductVersion
from catalog.selectors.moments import resolve
from catalog.services.approvals import decide
from catalog.services.copies import duplicate_version, roll_back
from catalog.services.versions import release_version, submit_version, withdraw_version
from tests.factories import PlanFactory, PricingRuleFactory, ProductFactory, VersionFactory
from tests.support.demo import undone
from winvest.core.domain.roles import Role
from winvest.core.errors import DomainError, Invalid
from winvest.core.transaction import transaction as audited

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRICES = st.sampled_from(["9.90", "12.00"])
CHOICE = st.integers(0, 9)
AHEAD = st.integers(-1, 4)


@dataclass
class Known:
    """What the model knows of a version."""

    state: str
    price: str
    start: datetime


class Versions(RuleBasedStateMachine):
    """A product whose versions are made, changed, reviewed, released, withdrawn and gone back to."""

    company = author = reviewer = admin = None  # set by the test

    def __init__(self):
        super().__init__()
        self.undo = undone()
        self.undo.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.now = START
        self.model: dict[int, Known] = {}
        self.approved: set[str] = set()
        # What was released, as it was known at each instant.
        self.known: dict[datetime, dict[int, datetime]] = {}
        product = ProductFactory(company=self.company, sku="AP-MODELE")
        first = VersionFactory(product=product, effective_from=START)
        plan = PlanFactory(product_version=first, code="BASE", name="Base")
        PricingRuleFactory(plan=plan, payload={"amount": Decimal("9.90")})
        self.product = product
        self.model[1] = Known("draft", "9.90", START)

    def teardown(self):
        self.clock.stop()
        self.undo.__exit__(None, None, None)

    def one(self, chosen, *states):
        """Return a version of the model, in one of these states if there is one."""
        numbers = [n for n, known in self.model.items() if not states or known.state in states]
        numbers = numbers or list(self.model)
        number = numbers[chosen % len(numbers)]
        return (
            number,
            self.model[number],
            ProductVersion.objects.get(product=self.product, version=number),
        )

    def tries(self, run, *, may):
        """Run a step in a savepoint: it succeeds exactly when the model says that it may."""
        if may:
            run()
            return True
        with pytest.raises(DomainError), transaction.atomic():
            run()
        return False

    @rule(chosen=CHOICE, days=AHEAD)
    def duplicate(self, chosen, days):
        _, known, version = self.one(chosen)
        start = self.now + timedelta(days=days)
        copy = duplicate_version(actor=self.author, version=version, effective_from=start)
        self.model[copy.version] = Known("draft", known.price, start)

    @rule(chosen=CHOICE, price=PRICES)
    def edit(self, chosen, price):
        number, known, version = self.one(chosen)
        rows = PricingRule.objects.filter(product_version=version)

        def change():
            with transaction.atomic(), audited(self.author):
                rows.update(payload={"amount": Decimal(price)})

        if known.state in ("released", "withdrawn"):
            with pytest.raises(DatabaseError, match="frozen"):
                change()
        else:
            change()
            self.model[number].price = price

    @rule(chosen=CHOICE)
    def submit(self, chosen):
        number, known, version = self.one(chosen, "draft")
        if self.tries(
            lambda: submit_version(actor=self.author, version=version), may=known.state == "draft"
        ):
            self.model[number].state = "in_review"

    @rule(chosen=CHOICE, refused=st.booleans())
    def review(self, chosen, refused):
        number, known, version = self.one(chosen, "in_review")
        decision = "refused" if refused else "approved"
        if self.tries(
            lambda: decide(actor=self.reviewer, version=version, decision=decision, comment="Vu"),
            may=known.state in ("in_review", "released"),
        ):
            if refused:
                self.approved.discard(known.price)
                if known.state == "in_review":
                    self.model[number].state = "draft"
            else:
                self.approved.add(known.price)

    @rule(chosen=CHOICE, days=st.one_of(st.none(), AHEAD))
    def release(self, chosen, days):
        number, known, version = self.one(chosen, "in_review")
        asked = None if days is None else self.now + timedelta(days=days)
        start = asked or max(known.start, self.now)
        taken = [one.start for one in self.model.values() if one.state == "released"]
        may = (
            known.state == "in_review"
            and known.price in self.approved
            and start >= self.now
            and start not in taken
        )
        if self.tries(
            lambda: release_version(actor=self.author, version=version, effective_from=asked),
            may=may,
        ):
            self.model[number] = Known("released", known.price, start)

    @rule(chosen=CHOICE, days=st.integers(1, 6))
    def take_over(self, chosen, days):
        """The group administrator alone releases in the past, with a reason."""
        number, known, version = self.one(chosen, "in_review")
        start = self.now - timedelta(days=days)
        taken = [one.start for one in self.model.values() if one.state == "released"]
        may = known.state == "in_review" and known.price in self.approved and start not in taken
        back = {"version": version, "effective_from": start}
        with pytest.raises(DomainError), transaction.atomic():
            release_version(actor=self.author, **back, reason="Reprise")
        with pytest.raises(DomainError), transaction.atomic():
            release_version(actor=self.admin, **back)
        run = lambda: release_version(actor=self.admin, **back, reason="Reprise")  # noqa: E731
        if self.tries(run, may=may):
            self.model[number] = Known("released", known.price, start)

    @rule(chosen=CHOICE)
    def withdraw(self, chosen):
        number, known, version = self.one(chosen, "released")
        may = known.state == "released" and known.start > self.now
        if self.tries(
            lambda: withdraw_version(actor=self.author, version=version, reason="Reporté"), may=may
        ):
            self.model[number].state = "withdrawn"

    @precondition(lambda self: any(one.state == "released" for one in self.model.values()))
    @rule(chosen=CHOICE)
    def go_back(self, chosen):
        number, known, _ = self.one(chosen, "released")
        start = self.now + timedelta(days=9)
        draft = roll_back(
            actor=self.author, product=self.product, version=number, effective_from=start
        )
        self.model[draft.version] = Known("draft", known.price, start)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours):
        self.now += timedelta(hours=hours)
        self.traveller.move_to(self.now)

    @invariant()
    def the_database_agrees(self):
        rows = {row.version: row for row in ProductVersion.objects.filter(product=self.product)}
        starts = sorted(one.start for one in self.model.values() if one.state == "released")
        assert rows.keys() == self.model.keys()
        hashes = {}
        for number, known in self.model.items():
            row = rows[number]
            assert (row.state, row.effective_from) == (known.state, known.start)
            if known.state == "released":
                later = [start for start in starts if start > known.start]
                assert row.effective_to == (later[0] if later else None)
                assert hashes.setdefault(known.price, row.content_hash) == row.content_hash
        assert len(set(hashes.values())) == len(hashes)

    @invariant()
    def the_right_one_is_in_force(self):
        released = {n: one for n, one in self.model.items() if one.state == "released"}
        for day in (START, self.now, self.now + timedelta(days=3)):
            begun = [(one.start, n) for n, one in released.items() if one.start <= day]
            if begun:
                found, _ = resolve(self.product.pk, Moment(day))
                assert ProductVersion.objects.get(pk=found).version == max(begun)[1]
            else:
                with pytest.raises(Invalid):
                    resolve(self.product.pk, Moment(day))

    @invariant()
    def what_was_known_stays_known(self):
        released = {n: one.start for n, one in self.model.items() if one.state == "released"}
        self.known[self.now] = released
        for known_at, then in self.known.items():
            for day in (START, known_at, known_at + timedelta(days=3)):
                begun = [(start, n) for n, start in then.items() if start <= day]
                if begun:
                    found, until = resolve(self.product.pk, Moment(day, known_at))
                    assert ProductVersion.objects.get(pk=found).version == max(begun)[1]
                    assert until == min((one for one in then.values() if one > day), default=None)
                else:
                    with pytest.raises(Invalid):
                        resolve(self.product.pk, Moment(day, known_at))


@pytest.mark.requirement("1-14", "3.1-09", "3.1-10", "7-03", "I.6-04")
@pytest.mark.usefixtures("everything")
def test_versions_follow_their_model(company, user_with):
    class Machine(Versions):
        pass

    Machine.company = company
    Machine.author = user_with(Role.CATALOG_MANAGER, company)
    Machine.admin = user_with(Role.GROUP_ADMIN)
    Machine.reviewer = user_with(Role.COMPANY_ADMIN, company)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=4,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
