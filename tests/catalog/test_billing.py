"""Billing and logistics of a version by every door (§3.6)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import VersionBilling, VersionLogistics
from catalog.parts import clone_into, content_hash, content_of
from catalog.services.comparison import compare_versions
from catalog.services.versions import submit_version
from documents.models import DocumentType
from tests.factories import (
    START,
    BillingFactory,
    LogisticsFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.forms import form_of
from tests.support.pages import spaced
from tests.support.parity import insert
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict
from winvest.core.models import AuditEntry, VatRate

pytestmark = pytest.mark.usefixtures("everything", "db")
API = "/api/catalog"
JSON = "application/json"
SEPA = {"payment_method": "sepa", "collection_cycle": "monthly"}


@pytest.fixture
def draft(company):
    return VersionFactory(product=ProductFactory(company=company, sku="BOX", name="Box"))


@pytest.fixture
def plan(draft):
    plan = PlanFactory(product_version=draft, code="BOX", name="Box", recurrence="monthly")
    PricingRuleFactory(plan=plan, payload={"amount": Decimal("29.90")})
    return plan


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def errors(answer):
    assert answer.status_code == 422, answer.json()
    return {(error["path"], error["code"]) for error in answer.json()["errors"]}


def release(version):
    version.state, version.released_at, version.content_hash = "released", START, "sha256:x"
    version.save()
    PublicationFactory(product_version=version)


@pytest.mark.requirement("3.6-11", "3.6-12", "3.6-13")
def test_billing_is_written_and_read_by_the_api(manager, api, user_with, company, draft, plan):
    address = f"{API}/versions/{draft.pk}/billing"
    body = SEPA | {
        "collection_day": 5,
        "invoice_template": "FACTURE",
        "mandate_template": "MANDAT",
        "fee_amount": "49.90",
        "fee_label": "Mise en service",
        "fee_tax_code": "FR20",
        "fee_tax_included": True,
    }
    answer = manager.post(address, body, content_type=JSON)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    kept = {name: made[name] for name in body}
    assert kept == body | {"fee_amount": "49.9"}
    assert (made["plan_id"], made["plan_code"]) == (None, None)
    assert errors(manager.post(address, body, content_type=JSON)) == {
        ("", "constraint.version_billing_once")
    }
    own = {"plan_id": str(plan.pk), "payment_method": "card", "collection_cycle": "yearly"}
    assert manager.post(address, own, content_type=JSON).json()["plan_code"] == "BOX"
    assert len(manager.get(address).json()["results"]) == 2

    row = f"{API}/billing/{made['id']}"
    tag = {"if-match": answer["ETag"]}
    changed = manager.patch(row, {"fee_amount": None}, content_type=JSON, headers=tag)
    assert (changed.status_code, changed.json()["fee_amount"]) == (200, None)
    stale = manager.patch(row, {"fee_amount": 1}, content_type=JSON, headers=tag)
    assert stale.status_code == 412
    assert AuditEntry.objects.filter(record_id=made["id"], action="update").count() == 1
    assert VersionBilling.history.filter(id=made["id"]).count() == 2
    release(draft)
    assert manager.patch(row, {"collection_day": 6}, content_type=JSON).status_code == 409
    assert manager.delete(row).status_code == 409
    assert manager.post(address, own, content_type=JSON).status_code == 409
    # Whoever sells reads it, and does not write it.
    seller = api(user_with(Role.SALES, company))
    assert seller.get(row).json()["payment_method"] == "sepa"
    assert seller.patch(row, {"collection_day": 6}, content_type=JSON).status_code == 403


@pytest.mark.parametrize("shown", [True, False])
def test_fees_are_hidden_like_the_prices(api, user_with, company, draft, plan, shown):
    billing = BillingFactory(product_version=draft, fee_amount=Decimal(49))
    release(draft)
    draft.publications.update(price_visible=shown)
    seller = api(user_with(Role.SALES, company))
    fee = "49" if shown else None
    assert seller.get(f"{API}/billing/{billing.pk}").json()["fee_amount"] == fee
    (row,) = seller.get(f"{API}/versions/{draft.pk}/billing").json()["results"]
    assert row["fee_amount"] == fee


@pytest.mark.requirement("3.6-09")
def test_logistics_is_written_and_read_by_the_api(manager, draft):
    address = f"{API}/versions/{draft.pk}/logistics"
    body = {
        "delivery": "technician",
        "delivery_days": 5,
        "stock_managed": True,
        "stock_reference": "BOX-V6",
        "ticket_title": "Installer {produit} ({formule})",
        "ticket_body": "Contrat {contrat}, quantité {quantite}.",
    }
    answer = manager.post(address, body, content_type=JSON)
    assert answer.status_code == 201, answer.json()
    assert {name: answer.json()[name] for name in body} == body
    assert errors(manager.post(address, {}, content_type=JSON)) == {
        ("", "constraint.version_logistics_once")
    }
    row = f"{API}/logistics/{answer.json()['id']}"
    changed = manager.patch(row, {"delivery": "home"}, content_type=JSON)
    assert changed.json()["delivery"] == "home"
    assert [one["delivery"] for one in manager.get(address).json()["results"]] == ["home"]
    release(draft)
    assert manager.patch(row, {"delivery": "pickup"}, content_type=JSON).status_code == 409
    assert manager.get(row).json()["delivery"] == "home"


# What the API refuses, and the constraint that refuses it of SQL ("": none can).
REFUSED = [
    ("billing", {"payment_method": "gold"}, "payment_method", "invalid_choice", "*_known"),
    ("billing", {"collection_cycle": "daily"}, "collection_cycle", "invalid_choice", "*_known"),
    ("billing", {"collection_day": 29}, "collection_day", "max_value", "version_billing_day"),
    (
        "billing",
        {"collection_cycle": "at_once", "collection_day": 3},
        *("", "constraint.version_billing_day", "version_billing_day"),
    ),
    (
        "billing",
        {"payment_method": "card", "mandate_template": "MANDAT"},
        *("", "constraint.version_billing_mandate", "version_billing_mandate"),
    ),
    ("billing", {"mandate_template": "FAQ"}, "mandate_template", "unknown", "*_mandate"),
    ("billing", {"mandate_template": "MANDAT_X"}, "mandate_template", "unknown", "*_fk"),
    ("billing", {"invoice_template": "CGV"}, "invoice_template", "unknown", "*_invoice"),
    ("billing", {"invoice_template": "FACTURE_X"}, "invoice_template", "unknown", "*_fk"),
    ("billing", {"fee_amount": 0}, "", "constraint.version_billing_fee", "version_billing_fee"),
    ("billing", {"fee_amount": -1}, "fee_amount", "min_value", "version_billing_fee"),
    ("billing", {"fee_amount": "0.00001"}, "fee_amount", "max_decimal_places", ""),
    ("billing", {"fee_amount": 10**14}, "fee_amount", "*", "*"),
    ("billing", {"fee_label": ""}, "fee_label", "blank", "*_fee_label_filled"),
    (
        "billing",
        {"fee_amount": 1, "fee_tax_code": "FR99"},
        *("fee_tax_code", "vat.unknown", "version_billing_fee_code"),
    ),
    ("logistics", {"delivery": "drone"}, "delivery", "invalid_choice", "*_delivery_known"),
    (
        "logistics",
        {"delivery_days": 3},
        *("", "constraint.version_logistics_days", "version_logistics_days"),
    ),
    (
        "logistics",
        {"delivery": "home", "delivery_days": 366},
        *("delivery_days", "max_value", "version_logistics_days"),
    ),
    (
        "logistics",
        {"stock_reference": "BOX"},
        *("", "constraint.version_logistics_stock", "version_logistics_stock"),
    ),
    (
        "logistics",
        {"ticket_body": "Texte"},
        *("", "constraint.version_logistics_ticket", "version_logistics_ticket"),
    ),
    ("logistics", {"ticket_title": "Pour {age}"}, "ticket_title", "ticket.word", ""),
    ("logistics", {"ticket_title": "Pour {produit"}, "ticket_title", "ticket.word", ""),
]


@pytest.mark.requirement("3.6-09", "3.6-11", "3.6-12", "3.6-13")
def test_api_and_sql_refuse_alike(manager, draft):
    models = {"billing": VersionBilling, "logistics": VersionLogistics}
    for part, change, path, code, constraint in REFUSED:
        body = {**(SEPA if part == "billing" else {}), **change}
        answer = manager.post(f"{API}/versions/{draft.pk}/{part}", body, content_type=JSON)
        found = errors(answer)
        assert (path, code) in found or (code == "*" and path in {one for one, _ in found}), body
        refused = insert(models[part], body | {"product_version": draft, "company": draft.company})
        assert refused.endswith(constraint.removeprefix("*")), (body, refused)
        assert refused or not constraint, body
        models[part].objects.all().delete()


def test_neither_the_plan_nor_the_version_of_another(manager, draft, plan, other_company):
    foreign = PlanFactory(product_version=VersionFactory(product=draft.product, version=2))
    address = f"{API}/versions/{draft.pk}/billing"
    body = SEPA | {"plan_id": str(foreign.pk)}
    assert errors(manager.post(address, body, content_type=JSON)) == {("plan_id", "invalid")}
    theirs = BillingFactory(product_version__product__company=other_company)
    assert manager.get(f"{API}/billing/{theirs.pk}").status_code == 404
    row = SEPA | {"product_version": draft, "company": draft.company, "plan": foreign}
    assert insert(VersionBilling, row) == "version_billing_plan_owner_fk"
    row = SEPA | {"product_version": draft, "company": other_company}
    assert insert(VersionBilling, row) == "version_billing_product_version_owner_fk"


@pytest.mark.requirement("3.1-07", "3.1-08")
def test_content_hashed_copied_and_compared(user_with, company, draft, plan):
    actor = user_with(Role.CATALOG_MANAGER, company)
    before = content_hash(draft)
    logistics = LogisticsFactory(product_version=draft, delivery="")
    assert content_hash(draft) == before  # a row that asks nothing says nothing
    logistics.delivery, logistics.stock_managed = "home", True
    logistics.save()
    BillingFactory(product_version=draft)
    BillingFactory(product_version=draft, plan=plan, fee_amount=Decimal("49.00"))
    assert content_hash(draft) != before
    billing = content_of(draft)["billing"]
    assert billing == [
        SEPA,
        SEPA
        | {
            "plan": "BOX",
            "fee_amount": 49,
            "fee_label": "Frais initiaux",
            "fee_tax_code": "FR20",
            "fee_tax_included": True,
        },
    ]
    copy = VersionFactory(product=draft.product, version=2)
    clone_into(draft, copy)
    assert content_hash(copy) == content_hash(draft)
    assert copy.billings.get(plan__isnull=False).plan.product_version_id == copy.pk
    copy.billings.filter(plan__isnull=False).update(fee_amount=Decimal("59.50"))
    copy.billings.filter(plan=None).update(payment_method="card")
    copy.logistics.update(delivery="technician")
    changes = compare_versions(actor=actor, product=draft.product, before=1, after=2)
    assert {(one.label, spaced(one.before_text), spaced(one.after_text)) for one in changes} == {
        ("Facturation BOX › Frais initiaux", "49,00 €", "59,50 €"),
        ("Facturation › Moyen de paiement", "Prélèvement SEPA", "Carte bancaire"),
        ("Livraison", "À domicile", "Par un technicien"),
    }


def test_a_submission_judges_the_parts_again(user_with, company, draft, plan):
    BillingFactory(product_version=draft, fee_amount=1, fee_tax_code="FRENERGIE")
    VatRate.objects.filter(code="FRENERGIE").delete()
    with pytest.raises(Conflict) as caught:
        submit_version(actor=user_with(Role.CATALOG_MANAGER, company), version=draft)
    assert "vat.unknown" in {reason.code for reason in caught.value.reasons}


@pytest.mark.requirement("3.6-09", "3.6-11", "3.6-12", "3.6-13")
def test_made_by_the_page_of_the_version(browser_as, user_with, company, draft, plan):
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = reverse("admin:catalog_productversion_change", args=[draft.pk])
    typed = {
        "billings-TOTAL_FORMS": "1",
        "billings-0-plan": plan.pk,
        "billings-0-payment_method": "sepa",
        "billings-0-collection_cycle": "monthly",
        "billings-0-collection_day": "5",
        "billings-0-invoice_template": "FACTURE",
        "billings-0-mandate_template": "MANDAT",
        "billings-0-fee_amount": "49.90",
        "billings-0-fee_label": "Mise en service",
        "billings-0-fee_tax_code": "FR20",
        "billings-0-fee_tax_included": "on",
        "logistics-TOTAL_FORMS": "1",
        "logistics-0-delivery": "technician",
        "logistics-0-delivery_days": "5",
        "logistics-0-stock_managed": "on",
        "logistics-0-stock_reference": "BOX-V6",
        "logistics-0-ticket_title": "Installer {produit}",
    }
    opened = browser.get(page)
    assert "Toute la version" in opened.text
    form = form_of(opened)
    wrong = {"billings-0-payment_method": "card", "logistics-0-ticket_title": "{age}"}
    refused = browser.post(page, form | typed | wrong)
    assert refused.status_code == 200
    assert "pour un prélèvement SEPA" in refused.text
    assert "Mot inconnu : {age}." in refused.text
    assert not VersionBilling.objects.exists()
    answer = browser.post(page, form | typed)
    assert answer.status_code == 302, answer.context["errors"]
    billing, logistics = VersionBilling.objects.get(), VersionLogistics.objects.get()
    assert (billing.plan, billing.fee_amount, billing.company) == (plan, Decimal("49.90"), company)
    assert (logistics.stock_reference, logistics.company) == ("BOX-V6", company)
    release(draft)
    shown = spaced(browser.get(page).text)
    for words in ("Mise en service : 49,90 € TTC (FR20)", "Chaque mois, le 5", "Suivi : BOX-V6"):
        assert words in shown
    history = reverse("admin:catalog_productversion_history", args=[draft.pk])
    assert "Prélèvement SEPA" in browser.get(history).text


def test_a_type_that_is_a_template_is_not_deleted(browser_as, user_with, draft):
    kind = DocumentType.objects.create(code="MANDAT_PRO", label="Mandat interentreprises")
    BillingFactory(product_version=draft, mandate_template="MANDAT_PRO")
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    page = reverse("admin:documents_documenttype_delete", args=[kind.pk])
    answer = browser.post(page, {"post": "yes"})
    assert answer.status_code < 500
    assert DocumentType.objects.filter(pk=kind.pk).exists()
