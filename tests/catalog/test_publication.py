"""From a bare version to a sale: every reason at once, each mended by the role that may (§3.4, §4)."""

import html
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from catalog.models import IndexValue, PricingRule, Publication, Risk
from partners.choices import CredentialEnv
from tests.factories import (
    BillingFactory,
    CredentialFactory,
    ExternalMappingFactory,
    MembershipFactory,
    PartnerFactory,
    PlanFactory,
    ProductFactory,
    SchemeFactory,
    TierFactory,
    VersionFactory,
)
from tests.support.calls import API, VERSIONS, errors, send
from tests.support.forms import form_of
from tests.support.offers import make_released
from tests.support.pages import page_of
from tests.support.pdf import pdf
from tests.support.publishable import add_document, make_publishable
from winvest.core.domain.roles import Role
from winvest.core.models.vat import VatRate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
# The 1st of December at midnight in Paris.
OPENING = datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def people(api, user_with, company):
    return {role: api(user_with(role, company)) for role in Role if role != Role.GROUP_ADMIN}


def health():
    return Risk.objects.get(code="SANTE", is_global=True)


def codes(answer):
    return {error["code"] for error in answer["errors"]}


def sale(company, **more):
    return {
        "company_id": str(company.pk),
        "channels": ["telesales"],
        "start_at": OPENING.isoformat(),
        **more,
    }


def retired_at(product):
    return product.transitions.get(to_status="retired").due_at


def publish(client, version, **body):
    return send(client, "post", f"{VERSIONS}/{version.pk}/publications", body)


@pytest.mark.requirement("4-05", "D.4-03")
def test_an_author_does_not_publish_and_an_administrator_says_why(company, user_with, api):
    author = user_with(Role.ADV, company)
    MembershipFactory(user=author, company=company, role=Role.CATALOG_MANAGER)
    version = VersionFactory(product=ProductFactory(company=company, lifecycle_status="draft"))
    plan = {"code": "A", "name": "A", "recurrence": "monthly"}
    assert send(api(author), "post", f"{VERSIONS}/{version.pk}/plans", plan)[0] == 201
    version.refresh_from_db()
    make_publishable(version)
    refused = publish(api(author), version, **sale(company))
    assert (refused[0], codes(refused[1])) == (403, {"publication.own"})
    admin = api(user_with(Role.COMPANY_ADMIN, company))
    refused = publish(admin, version, **sale(company))
    assert (refused[0], errors(refused[1])) == (422, {("reason", "publication.reason")})
    status, made = publish(admin, version, **sale(company, reason="L'ADV est en congé."))
    assert (status, made["reason"]) == (201, "L'ADV est en congé.")


@pytest.mark.requirement("3.4-03", "A.4-03", "B.3-01", "B.1-01")
def test_documents_are_those_of_the_channel_in_force_and_intact(people, company):
    version = VersionFactory(product=ProductFactory(company=company, risk=health()))
    make_publishable(version)
    adv = people[Role.ADV]
    address = f"{VERSIONS}/{version.pk}/problems?channels=web&at="

    def found(at=OPENING):
        told = send(adv, "get", f"{address}{at:%Y-%m-%dT%H:%M}Z")[1]
        return [one["code"] for one in told["problems"] if one["part"] == "documents"]

    assert found() == []
    rows = {row.type_id: row for row in version.documents.all()}
    type(rows["CG"]).objects.filter(pk=rows["CG"].pk).update(
        valid_until=OPENING.date() - timedelta(days=1)
    )
    assert found(NOW) == ["documents.expires"]  # told, and blocks nothing
    assert found() == ["documents.expired"]
    type(rows["CG"]).objects.filter(pk=rows["CG"].pk).update(state="archived")
    assert found() == ["documents.missing"]
    add_document(version, "CG", channels=["telesales"])
    assert found() == ["documents.missing"]
    add_document(version, "CG", channels=["web", "field"], pdfa="")
    assert found() == ["documents.not_pdfa"]
    default_storage.delete(rows["DIPA"].file_url)
    default_storage.save(rows["DIPA"].file_url, ContentFile(pdf("autre")))
    assert sorted(found()) == ["documents.hash_mismatch", "documents.not_pdfa"]


