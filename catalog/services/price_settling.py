"""What a price grid changes of a product, made whole: the version that takes it, its new prices."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from catalog.choices import PricingType
from catalog.domain import tiers
from catalog.domain.price_changes import Change, PriceFileProblem, changed_payload
from catalog.domain.price_grid import Column
from catalog.models.pricing import SCHEMAS, problems_of_payload
from catalog.selectors.prepared_prices import KnownPrice, PlanRank, PreparedVersion
from catalog.services.price_report import PriceReport, Told
from winvest.core import schemas
from winvest.core.domain.tables import TableError, error
from winvest.core.errors import Problem
from winvest.core.services.row_checks import Fate, Verdict

PLAN_SCHEMAS = SCHEMAS.parent / "plan"


@dataclass(frozen=True, slots=True)
class LineKey:
    """What names a line; 0 stands for no rank."""

    sku: str
    version: int
    plan: str
    rule: int
    tier: int
    extra: str = ""

    @property
    def label(self) -> str:
        """Return it in words."""
        tier = f"palier {self.tier}" if self.tier else ""
        rule = f"tarif {self.rule}" if self.rule > 1 else ""
        return " / ".join(filter(None, (self.sku, self.plan, rule, tier, self.extra)))


@dataclass(slots=True)
class ChangedLine:
    """A line that asks for other values."""

    number: int
    key: LineKey
    changes: list[Change]
    draft: int


@dataclass(slots=True)
class ProductChanges:
    """What a file changes of one product: from the version in force, into `draft` or a new one.

    `prices` are those in force that change, `new` what each becomes, `warnings` what is doubtful;
    `extras` are the options, surcharges and discounts in force of the plans whose own change.
    """

    product_id: UUID
    version_id: UUID
    lines: list[ChangedLine] = field(default_factory=list)
    prices: dict[PlanRank, KnownPrice] = field(default_factory=dict)
    new: dict[PlanRank, Any] = field(default_factory=dict)
    extras: dict[str, dict[str, KnownPrice]] = field(default_factory=dict)
    # By the number of a line: where its new grid makes more units cheaper than fewer.
    warnings: dict[int, str] = field(default_factory=dict)
    draft: PreparedVersion | None = None
    same_as: PreparedVersion | None = None


def settle(changes: ProductChanges, known: list[PreparedVersion], report: PriceReport) -> None:
    """Choose the version that takes the changes, make its prices whole, and report each line."""
    errors = list(_choose_draft(changes, known))
    if not errors:
        errors = [*_new_prices(changes), *_problems_of_lists(changes)]
    if errors:
        refused = {found.line for found in errors}
        for line in changes.lines:
            report.told[line.number] = Told(line.changes, "")
            own = [found for found in errors if found.line == line.number]
            fate = Fate.REFUSED if line.number in refused else Fate.CHANGE
            report.keep(Verdict(line.number, line.key.label, fate, errors=own))
        return
    candidates = [changes.draft] if changes.draft else known
    changes.same_as = next((one for one in candidates if _has(one, changes.new)), None)
    fate = Fate.CHANGE if changes.same_as is None else Fate.SAME
    told = _told(changes, known)
    report.versions += changes.same_as is None and changes.draft is None
    for line in changes.lines:
        report.keep(Verdict(line.number, line.key.label, fate))
        warning = changes.warnings.get(line.number, "")
        report.told[line.number] = Told(line.changes, told, warning)


def _choose_draft(changes: ProductChanges, known: list[PreparedVersion]) -> Iterator[TableError]:
    """Take the draft that the lines name; they must agree, and it must have their prices."""
    first = changes.lines[0]
    for line in changes.lines:
        if line.draft != first.draft:
            yield _error(PriceFileProblem.DRAFTS, line.number, line.draft, first=first.number)
    if not first.draft:
        return
    drafts = {one.number: one for one in known if one.is_draft}
    changes.draft = drafts.get(first.draft)
    if changes.draft is None:
        yield _error(PriceFileProblem.DRAFT, first.number, first.draft)
        return
    for place, price in changes.prices.items():
        if price.is_new:
            continue
        found = changes.draft.prices.get(place)
        if found is None or found.type != price.type or _length(found) != _length(price):
            number = next(line.number for line in changes.lines if _place(line) == place)
            yield _error(PriceFileProblem.DRAFT_LINE, number, first.draft)


def _new_prices(changes: ProductChanges) -> Iterator[TableError]:
    """Compute what each price becomes; an error of a whole grid stands at one of its lines."""
    for place, price in changes.prices.items():
        lines = [line for line in changes.lines if _place(line) == place]
        base = changes.draft.prices[place] if changes.draft and not price.is_new else price
        asked = [(line.key.tier or None, change) for line in lines for change in line.changes]
        gone = bool(lines[0].key.extra) and asked[0][1].after is None
        if not base.type or gone:
            changes.new[place] = asked[0][1].after
            continue
        payload = changed_payload(base.type, base.payload, asked)
        changes.new[place] = payload
        problems = list(_problems(base, payload, lines))
        yield from problems
        if base.type == PricingType.TIERED and not problems:
            told = [one.message for one in tiers.inversion_warnings(payload, base.mode)]
            changes.warnings[lines[0].number] = " ".join(told)


def _error(problem: Problem, number: int, draft: int, **params: object) -> TableError:
    value = str(draft or "")
    return error(problem, line=number, column=Column.DRAFT.value, value=value, **params)


def _place(line: ChangedLine) -> PlanRank:
    return line.key.plan, line.key.rule, line.key.extra


def _length(price: KnownPrice) -> int:
    return len(price.payload) if price.type == PricingType.TIERED else 0


def _has(version: PreparedVersion, prices: Mapping[PlanRank, Any]) -> bool:
    """Whether a version has these very prices."""
    for place, payload in prices.items():
        found = version.prices.get(place)
        if found is None or payload is None:  # none: of what a file takes away
            if found is not None or payload is not None:
                return False
        elif not _same(found.payload, payload):
            return False
    return True


def _same(one: Any, other: Any) -> bool:
    """Whether two payloads price alike: 9.9 and 9.90, and no minimum however it is told."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return Decimal(value) if isinstance(value, int) else value


