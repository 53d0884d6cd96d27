"""Every table of the business is audited, scoped, owned, and keeps its history where people look."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CharField, CheckConstraint, JSONField, Q, TextField

from winvest.core import scoping
from winvest.core.models.base import CompanyOwnedModel, ScopedHistoryManager, ScopedModel
from winvest.core.models.columns import JsonKind

APPS = ("core", "partners", "catalog", "documents", "commissions", "accounting", "integrations")
ADR = Path(__file__).parents[2] / "docs" / "adr" / "0007-audit-by-trigger.md"
# The only tables that the log leaves out, each with its reason.
EXEMPT_TABLES = set(re.findall(r"^\| `(\w+)` \| \S", ADR.read_text(encoding="utf-8"), re.MULTILINE))
# Group rows: accounts and reference data that no company owns.
OF_THE_GROUP = {
    *("core.ApiToken", "core.DataKey", "core.IdempotencyKey", "core.User", "core.VatRate"),
    *("core.AuditHead", "core.AuditRoot", "core.AuditSeal"),
    *("catalog.IndexValue", "catalog.OwnColumns", "catalog.SkuCounter"),
    *("documents.DocumentRequirement", "documents.DocumentType"),
}
HISTORY_OF_THE_GROUP = {
    "core.HistoricalVatRate",
    "catalog.HistoricalIndexValue",
    "documents.HistoricalDocumentRequirement",
    "documents.HistoricalDocumentType",
}
# The log reads by the changed row's company; a company is its own owner; a risk may be the
# group's, and so may the administrator's membership; a view may be a person's own.
SCOPED_OTHERWISE = {
    *("core.AuditEntry", "core.Company", "core.Membership", "catalog.Risk"),
    "catalog.SavedView",
    "integrations.WebhookEvent",
}
WITH_HISTORY = {
    "core.Brand",
    "core.Company",
    "core.Membership",
    "core.VatRate",
    "partners.Partner",
    "partners.PartnerActivation",
    "catalog.CqRule",
    "catalog.ExternalMapping",
    "catalog.IndexValue",
    "partners.PartnerCredential",
    "catalog.BundleComponent",
    "catalog.NegotiatedPrice",
    "catalog.PricingRule",
    "catalog.Product",
    "catalog.ProductPlan",
    "catalog.ProductVersion",
    "catalog.Promotion",
    "catalog.Publication",
    "catalog.Risk",
    "catalog.SaleAgreement",
    "catalog.SalesBan",
    "catalog.VersionBilling",
    "catalog.VersionLogistics",
    "documents.DocumentRequirement",
    "documents.DocumentType",
    "documents.ProductDocument",
    "commissions.Beneficiary",
    "commissions.CommissionScheme",
    "commissions.CommissionTier",
    "integrations.WebhookEndpoint",
    "accounting.AccountingMapping",
    "accounting.CompanyAccount",
}
OWNER_KEYS = {
    ("product_version", "product"),
    ("product_plan", "product_version"),
    ("pricing_rule", "product_version"),
    ("pricing_rule", "product_plan"),
    ("planned_sale", "product_version"),
    ("publication", "product_version"),
    ("version_approval", "product_version"),
    ("version_author", "product_version"),
    ("product_document", "product_version"),
    ("partner_credential", "partner"),
    ("partner_iban_change", "partner"),
    ("commission_scheme", "product_version"),
    ("commission_scheme", "product_plan"),
    ("commission_tier", "commission_scheme"),
    ("commission_tier", "product_version"),
    ("external_mapping", "product"),
    ("favorite", "product"),
    ("product_transition", "product"),
    ("sale_agreement", "product"),
    ("promotion", "product"),
    ("negotiated_price", "product"),
    ("bundle_component", "product"),
    ("bundle_component", "product_plan"),
    ("bundle_component", "product_version"),
    ("cq_rule", "product_version"),
    ("version_billing", "product_version"),
    ("version_billing", "product_plan"),
    ("version_logistics", "product_version"),
    ("webhook_endpoint", "partner"),
    ("webhook_event", "webhook_endpoint"),
    ("webhook_receipt", "webhook_endpoint"),
    ("accounting_entry", "operation"),
    ("accounting_line", "accounting_entry"),
}


def business_models():
    return [
        model
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Historical") and not model._meta.proxy
    ]


def history_models():
    return [
        model
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        if model.__name__.startswith("Historical")
    ]


def labels(models):
    return {model._meta.label for model in models}


@pytest.mark.requirement("1-23")
def test_every_business_table_has_the_audit_trigger(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers"
            " WHERE trigger_name LIKE 'pgtrigger_audit_%' AND action_timing = 'AFTER'"
            " AND event_object_table NOT IN"
            " (SELECT relname FROM pg_class WHERE relispartition)"
            " GROUP BY event_object_table HAVING count(DISTINCT event_manipulation) = 3"
        )
        audited = {row[0] for row in cursor.fetchall()}
    tables = {model._meta.db_table for model in business_models()}
    assert tables > EXEMPT_TABLES
    assert audited == tables - EXEMPT_TABLES


def test_people_find_the_history_of_what_they_edit():
    assert labels(model for model in business_models() if hasattr(model, "history")) == WITH_HISTORY


@pytest.mark.requirement("3.8-13", "1-02")
def test_every_table_has_an_owner():
    owned = labels(model for model in business_models() if issubclass(model, CompanyOwnedModel))
    assert owned | OF_THE_GROUP | SCOPED_OTHERWISE == labels(business_models())
    assert not owned & (OF_THE_GROUP | SCOPED_OTHERWISE)


@pytest.mark.requirement("3.8-13")
def test_every_owned_table_is_read_through_the_scope():
    for model in business_models():
        if model._meta.label in OF_THE_GROUP:
            continue
        assert isinstance(model._default_manager, scoping.ScopedManager), model
        assert issubclass(model, ScopedModel) or model._meta.label == "core.AuditEntry", model
        if hasattr(model, "history"):
            assert isinstance(model.history, ScopedHistoryManager), model


@pytest.mark.requirement("3.8-13")
def test_every_history_table_is_read_through_the_scope():
    for model in history_models():
        if model._meta.label not in HISTORY_OF_THE_GROUP:
            assert isinstance(model._default_manager, scoping.ScopedManager), model


def test_a_child_s_owner_is_its_parent_s(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND cardinality(conkey) = 2"
        )
        assert set(cursor.fetchall()) >= OWNER_KEYS


def test_every_table_is_named_by_us():
    for model in business_models():
        assert not model._meta.db_table.startswith(f"{model._meta.app_label}_") or (
            model._meta.app_label == "accounting"
        ), model


@pytest.mark.requirement("A.4-01")
def test_the_database_knows_what_a_json_column_holds():
    for model in business_models():
        told = {rule.column for rule in model._meta.constraints if isinstance(rule, JsonKind)}
        fixed = {
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, JSONField) and field.default in (dict, list)
        }
        assert fixed - told <= {"rights"}, model  # of what the API has answered


@pytest.mark.requirement("A.4-01")
def test_the_database_refuses_an_empty_text_that_a_form_refuses():
    for model in business_models():
        if not hasattr(model, "history"):
            continue  # written by services alone
        ruled = {
            name
            for rule in model._meta.constraints
            if isinstance(rule, CheckConstraint)
            for name in Q(rule.condition).referenced_base_fields
        }
        typed = {
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField)
            and field.editable
            and not (field.choices or field.blank or field.null or field.generated)
        }
        assert typed - ruled <= {"timezone"}, model  # of the trigger `known_zone`
