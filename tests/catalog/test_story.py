"""From a bare version to a sale, its next version and its end, by the role that may (§3.4, §4)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from catalog.models import ProductTransition, Publication, Risk
from tests.support.calls import errors
from tests.support.road import REVIEWERS, Road
from winvest.core.domain.roles import Role
from winvest.core.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# The 1st of December, then of January, at midnight in Paris.
OPENING = datetime(2026, 11, 30, 23, tzinfo=UTC)
NEXT = datetime(2026, 12, 31, 23, tzinfo=UTC)


@dataclass
class Story(Road):
    """A road walked from one date to the next."""

    clock: Any = None

    def quote(self, at, status=200, **more):
        """Ask for a quote at an instant, which has come."""
        self.clock.move_to(at)
        body = self.question(*self.channels, **more)
        return self.ask(Role.SALES, "post", "pricing/quote", body, status=status)

    def refused(self, at, **more):
        """Return why no quote is given at an instant."""
        return {error["code"] for error in self.quote(at, 409, **more)["errors"]}

    def change_commission(self, version, rate):
        """Plan a version from the next month whose one change is the rate of its commission."""
        draft = self.ask(
            Role.CATALOG_MANAGER,
            "post",
            f"versions/{version}/duplicate",
            {"effective_from": NEXT.isoformat()},
        )["id"]
        path = f"versions/{draft}/commission-schemes"
        scheme = self.ask(Role.CATALOG_MANAGER, "get", path)["results"][0]
        tier = {key: scheme["tiers"][0][key] for key in ("basis", "min", "value_type")}
        case = {"name": "480 €", "volume": 1, "revenue": 480, "expected": round(4.8 * rate, 2)}
        self.ask(
            Role.CATALOG_MANAGER,
            "patch",
            f"commission-schemes/{scheme['id']}",
            {"tiers": [tier | {"value": str(rate)}], "test_cases": [case]},
        )
        return draft

    def publish_next(self, version, *domains, accounts):
        """Take the planned version to its publication: its copied documents are published anew."""
        self.release(version, *domains)
        lacking = {"accounting.not_mapped", "documents.not_published"}
        assert self.refusals(version, NEXT) == lacking
        self.publish_documents(version)
        for nature, (account, tax_code) in accounts.items():
            self.map_account(version, nature, account, tax_code)
        path = f"versions/{version}/publications"
        self.ask(Role.ADV, "post", path, self.sale(NEXT), status=201)

    def rate(self, at):
        """Return the rate of the commission of the version in force at an instant."""
        moment = f"as_of={at:%Y-%m-%dT%H:%M:%S}Z"
        path = f"products/{self.product}/versions?{moment}"
        (version,) = self.ask(Role.CATALOG_MANAGER, "get", path)["results"]
        path = f"versions/{version['id']}/commission-schemes?{moment}"
        (scheme,) = self.ask(Role.CATALOG_MANAGER, "get", path)["results"]
        return version["version"], scheme["tiers"][0]["value"]

    def end(self):
        """Freeze the product, then retire it: no sale any more, and its publications end."""
        for to, role in (("frozen", Role.ADV), ("retired", Role.CATALOG_MANAGER)):
            self.clock.shift(timedelta(hours=1))
            plan = {"exit_note": "Support jusqu'en 2028."} if to == "retired" else {}
            self.move(role, to, reason="Fin de l'offre.", **plan)
            at = datetime.now(UTC) + SECOND
            assert "product.not_active" in self.refused(at)
        retired = ProductTransition.objects.get(product=self.product, to_status="retired").due_at
        last = Publication.objects.filter(product=self.product).order_by("start_at").last()
        assert last.end_at == retired


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def people(api, user_with, company):
    return {role: api(user_with(role, company)) for role in Role if role != Role.GROUP_ADMIN}


def scheme(rate):
    return {
        "direction": "inbound",
        "settlement": "on_collection",
        "split": {"company": 1},
        "tiers": [{"basis": "volume", "min": "0", "value_type": "percent", "value": str(rate)}],
        "test_cases": [
            {"name": "480 €", "volume": 1, "revenue": 480, "expected": round(4.8 * rate, 2)}
        ],
    }


def risk(code):
    return str(Risk.objects.get(code=code, is_global=True).pk)


def joined(road, **columns):
    """Enter a partner with its access in the sandbox, and return its id."""
    told = {"company_id": road.company, "name": "OggoData", "legal_name": "OggoData", **columns}
    partner = road.ask(Role.CATALOG_MANAGER, "post", "partners", told)["id"]
    secret = {"env": "sandbox", "auth_type": "api_key", "credentials": {"api_key": "k" * 24}}
    road.ask(Role.IT, "post", f"partners/{partner}/credentials", secret)
    return partner


def started(road, **columns):
    """Begin version 1 of the product."""
    body = {"effective_from": NOW.isoformat(), **columns}
    answer = road.ask(Role.CATALOG_MANAGER, "post", f"products/{road.product}/versions", body)
    return answer["id"]


@pytest.mark.requirement(
    *("3.4-01", "3.4-03", "3.4-04", "3.4-06", "4-05", "B.6-02", "B.6-03", "13-01", "13-03"),
    *("D.4-01", "D.4-02", "D.4-03", "D.4-04", "C.2-05"),
)
@pytest.mark.requirement("13-04", "2.2-02", "C.1-02", "D.3.3-01", "D.4-05")
def test_a_product_priced_by_api_is_refused_with_every_reason_then_sold(people, company, today):
    road = Story(people, str(company.pk), "AP-NEUF-001", ["telesales"], clock=today)
    partner = joined(road, type="insurer", is_insurance=True, status="inactive")
    road.make(
        name="Assistance",
        risk_id=risk("SANTE"),
        partner_id=partner,
        revenue_model="commission",
    )
    code = road.link("NEUF-001")
    first = started(road, channels=["telesales", "field"])
    assert road.refusals(first, OPENING) == {
        *("lifecycle.not_active", "version.not_released", "partner.inactive"),
        *("integration.sandbox", "documents.missing", "commissions.none"),
        *("accounting.not_mapped", "approvals.product", "approvals.accounting"),
        *("approvals.compliance", "approvals.integration"),
    }
    assert not Publication.objects.exists()

    road.ask(Role.CATALOG_MANAGER, "post", f"versions/{first}/commission-schemes", scheme(25))
    for kind in ("DIPA", "CG"):
        road.add_document(first, kind)
    road.ask(Role.CATALOG_MANAGER, "patch", f"partners/{partner}", {"status": "active"})
    road.try_in_sandbox(code)
    road.release(first, *REVIEWERS)
    assert road.refusals(first, OPENING) == {"lifecycle.not_active", "accounting.not_mapped"}
    road.map_account(first, "commission", "756200", None)
    # Planned for the very instant of the opening: nothing to wait for.
    road.move(Role.CATALOG_MANAGER, "active", at=OPENING.isoformat())

    publications, sold = f"versions/{first}/publications", road.sale(OPENING)
    road.ask(Role.SALES, "post", publications, sold, status=403)
    road.ask(Role.CATALOG_MANAGER, "post", publications, sold, status=403)
    own = road.ask(Role.COMPANY_ADMIN, "post", publications, sold, status=422)
    assert errors(own) == {("reason", "publication.reason")}
    web = sold | {"channels": ["web"]}
    road.ask(Role.ADV, "post", publications, web, status=422)  # 13-04: never on the web
    road.ask(Role.ADV, "post", publications, sold, status=201)

    (told,) = Notification.objects.filter(kind="communication", title__endswith="à faire")
    assert told.user.memberships.get().role == Role.MARKETING
    assert told.text.endswith("à partir du 01/12/2026 à 00:00 : Télévente.")

    # Its commission changes with a version planned for the next month.
    second = road.change_commission(first, 30)
    assert {"version.not_released", "approvals.product"} <= road.refusals(second, NEXT)
    road.publish_next(second, *REVIEWERS, accounts={"commission": ("756200", None)})

    # Sold from the 1st of December at midnight in Paris, not one second before.
    early = {"product.not_active", "publication.none"}
    assert road.refused(OPENING - SECOND) == early
    today.move_to(OPENING)
    call_command("apply_transitions")
    priced = road.quote(OPENING)
    assert (priced["source"], priced["indicative"]) == ("manual", True)
    assert (priced["lines"], priced["totals"], priced["quote_token"]) == ([], None, None)
    assert [road.rate(at) for at in (OPENING, NEXT - SECOND, NEXT)] == [
        (1, "25"),
        (1, "25"),
        (2, "30"),
    ]
    assert [road.quote(at)["source"] for at in (NEXT - SECOND, NEXT)] == ["manual", "manual"]
    # The partner's end of the link is closed: nobody is sent to ask it (C.2).
    link = f"external-mappings/{code}"
    road.ask(Role.CATALOG_MANAGER, "patch", link, {"integration_status": "inactive"})
    assert road.refused(NEXT + SECOND) == {"price.none"}
    road.end()


@pytest.mark.requirement("3.4-01", "3.4-03", "3.4-05", "4-05", "D.4-01", "A.4-06")
def test_a_television_offer_takes_the_same_road_and_is_priced(people, company, today):
    road = Story(people, str(company.pk), "MTV-NEUF-001", ["web"], clock=today)
    partner = joined(road, type="ott", is_insurance=False)
    road.make(name="Offre TV", risk_id=risk("OTT"), partner_id=partner, revenue_model="mixed")
    first = started(road)
    lacking = road.refusals(first, OPENING)
    assert {"pricing.none", "commissions.none", "accounting.not_mapped"} <= lacking
    assert "integration.sandbox" not in lacking

    plan = {"code": "A", "name": "Essentiel", "recurrence": "monthly"}
    plan = road.ask(Role.CATALOG_MANAGER, "post", f"versions/{first}/plans", plan)
    price = {
        "plan_id": plan["id"],
        "type": "fixed",
        "payload": {"amount": 19.9},
        "tax_code": "FR20",
        "tax_included": True,
    }
    road.ask(Role.CATALOG_MANAGER, "post", f"versions/{first}/pricing-rules", price)
    road.ask(Role.CATALOG_MANAGER, "post", f"versions/{first}/commission-schemes", scheme(10))
    for kind in ("CGU", "CGA", "CHARTE"):
        road.add_document(first, kind)
    road.release(first, "product", "accounting", "compliance")
    accounts = {"revenue": ("706100", "FR20"), "commission": ("756100", "FR20")}
    for nature, (account, tax_code) in accounts.items():
        road.map_account(first, nature, account, tax_code)
    assert road.refusals(first, OPENING) == {"lifecycle.not_active"}
    road.move(Role.CATALOG_MANAGER, "active", at=OPENING.isoformat())
    road.ask(Role.ADV, "post", f"versions/{first}/publications", road.sale(OPENING), status=201)
    second = road.change_commission(first, 12)
    road.publish_next(second, "product", "accounting", "compliance", accounts=accounts)

    assert "publication.none" in road.refused(OPENING - SECOND, plan="A")
    today.move_to(OPENING)
    call_command("apply_transitions")
    for at, number, rate in ((OPENING, 1, "10"), (NEXT - SECOND, 1, "10"), (NEXT, 2, "12")):
        priced = road.quote(at, plan="A")
        assert (priced["source"], priced["product"]["version"]) == ("internal", number)
        assert priced["totals"]["recurring"]["incl_tax"] == "19.90"
        assert road.rate(at) == (number, rate)
    road.end()