@pytest.mark.requirement("3.6-11", "3.6-13")
def test_the_billing_has_its_templates_and_the_rate_of_its_fees(people, company):
    version = VersionFactory(product=ProductFactory(company=company, risk=health()))
    BillingFactory(
        product_version=version,
        mandate_template="MANDAT",
        fee_amount=Decimal(5),
        fee_tax_code="FR20",
    )
    make_publishable(version)
    adv = people[Role.ADV]

    def found():
        address = f"{VERSIONS}/{version.pk}/problems?channels=web"
        problems = send(adv, "get", address)[1]["problems"]
        return {one["code"]: (one["message"], one["ground"]) for one in problems if one["blocking"]}

    assert found() == {
        "documents.missing": (
            "Il manque le document « Mandat de prélèvement SEPA » (tous les canaux).",
            "§3.6 : gabarit de la facturation.",
        )
    }
    add_document(version, "MANDAT")
    assert found() == {}
    VatRate.objects.filter(code="FR20").update(valid_to=NOW.date())
    assert "pricing.vat_not_in_force" in found()


@pytest.mark.requirement("3.4-05", "3.4-06", "A.4-05")
def test_prices_and_commissions_hold_on_every_plan_and_channel(people, company):
    version = make_released(
        company=company,
        sku="MIXTE-1",
        plans={"A": "10", "B": "20"},
        revenue_model="mixed",
        partner=PartnerFactory(company=company),
    )
    adv = people[Role.ADV]

    def found_of(row, channels="web"):
        told = send(adv, "get", f"{VERSIONS}/{row.pk}/problems?channels={channels}")[1]
        return {one["code"] for one in told["problems"] if one["blocking"]}

    def found(channels="web"):
        return found_of(version, channels)

    make_publishable(version)
    assert found() == {"commissions.none"}
    ended = type(version).objects.filter(pk=version.pk)
    next_one = VersionFactory(product=version.product, version=2, effective_from=OPENING)
    plans = [PlanFactory(product_version=next_one, code=code) for code in "AB"]
    own = {"product_version": next_one, "direction": "inbound"}
    schemes = [SchemeFactory(**own, plan=plans[0])]
    schemes.append(SchemeFactory(**own, plan=plans[1], channel="web"))
    ended.update(effective_to=OPENING)
    # A scheme that says nothing of what is due is named.
    assert "commissions.no_tiers" in found_of(next_one)
    TierFactory(scheme=schemes[0])
    assert "commissions.no_tiers" in found_of(next_one)
    TierFactory(scheme=schemes[1])
    version = make_publishable(next_one)
    assert (found("web"), found("web,field")) == (set(), {"commissions.none"})


@pytest.mark.requirement("3.4-05", "A.3.3-01")
def test_a_formula_has_an_amount_at_each_known_value_of_its_index(people, company):
    """What divides by zero whatever it reads is refused at once, the rest at the known values."""
    draft = VersionFactory(product=ProductFactory(company=company))
    plan = PlanFactory(product_version=draft, code="A", parameters={"base": 0})
    manager, address = people[Role.CATALOG_MANAGER], f"{VERSIONS}/{draft.pk}/pricing-rules"

    def price(formula):
        payload = {"index": "energy", "formula": formula}
        return {"type": "indexed", "plan_id": str(plan.pk), "payload": payload}

    refused = send(manager, "post", address, price("index / base"))
    assert (refused[0], errors(refused[1])) == (422, {("payload", "formula.base_value")})
    status, made = send(manager, "post", address, price("quantity / (index - 100) + base"))
    assert status == 201, made

    def found():
        told = send(people[Role.ADV], "get", f"{VERSIONS}/{draft.pk}/problems")[1]["problems"]
        asked = ("pricing.formula", "pricing.no_index", "formula.zero")
        return {
            one["code"]: (one["blocking"], one["message"]) for one in told if one["code"] in asked
        }

    assert found() == {
        "pricing.no_index": (
            False,
            "Le prix indexé de « A » lit l'indice « Énergie », qui n'a aucune valeur le 26/11/2026.",
        )
    }
    IndexValue.objects.create(index="energy", valid_on=date(2026, 1, 1), value=Decimal(112))
    assert found() == {}
    for day, value in ((date(2025, 1, 1), 100), (date(2027, 1, 1), 90), (date(2028, 1, 1), 100)):
        IndexValue.objects.create(index="energy", valid_on=day, value=Decimal(value))
    told = send(people[Role.ADV], "get", f"{VERSIONS}/{draft.pk}/problems")[1]["problems"]
    wrong = [one for one in told if one["code"] == "pricing.formula"]
    assert [one["blocking"] for one in wrong] == [True, True]
    for value, day in ((90, "01/01/2027"), (100, "01/01/2028")):
        words = f"quand l'indice « Énergie » vaut {value} (valeur du {day})"
        assert any(words in one["message"] for one in wrong), wrong
    # One that came before the rule is told by the content.
    rule = PricingRule.objects.get(product_version=draft)
    PricingRule.objects.filter(pk=rule.pk).update(payload=price("index / 0")["payload"])
    assert found()["formula.zero"][0]


