"""The price grid of a company as a file: CSV or workbook, one row at a time (5-05)."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog.choices import (
    BundleKind,
    Channel,
    DiscountKind,
    LifecycleStatus,
    PriceIndex,
    Recurrence,
    TierBase,
    TierMode,
    Unit,
)
from catalog.domain.price_grid import Column, PriceLine, PriceType
from catalog.selectors.price_grid import (
    PricedPlan,
    PromotionsInForce,
    count_published,
    promotions_in_force,
    published_plans,
)
from winvest.core import json
from winvest.core.domain.cells import LINE_END, text_cell
from winvest.core.domain.money import rate_label
from winvest.core.domain.tables import shielded
from winvest.core.files import sha256_of
from winvest.core.snapshot import snapshot
from winvest.core.writers.xlsx import Cell, SheetWriter, xlsx_file

TITLE = "Grille de prix"
# Two decimals at least, four at most, and no separator of thousands, which a CSV would keep.
PRICE_FORMAT = "0.00##"
NUMBER_FORMAT = "0.####"
STEP = 500  # plans between two reports of the progress

_MONEY = {Column.PRICE, Column.MINIMUM, Column.EXCL, Column.INCL}
_NUMBERS = {Column.LOW, Column.HIGH}
_WIDTHS = {Column.PRODUCT: 32, Column.SKU: 20, Column.PLAN_NAME: 24, Column.MODE: 34}


@dataclass(frozen=True, slots=True)
class WrittenGrid:
    """A finished file: its hash, and its rows under the headings."""

    sha256: str
    rows: int


def write_price_grid(
    path: Path,
    *,
    company_id: UUID,
    at: datetime,
    channel: str,
    xlsx: bool,
    advance: Callable[[int, int], None],
) -> WrittenGrid:
    """Write what the company publishes at `at` to `path`, from one instant of the database.

    `channel` keeps what is published there; "" keeps all. `advance(done, total)` is told about how
    far it is, and may raise to stop.
    """
    asked: dict[str, Any] = {"company_id": company_id, "at": at, "channel": channel}
    with snapshot() as reader:
        total = count_published(reader, **asked)
        promotions = promotions_in_force(reader, **asked)
        plans = _followed(published_plans(reader, **asked), total, advance)
        rows = _rows(plans, promotions)
        count = _write_workbook(path, rows) if xlsx else _write_csv(path, rows)
    return WrittenGrid(sha256_of(path), count)


def _followed(
    plans: Iterable[PricedPlan], total: int, advance: Callable[[int, int], None]
) -> Iterator[PricedPlan]:
    versions, last = 0, None
    for place, plan in enumerate(plans):
        versions += plan.row.version_id != last
        last = plan.row.version_id
        if place % STEP == 0:
            advance(versions, total)
        yield plan


def _rows(
    plans: Iterable[PricedPlan], promotions: PromotionsInForce
) -> Iterator[list[Cell | None]]:
    for plan in plans:
        shared = _shared_cells(plan.row) | {Column.PROMOTIONS: _promotions(promotions.on(plan.row))}
        for line, tax in zip(plan.lines, plan.taxes, strict=True):
            cells = shared | _line_cells(plan.row, line, tax)
            yield [cells.get(column) for column in Column]


def _write_csv(path: Path, rows: Iterable[list[Cell | None]]) -> int:
    count = 0
    money = [column in _MONEY for column in Column]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator=LINE_END)
        writer.writerow(Column)
        for row in rows:
            writer.writerow(map(_text, row, money))
            count += 1
    return count


def _write_workbook(path: Path, rows: Iterable[list[Cell | None]]) -> int:
    formats = {
        place: PRICE_FORMAT if column in _MONEY else NUMBER_FORMAT
        for place, column in enumerate(Column)
        if column in _MONEY | _NUMBERS
    }
    widths = [_WIDTHS.get(column, 14) for column in Column]
    sheet: SheetWriter
    with xlsx_file(path, title=TITLE, headings=[*Column], widths=widths, formats=formats) as sheet:
        for row in rows:
            sheet.write([shielded(cell) if isinstance(cell, str) else cell for cell in row])
    return sheet.rows


def _text(cell: Cell | None, money: bool) -> str:  # noqa: FBT001 - mapped over a row
    """Write a cell of the CSV: decimal comma, ISO dates, texts that nothing runs as a formula."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return price_text(cell) if money else number_text(cell)
    if isinstance(cell, str):
        return text_cell(cell)
    return str(cell)


