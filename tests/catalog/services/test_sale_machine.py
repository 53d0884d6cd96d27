"""Lifecycle and publication against a small model: whatever the order of the steps, they agree."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from catalog.models import Product, ProductTransition
from catalog.services.sweep import apply_due_moves
from tests.factories import (
    MappingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    VersionFactory,
)
from tests.support.calls import API, send
from tests.support.demo import undone
from tests.support.publishable import REVIEWERS, add_document
from tests.support.sales import GRAPH, ROAD, Sale, instant
from winvest.core.domain.roles import Role

# Years ahead: the database, whose clock nobody moves, keeps what has begun for it.
START = datetime(2090, 1, 4, 12, tzinfo=UTC)
CHANNELS = ("web", "field")
EDITED = ("draft", "in_review")
NOT_IN_FORCE = {"version.none", "version.before_first"}
REVIEWS = ("product", "accounting", "compliance")
TARGETS = st.sampled_from(sorted(GRAPH))
CHANNEL = st.sampled_from(CHANNELS)
DAYS = st.integers(0, 3)
CHOICE = st.integers(0, 9)


class Sales(RuleBasedStateMachine):
    """A product on its way to its sale and out of it, its version of the day, its publications.

    A version that was withdrawn is begun again in a copy, whose own publications are followed.
    """

    company = clients = None  # set by the test

    def __init__(self):
        super().__init__()
        self.undo = undone()
        self.undo.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.now = START
        self.status, self.planned = "draft", {}
        self.state, self.document, self.effective = "draft", True, START
        # What approvals bind to: the price, and from when the plan is offered.
        self.price, self.offered = "9.90", None
        self.approved = {domain: set() for domain in REVIEWS}
        self.sales: dict[str, Sale] = {}
        product = ProductFactory(company=self.company, sku="AP-MODELE", lifecycle_status="draft")
        version = VersionFactory(product=product, effective_from=START)
        plan = PlanFactory(product_version=version, code="A")
        rule_of = PricingRuleFactory(plan=plan, payload={"amount": Decimal("9.90")})
        MappingFactory(product_version=version)
        self.paper = add_document(version, "CGV").pk
        self.product, self.version = product.pk, version.pk
        self.plan, self.amount = plan.pk, rule_of.pk

    def teardown(self):
        self.clock.stop()
        self.undo.__exit__(None, None, None)

    def ask(self, role, method, path, body=None, *, may):
        """Call the API: it does what is asked exactly when the model says that it may."""
        status, answer = send(self.clients[role], method, f"{API}/{path}", body)
        assert status < 500, answer
        assert (status < 300) is may, (status, answer)
        return answer

    def manage(self, method, path, body=None, *, may):
        return self.ask(Role.CATALOG_MANAGER, method, path, body, may=may)

    @property
    def content(self):
        return self.price, self.offered

    @property
    def in_force(self):
        return self.state == "released" and self.effective <= self.now

    def status_at(self, at):
        due = [to for day, to in sorted(self.planned.items()) if day <= at]
        return due[-1] if due else self.status

    def problems(self, channel, start):
        """Return what stands against a sale that would begin at `start` on a channel."""
        lacking = {f"approvals.{one}" for one in REVIEWS if self.content not in self.approved[one]}
        start = max(start, self.now)
        if self.status_at(start) != "active":
            lacking.add("lifecycle.not_active")
        if self.offered and start < self.offered:
            lacking.add("pricing.no_plan_in_dates")
        if self.state != "released":
            lacking.add("version.not_released")
        if channel == "web" and not self.document:
            lacking.add("documents.web_floor")
        return lacking

    @initialize(ready=st.integers(0, 3), days=st.sampled_from([None, 2]))
    def begin(self, ready, days):
        """Begin with nothing done, or with a product that lacks its sale alone, now or later."""
        if ready:
            self.move("test", 0)
            self.move("active", 0)
            self.submit()
            for domain in REVIEWS:
                self.review(domain, refused=False)
            self.release(days)
        if ready > 1:
            for channel in CHANNELS[: ready - 1]:
                self.publish(channel, 2, None)

    @rule(to=TARGETS, days=DAYS)
    def move(self, to, days):
        """Give it another status now, or plan it."""
        at = self.now + timedelta(days=days)
        body = {"to": to, "reason": "Décidé"}
        body |= {"exit_note": "Support."} if to == "retired" else {}
        path = f"products/{self.product}/transition"
        if not days:
            may = to in GRAPH[self.status]
            self.manage("post", path, body, may=may)
            if may:
                self.apply(to, self.now)
            return
        steps = [self.status, *(one for _, one in sorted({**self.planned, at: to}.items()))]
        follows = all(after in GRAPH[one] for one, after in pairwise(steps))
        may = at not in self.planned and follows
        self.manage("post", path, body | {"at": at.isoformat()}, may=may)
        if may:
            self.planned[at] = to

    @precondition(lambda self: self.status in ROAD)
    @rule()
    def go_on(self):
        self.move(ROAD[self.status], 0)

    def apply(self, to, at):
        """A retirement ends what runs at its own date, and takes back what was to come."""
        self.status = to
        if to != "retired":
            return
        for key, sale in list(self.sales.items()):
            if sale.start > self.now:
                del self.sales[key]
                continue
            end = at if sale.start < at else self.now
            if sale.start < end and (sale.end is None or end < sale.end):
                sale.end = end

    @rule(price=st.sampled_from(["9.90", "12.00"]))
    def edit(self, price):
        may = self.state in EDITED
        body = {"payload": {"amount": float(price)}}
        self.manage("patch", f"pricing-rules/{self.amount}", body, may=may)
        if may:
            self.price = price

    @rule(days=st.one_of(st.none(), DAYS))
    def date_plan(self, days):
        may = self.state in EDITED
        at = None if days is None else self.now + timedelta(days=days)
        body = {"valid_from": at and at.isoformat()}
        self.manage("patch", f"plans/{self.plan}", body, may=may)
        if may:
            self.offered = at

    @precondition(lambda self: self.state in EDITED)
    @rule()
    def submit(self):
        may = self.state == "draft"
        self.manage("post", f"versions/{self.version}/submit", {}, may=may)
        if may:
            self.state = "in_review"

    @rule(domain=st.sampled_from(REVIEWS), refused=st.booleans())
    def review(self, domain, refused):
        may = self.state in ("in_review", "released")
        decision = "refused" if refused else "approved"
        body = {"domain": domain, "decision": decision, "comment": "Vu"}
        path = f"versions/{self.version}/approvals"
        self.ask(REVIEWERS[domain], "post", path, body, may=may)
        if may and refused:
            self.approved[domain].discard(self.content)
            self.state = "draft" if self.state == "in_review" else self.state
        elif may:
            self.approved[domain].add(self.content)

    @precondition(lambda self: self.state in EDITED)
    @rule(days=st.one_of(st.none(), DAYS))
    def release(self, days):
        """Release for a day to come, or for the planned one, now if that is past."""
        may = self.state == "in_review" and self.content in self.approved["product"]
        at = None if days is None else self.now + timedelta(days=days)
        body = {"effective_from": at and at.isoformat()}
        self.manage("post", f"versions/{self.version}/release", body, may=may)
        if may:
            self.state, self.effective = "released", at or max(self.effective, self.now)

    @precondition(lambda self: self.state not in EDITED and self.effective > self.now)
    @rule()
    def withdraw(self):
        """Take the version back before it takes effect, and what was to be published of it."""
        may = self.state == "released"
        body = {"reason": "Retirée"}
        self.manage("post", f"versions/{self.version}/withdraw", body, may=may)
        if may:
            self.state, self.sales = "withdrawn", {}

    @precondition(lambda self: self.state == "withdrawn" and self.document)
    @rule(days=DAYS)
    def begin_again(self, days):
        """A copy has the content, so its approvals; not the publications, accounts nor documents."""
        self.effective = self.now + timedelta(days=days)
        body = {"effective_from": self.effective.isoformat()}
        path = f"versions/{self.version}/duplicate"
        self.version = self.manage("post", path, body, may=True)["id"]
        self.state, self.sales = "draft", {}
        (self.plan, self.amount, self.paper) = (
            self.manage("get", f"versions/{self.version}/{part}", may=True)["results"][0]["id"]
            for part in ("plans", "pricing-rules", "documents")
        )
        self.ask(Role.LEGAL, "post", f"documents/{self.paper}/publish", {}, may=True)
        MappingFactory(product_version_id=self.version, company=self.company)

    @rule(channel=CHANNEL, days=DAYS, length=st.one_of(st.none(), st.integers(1, 3)))
    def publish(self, channel, days, length):
        start = self.now + timedelta(days=days)
        sale = Sale(channel, start, start + timedelta(days=length) if length else None)
        fits = start >= self.effective and not any(sale.meets(one) for one in self.sales.values())
        lacking = self.problems(channel, start)
        may = fits and not lacking
        body = {
            "company_id": str(self.company.pk),
            "channels": [channel],
            "start_at": start.isoformat(),
            "end_at": sale.end and sale.end.isoformat(),
        }
        made = self.ask(Role.ADV, "post", f"versions/{self.version}/publications", body, may=may)
        if may:
            self.sales[made["id"]] = sale
        elif fits:
            assert {one["code"] for one in made["errors"]} == lacking

    def one(self, chosen):
        keys = list(self.sales)
        key = keys[chosen % len(keys)]
        return key, self.sales[key]

    @precondition(lambda self: self.sales)
    @rule(chosen=CHOICE, days=DAYS)
    def end_at(self, chosen, days):
        """A sale is shortened freely, a longer one is checked as a new one is; one over stays so."""
        key, sale = self.one(chosen)
        after = Sale(sale.channel, sale.start, self.now + timedelta(days=days))
        longer = sale.end is not None and after.end > sale.end
        others = [one for name, one in self.sales.items() if name != key]
        over = sale.end is not None and sale.end <= self.now
        may = (
            after.end > after.start
            and not (over and after.end != sale.end)
            and not any(after.meets(one) for one in others)
            and not (longer and self.problems(sale.channel, after.start))
        )
        body = {"end_at": after.end.isoformat()}
        self.ask(Role.ADV, "patch", f"publications/{key}", body, may=may)
        if may:
            sale.end = after.end

    @precondition(lambda self: self.sales)
    @rule(chosen=CHOICE)
    def take_back(self, chosen):
        key, sale = self.one(chosen)
        may = sale.start > self.now
        answer = self.ask(Role.ADV, "delete", f"publications/{key}", may=may)
        if may:
            del self.sales[key]
        else:
            assert answer["code"] == "publication.kept"

    @precondition(lambda self: self.document)
    @rule()
    def archive(self):
        """What a sale on the web asks for stays until it ends (B.1-03)."""
        web = [one for one in self.sales.values() if one.channel == "web"]
        may = all(one.end is not None and one.end <= self.now for one in web)
        self.ask(Role.LEGAL, "post", f"documents/{self.paper}/archive", {}, may=may)
        self.document = not may

    @rule(hours=st.integers(1, 80))
    def wait(self, hours):
        """Time passes without a run of the sweeper, then it catches up, each move at its date."""
        self.now += timedelta(hours=hours)
        self.traveller.move_to(self.now)
        due = sorted(at for at in self.planned if at <= self.now)
        made = 0
        for at in due:
            to = self.planned.pop(at)
            if to in GRAPH[self.status]:
                self.apply(to, at)
                made += 1
        swept = apply_due_moves()
        assert (len(swept.applied), len(swept.failed)) == (made, len(due) - made), swept

    @invariant()
    def the_product_and_its_moves_agree(self):
        assert Product.objects.get(pk=self.product).lifecycle_status == self.status
        rows = ProductTransition.objects.filter(product=self.product, state="planned")
        assert dict(rows.values_list("due_at", "to_status")) == self.planned

    @rule(channel=CHANNEL, days=DAYS)
    def check(self, channel, days):
        """What would stand against a sale on a day to come is told beforehand."""
        at = self.now + timedelta(days=days)
        path = f"versions/{self.version}/problems?channels={channel}&at={at:%Y-%m-%dT%H:%M:%S}Z"
        told = self.ask(Role.ADV, "get", path, may=True)["problems"]
        assert {one["code"] for one in told if one["blocking"]} == self.problems(channel, at)

    @invariant()
    def the_publications_agree(self):
        path = f"versions/{self.version}/publications"
        rows = self.ask(Role.ADV, "get", path, may=True)["results"]
        listed = {
            row["id"]: Sale(*row["channels"], instant(row["start_at"]), instant(row["end_at"]))
            for row in rows
        }
        assert listed == self.sales

    @invariant()
    def the_quote_agrees(self):
        for channel in CHANNELS:
            running = any(
                one.channel == channel and one.runs(self.now) for one in self.sales.values()
            )
            body = {
                "sku": "AP-MODELE",
                "plan": "A",
                "company_id": str(self.company.pk),
                "channel": channel,
                "quantity": 1,
            }
            proposed = self.offered is None or self.offered <= self.now
            sold = running and self.status == "active" and self.in_force and proposed
            answer = self.ask(Role.ADV, "post", "pricing/quote", body, may=sold)
            if sold:
                assert answer["totals"]["recurring"]["incl_tax"] == self.price
                continue
            codes = {one["code"] for one in answer["errors"]}
            assert ("product.not_active" in codes) is (self.status != "active"), codes
            assert bool(codes & NOT_IN_FORCE) is not self.in_force, codes
            if self.in_force:
                assert ("publication.none" in codes) is not running, codes
                assert ("plan.not_in_dates" in codes) is not proposed, codes


@pytest.mark.requirement("1-15", "1-16", "3.4-01", "4-10", "A.4-03", "C.1-04", "C.1-05")
@pytest.mark.usefixtures("everything")
def test_lifecycle_and_publication_follow_their_model(company, user_with, api):
    with time_machine.travel(START, tick=False):
        roles = {Role.ADV, Role.CATALOG_MANAGER, *REVIEWERS.values()}
        people = {role: api(user_with(role, company)) for role in roles}

    class Machine(Sales):
        pass

    Machine.company, Machine.clients = company, people
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=5,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
