"""100 % of row changes, and nothing else, whatever the door: a random life against a snapshot diff.

Rows of several tables are inserted, changed and deleted by the ORM one by one and in bulk, by raw
SQL and by COPY. After each step the log's new lines must be exactly the difference between two
photographs of the tables, taken by a query that knows nothing of the log. The tables that the log
leaves out (`docs/adr/0007-audit-by-trigger.md`) change too, and leave nothing.
"""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from catalog.models import PricingRule, Product, ProductPlan, Risk, SkuCounter, VersionAuthor
from partners.models import Partner
from tests.architecture.test_models import EXEMPT_TABLES
from tests.factories import (
    BrandFactory,
    CompanyFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    RiskFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.demo import undone
from winvest.core import scoping
from winvest.core.models import Brand
from winvest.core.models.base import new_id
from winvest.core.transaction import transaction

# Each table with a column that may change freely, and columns that the log leaves out.
TABLES: dict[type, tuple[str, set[str]]] = {
    Brand: ("name", set()),
    Partner: ("legal_name", {"sort_label"}),
    Product: ("name", {"sort_label", "natural_label", "search_words"}),
    ProductPlan: ("name", set()),
    PricingRule: ("tax_included", set()),
    Risk: ("label", {"sort_label"}),
}
# What the database writes by itself.
DERIVED = (VersionAuthor,)
# Secrets, of which the log tells that they changed and never what they were.
MASKED: dict[type, tuple[str, ...]] = {Partner: ("iban", "extranet_codes")}
models = st.sampled_from(list(TABLES))
# Neither controls nor ends of line, which no name has.
UNSEEN = ["Cc", "Cf", "Lo", "Zl", "Zp"]
seen = st.characters(codec="utf-8", exclude_characters="\x00\xad", exclude_categories=UNSEEN)
texts = st.text(seen, min_size=1, max_size=10)
picks = st.integers(0, 1_000)

# A row as JSON by its table and its id.
Photograph = dict[tuple[str, str], str]


def query(sql: str, *params: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def photograph() -> Photograph:
    """Return every row of the tables as JSON, by its table and its id."""
    rows: Photograph = {}
    for model in (*TABLES, *DERIVED):
        left_out = TABLES[model][1] if model in TABLES else ()
        table = model._meta.db_table
        told = f"SELECT id::text, (to_jsonb(t) - %s::text[] || %s::jsonb)::text FROM {table} AS t"
        hidden = json.dumps(dict.fromkeys(MASKED.get(model, ()), "(masqué)"))
        rows |= {(table, pk): row for pk, row in query(told, list(left_out), hidden)}
    return rows


def difference(old: Photograph, new: Photograph) -> set[tuple[str, str, str, str]]:
    """Return what turns one photograph into the other, in the words of the log."""
    changed = set()
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        action = "insert" if before is None else "delete" if after is None else "update"
        changed.add((*key, action, f"{before} → {after}"))
    return changed


class LifeOfRows(RuleBasedStateMachine):
    """Random changes; after each, the log tells the difference and no more."""

    def __init__(self) -> None:
        super().__init__()
        self.undoing = undone()
        self.undoing.__enter__()
        self.company = CompanyFactory()
        self.version = VersionFactory(product=ProductFactory(company=self.company))
        self.plan = PlanFactory(product_version=self.version)
        self.people = [UserFactory(), UserFactory()]
        self.made: dict[type, list[Any]] = {model: [] for model in TABLES}
        self.seen = photograph()
        self.last = self._last()

    def teardown(self) -> None:
        """Take the whole life back, whatever stopped it."""
        self.undoing.__exit__(None, None, None)

    def _last(self) -> int:
        return query("SELECT coalesce(max(id), 0) FROM audit_log")[0][0]

    def _new(self, model: type) -> Any:
        """Return an unsaved row whose parents stand."""
        kinds = {
            Brand: lambda: BrandFactory.build(company=self.company, name=f"M {new_id()}"),
            Partner: lambda: PartnerFactory.build(company=self.company, name=f"P {new_id()}"[:40]),
            Product: lambda: ProductFactory.build(
                company=self.company,
                risk=self.version.product.risk,
                sku=f"S-{new_id()}",
                lifecycle_status="draft",
            ),
            ProductPlan: lambda: PlanFactory.build(
                product_version=self.version, company=self.company, code=f"F{new_id()}"[:40]
            ),
            PricingRule: lambda: PricingRuleFactory.build(
                plan=self.plan,
                product_version=self.version,
                company=self.company,
                payload={"amount": Decimal("1.10")},
            ),
            Risk: lambda: RiskFactory.build(company=self.company, code=f"R{new_id()}"[:40]),
        }
        return kinds[model]()

    def _value(self, model: type, text: str, flag: bool) -> str | bool:
        return flag if TABLES[model][0] == "tax_included" else f"{text.strip() or 'x'}-{new_id()}"

    def _some(self, model: type, pick: int, size: int) -> list[Any]:
        rows = self.made[model]
        start = pick % len(rows) if rows else 0
        return rows[start : start + size]

    @rule(model=models)
    def save_one(self, model: type) -> None:
        row = self._new(model)
        row.save(force_insert=True)
        self.made[model].append(row)

    @rule(model=models, size=st.integers(1, 4))
    def bulk_create(self, model: type, size: int) -> None:
        rows = model.objects.bulk_create([self._new(model) for _ in range(size)])
        self.made[model] += rows

    @rule(model=models, pick=picks, text=texts, flag=st.booleans())
    def change_one(self, model: type, pick: int, text: str, flag: bool) -> None:
        for row in self._some(model, pick, 1):
            setattr(row, TABLES[model][0], self._value(model, text, flag))
            row.save()

    @rule(model=models, pick=picks, size=st.integers(1, 4), text=texts, flag=st.booleans())
    def bulk_update(self, model: type, pick: int, size: int, text: str, flag: bool) -> None:
        rows = self._some(model, pick, size)
        for row in rows:
            setattr(row, TABLES[model][0], self._value(model, text, flag))
        model.objects.bulk_update(rows, [TABLES[model][0]])

    @rule(model=models, flag=st.booleans())
    def update_by_queryset(self, model: type, flag: bool) -> None:
        """Leave rows as they are where the value is theirs already: the log says nothing."""
        if TABLES[model][0] == "tax_included":
            model.objects.filter(company=self.company).update(tax_included=flag)
        else:
            model.objects.filter(company=self.company).update(updated_at="2026-01-01T00:00:00Z")

    @rule(model=models, pick=picks, size=st.integers(1, 3), flag=st.booleans())
    def update_by_sql(self, model: type, pick: int, size: int, flag: bool) -> None:
        keys = [row.pk for row in self._some(model, pick, size)]
        column = TABLES[model][0]
        new = "%s" if column == "tax_included" else f"left({column} || %s::text, 70)"
        query(f"UPDATE {model._meta.db_table} SET {column} = {new} WHERE id = ANY(%s)", flag, keys)

    @rule(model=models, size=st.integers(1, 3))
    def copy_rows(self, model: type, size: int) -> None:
        rows = [self._new(model) for _ in range(size)]
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        columns = ", ".join(f'"{field.column}"' for field in fields)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(
                    [
                        field.get_db_prep_save(field.pre_save(row, add=True), connection)
                        for field in fields
                    ]
                )
                row._state.adding = False
        self.made[model] += rows

    @rule(model=models, pick=picks)
    def delete_one(self, model: type, pick: int) -> None:
        for row in self._some(model, pick, 1):
            self.made[model].remove(row)
            model.objects.get(pk=row.pk).delete()

    @rule(model=models, pick=picks, size=st.integers(1, 3))
    def delete_many(self, model: type, pick: int, size: int) -> None:
        rows = self._some(model, pick, size)
        self.made[model] = [row for row in self.made[model] if row not in rows]
        model.objects.filter(pk__in=[row.pk for row in rows]).delete()

    @rule(model=models, pick=picks)
    def undo(self, model: type, pick: int) -> None:
        """What is rolled back has not happened."""
        with undone():
            self._new(model).save(force_insert=True)
            model.objects.filter(pk__in=[row.pk for row in self._some(model, pick, 2)]).delete()

    @rule(pick=picks)
    def change_as_somebody(self, pick: int) -> None:
        """The version's authors are rows too: the log tells whom the database added."""
        person = self.people[pick % len(self.people)]
        with transaction(person, self.company.pk):
            plan = PlanFactory(product_version=self.version, code=f"S{new_id()}"[:40])
        self.made[ProductPlan].append(plan)

    @rule(pick=picks)
    def draw_a_number(self, pick: int) -> None:
        """A counter is no row of the business."""
        SkuCounter.objects.update_or_create(prefix=f"AP-{pick % 2}", defaults={"last": pick})

    @invariant()
    def the_log_is_the_difference(self) -> None:
        now = photograph()
        tables = [*EXEMPT_TABLES, *(model._meta.db_table for model in (*TABLES, *DERIVED))]
        lines = query(
            'SELECT "table", record_id::text, action, before::text, after::text FROM audit_log'
            ' WHERE id > %s AND "table" = ANY(%s)',
            self.last,
            tables,
        )
        told = [
            (table, pk, action, f"{before} → {after}") for table, pk, action, before, after in lines
        ]
        assert len(told) == len(set(told))
        assert set(told) == difference(self.seen, now)
        self.seen, self.last = now, self._last()


@pytest.mark.requirement("1-23", "A.1.1-12", "A.2.3-audit_log-02", "G.3-01", "G.3-02")
def test_the_log_holds_every_change_and_nothing_else(db):
    with scoping.everything():
        run_state_machine_as_test(
            LifeOfRows,
            settings=settings(
                max_examples=6,
                stateful_step_count=15,
                phases=[Phase.explicit, Phase.reuse, Phase.generate],
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
