"""One change of one row leaves one line of the legal log, by whatever door it was written."""

import json
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from accounting.models import Operation
from catalog.models import Product
from tests import factories
from tests.architecture.test_models import EXEMPT_TABLES, business_models
from tests.support.demo import undone
from tests.support.drafts import drafts, make_token
from tests.support.ledger import book, make_operation
from winvest.core import context, scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry
from winvest.core.transaction import transaction

pytestmark = pytest.mark.usefixtures("everything")


REQUEST = "requete-0001"


# What the log leaves out of a table, and the secrets of which it tells only that they changed.
LEFT_OUT = {
    **{name: ["sort_label"] for name in ("partner", "risk", "beneficiary")},
    "product": ["sort_label", "natural_label", "search_words"],
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
    "wizard_draft": ["typed"],
    "api_token": ["digest"],
}


CHANGING = sorted(drafts(None))


APPEND_ONLY = {"Operation", "Entry", "Line", "VersionApproval"}


# An export, an import is made with its job by one service (`tests/accounting/exports`,
# `tests/core/imports`); a key is never deleted (`tests/core/services/test_secrets.py`); `tests/core/audit/test_trails.py` follows the
# trails, `tests/core/services/test_access.py` the risks of memberships, `test_every_change.py` the
# authors of versions, whom the database writes; a favourite has nothing that changes, and a person
# has one list of columns (`tests/catalog/admin/test_saved_views.py`).
ELSEWHERE = {
    *("AuditTrail", "DataKey", "ExportRun", "ImportRun", "MembershipRisk", "VersionAuthor"),
    *("Favorite", "OwnColumns", "ProductTransition"),
}


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
    audited = [model for model in business_models() if model._meta.db_table not in EXEMPT_TABLES]
    names = {model.__name__ for model in audited}
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
