"""Released content never changes, whatever door is tried, SQL included (decision 4)."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from catalog import parts
from catalog.models import PricingRule, ProductPlan, ProductVersion
from tests.factories import BundleComponentFactory, PlanFactory, PricingRuleFactory, VersionFactory
from tests.support.offers import make_released, make_whole
from winvest.core.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

ATTEMPTS = [
    "UPDATE product_plan SET name = 'Autre'",
    "DELETE FROM pricing_rule",
    "UPDATE pricing_rule SET payload = '{\"amount\": 1}'",
    "INSERT INTO product_plan (id, product_version_id, code, name, recurrence)"
    " SELECT gen_random_uuid(), id, 'NEUF', 'Neuf', 'monthly' FROM product_version",
    "UPDATE product_version SET effective_from = effective_from + interval '1 day'",
    "UPDATE product_version SET content_hash = 'sha256:autre'",
    "UPDATE product_version SET released_at = NULL, state = 'draft'",
    "UPDATE product_version SET version = 7",
]


@pytest.mark.parametrize("statement", ATTEMPTS)
def test_sql_cannot_change_what_was_released(company, statement):
    version = make_released(company=company, sku="AP-1", plans={"BASIC": "9.90"})
    before = _content(version)
    with (
        pytest.raises(IntegrityError, match="frozen"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert _content(version) == before


# The parts of the applications above, and of the catalogue's rules.
PARTS = [
    "UPDATE commission_scheme SET min_amount = 1",
    "UPDATE commission_tier SET value = 99",
    "DELETE FROM commission_tier",
    "UPDATE cq_rule SET notes = 'Autre'",
    "DELETE FROM cq_rule",
    "UPDATE version_billing SET fee_amount = 49",
    "DELETE FROM version_billing",
    "UPDATE version_logistics SET stock_managed = true",
    "DELETE FROM version_logistics",
    "INSERT INTO version_billing (id, product_version_id, payment_method, collection_cycle, plan_id)"
    " SELECT gen_random_uuid(), product_version_id, 'card', 'monthly', id FROM product_plan",
    "UPDATE product_document SET title = 'Autre' WHERE mandatory",
    "UPDATE product_version SET channels = '[]'",
    "UPDATE product_version SET eligibility = '{}'",
    "UPDATE product_version SET applies_to_inforce = 'immediate'",
]


def test_sql_cannot_change_any_part(company):
    version = make_whole(company, sku="AP-1")
    ProductVersion.objects.filter(pk=version.pk).update(
        state="released", released_at=version.created_at, content_hash="sha256:1"
    )
    content = parts.content_hash(version)
    for statement in PARTS:
        with (
            pytest.raises(IntegrityError, match="frozen"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    version.refresh_from_db()
    assert parts.content_hash(version) == content


@pytest.mark.requirement("1-14")
def test_sql_withdraws_before_the_effect_only_and_once(company):
    """What was known at an instant is answered from when a version was withdrawn (decision 6)."""
    sold = make_released(company=company, sku="AP-1", plans={"BASIC": "9.90"})
    start = "2100-01-01T00:00Z"
    ProductVersion.objects.filter(pk=sold.pk).update(effective_to=start)
    planned = VersionFactory(product=sold.product, version=2, effective_from=start)
    rows = ProductVersion.objects.filter(pk=planned.pk)
    rows.update(state="released", content_hash="sha256:1", released_at=now())

    def refused(statement, rule):
        with (
            pytest.raises(IntegrityError, match=rule),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    withdraw = "UPDATE product_version SET state = 'withdrawn', withdrawn_at = "
    for statement in (
        f"{withdraw} now() WHERE version = 1",
        f"{withdraw} effective_from WHERE version = 2",
        f"{withdraw} released_at - interval '1 second' WHERE version = 2",
        f"{withdraw} NULL WHERE version = 2",
        "UPDATE product_version SET withdrawn_at = now() WHERE version = 2",
    ):
        refused(statement, "product_version_withdrawn")
    rows.update(state="withdrawn", withdrawn_at=now())
    for end in ("NULL", "now() + interval '1 day'"):
        refused(f"UPDATE product_version SET withdrawn_at = {end} WHERE version = 2", "frozen")


@pytest.mark.requirement("A.4-02")
def test_sql_adds_takes_and_changes_no_row_of_any_registered_part(company):
    """A part that is added later is tried too: it must be in the whole version, and frozen."""
    version = make_whole(company, sku="AP-1")
    plan = PlanFactory(product_version=version, code="DUO", bundle_kind="fixed", bundle_value=30)
    BundleComponentFactory(plan=plan)
    tables = {model._meta.db_table for part in parts.every() for model in part.models.values()}
    tables |= {
        model._meta.db_table
        for model in apps.get_models()
        if any(one.name == "freeze_released" for one in getattr(model._meta, "triggers", ()))
    }
    tables.remove("product_version")
    assert {"bundle_component", "version_billing", "version_logistics"} <= tables
    ProductVersion.objects.filter(pk=version.pk).update(
        state="released", released_at=version.created_at, content_hash="sha256:1"
    )
    content = parts.content_hash(version)
    for table in sorted(tables):
        where = f"product_version_id = '{version.pk}'"
        if table == "product_document":  # the others of a released version may come and go
            where += " AND mandatory"
        for statement in _attempts(table, where):
            with (
                pytest.raises(IntegrityError, match="frozen"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
    version.refresh_from_db()
    assert parts.content_hash(version) == content


def _attempts(table, where):
    """Return the SQL that adds a copy of the rows of a table, changes them, deletes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'company_id')",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
    listed = ", ".join(columns)
    yield f"DELETE FROM {table} WHERE {where}"
    yield (
        f"INSERT INTO {table} (id, {listed})"
        f" SELECT gen_random_uuid(), {listed} FROM {table} WHERE {where}"
    )
    content = {"product_document": "title = title || ' bis'"}
    yield f"UPDATE {table} SET {content.get(table, 'updated_at = now()')} WHERE {where}"