@pytest.mark.requirement("3.4-05")
def test_a_plan_without_a_price_and_a_rate_that_ended_are_told(people, company):
    draft = VersionFactory(product=ProductFactory(company=company))
    told = send(people[Role.ADV], "get", f"{VERSIONS}/{draft.pk}/problems")[1]
    assert {"pricing.none", "version.not_released"} <= {one["code"] for one in told["problems"]}


@pytest.mark.requirement("3.4-04", "C.6-03", "2.1-publication-01")
def test_a_seller_maps_his_own_accounts_and_has_the_family(
    people, company, other_company, api, user_with
):
    version = make_released(company=company, sku="PRETE-1", plans={"A": "10"})
    make_publishable(version)
    both = user_with(Role.ADV, company, other_company)
    told = send(api(both), "get", f"{VERSIONS}/{version.pk}/problems?company_id={other_company.pk}")
    assert {one["code"] for one in told[1]["problems"] if one["blocking"]} == {
        "accounting.not_mapped",
        "publication.agreement",
    }
    stranger = f"{VERSIONS}/{version.pk}/problems?company_id={other_company.pk}"
    assert send(people[Role.ADV], "get", stranger)[0] == 404


@pytest.mark.requirement("3.4-01")
def test_only_what_sells_more_is_checked_again(people, company):
    version = make_released(company=company, sku="EN-VENTE", plans={"A": "10"})
    row = version.publications.get()
    adv = people[Role.ADV]
    one = f"{API}/publications/{row.pk}"
    end = (NOW + timedelta(days=9)).isoformat()
    for narrower in ({"end_at": end}, {"channels": ["web"]}, {"conditions": "Sur dossier"}):
        assert send(adv, "patch", one, narrower)[0] == 200, narrower
    for wider in ({"end_at": None}, {"channels": ["web", "field"]}, {"visibility": "public"}):
        status, refused = send(adv, "patch", one, wider)
        assert (status, refused["code"]) == (409, "publication.blocked"), wider
    make_publishable(version)
    assert send(adv, "patch", one, {"end_at": None, "visibility": "public"})[0] == 200


@pytest.mark.requirement("3.4-01", "A.4-05")
def test_what_is_over_stays_over(people, company, user_with, browser_as):
    version = make_publishable(make_released(company=company, sku="FINIE", plans={"A": "10"}))
    row = version.publications.get()
    adv, one = people[Role.ADV], f"{API}/publications/{row.pk}"
    ended = NOW - timedelta(days=3)
    Publication.objects.filter(pk=row.pk).update(end_at=ended)
    later = (NOW + timedelta(days=9)).isoformat()
    for change in (
        {"end_at": None},
        {"end_at": later},
        {"end_at": (ended - timedelta(days=1)).isoformat()},
        {"channels": ["web"]},
        {"conditions": "Sur dossier"},
    ):
        status, refused = send(adv, "patch", one, change)
        assert (status, codes(refused)) == (409, {"publication.over"}), change
    assert send(adv, "patch", one, {"end_at": ended.isoformat()})[0] == 200
    browser, page = browser_as(user_with(Role.ADV, company)), page_of(row)
    # A page that was opened before the end is refused with its reason; the others are only read.
    Publication.objects.filter(pk=row.pk).update(end_at=None)
    typed = form_of(browser.get(page))
    Publication.objects.filter(pk=row.pk).update(end_at=ended)
    shown = browser.get(page).text
    assert "Enregistrer" not in shown
    assert browser.post(page, typed | {"conditions": "Sur dossier"}).status_code == 403
    row.refresh_from_db()
    assert (row.end_at, row.conditions) == (ended, None)
    # It is sold again by another publication.
    assert publish(adv, version, **sale(company, channels=["web"]))[0] == 201


