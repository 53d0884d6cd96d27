"""Publications at the same instant as what they rest on, each on its connection (§3.4, A.4)."""

from datetime import timedelta

import pytest
from django.test import Client

from accounting.models import AccountingMapping
from catalog.models import ExternalMapping, Product, Publication, SaleAgreement, SalesBan
from documents.models import ProductDocument
from tests.factories import CompanyFactory, ExternalMappingFactory, MappingFactory, ProductFactory
from tests.support.calls import API, send
from tests.support.offers import make_released
from tests.support.publishable import make_publishable
from tests.support.races import at_once, meanwhile, person
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken

# A sale that another overlaps, whoever came first: told by its own form.
TAKEN = 422, {"invalid", "constraint.publication_no_overlap_web"}

pytestmark = pytest.mark.django_db(transaction=True)


class People:
    """The people of a company, each called by role, on whatever connection asks."""

    def __init__(self, company):
        self.company = company
        self.secrets = {}
        for role in (Role.ADV, Role.CATALOG_MANAGER, Role.ACCOUNTING, Role.LEGAL, Role.IT):
            token, secret = ApiToken.draw(user=person(company, role), name="test")
            token.save()
            self.secrets[role] = secret

    def call(self, role, method, path, body=None):
        """Return a call to make: it returns the status and the codes of what was refused."""

        def run():
            client = Client(headers={"authorization": f"Bearer {self.secrets[role]}"})
            status, answer = send(client, method, f"{API}/{path}", body or {})
            answer = answer or {}
            return status, {one["code"] for one in answer.get("errors", ())} | {answer.get("code")}

        return run

    def publish(self, version, *channels, **more):
        sale = {
            "company_id": str(self.company.pk),
            "channels": channels or ["web"],
            "start_at": (now() + timedelta(days=1)).isoformat(),
        }
        path = f"versions/{version.pk}/publications"
        return self.call(Role.ADV, "post", path, sale | more)


def ready(company, sku, **more):
    """Make a version that lacks nothing and that nobody sells yet."""
    version = make_publishable(make_released(company=company, sku=sku, plans={"A": "10"}), **more)
    Publication.objects.filter(product_version=version).update(end_at=now() - timedelta(days=1))
    return version


def sold(version):
    return Publication.objects.filter(product_version=version, end_at__isnull=True)


@pytest.mark.requirement("3.4-01", "A.4-03", "2.1-publication-01")
def test_a_publication_and_what_it_rests_on_wait_for_each_other():
    with scoping.everything():
        company, seller = CompanyFactory(code="AP"), CompanyFactory(code="MTV")
        people = People(company)
        _twice(people, ready(company, "AP-1"))
        _refused_meanwhile(people, ready(company, "AP-2"))
        _retired_meanwhile(people, ready(company, "AP-3"))
        _validated_meanwhile(people, ready(company, "AP-4"))
        _agreement_ended_meanwhile(people, People(seller), ready(company, "AP-5", seller=seller))
        _banned_meanwhile(people, ready(company, "AP-6"), ready(company, "AP-7"))
        _document_gone_meanwhile(people, ready(company, "AP-8"))
        _code_tried_meanwhile(people, ready(company, "AP-9"))
        _draft_erased_meanwhile(people, ExternalMappingFactory(**_draft_code(company)))


def _twice(people, version):
    """One of two sales of a version on a channel is made, the other refused by its name."""
    web, both = people.publish(version, "web"), people.publish(version, "field", "web")
    done = []
    status, codes = meanwhile(lambda: done.append(web()), both)
    assert done[0][0] == 201, done
    assert (status, codes) == TAKEN, codes
    assert sold(version).count() == 1
    # Whoever comes first of four, one is made and no more.
    tries = at_once(*[people.publish(version, "telesales") for _ in range(4)])
    made, *refused = sorted(tries, key=lambda one: one[0])
    assert made[0] == 201
    assert refused == [(422, {"invalid", "constraint.publication_no_overlap_telesales"})] * 3
    assert sold(version).count() == 2


def _refused_meanwhile(people, version):
    """A refusal that comes first holds the publication back; one that comes after finds it made."""
    path = f"versions/{version.pk}/approvals"

    def decide(decision):
        body = {"domain": "compliance", "decision": decision, "comment": "Vu"}
        return people.call(Role.LEGAL, "post", path, body)

    status, codes = meanwhile(decide("refused"), people.publish(version))
    assert (status, "approvals.compliance" in codes) == (409, True), codes
    assert not sold(version).exists()
    assert decide("approved")()[0] == 201
    status, codes = meanwhile(people.publish(version), decide("refused"))
    assert (status, sold(version).count()) == (201, 1), codes


