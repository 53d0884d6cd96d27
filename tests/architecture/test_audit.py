"""One change of one row leaves one line of the legal log, by whatever door it was written."""

import json
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from accounting.models import Operation
from catalog.models import IndexValue, Product, Risk
from documents.models import DocumentRequirement, DocumentType
from tests import factories
from tests.architecture.test_models import NOT_AUDITED, business_models
from tests.support.demo import undone
from tests.support.ledger import book, make_operation
from winvest.core import context, scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, AuditEntry, Job, VatRate
from winvest.core.models.base import new_id
from winvest.core.transaction import transaction

pytestmark = pytest.mark.usefixtures("everything")
REQUEST = "requete-0001"


def make_token():
    return ApiToken.draw(user=factories.UserFactory(), name="Jeton")[0]


def make_draft(model, **fields):
    """Return an unsaved row whose parents stand; saving it is the test's first change."""
    factory = {
        "Brand": factories.BrandFactory,
        "Company": factories.CompanyFactory,
        "Membership": factories.MembershipFactory,
        "User": factories.UserFactory,
        "Partner": factories.PartnerFactory,
        "PartnerActivation": factories.PartnerActivationFactory,
        "PartnerCredential": factories.CredentialFactory,
        "PartnerIbanChange": factories.IbanChangeFactory,
        "Risk": factories.RiskFactory,
        "Product": factories.ProductFactory,
        "ProductVersion": factories.VersionFactory,
        "ProductPlan": factories.PlanFactory,
        "PricingRule": factories.PricingRuleFactory,
        "Publication": factories.PublicationFactory,
        "Promotion": factories.PromotionFactory,
        "BundleComponent": factories.BundleComponentFactory,
        "NegotiatedPrice": factories.NegotiatedPriceFactory,
        "CqRule": factories.CqRuleFactory,
        "ExternalMapping": factories.ExternalMappingFactory,
        "AccountingMapping": factories.MappingFactory,
        "CompanyAccount": factories.CompanyAccountFactory,
        "WebhookEndpoint": factories.EndpointFactory,
        "WebhookEvent": factories.WebhookEventFactory,
        "ProductDocument": factories.DocumentFactory,
        "CommissionScheme": factories.SchemeFactory,
        "CommissionTier": factories.TierFactory,
        "Beneficiary": factories.BeneficiaryFactory,
    }[model]
    row = factory(**fields)
    type(row)._base_manager.filter(pk=row.pk).delete()
    row._state.adding = True
    return row


