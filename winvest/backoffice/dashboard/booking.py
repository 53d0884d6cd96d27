"""What Compta still has to book or to send to its cabinet (F.6, H.3.1)."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format

from accounting.choices import ExportKind, OperationState
from accounting.models import Entry, ExportRun, Operation
from winvest.backoffice.dashboard.shapes import Figures, Line, Reader, Tile
from winvest.core.choices import JobState
from winvest.core.clock import now
from winvest.core.domain.periods import add_months, local_date
from winvest.core.domain.roles import Action
from winvest.core.models.company import Company

# From this number on, a line says « 99+ ».
MANY = 100
FILES = (ExportKind.ACCOUNTING, ExportKind.VAT)


def to_book(reader: Reader) -> Figures:
    """Show the operations that wait, then the files of last month that nobody has made."""
    return Figures(
        lines=[*_parked(reader), *_files(reader)],
        empty="Tout est comptabilisé, et les fichiers du mois passé sont faits.",
    )


def _parked(reader: Reader) -> Iterator[Line]:
    rows = Operation.objects.filter(company_id__in=reader.companies, state=OperationState.PARKED)
    # One row too many says that there are many, without counting all.
    number = len(rows.order_by().values_list("pk")[:MANY])
    if number:
        operations = reverse("admin:accounting_operation_changelist")
        yield Line(
            label="Opérations en attente",
            detail="Chacune dit ce qui lui manque",
            value=f"{MANY - 1}+" if number == MANY else str(number),
            link=f"{operations}?state__exact={OperationState.PARKED}",
            tone="danger",
        )


def _files(reader: Reader) -> Iterator[Line]:
    """Give the files of the month that ended on each company's wall, where it has entries."""
    companies = Company.objects.filter(pk__in=reader.companies).order_by("brand_name")
    months = {one: _last_month(one) for one in companies}
    booked, made = Q(pk__in=[]), Q(pk__in=[])
    for company, first in months.items():
        own = Q(company=company)
        booked |= own & Q(date__gte=first, date__lt=add_months(first, 1))
        made |= own & Q(period=f"{first:%Y-%m}")
    with_entries = set(Entry.objects.filter(booked).order_by().values_list("company").distinct())
    runs = ExportRun.objects.filter(made, kind__in=FILES, job__state=JobState.DONE)
    done = set(runs.order_by().values_list("company", "kind").distinct())
    for company, first in months.items():
        for kind in FILES:
            if (company.pk,) in with_entries and (company.pk, kind.value) not in done:
                yield _file(company, first, kind)


def _file(company: Any, first: date, kind: ExportKind) -> Line:
    asked = {"company": company.pk, "period": f"{first:%Y-%m}", "kind": kind.value}
    return Line(
        label=f"{kind.label} : {date_format(first, 'F Y')}",
        detail=company.brand_name,
        value="À exporter",
        link=f"{reverse('admin:accounting_exportrun_add')}?{urlencode(asked)}",
        tone="warning",
    )


def _last_month(company: Company) -> date:
    return add_months(local_date(now(), company.timezone).replace(day=1), -1)


TO_BOOK = Tile(
    "comptabiliser",
    "À comptabiliser",
    Action.EXPORT_RUN,
    to_book,
    wide=True,
    task=Action.EXPORT_RUN,
)
