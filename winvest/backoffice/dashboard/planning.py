"""The calendar of what is planned: sales, publications, releases and changes of status (3.7-06, 4-06, E.3).

A day is the company's own (reading M-24). Of a day that has a lot to tell, the month shows the
first of each kind and says how many there are; the day by itself shows them all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, DateTimeField, F, Func, Q, QuerySet, Window
from django.db.models.functions import Cast, Greatest, RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as written

from catalog.choices import Channel, LifecycleStatus, TransitionState, VersionState
from catalog.models import ProductTransition, ProductVersion, Publication
from catalog.selectors.planned_sales import sales_to_come
from winvest.backoffice.dashboard.shapes import Reader
from winvest.core.admin.formatting import company as company_label
from winvest.core.clock import now
from winvest.core.domain.periods import add_months, zone_info

# Of each kind in a day of the month, and in a day by itself.
SHOWN, SHOWN_ALONE = 3, 200
MONTH, DAY = "mois", "jour"
WEEK = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MOVES = {
    LifecycleStatus.DRAFT: ("Retour au brouillon", "neutral"),
    LifecycleStatus.TEST: ("Mise en test", "neutral"),
    LifecycleStatus.ACTIVE: ("Activation", "success"),
    LifecycleStatus.FROZEN: ("Gel", "warning"),
    LifecycleStatus.RETIRED: ("Retrait", "danger"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a day holds: `at` is the hour on the company's wall, empty for midnight."""

    kind: str
    tone: str
    label: str
    detail: str
    company: Any
    link: str
    at: str


@dataclass(slots=True)
class Day:
    """A day of the grid; `number` counts all that it holds, `events` are the first."""

    day: date
    in_month: bool
    is_today: bool
    events: list[Event] = field(default_factory=list)
    number: int = 0

    @property
    def title(self) -> str:
        """Return the day as people say it: « mardi 1er décembre »."""
        number = "1er" if self.day.day == 1 else str(self.day.day)
        return f"{written(self.day, 'l')} {number} {written(self.day, 'F')}"

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.number - len(self.events)


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that have a day: `at` names their instant, `show` says one.

    `company` and `product` lead to whose day it is and of what.
    """

    at: str
    columns: tuple[str, ...]
    rows: Callable[[Reader], QuerySet[Any]]
    show: Callable[[dict[str, Any]], tuple[str, str, str, str]]
    company: str = "company"
    product: str = "product"


def _publications(reader: Reader) -> QuerySet[Any]:
    """Return the publications that begin: none of a version that is withdrawn, or over by then."""
    return Publication.objects.filter(
        Q(product_version__effective_to=None) | Q(product_version__effective_to__gt=F("start_at")),
        company_id__in=reader.companies,
        product_version__state=VersionState.RELEASED,
    )


def _ends(reader: Reader) -> QuerySet[Any]:
    return _publications(reader).filter(end_at__isnull=False)


def _releases(reader: Reader) -> QuerySet[Any]:
    return ProductVersion.objects.filter(
        company_id__in=reader.companies, state=VersionState.RELEASED
    )


def _planned(reader: Reader) -> QuerySet[Any]:
    """Return the sales that wait for their version or their seller, by the instant they begin."""
    rows = sales_to_come(ProductVersion.objects.all())
    # A day alone would be taken for an instant.
    day = Func("first_day", template="%(expressions)s::timestamp", output_field=DateTimeField())
    first_day = _moved("seller", day)
    return rows.filter(
        Q(company_id__in=reader.companies) | Q(seller_id__in=reader.companies)
    ).annotate(begins=Greatest(first_day, F("product_version__effective_from")))


def _moves(reader: Reader) -> QuerySet[Any]:
    return ProductTransition.objects.filter(
        company_id__in=reader.companies,
        state__in=(TransitionState.PLANNED, TransitionState.APPLIED),
    )


def _sold(row: dict[str, Any]) -> str:
    return ", ".join(str(Channel(one).label) for one in row["channels"])


def _to_come(row: dict[str, Any]) -> tuple[str, str, str, str]:
    in_review = row["product_version__state"] == VersionState.IN_REVIEW
    told = f"{_sold(row)} · en validation" if in_review else _sold(row)
    return "Vente prévue", "neutral", _named(row), told


def _named(row: dict[str, Any]) -> str:
    return f"{row['product_name']} v{row['product_version__version']}"


def _move(row: dict[str, Any]) -> tuple[str, str, str, str]:
    kind, tone = MOVES[LifecycleStatus(row["to_status"])]
    return kind, tone, row["product_name"], row["reason"]


_OF_SALE = ("product_version__version", "channels")
SOURCES = (
    Source(
        "effective_from",
        ("version",),
        _releases,
        lambda row: (
            *("Mise en production", "primary"),
            f"{row['product_name']} v{row['version']}",
            "",
        ),
    ),
    Source(
        "start_at",
        _OF_SALE,
        _publications,
        lambda row: ("Publication", "info", _named(row), _sold(row)),
    ),
    Source(
        "end_at",
        _OF_SALE,
        _ends,
        lambda row: ("Fin de publication", "warning", _named(row), _sold(row)),
    ),
    Source(
        "begins",
        (*_OF_SALE, "product_version__state"),
        _planned,
        _to_come,
        company="seller",
        product="product_version__product",
    ),
    Source("due_at", ("to_status", "reason"), _moves, _move),
)


def month_of(text: str) -> date:
    """Return the first day of the month that an address names, of this one where it names none."""
    try:
        year, month = text.split("-")
        return (
            date(int(year), int(month), 1) if 1990 <= int(year) <= 2190 else _today().replace(day=1)
        )
    except ValueError:
        return _today().replace(day=1)


def day_of(text: str) -> date | None:
    """Return the day that an address names; None where it names none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2190 else None


