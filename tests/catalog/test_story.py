"""From a bare version to a sale, its next version and its end, by the role that may (§3.4, §4)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from catalog.models import Product, Publication, Risk
from partners.choices import CredentialEnv
from tests.factories import (
    CredentialFactory,
    ExternalMappingFactory,
    PartnerFactory,
    ProductFactory,
)
from tests.support.calls import API, VERSIONS, errors, send
from winvest.core.domain.roles import Role
from winvest.core.models import Notification
from winvest.core.pdf.render import render_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# The 1st of December, then of January, at midnight in Paris.
OPENING = datetime(2026, 11, 30, 23, tzinfo=UTC)
NEXT = datetime(2026, 12, 31, 23, tzinfo=UTC)
REVIEWERS = {
    "product": Role.COMPANY_ADMIN,
    "accounting": Role.ACCOUNTING,
    "compliance": Role.LEGAL,
    "integration": Role.IT,
}


@dataclass
class Road:
    """The way of one product to its sale: each step is made by the person whose it is."""

    people: dict[Role, Any]
    product: Product
    channel: str
    clock: Any

    def ask(self, role, method, path, body=None, *, status=(200, 201)):
        """Call the API as a person of that role, and return what it answers."""
        found, answer = send(self.people[role], method, f"{API}/{path}", body)
        wanted = status if isinstance(status, tuple) else (status,)
        assert found in wanted, (path, answer and answer.get("errors"))
        return answer

    def refusals(self, version, start=OPENING):
        """Publish the version, which is refused with every reason at once: return their codes."""
        answer = self.ask(
            Role.ADV, "post", f"versions/{version}/publications", self.sale(start), status=409
        )
        assert answer["code"] == "publication.blocked"
        told = f"versions/{version}/problems?channels={self.channel}&at={start:%Y-%m-%dT%H:%M}Z"
        problems = self.ask(Role.ADV, "get", told)["problems"]
        assert all(one["ground"] and one["owner"] and one["cure"] for one in problems)
        codes = {error["code"] for error in answer["errors"]}
        assert {one["code"] for one in problems if one["blocking"]} == codes
        return codes

    def sale(self, start):
        return {
            "company_id": str(self.product.company_id),
            "channels": [self.channel],
            "start_at": start.isoformat(),
        }

    def add_document(self, version, kind):
        file = SimpleUploadedFile(f"{kind}.pdf", render_pdf(f"<p>{kind}</p>"))
        body = {"type": kind, "title": kind, "file": file}
        made = self.people[Role.CATALOG_MANAGER].post(f"{VERSIONS}/{version}/documents", body)
        assert made.status_code == 201, made.json()
        self.ask(Role.LEGAL, "post", f"documents/{made.json()['id']}/publish", {})

    def release(self, version, *domains):
        """Submit, approve by each domain, release: each by another person."""
        self.ask(Role.CATALOG_MANAGER, "post", f"versions/{version}/submit", {})
        for domain in domains:
            body = {"domain": domain, "decision": "approved"}
            self.ask(REVIEWERS[domain], "post", f"versions/{version}/approvals", body)
        self.ask(Role.CATALOG_MANAGER, "post", f"versions/{version}/release", {})

    def map_account(self, version, nature, account, tax_code):
        """Map a nature to an account, and validate it."""
        body = {
            "company_id": str(self.product.company_id),
            "nature": nature,
            "gl_account": account,
            "tax_code": tax_code,
        }
        path = f"versions/{version}/accounting-mappings"
        made = self.ask(Role.ACCOUNTING, "post", path, body)
        self.ask(Role.ACCOUNTING, "post", f"accounting-mappings/{made['id']}/validate", {})

    def move(self, role, to, **body):
        self.ask(role, "post", f"products/{self.product.pk}/transition", {"to": to, **body})

    def quote(self, at, status=200, **more):
        """Ask for a quote at an instant, which has come."""
        self.clock.move_to(at)
        body = {
            "sku": self.product.sku,
            "company_id": str(self.product.company_id),
            "channel": self.channel,
            "quantity": 1,
        }
        return self.ask(Role.SALES, "post", "pricing/quote", body | more, status=status)

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
        documents = self.ask(Role.LEGAL, "get", f"versions/{version}/documents")["results"]
        for document in documents:
            self.ask(Role.LEGAL, "post", f"documents/{document['id']}/publish", {})
        for nature, (account, tax_code) in accounts.items():
            self.map_account(version, nature, account, tax_code)
        path = f"versions/{version}/publications"
        self.ask(Role.ADV, "post", path, self.sale(NEXT), status=201)

    def rate(self, at):
        """Return the rate of the commission of the version in force at an instant."""
        moment = f"as_of={at:%Y-%m-%dT%H:%M:%S}Z"
        path = f"products/{self.product.pk}/versions?{moment}"
        (version,) = self.ask(Role.CATALOG_MANAGER, "get", path)["results"]
        path = f"versions/{version['id']}/commission-schemes?{moment}"
        (scheme,) = self.ask(Role.CATALOG_MANAGER, "get", path)["results"]
        return version["version"], scheme["tiers"][0]["value"]

    def end(self):
        """Freeze the product, then retire it: no sale any more, and its publications end."""
        for to, role in (("frozen", Role.ADV), ("retired", Role.CATALOG_MANAGER)):
            self.clock.shift(timedelta(hours=1))
            self.move(role, to, reason="Fin de l'offre.")
            at = datetime.now(UTC) + SECOND
            assert "product.not_active" in self.refused(at)
        retired = self.product.transitions.get(to_status="retired").due_at
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


def started(road, **columns):
    """Begin version 1 of the product."""
    body = {"effective_from": NOW.isoformat(), **columns}
    answer = road.ask(Role.CATALOG_MANAGER, "post", f"products/{road.product.pk}/versions", body)
    return answer["id"]


@pytest.mark.requirement(
    *("3.4-01", "3.4-03", "3.4-04", "3.4-06", "4-05", "B.6-02", "B.6-03", "13-01", "13-03"),
    *("D.4-01", "D.4-02", "D.4-03", "D.4-04", "C.2-05"),
)
@pytest.mark.requirement("13-04", "2.2-02", "C.1-02", "D.3.3-01", "D.4-05")
def test_a_product_priced_by_api_is_refused_with_every_reason_then_sold(people, company, today):
    partner = PartnerFactory(company=company, is_insurance=True, status="inactive")
    for env in CredentialEnv:
        CredentialFactory(partner=partner, env=env)
    product = ProductFactory(
        company=company,
        risk=Risk.objects.get(code="SANTE", is_global=True),
        partner=partner,
        revenue_model="commission",
        lifecycle_status="test",
        sku="AP-NEUF-001",
    )
    code = ExternalMappingFactory(product=product, integration_status="api")
    road = Road(people, product, "telesales", today)
    first = started(road, channels=["telesales", "field"])
    assert road.refusals(first) == {
        *("lifecycle.not_active", "version.not_released", "partner.inactive"),
        *("integration.sandbox", "documents.missing", "commissions.none"),
        *("accounting.not_mapped", "approvals.product", "approvals.accounting"),
        *("approvals.compliance", "approvals.integration"),
    }
    assert not Publication.objects.exists()

    road.ask(Role.CATALOG_MANAGER, "post", f"versions/{first}/commission-schemes", scheme(25))
    for kind in ("DIPA", "CG"):
        road.add_document(first, kind)
    partner.status = "active"
    partner.save()
    road.ask(Role.IT, "post", f"external-mappings/{code.pk}/sandbox-test", {})
    road.release(first, *REVIEWERS)
    assert road.refusals(first) == {"lifecycle.not_active", "accounting.not_mapped"}
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

    (told,) = Notification.objects.filter(kind="communication")
    assert told.user.memberships.get().role == Role.MARKETING
    assert told.text.endswith("à partir du 01/12/2026 à 00:00 : Télévente.")

    # Its commission changes with a version planned for the next month.
    second = road.change_commission(first, 30)
    assert {"version.not_released", "approvals.product"} <= road.refusals(second, NEXT)
    road.publish_next(second, *REVIEWERS, accounts={"commission": ("756200", None)})

    # Sold from the 1st of December at midnight in Paris, not one second before.
    early = {"product.not_active", "publication.none", "price.none"}
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
    link = f"external-mappings/{code.pk}"
    road.ask(Role.CATALOG_MANAGER, "patch", link, {"integration_status": "inactive"})
    assert road.refused(NEXT + SECOND) == {"price.none"}
    road.end()


@pytest.mark.requirement("3.4-01", "3.4-03", "3.4-05", "4-05", "13-08", "D.4-01", "A.4-06")
def test_a_television_offer_takes_the_same_road_and_is_priced(people, company, today):
    product = ProductFactory(
        company=company,
        risk=Risk.objects.get(code="OTT", is_global=True),
        partner=PartnerFactory(company=company, is_insurance=False),
        revenue_model="mixed",
        lifecycle_status="test",
        sku="MTV-NEUF-001",
    )
    road = Road(people, product, "web", today)
    first = started(road)
    lacking = road.refusals(first)
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
    assert road.refusals(first) == {"lifecycle.not_active"}
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