def drafts(company):
    """Return how to make a row of each table that may change, and a column to change."""
    return {
        "Brand": (lambda: make_draft("Brand", company=company), "name", "Autre"),
        "Company": (lambda: make_draft("Company", code="ZZ"), "brand_name", "Autre"),
        "Membership": (
            lambda: make_draft("Membership", company=company, role=Role.SALES),
            "role",
            "auditor",
        ),
        "User": (lambda: make_draft("User"), "name", "Autre"),
        "ApiToken": (make_token, "name", "Autre"),
        "VatRate": (
            lambda: VatRate(code="FRX", label="Essai", rate=Decimal(3), valid_from="2030-01-01"),
            "label",
            "Autre",
        ),
        "IndexValue": (
            lambda: IndexValue(index="cpi", valid_on="2030-01-01", value=Decimal(3)),
            "source",
            "Autre",
        ),
        "Job": (
            lambda: Job(company=company, kind="essai", object_id=new_id()),
            "state",
            "cancelled",
        ),
        "Partner": (lambda: make_draft("Partner", company=company), "name", "Autre"),
        "PartnerActivation": (
            lambda: make_draft("PartnerActivation", partner__company=company),
            "status",
            "test",
        ),
        "PartnerCredential": (
            lambda: make_draft("PartnerCredential", partner__company=company),
            "auth_type",
            "basic",
        ),
        "PartnerIbanChange": (
            lambda: make_draft("PartnerIbanChange", partner__company=company),
            "bic",
            "AGRIFRPPXXX",
        ),
        "Risk": (lambda: make_draft("Risk", company=company), "label", "Autre"),
        # Only a draft, and only a publication to come, may be deleted (A.4, M-18).
        "Product": (
            lambda: make_draft("Product", company=company, lifecycle_status="draft"),
            "name",
            "Autre",
        ),
        "ProductVersion": (
            lambda: make_draft("ProductVersion", product__company=company),
            "notes",
            "Autre",
        ),
        "ProductPlan": (
            lambda: make_draft("ProductPlan", product_version__product__company=company),
            "name",
            "Autre",
        ),
        "PricingRule": (
            lambda: make_draft("PricingRule", plan__product_version__product__company=company),
            "tax_included",
            False,
        ),
        "BundleComponent": (
            lambda: make_draft("BundleComponent", plan__product_version__product__company=company),
            "quantity",
            2,
        ),
        "NegotiatedPrice": (
            lambda: make_draft(
                "NegotiatedPrice",
                product__company=company,
                start_at=now() + timedelta(days=1),
            ),
            "note",
            "Autre",
        ),
        "Promotion": (
            lambda: make_draft("Promotion", company=company, start_at=now() + timedelta(days=1)),
            "name",
            "Autre",
        ),
        "Publication": (
            lambda: make_draft(
                "Publication",
                product_version__product__company=company,
                start_at=now() + timedelta(days=1),
            ),
            "visibility",
            "hidden",
        ),
        "CqRule": (
            lambda: make_draft("CqRule", product_version__product__company=company),
            "notes",
            "Autre",
        ),
        "ExternalMapping": (
            lambda: make_draft("ExternalMapping", product__company=company),
            "external_code",
            "AUTRE-1",
        ),
        "AccountingMapping": (
            lambda: make_draft(
                "AccountingMapping",
                product_version__product__company=company,
                state="to_validate",
                validated_at=None,
            ),
            "gl_account",
            "706200",
        ),
        "DocumentType": (lambda: DocumentType(code="ESSAI", label="Essai"), "label", "Autre"),
        "DocumentRequirement": (
            lambda: DocumentRequirement(
                family=Risk.objects.get(code="SANTE"),
                document_type=DocumentType.objects.get(code="FAQ"),
            ),
            "note",
            "Autre",
        ),
        "WebhookEndpoint": (
            lambda: make_draft("WebhookEndpoint", partner__company=company),
            "status",
            "inactive",
        ),
        "WebhookEvent": (
            lambda: make_draft("WebhookEvent", endpoint__partner__company=company),
            "status",
            "ignored",
        ),
        "ProductDocument": (
            lambda: make_draft("ProductDocument", product_version__product__company=company),
            "title",
            "Autre",
        ),
        "CommissionScheme": (
            lambda: make_draft("CommissionScheme", product_version__product__company=company),
            "name",
            "Autre",
        ),
        "CommissionTier": (
            lambda: make_draft("CommissionTier", scheme__product_version__product__company=company),
            "value_type",
            "amount",
        ),
        "Beneficiary": (lambda: make_draft("Beneficiary", company=company), "name", "Autre"),
        "CompanyAccount": (
            lambda: make_draft("CompanyAccount", company=company),
            "account",
            "411100",
        ),
    }


# What the log leaves out of a table, and the secrets of which it tells only that they changed.
LEFT_OUT = {
    **{name: ["sort_label"] for name in ("partner", "product", "risk", "beneficiary")},
    "app_user": ["last_login", "updated_at"],
    "job": ["progress", "lease_until", "updated_at"],
}
MASKED = {
    "partner": ["iban", "extranet_codes"],
    "partner_iban_change": ["iban"],
    "partner_credential": ["credentials", "secret_hint"],
    "webhook_endpoint": ["secret"],
    "webhook_event": ["payload", "signature"],
    "app_user": ["password"],
    "api_token": ["digest"],
}
CHANGING = sorted(drafts(None))
APPEND_ONLY = {"Operation", "Entry", "Line", "VersionApproval"}
# An export, an import is made with its job by one service (`tests/accounting/exports`,
# `tests/core/imports`); a key is never deleted (`tests/core/services/test_secrets.py`); `tests/core/audit/test_trails.py` follows the
# trails, `tests/core/services/test_access.py` the risks of memberships.
ELSEWHERE = {"AuditTrail", "DataKey", "ExportRun", "ImportRun", "MembershipRisk"}


