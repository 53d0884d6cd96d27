"""A price grid that comes back with other prices: checked, then prepared as drafts (5-05, 4-06).

A released version is never touched: each product that changes gets a new draft, a copy of its
version in force with the new prices, for the first of the next month; or the draft that its lines
name takes them. The drafts then go the way of all: submitted, approved, released.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import Storage
from django.db import IntegrityError
from simple_history.utils import bulk_update_with_history

from catalog.domain.price_grid import EXTRA_LISTS, Column, PriceType, named_extra
from catalog.exports.price_columns import KEYS
from catalog.models import PricingRule, Product, ProductPlan, ProductVersion
from catalog.models.plan import EXTRAS
from catalog.selectors.prepared_prices import PlanRank
from catalog.services.copies import duplicate_versions
from catalog.services.price_lines import PriceJudge
from catalog.services.price_report import PriceReport
from catalog.services.price_settling import ProductChanges
from winvest.core import files, permissions
from winvest.core.choices import ImportState
from winvest.core.clock import now
from winvest.core.domain.tables import ImportProblem, check_headings, error
from winvest.core.jobs import Attempt, JobStopped
from winvest.core.models.imports import ImportRun
from winvest.core.readers.csv import Table, Unreadable
from winvest.core.services.import_end import check_rights, conclude, open_table
from winvest.core.transaction import transaction

BATCH = 2_000
CHUNK = 250  # products whose drafts are made together
# The checks take about half of the time, the writing the other half.
CHECKED = 50


def run_price_import(attempt: Attempt) -> None:
    """Check the file of a run; when the job is its import, prepare the drafts too.

    A killed attempt leaves nothing: the drafts and the end of the job are one transaction. The
    file is judged again behind the lock of its products, so that the same file brought twice at
    once makes one draft.
    """
    run = ImportRun.objects.select_related("company", "check_job", "import_job").get(
        pk=attempt.object_id
    )
    is_import = run.import_job_id == attempt.job_id
    storage: Storage = run.file.storage
    with files.staging(storage, str(run.pk), attempt.number) as place:
        report = PriceReport()
        table = _open(run, place, report)
        if table is None:
            conclude(run, report, place, attempt)
            return
        judge = _judged(run, table, attempt)
        if is_import and not judge.report.errors:
            _write(run, table, judge, place, attempt)
        else:
            conclude(run, judge.report, place, attempt)


def _open(run: ImportRun, place: Path, report: PriceReport) -> Table | None:
    """Return the table of the file, None for what is none or lacks a column."""
    known = [column.value for column in Column]
    try:
        table = open_table(run, place, known)
    except Unreadable as found:
        report.refuse([found.reason])
        return None
    keys = [column.value for column in KEYS]
    report.refuse(check_headings(table.headings, known=known, compulsory=keys))
    return None if report.errors else table


def _judged(run: ImportRun, table: Table, attempt: Attempt) -> PriceJudge:
    """Judge every line of the file against the prices of now."""
    if attempt.actor is None:
        raise JobStopped
    judge = PriceJudge(
        company_id=run.company_id,
        access=permissions.access_of(attempt.actor),
        at=now(),
        headings=table.headings,
    )
    done = 0
    for rows in _batches(table):
        judge.judge(rows)
        done += len(rows)
        attempt.advance(done * CHECKED, table.rows * 100)
    judge.settle()
    return judge


def _batches(table: Table) -> Iterator[list[tuple[int, list[str]]]]:
    rows = iter(table)
    while lines := list(islice(rows, BATCH)):
        yield lines


def _write(run: ImportRun, table: Table, judge: PriceJudge, place: Path, attempt: Attempt) -> None:
    """Lock the products, judge again, write the drafts, the run and the job's end together."""
    report = judge.report
    try:
        with attempt.reporting_apart(), transaction(attempt.actor, run.company_id):
            check_rights(attempt)
            _lock(judge)
            judge = _judged(run, table, attempt)
            report = judge.report
            if report.errors:
                raise _Refused
            _prepare(run, judge, attempt)
            run.state, run.imported_at = ImportState.IMPORTED, now()
            conclude(run, report, place, attempt)
    except _Refused:
        conclude(run, report, place, attempt)
    except IntegrityError:
        # A draft that the file names was released, or changed its plans, since it was read.
        report.refuse([error(ImportProblem.RACE)])
        conclude(run, report, place, attempt)