def month_page(reader: Reader, first: date) -> dict[str, Any]:
    """Return the month as weeks of seven days, and the addresses of those beside it."""
    after = add_months(first, 1)
    start = first - timedelta(days=first.weekday())
    end = after + timedelta(days=-after.weekday() % 7)
    today = _today()
    days = {
        day: Day(day, day.month == first.month, day == today)
        for day in (start + timedelta(days=n) for n in range((end - start).days))
    }
    for day, event, number in _events(reader, start, end, SHOWN):
        days[day].number += number
        if event is not None and len(days[day].events) < SHOWN:
            days[day].events.append(event)
    return {
        "title": written(first, "F Y").capitalize(),
        "month": f"{first:%Y-%m}",
        "asked": MONTH,
        "before": f"{add_months(first, -1):%Y-%m}",
        "after": f"{after:%Y-%m}",
        "this_month": f"{today:%Y-%m}" if today.replace(day=1) != first else "",
        "week": WEEK,
        "days": list(days.values()),
        "empty": not any(one.number for one in days.values() if one.in_month),
    }


def day_page(reader: Reader, day: date) -> dict[str, Any]:
    """Return everything that a day holds."""
    held = Day(day, in_month=True, is_today=day == _today())
    for _, event, number in _events(reader, day, day + timedelta(days=1), SHOWN_ALONE):
        held.number += number
        if event is not None:
            held.events.append(event)
    return {
        "title": f"{held.title.capitalize()} {day.year}",
        "month": f"{day:%Y-%m}",
        "asked": DAY,
        "held": held,
        "before": f"{day - timedelta(days=1):%Y-%m-%d}",
        "after": f"{day + timedelta(days=1):%Y-%m-%d}",
    }


def _today() -> date:
    return timezone.localtime(now()).date()


def _events(
    reader: Reader, start: date, end: date, shown: int
) -> Iterator[tuple[date, Event | None, int]]:
    """Give the first events of each kind and day, by hour, with what each adds to the number."""
    found: dict[date, list[tuple[datetime, Event, int]]] = defaultdict(list)
    for source in SOURCES:
        for row in _rows(source, reader, start, end, shown):
            # The first of a kind tells how many there are.
            number = row["number"] if row["rank"] == 1 else 0
            found[row["day"]].append((row["instant"], _event(source, row), number))
    for day, held in found.items():
        for _, event, number in sorted(held, key=lambda one: (one[0], one[1].label)):
            yield day, event, number


def _rows(source: Source, reader: Reader, start: date, end: date, shown: int) -> Any:
    """Return the first rows of each day on the wall of their company, and how many it has.

    The instants of the days anywhere on earth narrow them first: an index gives those.
    """
    wide = {
        f"{source.at}__gte": _midnight(start - timedelta(days=1)),
        f"{source.at}__lt": _midnight(end + timedelta(days=1)),
    }
    wall = Cast(_moved(source.company, F(source.at)), DateField())
    rows = source.rows(reader).filter(**wide).annotate(day=wall)
    return (
        rows.filter(day__gte=start, day__lt=end)
        .annotate(
            rank=Window(RowNumber(), partition_by=[F("day")], order_by=[F(source.at), F("pk")]),
            number=Window(Count("pk"), partition_by=[F("day")]),
        )
        .filter(rank__lte=shown)
        .order_by(source.at, "pk")
        .values(
            *("day", "rank", "number", *source.columns),
            instant=F(source.at),
            product_key=F(f"{source.product}__pk"),
            product_name=F(f"{source.product}__name"),
            owner_code=F(f"{source.company}__code"),
            owner_brand=F(f"{source.company}__brand_name"),
            owner_zone=F(f"{source.company}__timezone"),
        )
    )


def _moved(company: str, instant: Any) -> Func:
    """Return an instant as the wall of a company shows it, or what its wall shows as an instant."""
    zone = F(f"{company}__timezone")
    return Func(zone, instant, function="timezone", output_field=DateTimeField())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def _event(source: Source, row: dict[str, Any]) -> Event:
    kind, tone, label, detail = source.show(row)
    wall = row["instant"].astimezone(zone_info(row["owner_zone"]))
    return Event(
        kind=kind,
        tone=tone,
        label=label,
        detail=detail,
        company=company_label(row["owner_code"], row["owner_brand"]),
        link=reverse("product-sheet", args=[row["product_key"]]),
        at="" if (wall.hour, wall.minute) == (0, 0) else f"{wall:%H:%M}",
    )
