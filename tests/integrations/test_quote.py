"""`POST pricing/quote`: the presets of §13, every reason not to sell, every bad body."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from catalog.choices import Channel, LifecycleStatus, Recurrence
from catalog.models import PricingRule
from catalog.services.quote_token import read_quote
from partners.choices import PartnerStatus
from tests.factories import (
    START,
    CompanyFactory,
    MembershipFactory,
    PartnerActivationFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.offers import make_released
from tests.support.quotes import codes
from winvest.core.domain.roles import Role
from winvest.core.errors import Invalid

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.requirement("13-06", "13-07", "1-04")
@pytest.mark.parametrize(
    ("plan", "excl", "tax", "incl"),
    [
        ("BASIC", "8.25", "1.65", "9.90"),
        ("CONFORT", "16.58", "3.32", "19.90"),
        ("PREMIUM", "24.92", "4.98", "29.90"),
    ],
)
def test_the_three_plans_of_mondial_tv(ask, mtv, plan, excl, tax, incl):
    status, answer = ask(plan=plan, at="2026-12-01T10:00:00+01:00")
    assert status == 200
    token = answer.pop("quote_token")
    assert answer == {
        "source": "internal",
        "indicative": False,
        "currency": "EUR",
        "recurrence": "monthly",
        "lines": [
            {
                "code": plan,
                "label": plan.title(),
                "kind": "base",
                "quantity": "1",
                "unit_amount": incl + "00",
                "amount_excl_tax": excl,
                "tax_rate": "20.00",
                "tax_amount": tax,
                "amount_incl_tax": incl,
                "taken_off": "0.00",
                "due": "recurring",
            }
        ],
        "totals": {
            "due_once": {"excl_tax": "0.00", "tax": "0.00", "incl_tax": "0.00"},
            "recurring": {"excl_tax": excl, "tax": tax, "incl_tax": incl},
        },
        "product": {
            "id": str(mtv.product_id),
            "sku": "MTV-OFFRE-001",
            "version": 1,
            "plan": plan,
        },
        "valid_until": "2026-12-02T09:00:00Z",
    }
    proved = read_quote(token, at=NOW)
    assert proved.product_version_id == mtv.pk
    assert (proved.plan, proved.incl_tax, proved.tax) == (plan, Decimal(incl), Decimal(tax))


@pytest.mark.requirement("13-09")
def test_depanssur_is_due_once(ask, api, user_with):
    usgp = CompanyFactory(code="USGP")
    version = VersionFactory(product=ProductFactory(company=usgp, sku="DEPANSSUR-100"))
    plan = PlanFactory(product_version=version, code="UNIQUE", recurrence=Recurrence.ONE_SHOT)
    PricingRuleFactory(plan=plan, payload={"amount": Decimal("100.00")})
    version.state, version.released_at, version.content_hash = "released", START, "sha256:x"
    version.save()
    PublicationFactory(product_version=version)
    status, answer = ask(
        caller=api(user_with(Role.CATALOG_MANAGER, usgp)),
        sku="DEPANSSUR-100",
        plan="UNIQUE",
        company_id=str(usgp.pk),
    )
    assert status == 200
    assert answer["totals"] == {
        "due_once": {"excl_tax": "83.33", "tax": "16.67", "incl_tax": "100.00"},
        "recurring": {"excl_tax": "0.00", "tax": "0.00", "incl_tax": "0.00"},
    }
    assert answer["lines"][0]["due"] == "once"
    assert answer["recurrence"] == "one_shot"


def test_a_line_is_rounded_once(ask, mtv):
    _, answer = ask(plan="PREMIUM", quantity="150")
    assert answer["lines"][0]["amount_excl_tax"] == "3737.50"
    assert answer["lines"][0]["quantity"] == "150"


def test_explain_adds_the_steps(ask, mtv):
    assert "steps" not in ask()[1]
    assert "steps" not in ask("?explain=false")[1]
    steps = ask("?explain=true")[1]["steps"]
    assert [step["rule"] for step in steps] == ["fixed", "line", "vat"]
    assert steps[-1] == {
        "rule": "vat",
        "version": 1,
        "input": "9.90 TTC * 20 / 120",
        "output": "1.65",
        "rounding": "half_up",
    }


def test_the_price_holds_until_something_ends(ask, mtv):
    publication = mtv.publications.model._base_manager.get(product_version=mtv)
    publication.end_at = NOW + timedelta(hours=3)
    publication.save()
    _, answer = ask()
    assert answer["valid_until"] == "2026-11-25T15:00:00Z"
    mtv.effective_to = NOW + timedelta(hours=2)
    mtv.save()
    assert ask()[1]["valid_until"] == "2026-11-25T14:00:00Z"


def test_a_token_proves_nothing_once_expired_or_changed(ask, mtv):
    token = ask()[1]["quote_token"]
    assert read_quote(token, at=NOW + timedelta(hours=23, minutes=59)).sku == "MTV-OFFRE-001"
    with pytest.raises(Invalid, match="plus valable"):
        read_quote(token, at=NOW + timedelta(hours=24))
    for forged in ("x" + token, token[:-1], "", "é", token.replace(":", "", 1)):
        with pytest.raises(Invalid, match="modifié"):
            read_quote(forged, at=NOW)


@pytest.mark.requirement("1-22")
def test_the_rate_is_the_one_of_the_local_day(ask, mtv, other_company):
    version = VersionFactory(product=ProductFactory(company=other_company, sku="ENERGIE"))
    plan = PlanFactory(product_version=version, code="ABO")
    PricingRuleFactory(plan=plan, payload={"amount": Decimal("19.90")}, tax_code="FRENERGIE")
    version.state, version.released_at, version.content_hash = "released", START, "sha256:x"
    version.save()
    PublicationFactory(product_version=version)
    for zone, offset in (("Europe/Paris", "+02:00"), ("Indian/Reunion", "+04:00")):
        other_company.timezone = zone
        other_company.save()
        for at, tax in (("2025-07-31T23:59:59", "1.04"), ("2025-08-01T00:00:00", "3.32")):
            _, answer = ask(sku="ENERGIE", plan="ABO", at=at + offset)
            assert answer["lines"][0]["tax_amount"] == tax, (zone, at)


@pytest.mark.requirement("1-08", "A.5-03")
def test_a_price_recurs_as_its_plan_says(ask, other_company):
    for recurrence, due, days in (
        ("one_shot", "due_once", None),
        ("monthly", "recurring", None),
        ("yearly", "recurring", None),
        ("custom", "recurring", 45),
    ):
        every = {"recurrence": recurrence, "billing_cycle_days": days}
        make_released(
            company=other_company, sku=recurrence.upper(), plans={"A": "120"}, extras=every
        )
        status, answer = ask(sku=recurrence.upper(), plan="A")
        assert (status, answer["recurrence"], answer["lines"][0]["due"]) == (
            *(200, recurrence, "once" if due == "due_once" else "recurring"),
        )
        other = {"due_once": "recurring", "recurring": "due_once"}[due]
        assert answer["totals"][due]["incl_tax"] == "120.00", recurrence
        assert answer["totals"][other]["incl_tax"] == "0.00", recurrence


def test_a_price_without_plan(ask, other_company):
    version = VersionFactory(product=ProductFactory(company=other_company, sku="SEUL", name="Seul"))
    PricingRule(
        product_version=version,
        company=other_company,
        type="fixed",
        payload={"amount": Decimal("15.00")},
        tax_included=False,
    ).save()
    version.state, version.released_at, version.content_hash = "released", START, "sha256:x"
    version.save()
    PublicationFactory(product_version=version)
    status, answer = ask(sku="SEUL", plan=None)
    assert status == 200
    assert answer["totals"]["due_once"] == {"excl_tax": "15.00", "tax": "3.00", "incl_tax": "18.00"}
    assert (answer["lines"][0]["code"], answer["lines"][0]["label"]) == ("SEUL", "Seul")


class TestNotSellable:
    def test_every_reason_at_once(self, ask, other_company):
        partner = PartnerFactory(company=other_company)
        PartnerActivationFactory(partner=partner, status=PartnerStatus.INACTIVE)
        ProductFactory(
            company=other_company,
            sku="BROUILLON",
            partner=partner,
            lifecycle_status=LifecycleStatus.DRAFT,
        )
        status, answer = ask(sku="BROUILLON")
        assert status == 409
        assert answer["code"] == "not_sellable"
        assert codes(answer) == [
            "partner.inactive",
            "product.not_active",
            "publication.none",
            "version.none",
        ]
        assert "Brouillon" in answer["errors"][0]["message"]

    def test_before_the_first_version(self, ask, mtv):
        status, answer = ask(at="2024-12-31T23:59:59+01:00")
        assert status == 409
        assert codes(answer) == ["publication.none", "version.before_first"]

    def test_from_its_first_instant_on(self, ask, mtv):
        assert ask(at="2025-01-01T00:00:00+01:00")[0] == 200

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"plan": "OR"}, "plan.unknown"), ({"plan": None}, "plan.required")],
    )
    def test_the_plan(self, ask, mtv, change, code):
        status, answer = ask(**change)
        assert (status, codes(answer)) == (409, [code])
        assert answer["errors"][0]["path"] == "plan"

    def test_another_channel(self, ask, mtv):
        publication = mtv.publications.model._base_manager.get(product_version=mtv)
        publication.channels = [Channel.FIELD]
        publication.save()
        assert codes(ask()[1]) == ["publication.none"]
        assert ask(channel="field")[0] == 200

    def test_a_price_by_api(self, ask, other_company):
        make_released(company=other_company, sku="API", plans={})
        version = make_released(company=other_company, sku="API-2", plans={"A": "1.00"})
        status, answer = ask(sku="API", plan=None)
        assert (status, codes(answer)) == (409, ["price.none"])
        assert version.pk

    def test_no_rate_in_the_company_s_country(self, ask, mtv, other_company):
        other_company.country = "BE"
        other_company.save()
        assert codes(ask()[1]) == ["vat.not_in_force"]


class TestWhoAndWhere:
    def test_another_company_s_product_is_unknown(self, ask, company, user_with, api, mtv):
        caller = api(user_with(Role.SALES, company))
        status, answer = ask(caller=caller, company_id=str(company.pk))
        assert (status, answer["code"]) == (404, "product.unknown")
        _, nothing = ask(caller=caller, company_id=str(company.pk), sku="RIEN")
        assert {**answer, "request_id": ""} == {**nothing, "request_id": ""}

    def test_another_company_is_unknown(self, ask, company, mtv):
        status, answer = ask(company_id=str(company.pk))
        assert (status, answer["code"]) == (404, "not_found")
        status, nothing = ask(company_id=str(uuid4()))
        assert status == 404
        assert {**answer, "request_id": ""} == {**nothing, "request_id": ""}

    def test_404_comes_before_422(self, ask, company):
        assert ask(company_id=str(company.pk), channel="lune")[0] == 404

    def test_an_auditor_does_not_quote(self, ask, api, user_with, other_company, company, mtv):
        caller = api(user_with(Role.AUDITOR, other_company))
        assert ask(caller=caller)[0] == 403
        assert ask(caller=caller, channel="lune")[0] == 403
        assert ask(caller=caller, company_id=str(company.pk))[0] == 404

    def test_the_right_in_another_company_is_not_enough(
        self, ask, api, user_with, company, other_company, mtv
    ):
        user = user_with(Role.AUDITOR, other_company)
        MembershipFactory(user=user, company=company, role=Role.SALES)
        assert ask(caller=api(user))[0] == 403

    def test_a_seller_quotes_a_product_published_to_it(self, ask, api, user_with, company, mtv):
        PublicationFactory(product_version=mtv, company=company)
        caller = api(user_with(Role.SALES, company))
        status, answer = ask(caller=caller, company_id=str(company.pk))
        assert (status, answer["totals"]["recurring"]["incl_tax"]) == (200, "9.90")

    def test_the_group_administrator_quotes_everywhere(self, ask, api, user_with, mtv):
        assert ask(caller=api(user_with(Role.GROUP_ADMIN)))[0] == 200


def test_the_statements_of_a_quote(ask, mtv, django_assert_num_queries):
    ask()
    with django_assert_num_queries(0):  # the caller and the offer are read on a psycopg cursor
        ask()
