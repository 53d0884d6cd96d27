"""The prices of a company at an instant, read in plain SQL: each statement names its company.

What is published, by a server-side cursor that holds a block of rows at a time (5-05); what a file
names, to compare both (`catalog.services.price_import`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row

from catalog.domain.bundles import BundleKind
from catalog.domain.offers import PlanPrice
from catalog.domain.price_grid import PriceLine, PriceType, bundle_line, extra_lines, lines_of
from catalog.selectors import price_grid_sql, quote_sql
from catalog.selectors.quote_bundle import read_bundle
from catalog.selectors.quote_rows import plan_price

BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class PricedPlan:
    """A plan of a version in force: the row that says which, its lines, and each line's VAT.

    `rules` are the rows of its prices, in their order: a line's `rule` counts from 1.
    """

    row: Any
    lines: list[PriceLine]
    taxes: list[tuple[str | None, Decimal | None]]
    rules: list[Any]


@dataclass(frozen=True, slots=True)
class PromotionsInForce:
    """The promotions that run, by product, and by owner for those of all its products."""

    of_product: dict[UUID, list[Any]]
    of_owner: dict[UUID, list[Any]]

    def on(self, row: Any) -> list[Any]:
        """Return those that the price of a plan is subject to."""
        found = [*self.of_product.get(row.product_id, ()), *self.of_owner.get(row.owner_id, ())]
        return [one for one in found if one.plan_code in ("", row.plan_code)]


def published_plans(
    reader: psycopg.Connection[Any], *, company_id: UUID, at: datetime, channel: str
) -> Iterator[PricedPlan]:
    """Give each plan that the company publishes at `at` (on `channel`, "" for any), by SKU."""
    asked = {"company": company_id, "at": at, "channel": channel}
    with reader.cursor(name="price_grid", row_factory=namedtuple_row) as cursor:
        cursor.itersize = BLOCK
        yield from _plans(cursor.execute(price_grid_sql.PUBLISHED, asked), reader, asked)


def count_published(
    reader: psycopg.Connection[Any], *, company_id: UUID, at: datetime, channel: str
) -> int:
    """Return about how many versions `published_plans` goes through."""
    asked = {"company": company_id, "at": at, "channel": channel}
    [row] = reader.execute(price_grid_sql.COUNT, asked)
    return int(row[0])


def promotions_in_force(
    reader: psycopg.Connection[Any], *, company_id: UUID, at: datetime, channel: str
) -> PromotionsInForce:
    """Return the promotions that run at `at` on the channel ("" for any), by code."""
    asked = {"company": company_id, "at": at, "channel": channel}
    of_product: dict[UUID, list[Any]] = defaultdict(list)
    of_owner: dict[UUID, list[Any]] = defaultdict(list)
    with reader.cursor(row_factory=namedtuple_row) as cursor:
        rows: list[Any] = cursor.execute(price_grid_sql.PROMOTIONS, asked).fetchall()
        for row in rows:
            if row.product_id is None:
                of_owner[row.company_id].append(row)
            else:
                of_product[row.product_id].append(row)
    return PromotionsInForce(dict(of_product), dict(of_owner))


def named_plans(*, company_id: UUID, at: datetime, skus: Collection[str]) -> list[PricedPlan]:
    """Return the plans in force at `at` of the products of these SKUs that the company has."""
    asked = {"company": company_id, "at": at, "skus": list(skus)}
    connection.ensure_connection()
    raw = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(raw, row_factory=namedtuple_row) as cursor:
        rows = cursor.execute(price_grid_sql.NAMED, asked).fetchall()
        return list(_plans(rows, raw, asked))


def _plans(
    rows: Iterable[Any], reader: psycopg.Connection[Any], asked: dict[str, Any]
) -> Iterator[PricedPlan]:
    def components(plan_id: UUID) -> list[Any]:
        with reader.cursor(row_factory=namedtuple_row) as cursor:
            return cursor.execute(quote_sql.COMPONENTS, asked | {"plan_id": plan_id}).fetchall()

    for _, found in groupby(rows, key=lambda row: (row.version_id, row.plan_id)):
        plan = list(found)
        yield _plan(plan, components, asked["at"])


def _plan(rows: list[Any], components: Callable[[UUID], list[Any]], at: datetime) -> PricedPlan:
    first = rows[0]
    if first.bundle_kind:
        bundle = read_bundle(first, components(first.plan_id), at).bundle
        plan = plan_price(first, [], bundle)
        line = bundle_line(
            plan,
            BundleKind(first.bundle_kind),
            first.bundle_value,
            tax_included=first.bundle_tax_included,
        )
        return _with_extras(PricedPlan(first, [line], [(None, None)], []), plan)
    prices = [row for row in rows if row.rule_type is not None]
    plan = plan_price(first, prices)
    if not prices:
        nothing = PriceLine(type=PriceType.NONE, editable=False)
        return _with_extras(PricedPlan(first, [nothing], [(None, None)], []), plan)
    lines = lines_of(plan, [row.rate is not None for row in prices])
    taxes = [(row.tax_code, row.rate) for row in (prices[(line.rule or 1) - 1] for line in lines)]
    return _with_extras(PricedPlan(first, lines, taxes, prices), plan)


def _with_extras(priced: PricedPlan, plan: PlanPrice) -> PricedPlan:
    """Add what the plan adds to its price and takes off it, at the VAT of its first rule."""
    row, rules = priced.row, priced.rules
    known = bool(rules) and rules[0].rate is not None
    included = rules[0].tax_included if rules else row.bundle_tax_included is not False
    terms = plan.rules[0].terms if known else None
    currency = rules[0].currency if rules else row.own_currency
    for line in extra_lines(plan, terms, tax_included=included, currency=currency):
        taxed = known and line.type is not PriceType.DISCOUNT
        priced.lines.append(line)
        priced.taxes.append((rules[0].tax_code, rules[0].rate) if taxed else (None, None))
    return priced
