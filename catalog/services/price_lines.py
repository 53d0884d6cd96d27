"""Judging the lines of a price grid that comes back: each against the price in force (5-05).

Nothing is written here. A line is found by its SKU, version, plan and ranks; the price it asks for
is compared with the one in force, then with the versions that are being prepared.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from catalog.choices import Recurrence
from catalog.domain.bundles import BundleProblem
from catalog.domain.extra_lines import NewExtra, new_extra
from catalog.domain.price_changes import PriceFileProblem, changes_of, check_amounts
from catalog.domain.price_grid import Column, PriceBase, PriceLine, PriceType
from catalog.selectors.prepared_prices import KnownPrice, extras_of, prepared_versions
from catalog.selectors.price_grid import PricedPlan, named_plans
from catalog.services.price_report import PriceReport
from catalog.services.price_settling import ChangedLine, LineKey, ProductChanges, settle
from winvest.core import json
from winvest.core.domain.roles import Action
from winvest.core.domain.tables import (
    TableError,
    TableProblem,
    check_cell,
    error,
    unshielded,
)
from winvest.core.errors import Invalid, Problem
from winvest.core.permissions import Access, AccessProblem
from winvest.core.services.row_checks import SHOWN, Fate, Verdict

# SKU, version and plan.
PlanKey = tuple[str, int, str]
_AMOUNTS = (PriceBase.INCL, PriceBase.EXCL)
_WHOLE = re.compile(r"[0-9]{1,9}")
_SIGNED = {Column.PRICE, Column.MINIMUM, Column.LOW, Column.HIGH, Column.EXCL, Column.INCL}


@dataclass(slots=True)
class Current:
    """A line in force, the product and plan that it is of, and its own VAT."""

    plan: PricedPlan
    line: PriceLine
    tax: tuple[str | None, Decimal | None]
    added: NewExtra | None = None

    @property
    def price(self) -> KnownPrice:
        """Return the rule, the bundle, or what is added or taken off, that carries it."""
        row = self.plan.row
        if self.added is not None:
            return KnownPrice(row.plan_id, self.added.listed, self.added.item, is_new=True)
        if self.line.extra:
            return extras_of(row)[self.line.extra]
        if self.line.type is PriceType.BUNDLE:
            return KnownPrice(row.plan_id, "", row.bundle_value)
        rule = self.plan.rules[(self.line.rule or 1) - 1]
        return KnownPrice(rule.rule_id, rule.rule_type, json.loads(rule.payload), rule.tier_mode)


class PriceJudge:
    """Judges the lines of one file for a company, as the person who brought it."""

    def __init__(
        self, *, company_id: UUID, access: Access, at: datetime, headings: Sequence[str]
    ) -> None:
        """Compare with the prices in force at `at`."""
        self.company_id, self.access, self.at = company_id, access, at
        self.headings = list(headings)
        self.report = PriceReport()
        self.products: dict[str, ProductChanges] = {}
        self._first: dict[LineKey, int] = {}
        # A line of each plan of the batch.
        self._siblings: dict[PlanKey, Current] = {}
        self._shared: dict[tuple[UUID, int], tuple[tuple[str, ...], int]] = {}

    def judge(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Judge a batch of lines: one query reads what its products cost now."""
        lines = [line for row in rows if (line := self._read(*row)) is not None]
        plans = named_plans(
            company_id=self.company_id, at=self.at, skus={key.sku for _, key, _ in lines}
        )
        versions = {plan.row.sku: plan.row.version for plan in plans}
        current = {key: line for plan in plans for key, line in _current(plan)}
        self._siblings = _first_lines(current)
        for number, key, cells in lines:
            self._judge(number, key, cells, versions, current)

    def settle(self) -> None:
        """Make the new prices whole, and find the drafts that take them or have them already."""
        known = prepared_versions(
            [changes.product_id for changes in self.products.values()], at=self.at
        )
        for changes in self.products.values():
            settle(changes, known.get(changes.product_id, []), self.report)

    def _read(self, number: int, row: list[str]) -> tuple[int, LineKey, dict[str, str]] | None:
        """Return the line with its key and cells, None once it is refused."""
        if len(row) != len(self.headings):
            wrong = error(
                TableProblem.ROW_WIDTH, line=number, found=len(row), expected=len(self.headings)
            )
            self._refuse(number, "", [wrong])
            return None
        named = dict(zip(self.headings, row, strict=True))
        cells = {heading: unshielded(cell.strip()) for heading, cell in named.items()}
        errors = [*self._unsafe(number, named), *self._not_whole(number, cells)]
        if errors:
            self._refuse(number, cells[Column.SKU], errors)
            return None
        key = LineKey(
            cells[Column.SKU],
            int(cells[Column.VERSION] or 0),
            cells[Column.PLAN],
            int(cells[Column.RULE] or 0),
            int(cells[Column.TIER] or 0),
            cells.get(Column.EXTRA, ""),
        )
        first = self._first.setdefault(key, number)
        if first != number:
            twice = self._error(TableProblem.TWICE, number, Column.SKU, cells, first=first)
            self._refuse(number, key.label, [twice])
            return None
        return number, key, cells

    def _unsafe(self, number: int, cells: Mapping[str, str]) -> Iterator[TableError]:
        """Tell the cells that no file holds: formulas, NUL, endless texts."""
        for heading, cell in cells.items():
            if (found := check_cell(cell, signed=heading in _SIGNED)) is not None:
                problem, params = found
                shown = cell.replace("\x00", "\N{SYMBOL FOR NULL}")[:SHOWN]
                yield error(problem, line=number, column=heading, value=shown, **params)

    def _not_whole(self, number: int, cells: Mapping[str, str]) -> Iterator[TableError]:
        """Tell the ranks and numbers of versions that are none."""
        for column in (Column.VERSION, Column.RULE, Column.TIER, Column.DRAFT):
            text = cells.get(column, "")
            if text and not _WHOLE.fullmatch(text):
                yield self._error(PriceFileProblem.NUMBER, number, column, cells)

    def _judge(
        self,
        number: int,
        key: LineKey,
        cells: dict[str, str],
        versions: Mapping[str, int],
        current: Mapping[LineKey, Current],
    ) -> None:
        try:
            now = current.get(key) or _tier_to_come(key, current) or self._extra_to_come(key, cells)
            if now is None:
                self._refuse(number, key.label, [self._unknown(number, key, cells, versions)])
                return
            self._check_fixed(now, cells)
            check_amounts(now.line, cells, _rate_of_day(now, cells))
            changes = changes_of(now.line, cells)
            self._check_shared(now, number, cells)
            if changes:
                self._check_rights(now)
        except Invalid as found:
            reason = found.reasons[0]
            value = cells.get(reason.path, "")[:SHOWN]
            wrong = TableError(number, reason.path, value, reason.code, reason.message)
            self._refuse(number, key.label, [wrong])
            return
        if not changes:
            self.report.keep(Verdict(number, key.label, Fate.SAME))
            return
        row = now.plan.row
        product = self.products.setdefault(key.sku, ProductChanges(row.product_id, row.version_id))
        product.prices[key.plan, key.rule, key.extra] = now.price
        if key.extra:
            product.extras.setdefault(key.plan, extras_of(row))
        draft = int(cells.get(Column.DRAFT) or 0)
        product.lines.append(ChangedLine(number, key, changes, draft))

    def _extra_to_come(self, key: LineKey, cells: Mapping[str, str]) -> Current | None:
        """Return the line of an option, a surcharge or a discount that a plan does not have yet."""
        sibling = self._siblings.get(plan_key(key))
        if key.rule or key.tier or sibling is None or sibling.plan.row.plan_id is None:
            return None
        added = new_extra(cells, sibling.line)
        if added is None:
            return None
        if sibling.plan.row.bundle_kind and added.line.type is not PriceType.DISCOUNT:
            raise Invalid(BundleProblem.EXTRAS, path=Column.EXTRA)
        return replace(sibling, line=added.line, tax=(None, None), added=added)

    def _unknown(
        self, number: int, key: LineKey, cells: Mapping[str, str], versions: Mapping[str, int]
    ) -> TableError:
        if key.sku not in versions:
            return self._error(PriceFileProblem.UNKNOWN_PRODUCT, number, Column.SKU, cells)
        if versions[key.sku] != key.version:
            problem, told = PriceFileProblem.NOT_IN_FORCE, versions[key.sku]
            return self._error(problem, number, Column.VERSION, cells, version=told)
        return self._error(PriceFileProblem.UNKNOWN_LINE, number, Column.PLAN, cells)

    def _check_fixed(self, now: Current, cells: Mapping[str, str]) -> None:
        row, line = now.plan.row, now.line
        recurrence = str(Recurrence(row.recurrence).label) if row.recurrence else ""
        for column, value in (
            (Column.TYPE, line.type.value),
            (Column.BASE, line.base.value if line.base else ""),
            (Column.TAX_CODE, now.tax[0] or ""),
            (Column.RECURRENCE, recurrence),
            (Column.CURRENCY, line.currency or row.own_currency),
        ):
            if cells.get(column, value) not in (value, ""):
                raise Invalid(PriceFileProblem.FIXED, path=column, value=value)

    def _check_shared(self, now: Current, number: int, cells: Mapping[str, str]) -> None:
        """Refuse two prices for a rule that several plans have in common."""
        row = now.plan.row
        own = row.plan_id is None or not now.plan.rules or row.rule_plan_id is not None
        if own or now.line.extra:
            return
        asked = tuple(cells.get(column, "") for column in sorted(_SIGNED))
        place = (now.price.pk, now.line.tier or 0)
        known, first = self._shared.setdefault(place, (asked, number))
        if known != asked:
            raise Invalid(PriceFileProblem.SHARED, path=Column.PRICE, first=first)

    def _check_rights(self, now: Current) -> None:
        row = now.plan.row
        if row.owner_id != self.company_id:
            raise Invalid(PriceFileProblem.OTHER_OWNER, path=Column.SKU)
        for action in (Action.PRICING_EDIT, Action.CATALOG_EDIT):
            if not self.access.allowed(action, self.company_id, row.risk_id):
                raise Invalid(AccessProblem.FORBIDDEN, path=Column.SKU)

    def _keep(self, verdict: Verdict) -> None:
        self.report.keep(verdict)

    def _refuse(self, number: int, label: str, errors: list[TableError]) -> None:
        self._keep(Verdict(number, label, Fate.REFUSED, errors=errors))

    def _error(
        self,
        problem: Problem,
        number: int,
        column: Column,
        cells: Mapping[str, str],
        **params: object,
    ) -> TableError:
        value = cells.get(column, "")[:SHOWN]
        return error(problem, line=number, column=column.value, value=value, **params)