def price_text(amount: Decimal) -> str:
    """Write a price with all its decimals, two at least: `29,90`, `0,1234`."""
    plain = amount.normalize()
    places = max(2, -int(plain.as_tuple().exponent))
    return f"{plain:.{places}f}".replace(".", ",")


def number_text(number: Decimal) -> str:
    """Write a number without useless zeros: `100`, `99,5`."""
    return f"{number.normalize():f}".replace(".", ",")


def _shared_cells(row: Any) -> dict[Column, Cell | None]:
    zone = ZoneInfo(row.timezone)
    start = max(filter(None, (row.effective_from, row.valid_from)))
    end = min(filter(None, (row.effective_to, row.valid_to)), default=None)
    channels = set(json.loads(row.channels))
    return {
        Column.COMPANY: row.company,
        Column.SKU: row.sku,
        Column.PRODUCT: row.product_name,
        Column.RISK: row.risk,
        Column.PARTNER: row.partner,
        Column.STATUS: str(LifecycleStatus(row.lifecycle_status).label),
        Column.VERSION: row.version,
        Column.PLAN: row.plan_code,
        Column.PLAN_NAME: row.plan_name,
        Column.RECURRENCE: row.recurrence and str(Recurrence(row.recurrence).label),
        Column.START: _local(start, zone),
        Column.END: None if end is None else _local(end, zone),
        Column.CHANNELS: ", ".join(str(one.label) for one in Channel if one in channels),
    }


def _line_cells(
    row: Any, line: PriceLine, tax: tuple[str | None, Decimal | None]
) -> dict[Column, Cell | None]:
    code, rate = tax
    amounts = line.amounts
    return {
        Column.RULE: line.rule,
        Column.TIER: line.tier,
        Column.EXTRA: line.extra or None,
        Column.TYPE: line.type.value,
        Column.MODE: mode_in_words(line),
        Column.LOW: line.low,
        Column.HIGH: line.high,
        Column.UNIT: line.unit and _UNITS.get(line.unit, line.unit),
        Column.PRICE: line.price,
        Column.BASE: line.base and line.base.value,
        Column.MINIMUM: line.minimum,
        Column.EXCL: None if amounts is None else amounts.excl,
        Column.TAX_CODE: code,
        Column.TAX_RATE: None if rate is None else rate_label(rate),
        Column.INCL: None if amounts is None else amounts.incl,
        Column.CURRENCY: line.currency or row.own_currency,
    }


_UNITS = {code: str(label) for code, label in Unit.choices}


def mode_in_words(line: PriceLine) -> str:
    """Say how the price counts: the tiers' mode and base, the bundle's kind, the formula, by what an
    option or a surcharge is counted.
    """
    if line.type is PriceType.TIERED:
        return f"{TierMode(line.mode).label} ; {_BASES[line.tier_base or '']}"
    if line.type is PriceType.BUNDLE:
        return str(BundleKind(line.mode).label)
    if line.type is PriceType.INDEXED:
        return f"{line.mode} (indice : {PriceIndex(str(line.index)).label})"
    return line.mode if line.extra else ""


_BASES = {
    "unit": "prix par unité",
    **{base.value: str(base.label).lower() for base in TierBase},
}


def _promotions(rows: Iterable[Any]) -> str:
    return " ; ".join(map(_promotion, rows))


def _promotion(row: Any) -> str:
    percent = row.kind == DiscountKind.PERCENT
    value = f"{number_text(row.value)} %" if percent else price_text(row.value)
    return f"{row.code} (-{value}{', sur code' if row.on_code else ''})"


def _local(instant: datetime, zone: ZoneInfo) -> Cell:
    """Return the local day; with its hour, when it is not midnight."""
    local = instant.astimezone(zone)
    if local.timetz().replace(tzinfo=None) == time():
        return local.date()
    return f"{local:%Y-%m-%d %H:%M}"