def _content(version):
    return (
        list(ProductVersion.objects.filter(pk=version.pk).values()),
        list(ProductPlan.objects.order_by("pk").values()),
        list(PricingRule.objects.order_by("pk").values()),
    )


def test_orm_cannot_move_a_draft_plan_into_a_released_version(company):
    released = make_released(company=company, sku="AP-1", plans={"BASIC": "9.90"})
    draft = PlanFactory(product_version=VersionFactory(product=released.product, version=2))
    draft.product_version = released
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        draft.save()


def test_notes_stay_open_and_a_draft_can_be_edited(company):
    released = make_released(company=company, sku="AP-1", plans={"BASIC": "9.90"})
    released.notes = "Relue"
    released.save()
    draft = PricingRuleFactory(
        plan=PlanFactory(product_version=VersionFactory(product=released.product, version=2))
    )
    draft.tax_included = False
    draft.save()
    draft.delete()


@pytest.mark.requirement("A.2.2-product_version-04", "A.4-02")
def test_two_released_versions_never_overlap(company):
    released = make_released(company=company, sku="AP-1", plans={})
    with pytest.raises(IntegrityError, match="product_version_no_overlap"), transaction.atomic():
        VersionFactory(
            product=released.product,
            version=2,
            state="released",
            released_at=released.released_at,
            content_hash="sha256:x",
        )


@pytest.mark.requirement("A.2.2-product_version-01", "A.4-01")
def test_a_version_number_is_given_once_per_product(company):
    first = VersionFactory(product__company=company, version=1)
    with pytest.raises(IntegrityError, match="product_version_number"), transaction.atomic():
        VersionFactory(product=first.product, version=1)
    VersionFactory(product=first.product, version=2)
    VersionFactory(product__company=company, version=1)


def test_a_child_takes_its_owner_from_its_parent(company, other_company):
    version = VersionFactory(product__company=company)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO product_plan (id, product_version_id, code, name, recurrence)"
            " VALUES (gen_random_uuid(), %s, 'A', 'A', 'monthly') RETURNING company_id",
            [version.pk],
        )
        assert cursor.fetchone() == (company.pk,)
        cursor.execute("UPDATE product_plan SET company_id = %s", [other_company.pk])
        with pytest.raises(IntegrityError, match="owner_fk"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