def _lock(judge: PriceJudge) -> None:
    """Lock the products and their versions, so that nobody releases or numbers one meanwhile."""
    products = [changes.product_id for changes in judge.products.values()]
    for rows in (
        Product.objects.filter(pk__in=products),
        ProductVersion.objects.filter(product__in=products),
    ):
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _prepare(run: ImportRun, judge: PriceJudge, attempt: Attempt) -> None:
    """Give each product's new prices to its draft."""
    changing = [one for one in judge.products.values() if one.same_as is None]
    for start in range(0, len(changing), CHUNK):
        _prepare_some(run, changing[start : start + CHUNK], judge.report, attempt)
        done = CHECKED + start * (100 - CHECKED) // len(changing)
        attempt.advance(done, 100)


def _prepare_some(
    run: ImportRun, products: Sequence[ProductChanges], report: PriceReport, attempt: Attempt
) -> None:
    actor = attempt.actor
    if actor is None:
        raise JobStopped
    sources = {one.version_id: one for one in products if one.draft is None}
    versions = list(
        ProductVersion.objects.filter(pk__in=sources)
        .select_related("company", "product__risk")
        .order_by("pk")
    )
    notes = f"Prix importés : {run.file_name}"
    drafts = duplicate_versions(actor=actor, versions=versions, notes=notes)
    for source, draft in zip(versions, drafts, strict=True):
        for line in sources[source.pk].lines:
            told = report.told[line.number]
            report.told[line.number] = replace(told, version=f"Version {draft.version}")
    targets = {one.draft.pk: one.new for one in products if one.draft is not None}
    targets |= {
        draft.pk: sources[source.pk].new for source, draft in zip(versions, drafts, strict=True)
    }
    _give_prices(targets, f"Import {run.file_name}"[:100])


def _give_prices(targets: dict[UUID, dict[PlanRank, Any]], reason: str) -> None:
    """Write the new prices into the drafts, with their history."""
    plans = {
        (plan.product_version_id, plan.code): plan
        for plan in ProductPlan.objects.filter(product_version__in=targets)
    }
    rules: dict[tuple[UUID, UUID | None], list[PricingRule]] = defaultdict(list)
    for rule in PricingRule.objects.filter(product_version__in=targets).order_by("pk"):
        rules[rule.product_version_id, rule.plan_id].append(rule)
    changed: dict[UUID, Any] = {}
    for version, prices in targets.items():
        for (code, rank, extra), value in prices.items():
            plan = plans.get((version, code))
            if extra and plan is not None:
                _replace_extra(plan, extra, value)
                changed[plan.pk] = plan
                continue
            if rank == 0 and plan is not None:
                plan.bundle_value = value
                changed[plan.pk] = plan
                continue
            own = rules.get((version, plan.pk if plan else None)) or rules[version, None]
            own[rank - 1].payload = value
            changed[own[rank - 1].pk] = own[rank - 1]
    at = now()
    for row in changed.values():
        row.updated_at = at
    for model, columns in ((PricingRule, ("payload",)), (ProductPlan, ("bundle_value", *EXTRAS))):
        rows = [row for row in changed.values() if isinstance(row, model)]
        bulk_update_with_history(
            rows, model, [*columns, "updated_at"], batch_size=BATCH, default_change_reason=reason
        )


def _replace_extra(plan: ProductPlan, name: str, value: Any) -> None:
    """Put an option, a surcharge or a discount in the place of the one of this name.

    None takes it away; one that the plan does not have comes last.
    """
    kind = PriceType(name.partition(" ")[0])
    listed, _ = EXTRA_LISTS[kind]
    items = {named_extra(kind, item["code"]): item for item in getattr(plan, listed)}
    items[name] = value
    setattr(plan, listed, [item for item in items.values() if item is not None])


class _Refused(Exception):
    """Something changed between the check and the lock."""
