"""The timeline of the sheet: versions and publications to scale, with « aujourd'hui » (E.2.2-07).

The drawing is for the eye; the same is told in a table for whoever does not see it.
"""

from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from catalog.admin.sheet_blocks import cells
from catalog.admin.sheet_description import channels_in_words, sale_end, sale_end_in_words
from catalog.admin.sheet_tabs import Asked, standing_of
from catalog.choices import VersionState, Visibility
from catalog.domain.lifecycle import STANDING_LABELS, VersionStanding
from catalog.domain.timeline import Period, Scale, lanes_of, scale_of
from catalog.models import Publication
from catalog.selectors.moments import stood
from catalog.selectors.versions import publication_rows
from winvest.core.admin.zones import local_text
from winvest.core.models import Company

TOP, LINE, BAR = 24, 26, 18
# Publications below the versions: more would hide them.
MOST = 30
EDGE = 0.05


def read_timeline(asked: Asked) -> dict[str, Any] | None:
    """Return the drawing of the versions that the person sees; none before the first."""
    versions = _versions(asked)
    if not versions:
        return None
    sales = _sales(asked, versions)
    if not asked.sees_all:
        sales = [row for row in sales if row["visibility"] != Visibility.HIDDEN]
    names = _names({row["company_id"] for row in sales})
    periods = [_period(row["effective_from"], row["effective_to"]) for row in versions]
    published = {row["id"]: row for row in versions}
    sold = [
        _period(row["start_at"], sale_end(row, published[row["product_version_id"]]))
        for row in sales
    ]
    now = timezone.localtime(asked.now)
    scale = scale_of([*periods, *sold], now=now)
    own, below = lanes_of(periods), lanes_of(sold)
    start = max(own) + 1
    bars = [
        _version(asked, row, scale, period, lane)
        for row, period, lane in zip(versions, periods, own, strict=True)
    ]
    bars += [
        _sale(asked, row, published[row["product_version_id"]], names)
        | _bar(scale, period, start + lane)
        for row, period, lane in zip(sales, sold, below, strict=True)
    ]
    lines = start + (max(below) + 1 if below else 0)
    return {
        "bars": bars,
        "height": str(TOP + lines * LINE + 4),
        "marks": [_mark(scale, mark) for mark in scale.marks()],
        "now": _share(scale.at(now)),
        "asked": _share(scale.at(asked.at)) if asked.moment else "",
        "columns": ("Élément", "État", "Début", "Fin (exclue)"),
        "rows": [bar["told"] for bar in bars],
    }


def _versions(asked: Asked) -> list[dict[str, Any]]:
    """Return the versions that stand, by start; of a day of the past, the releases known then."""
    rows = sorted(asked.versions, key=lambda row: row["effective_from"])
    then = asked.moment.known_at if asked.moment else None
    if then is None:
        return [row for row in rows if row["state"] != VersionState.WITHDRAWN]
    known = [
        row
        for row in rows
        if row["released_at"] is not None
        and row["released_at"] <= then
        and (row["withdrawn_at"] is None or then < row["withdrawn_at"])
    ]
    ends = [row["effective_from"] for row in known[1:]]
    return [row | stood(end) for row, end in zip_longest(known, ends)]


def _sales(asked: Asked, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the last publications of the versions; of a day of the past, those known then."""
    sales = list(publication_rows([row["id"] for row in versions]))[-MOST:]
    then = asked.moment.known_at if asked.moment else None
    if then is not None:
        made = Publication.objects.filter(pk__in=[row["id"] for row in sales], created_at__lte=then)
        known = set(made.values_list("pk", flat=True))
        sales = [row for row in sales if row["id"] in known]
    return sales


def _names(keys: set[UUID]) -> dict[UUID, str]:
    return dict(Company.objects.filter(pk__in=keys).values_list("pk", "brand_name"))


def _period(start: datetime, end: datetime | None) -> Period:
    return Period(timezone.localtime(start), timezone.localtime(end) if end else None)


def _version(
    asked: Asked, row: dict[str, Any], scale: Scale, period: Period, lane: int
) -> dict[str, Any]:
    standing = standing_of(row, at=asked.now)
    open_end = row["effective_to"] is None and standing in {
        VersionStanding.DRAFT,
        VersionStanding.IN_REVIEW,
    }
    chosen = asked.version is not None and asked.version["id"] == row["id"]
    return {
        **_bar(scale, period, lane),
        "label": f"v{row['version']}",
        "number": row["version"],
        "look": f"{standing.value}{' chosen' if chosen else ''}{' planned-end' if open_end else ''}",
        "told": cells(
            f"Version {row['version']}",
            STANDING_LABELS[standing],
            local_text(row["effective_from"], asked.zone),
            local_text(row["effective_to"], asked.zone),
        ),
    }


def _sale(
    asked: Asked, row: dict[str, Any], version: dict[str, Any], names: dict[UUID, str]
) -> dict[str, Any]:
    """Return a publication as the drawing and the table tell it; it ends with its version."""
    company = names.get(row["company_id"], "")
    return {
        "label": f"{company} : {channels_in_words(row['channels']).lower()}",
        "number": "",
        "look": "pilot" if row["is_pilot"] else "sale",
        "told": cells(
            f"Publication {company}",
            channels_in_words(row["channels"]),
            local_text(row["start_at"], asked.zone),
            sale_end_in_words(asked, row, version),
        ),
    }


def _bar(scale: Scale, period: Period, lane: int) -> dict[str, Any]:
    left, width = scale.bar(period)
    top = TOP + lane * LINE
    return {
        "x": _share(left),
        "width": _share(max(width, 0.002)),
        "y": str(top),
        "height": str(BAR),
    }


def _share(value: float) -> str:
    """Return a share of the width as SVG reads it, whatever the language of the page."""
    return f"{value * 100:.2f}%"


def _mark(scale: Scale, mark: datetime) -> dict[str, str]:
    """Return a date of the axis; the first and the last do not leave the drawing."""
    place = scale.at(mark)
    anchor = "start" if place < EDGE else "end" if place > 1 - EDGE else "middle"
    return {
        "x": _share(place),
        "anchor": anchor,
        "label": date_format(mark, "Y" if mark.month == 1 else "N Y").lower(),
    }
