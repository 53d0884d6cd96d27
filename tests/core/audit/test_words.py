"""The journal speaks French: no key, no name of a column, no word of a program (3.8-07)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.choices import ViewColumn
from catalog.models import SavedView
from tests.factories import PlanFactory, PricingRuleFactory, RiskFactory
from tests.support.ledger import book
from tests.support.world import make_notification
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("everything"),
    pytest.mark.requirement("3.8-07"),
]
LIST = "/core/auditentry/"


@pytest.fixture
def read(company, user_with, browser_as):
    """Return the page of the last line about a row, as the company's auditor reads it."""
    browser = browser_as(user_with(Role.AUDITOR, company))

    def page(row, **about):
        entry = AuditEntry.objects.filter(record_id=row.pk, **about).order_by("-id").first()
        return browser.get(f"{LIST}{entry.pk}/change/").text

    return page


def test_a_notification_is_told_without_its_machinery(company, user_with, read):
    told = read(make_notification(company, user_with(Role.SALES, company), title="Vente gelée"))
    assert "Vente gelée" in told
    for machinery in ("core_company", "catalog.view", ">Key<", ">Target"):
        assert machinery not in told


def test_what_was_deleted_keeps_its_name(company, read):
    plan = PlanFactory(product_version__product__company=company, code="CONF", name="Confort")
    rule = PricingRuleFactory(plan=plan, product_version=plan.product_version)
    key = rule.pk
    rule.delete()
    plan.delete()
    rule.pk = key
    told = read(rule, action="delete")
    assert "CONF — Confort" in told
    assert str(plan.pk) not in told


def test_a_product_deleted_with_all_that_it_held_keeps_their_names(company, user_with, browser_as):
    plan = PlanFactory(
        product_version__product__company=company,
        product_version__product__sku="AP-PARTI-1",
        product_version__product__name="Parti sans laisser",
        product_version__product__lifecycle_status="draft",
    )
    product = plan.product_version.product
    delete = reverse("admin:catalog_product_delete", args=[product.pk])
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    asked = manager.get(delete).text
    assert "Version 1" in asked
    assert manager.post(delete, {"post": "yes"}).status_code == 302
    auditor = browser_as(user_with(Role.AUDITOR, company))
    for address in (LIST, f"{LIST}export/"):
        answer = auditor.get(address)
        assert answer.status_code == 200
    gone = AuditEntry.objects.get(table="product_plan", action="delete")
    assert "AP-PARTI-1 v1" in auditor.get(f"{LIST}{gone.pk}/change/").text
    for words in ("AP-PARTI-1", "parti laisser"):
        assert "AP-PARTI-1" in auditor.get(LIST, {"q": words}).text, words


def test_a_saved_view_is_told_by_its_columns_and_filters(company, user_with, read):
    risk = RiskFactory(company=company, label="Santé animale")
    view = SavedView.objects.create(
        user=user_with(Role.CATALOG_MANAGER, company),
        company=company,
        name="Mes produits",
        filters={"status": "active", "risk": str(risk.pk)},
        columns=[ViewColumn.CODE, ViewColumn.REVENUE],
    )
    told = read(view)
    for words in (
        *("Filtre statut</th>", "<td>Actif</td>", "Filtre risque</th>", "<td>Santé animale</td>"),
        f"<td>{ViewColumn.CODE.label} ; {ViewColumn.REVENUE.label}</td>",
    ):
        assert words in told, words
    view.filters = {"status": "frozen"}
    view.save()
    told = read(view)
    assert "<td>Actif</td><td>Gelé</td>" in told
    assert "<td>Santé animale</td><td>—</td>" in told


def test_an_amount_is_told_to_the_cent_and_a_year_as_a_year(company, read):
    line = book(company, credit=Decimal("29.90"), tax_amount=Decimal("4.98"))
    told = read(line).replace("\xa0", " ")
    for words in ("<td>29,90</td>", "<td>4,98</td>"):
        assert words in told, words
    assert "<td>2025</td>" in read(line.entry)
    operation = read(line.entry.operation, action="insert").replace("\xa0", " ")
    assert "<td>1,00 €</td>" in operation