@pytest.fixture
def actor(user_with, company):
    return user_with(Role.ACCOUNTING, company)


@pytest.fixture
def acting(actor, company):
    """Write as `actor`, during one request, as every door does."""
    token = context.request_id.set(REQUEST)
    with transaction(actor, company.pk):
        yield
    context.request_id.reset(token)


def lines_of(row) -> list[AuditEntry]:
    return list(
        AuditEntry.objects.filter(table=row._meta.db_table, record_id=row.pk).order_by("id")
    )


def insert_by_sql(row) -> None:
    """Write the row again as psql would."""
    fields = [field for field in row._meta.concrete_fields if not field.generated]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({marks})", values)


def run(sql: str, row, *params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(table=row._meta.db_table), [*params, row.pk])


def photograph(row):
    """Return what the table holds of the row, by a query that knows nothing of the log."""
    table = row._meta.db_table
    hidden = json.dumps(dict.fromkeys(MASKED.get(table, ()), "(masqué)"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (to_jsonb(t) - %s::text[] || %s::jsonb)::text FROM {table} AS t WHERE id = %s",
            [LEFT_OUT.get(table, []), hidden, row.pk],
        )
        found = cursor.fetchone()
    return None if found is None else json.loads(found[0])


def test_every_audited_table_is_tried():
    names = {model.__name__ for model in business_models() if model._meta.label not in NOT_AUDITED}
    assert names == set(CHANGING) | APPEND_ONLY | ELSEWHERE


@pytest.mark.requirement("1-23", "G.3-02")
@pytest.mark.usefixtures("acting")
@pytest.mark.parametrize("name", CHANGING)
def test_each_change_leaves_one_line_with_its_author(company, actor, name):
    make, column, value = drafts(company)[name]
    row = make()
    key, first = row.pk, getattr(row, column)
    manager = type(row)._base_manager
    before = len(lines_of(row))

    def put(new, write):
        setattr(row, column, new)
        write()

    changes = (
        lambda: row.save(force_insert=True),
        lambda: put(value, row.save),
        lambda: manager.filter(pk=key).update(**{column: first}),
        lambda: run(f'UPDATE {{table}} SET "{column}" = %s WHERE id = %s', row, value),
        lambda: run("DELETE FROM {table} WHERE id = %s", row),
        lambda: manager.bulk_create([row]),
        lambda: put(first, lambda: manager.bulk_update([row], [column])),
        lambda: manager.filter(pk=key).delete(),
        lambda: insert_by_sql(row),
        row.delete,
    )
    seen = [None]
    for change in changes:
        change()
        row.pk = key
        seen.append(photograph(row))

    lines = lines_of(row)[before:]
    assert [(line.before, line.after) for line in lines] == list(pairwise(seen))
    assert [line.action for line in lines] == [
        *("insert", "update", "update", "update", "delete"),
        *("insert", "update", "delete", "insert", "delete"),
    ]
    assert {(line.actor_id, line.actor_role, line.request_id) for line in lines} == {
        (actor.pk, "accounting", REQUEST)
    }
    for line in lines:
        assert (line.before is None) == (line.action == "insert")
        assert (line.after is None) == (line.action == "delete")
        if line.action == "update":
            assert {line.before[column], line.after[column]} == {first, value}
    assert lines[0].after.keys() >= {"id", column}


@pytest.mark.requirement("1-23", "G.3-02")
@pytest.mark.usefixtures("acting")
def test_the_ledger_is_logged_and_its_refused_changes_are_not(company, actor):
    main = book(company, account="706100", credit=Decimal("24.92"), tax_amount=Decimal("4.98"))
    rows = [main, main.entry, main.entry.operation, make_operation(company, entry_count=0)]
    for row in rows:
        (line,) = lines_of(row)
        assert (line.action, line.actor_id, line.request_id) == ("insert", actor.pk, REQUEST)
    for row in rows:
        for sql in (
            "UPDATE {table} SET company_id = company_id WHERE id = %s",
            "DELETE FROM {table} WHERE id = %s",
        ):
            with pytest.raises(DatabaseError), undone():
                run(sql, row)
        assert len(lines_of(row)) == 1
    assert Operation.objects.filter(company=company).count() == 2


@pytest.mark.requirement("1-23")
@pytest.mark.usefixtures("acting")
def test_secrets_never_reach_the_log(company):
    user = factories.UserFactory()
    user.set_password("un-autre-mot-de-passe")
    user.save()
    token = make_token()
    token.save()
    old, token.digest = token.digest, "f" * 64
    token.save()
    *_, changed = lines_of(user)
    assert (changed.before["password"], changed.after["password"]) == ("(masqué)", "(modifié)")
    *_, changed = lines_of(token)
    assert (changed.before["digest"], changed.after["digest"]) == ("(masqué)", "(modifié)")
    text = json.dumps([[line.before, line.after] for line in AuditEntry.objects.all()])
    assert not [secret for secret in (user.password, old, token.digest) if secret in text]


@pytest.mark.usefixtures("acting")
def test_signing_in_is_not_a_change(company):
    user = factories.UserFactory()
    user.last_login = user.created_at
    user.save(update_fields=["last_login"])
    assert [line.action for line in lines_of(user)] == ["insert"]
    assert "last_login" not in lines_of(user)[0].after


@pytest.mark.usefixtures("acting")
def test_an_update_that_changes_nothing_leaves_nothing(company):
    product = factories.ProductFactory(company=company)
    Product.objects.filter(pk=product.pk).update(name=product.name)
    assert [line.action for line in lines_of(product)] == ["insert"]


def test_without_an_actor_the_session_user_is_recorded(company):
    row = factories.BrandFactory(company=company)
    (line,) = lines_of(row)
    assert (line.actor_id, line.actor_role) == (None, "")
    assert line.session_user_name == connection.settings_dict["USER"]


@pytest.mark.django_db(transaction=True)
def test_the_author_does_not_outlive_his_transaction(company, actor):
    with transaction(actor, company.pk):
        factories.BrandFactory(company=company)
    after = factories.BrandFactory(company=company)
    assert lines_of(after)[0].actor_id is None


def test_a_transaction_inside_another_gives_its_author_back(company, actor, user_with):
    other = user_with(Role.COMPANY_ADMIN, company)
    with transaction(actor, company.pk):
        with transaction(other, company.pk):
            inside = factories.BrandFactory(company=company)
        after = factories.BrandFactory(company=company)
        with pytest.raises(LookupError), transaction(other, company.pk):
            raise LookupError
        at_last = factories.BrandFactory(company=company)
    authors = [lines_of(row)[0].actor_id for row in (inside, after, at_last)]
    assert authors == [other.pk, actor.pk, actor.pk]


@pytest.mark.requirement("1-23", "G.3-02")
def test_the_log_and_its_partitions_are_append_only(company):
    factories.BrandFactory(company=company)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'audit_log'::regclass"
        )
        partitions = [row[0] for row in cursor.fetchall()]
    assert len(partitions) >= 13
    for table in ("audit_log", *partitions):
        with pytest.raises(DatabaseError, match="append-only"), undone():
            connection.cursor().execute(f"TRUNCATE {table}")
    month = next(name for name in partitions if _count(name))
    for table in ("audit_log", month):
        for sql in (f"UPDATE {table} SET actor_role = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append-only"), undone():
                connection.cursor().execute(sql)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_only_the_companies_in_scope_read_their_lines(company, other_company):
    factories.BrandFactory(company=other_company)
    with scoping.scope([company.pk]):
        assert set(AuditEntry.objects.values_list("company_id", flat=True)) == {company.pk}