def _told(changes: ProductChanges, known: list[PreparedVersion]) -> str:
    if changes.same_as is not None:
        return f"Déjà en préparation : version {changes.same_as.number}"
    if changes.draft is not None:
        return f"Brouillon {changes.draft.number}"
    drafts = ", ".join(str(one.number) for one in known if one.is_draft)
    return f"Nouvelle version (brouillon : {drafts})" if drafts else "Nouvelle version"


def _problems(price: KnownPrice, payload: Any, lines: list[ChangedLine]) -> Iterator[TableError]:
    """Tell what is wrong with a new payload: gaps and overlaps at their tier, the rest first."""
    first = lines[0]
    if price.type not in PricingType.values:
        # An option, a surcharge, a discount: of one in force, the one number was read already.
        if price.is_new:
            yield from _problems_of_extra(price, payload, first)
        return
    tiered = price.type == PricingType.TIERED and payload
    reasons = tiers.problems_of(payload) if tiered else []
    by_start = {_start(price, line): line for line in lines} if tiered else {}
    for reason in reasons:
        place = int(reason.path)
        near = (by_start.get(payload[one]["min"]) for one in (place, place - 1) if one >= 0)
        line = next(filter(None, near), first)
        yield TableError(line.number, Column.LOW.value, "", reason.code, reason.message)
    if reasons:
        return
    found: list[ValidationError] = problems_of_payload(price.type, payload)
    for one in found:
        code = str(one.code or "invalid")
        yield TableError(first.number, Column.PRICE.value, "", code, " ".join(one.messages))


def _problems_of_extra(price: KnownPrice, item: Any, line: ChangedLine) -> Iterator[TableError]:
    """Tell what the schema of its list finds wrong with an added item, at the cell that says it."""
    schema = schemas.validator(PLAN_SCHEMAS / f"{price.type}.json")
    columns = {"code": Column.EXTRA, "name": Column.MODE}
    for found in schemas.errors_of(schema, [item]):
        place, _, words = found.messages[0].partition(" : ")
        column = columns.get(place.rpartition("/")[2], Column.PRICE)
        yield TableError(line.number, column.value, "", str(found.code), words or place)


def _problems_of_lists(changes: ProductChanges) -> Iterator[TableError]:
    """Tell the added items that make a list too long, or have another's code in other capitals.

    The lists are those of the draft that takes the changes, once the others are gone.
    """
    for plan, in_force in changes.extras.items():
        before = _extras_of(changes.draft, plan) if changes.draft else in_force
        lines = [line for line in changes.lines if line.key.extra and line.key.plan == plan]
        told = {line.key.extra for line in lines}
        kept = (price for name, price in before.items() if name not in told)
        codes = Counter((price.type, _code(price)) for price in kept)
        for line in lines:
            price = changes.prices[_place(line)]
            if changes.new.get(_place(line)) is None:
                continue
            codes[price.type, _code(price)] += 1
            if codes[price.type, _code(price)] > 1:
                yield _error_of_list(PriceFileProblem.EXTRA_TWICE, line)
            limit = _limit(price.type)
            if sum(1 for listed, _ in codes if listed == price.type) > limit:
                yield _error_of_list(PriceFileProblem.EXTRA_LIMIT, line, limit=limit)


def _limit(listed: str) -> int:
    schema: Any = schemas.validator(PLAN_SCHEMAS / f"{listed}.json").schema
    return int(schema["maxItems"])


def _code(price: KnownPrice) -> str:
    return str(price.payload["code"]).upper()


def _extras_of(version: PreparedVersion, plan: str) -> dict[str, KnownPrice]:
    return {
        name: price for (code, _, name), price in version.prices.items() if name and code == plan
    }


def _error_of_list(problem: Problem, line: ChangedLine, **params: object) -> TableError:
    column, value = Column.EXTRA.value, line.key.extra
    return error(problem, line=line.number, column=column, value=value, **params)


def _start(price: KnownPrice, line: ChangedLine) -> Any:
    """Return where the tier of a line begins, once changed; None for one that goes."""
    for change in line.changes:
        if change.column is Column.LOW:
            return change.after
    return price.payload[line.key.tier - 1]["min"]