@pytest.mark.requirement("3.4-01", "A.4-04")
def test_what_began_keeps_its_start_and_ends_no_earlier_than_now(
    people, company, user_with, browser_as
):
    version = make_publishable(make_released(company=company, sku="EN-COURS", plans={"A": "10"}))
    row = version.publications.get()
    start = NOW - timedelta(days=5, microseconds=7)
    Publication.objects.filter(pk=row.pk).update(start_at=start)
    adv, one = people[Role.ADV], f"{API}/publications/{row.pk}"
    past = (NOW - timedelta(days=1)).isoformat()
    for field, value, code in (
        ("start_at", past, "publication.begun"),
        ("start_at", (NOW + timedelta(days=1)).isoformat(), "publication.begun"),
        ("end_at", past, "publication.past_end"),
    ):
        status, refused = send(adv, "patch", one, {field: value})
        assert (status, errors(refused)) == (422, {(field, code)}), value
    browser, page = browser_as(user_with(Role.ADV, company)), page_of(row)
    for change, code in (
        ({"start_at_0": "01/12/2026"}, "publication.begun"),
        ({"end_at_0": "25/11/2026", "end_at_1": "00:00:00"}, "publication.past_end"),
    ):
        answer = browser.post(page, form_of(browser.get(page)) | change)
        told = answer.context["adminform"].form.errors.as_data()
        assert [error.code for of in told.values() for error in of] == [code], change
    answer = browser.post(page, form_of(browser.get(page)) | {"conditions": "Sur dossier"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.start_at, row.end_at, row.conditions) == (start, None, "Sur dossier")


@pytest.mark.requirement("3.4-03", "B.6-01")
def test_the_page_shows_each_problem_with_what_mends_it(company, user_with, browser_as):
    partner = PartnerFactory(company=company)
    product = ProductFactory(
        company=company, risk=health(), partner=partner, revenue_model="commission"
    )
    version = VersionFactory(product=product)
    scheme = SchemeFactory(
        product_version=version,
        direction="inbound",
        test_cases=[{"name": "Faux", "volume": 1, "revenue": 100, "expected": 11}],
    )
    TierFactory(scheme=scheme)
    browser = browser_as(user_with(Role.ADV, company))
    page = reverse("admin:catalog_productversion_checklist", args=[version.pk])
    shown = html.unescape(browser.get(f"{page}?channel=web&at=2026-12-01T00:00").text)
    assert "Bloquée" in shown
    assert "le cas d'essai n° 1 échoue." in shown
    # ADV reads no commission (§11): neither the amounts, nor the name of the case, which tells them.
    assert not {word for word in ("11,00", "10,00", "Faux") if word in shown}
    assert reverse("admin:commissions_commissionscheme_change", args=[scheme.pk]) in shown
    assert "Qui : Juriste ou ADV." in shown
    assert "B.2.1" not in shown
    for broken in ("at=demain", "at=2026-13-45T00:00", "company=x&channel=minitel"):
        assert browser.get(f"{page}?{broken}").status_code == 200
    # The form of a publication tells the same, and leads there.
    add = reverse("admin:catalog_publication_add")
    typed = {
        "product_version": version.pk,
        "company": company.pk,
        "channels": ["web"],
        "visibility": "internal",
        "availability": "available",
        "start_at_0": "01/12/2026",
        "start_at_1": "00:00",
    }
    refused = html.unescape(browser.post(add, typed).text)
    assert "Ouvrir le contrôle avant publication" in refused
    assert "le cas d'essai n° 1 échoue." in refused
    assert "10,00" not in refused
    assert not Publication.objects.exists()


def test_a_trial_is_of_one_code(people, company):
    partner = PartnerFactory(company=company)
    CredentialFactory(partner=partner, env=CredentialEnv.PRODUCTION)
    code = ExternalMappingFactory(
        product=ProductFactory(company=company, partner=partner), integration_status="api"
    )
    one = f"{API}/external-mappings/{code.pk}"
    assert send(people[Role.CATALOG_MANAGER], "post", f"{one}/sandbox-test", {})[0] == 403
    assert send(people[Role.IT], "post", f"{one}/sandbox-test", {})[1]["sandbox_passed_at"]
    changed = send(people[Role.CATALOG_MANAGER], "patch", one, {"external_code": "AUTRE"})
    assert (changed[0], changed[1]["sandbox_passed_at"]) == (200, None)
    plain = ExternalMappingFactory(product=ProductFactory(company=company))
    refused = send(people[Role.IT], "post", f"{API}/external-mappings/{plain.pk}/sandbox-test", {})
    assert (refused[0], refused[1]["code"]) == (409, "integration.not_by_api")