def _current(plan: PricedPlan) -> Iterator[tuple[LineKey, Current]]:
    row = plan.row
    for line, tax in zip(plan.lines, plan.taxes, strict=True):
        ranks = line.rule or 0, line.tier or 0
        key = LineKey(row.sku, row.version, row.plan_code or "", *ranks, line.extra)
        yield key, Current(plan, line, tax)


def plan_key(key: LineKey) -> PlanKey:
    """Return what names the plan of a line."""
    return key.sku, key.version, key.plan


def _first_lines(current: Mapping[LineKey, Current]) -> dict[PlanKey, Current]:
    """Return a line of each plan, one whose price is an amount where there is one."""
    found: dict[PlanKey, Current] = {}
    for key, now in current.items():
        known = found.setdefault(plan_key(key), now)
        if known.line.base not in _AMOUNTS and now.line.base in _AMOUNTS:
            found[plan_key(key)] = now
    return found


def _tier_to_come(key: LineKey, current: Mapping[LineKey, Current]) -> Current | None:
    """Return the line of a tier that a grid does not have yet, None where there is no grid."""
    first = current.get(replace(key, tier=1)) if key.tier > 1 and not key.extra else None
    if first is None or first.line.type is not PriceType.TIERED:
        return None
    line = replace(first.line, tier=key.tier, low=None, high=None, price=None, amounts=None)
    return replace(first, line=line)


def _rate_of_day(now: Current, cells: Mapping[str, str]) -> Decimal | None:
    """Return the VAT rate when the file tells the same; another day's amounts are not compared."""
    rate = now.tax[1]
    told = cells.get(Column.TAX_RATE, "").rstrip(" \u00a0%").replace(",", ".")
    return rate if rate is not None and told == f"{rate.normalize():f}" else None