def _retired_meanwhile(people, version):
    """A sale published while its product is retired is refused: nothing runs after its end."""
    path = f"products/{version.product_id}/transition"
    body = {"to": "retired", "reason": "Fin", "exit_note": "Support."}
    retire = people.call(Role.CATALOG_MANAGER, "post", path, body)
    status, codes = meanwhile(retire, people.publish(version))
    assert Product.objects.get(pk=version.product_id).lifecycle_status == "retired"
    assert (status, "lifecycle.not_active" in codes) == (409, True), codes
    assert not sold(version).exists()


def _validated_meanwhile(people, version):
    """A publication waits for the accountant who is replacing the account that it rests on."""
    before = AccountingMapping.objects.get(product_version=version)
    own = {"product_version": version, "company": people.company, "nature": before.nature}
    other = MappingFactory(**own, state="to_validate", tax_code="FR20", validated_by=None)
    path = f"accounting-mappings/{other.pk}/validate"
    status, codes = meanwhile(people.call(Role.ACCOUNTING, "post", path), people.publish(version))
    assert status == 201, codes
    states = AccountingMapping.objects.filter(**own).order_by("state")
    assert [row.state for row in states] == ["replaced", "validated"]


def _agreement_ended_meanwhile(people, others, version):
    """A seller does not publish under an agreement that its owner is ending."""
    agreement = SaleAgreement.objects.get(product=version.product_id)
    path = f"sale-agreements/{agreement.pk}"
    end = people.call(Role.ADV, "patch", path, {"end_at": (now() + timedelta(days=9)).isoformat()})
    status, codes = meanwhile(end, others.publish(version))
    assert (status, codes) == (409, {"publication.agreement", "publication.blocked"})
    assert not sold(version).exists()


def _banned_meanwhile(people, version, other):
    """Nothing is published of what its seller is banning; a sale being made comes before the ban."""
    ban = {"company_id": str(people.company.pk), "channel": "partner", "reason": "Litige"}
    post = people.call(Role.ADV, "post", "sales-bans", ban)
    status, codes = meanwhile(post, people.publish(version, "partner"))
    assert (status, codes) == (409, {"blacklist.banned", "publication.blocked"})
    assert not sold(version).exists()
    own = ban | {"channel": "field", "product_id": str(other.product_id)}
    post = people.call(Role.ADV, "post", "sales-bans", own)
    status, codes = meanwhile(people.publish(other, "field"), post)
    assert (status, sold(other).count()) == (201, 1), codes
    lifted = SalesBan.objects.get(channel="partner", company=people.company)
    lift = people.call(Role.ADV, "delete", f"sales-bans/{lifted.pk}")
    status, codes = meanwhile(lift, people.publish(version, "partner"))
    assert (status, sold(version).count()) == (201, 1), codes


def _document_gone_meanwhile(people, version):
    """A publication is checked on the documents that remain once they are archived or narrowed."""
    document = ProductDocument.objects.get(product_version=version, state="published")
    path = f"documents/{document.pk}"
    narrow = people.call(Role.LEGAL, "patch", path, {"channels": ["field"]})
    status, codes = meanwhile(narrow, people.publish(version))
    assert (status, "documents.web_floor" in codes) == (409, True), codes
    archive = people.call(Role.LEGAL, "post", f"{path}/archive")
    status, codes = meanwhile(people.publish(version, "field"), archive)
    assert (status, sold(version).count()) == (200, 1), codes


def _code_tried_meanwhile(people, version):
    """A publication waits for IT's trial of the API that prices the product, and finds it made."""
    code = ExternalMappingFactory(product=version.product, integration_status="api")
    trial = people.call(Role.IT, "post", f"external-mappings/{code.pk}/sandbox-test")
    status, codes = meanwhile(trial, people.publish(version))
    # Of the code, only what IT must approve is still lacking.
    assert (status, codes) == (409, {"approvals.integration", "publication.blocked"})
    assert not sold(version).exists()


def _draft_code(company):
    product = ProductFactory(company=company, sku="AP-10", lifecycle_status="draft")
    return {"product": product, "integration_status": "api"}


def _draft_erased_meanwhile(people, code):
    """A draft is erased after the change of its code, without either holding what the other waits for."""
    rows = ExternalMapping.objects.filter(pk=code.pk)
    erase = people.call(Role.CATALOG_MANAGER, "delete", f"products/{code.product_id}")
    erased = meanwhile(
        lambda: rows.select_for_update().get(),
        erase,
        then=lambda: rows.update(external_code="OGGO-AUTRE"),
    )
    assert erased == (204, {None})
    assert not Product.objects.filter(pk=code.product_id).exists()
