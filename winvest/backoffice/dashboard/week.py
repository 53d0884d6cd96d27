"""What changed in the week, and what begins to be sold (§6)."""

from collections import Counter
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from catalog.choices import Channel, LifecycleStatus
from catalog.models import Publication
from catalog.selectors.visibility import running
from catalog.selectors.week import DAYS
from winvest.backoffice.dashboard.kept import read_figure
from winvest.backoffice.dashboard.shapes import Chart, Figures, Line, Reader, Series, Tile
from winvest.core.admin.formatting import count_text, day_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action

SALES_SHOWN = 8
RECENT, WEEK = timedelta(days=30), timedelta(days=7)
# What is counted together, its colour, and the right that opens it where it is another than the tile's.
FAMILIES: tuple[tuple[str, str, Action, tuple[str, ...]], ...] = (
    (
        "Produits",
        "primary",
        Action.CATALOG_VIEW_ALL,
        ("product", "product_transition", "external_mapping", "cq_rule"),
    ),
    (
        "Versions et prix",
        "info",
        Action.CATALOG_VIEW_ALL,
        (
            *("product_version", "product_plan", "pricing_rule", "bundle_component"),
            *("promotion", "negotiated_price", "version_approval"),
            *("version_billing", "version_logistics"),
        ),
    ),
    (
        "Publications",
        "success",
        Action.CATALOG_VIEW_ALL,
        ("publication", "sale_agreement", "sales_ban"),
    ),
    ("Documents", "warning", Action.CATALOG_VIEW_ALL, ("product_document",)),
    (
        "Commissions",
        "violet",
        Action.COMMISSION_VIEW,
        ("commission_scheme", "commission_tier", "beneficiary"),
    ),
    (
        "Comptes",
        "neutral",
        Action.ACCOUNTING_VIEW,
        ("accounting_mapping", "company_account"),
    ),
)


def changes(reader: Reader) -> Figures:
    """Show how many rows of each family changed on each of the last seven days."""
    kept = read_figure("week", reader.companies)
    days = [timezone.localdate(kept.at) - timedelta(days=DAYS - 1 - gap) for gap in range(DAYS)]
    families = {table: family for family in FAMILIES for table in family[-1]}
    counted: Counter[tuple[str, date]] = Counter()
    for company, rows in kept.values.items():
        for day, table, number in rows:
            family = families.get(table)
            if family and company in reader.among(family[2]):
                counted[family[0], date.fromisoformat(day)] += number
    series = [
        Series(title, [counted[title, day] for day in days], tone)
        for title, tone, action, _ in FAMILIES
        if reader.among(action)
    ]
    whole = sum(sum(one.values) for one in series)
    if not whole:
        return Figures(empty="Rien n'a changé en sept jours.", counted_at=kept.at)
    return Figures(
        number=count_text(whole),
        caption="modifications en sept jours",
        chart=Chart([date_format(day, "D j").replace(" ", ". ") for day in days], series),
        counted_at=kept.at,
    )


def sales(reader: Reader) -> Figures:
    """Show what begins to be sold, for who sees it all; what began lately for everybody."""
    at = now()
    whole = reader.among(Action.CATALOG_VIEW_ALL)
    begun = Q(pk__in=running(reader.companies, at=at).values("pk")) & Q(
        product__lifecycle_status=LifecycleStatus.ACTIVE
    )
    rows = (
        Publication.objects.filter(company_id__in=reader.companies, start_at__gt=at - RECENT)
        .filter(Q(company_id__in=whole) | begun)
        .select_related("product", "company")
        .order_by("-start_at", "-pk")
    )
    if not whole and (new := rows.filter(start_at__gt=at - WEEK).count()):
        number, caption = (
            count_text(new),
            f"{'nouveautés' if new > 1 else 'nouveauté'} cette semaine",
        )
    else:
        number = caption = ""
    return Figures(
        number=number,
        caption=caption,
        lines=[_sale(row) for row in rows[:SALES_SHOWN]],
        empty="Aucune mise en vente récente ni à venir.",
        link=reverse("admin:catalog_publication_changelist") if whole else "",
    )


def _sale(row: Publication) -> Line:
    channels = ", ".join(str(Channel(one).label) for one in row.channels)
    coming = row.start_at > now()
    return Line(
        label=row.product.name,
        detail=f"{row.company.brand_name}, {channels}",
        value=f"{'Dès le' if coming else 'Depuis le'} "
        f"{day_text(local_date(row.start_at, row.company.timezone))}",
        link=reverse("product-sheet", args=[row.product_id]),
        tone="info" if coming else "success",
    )


SALES = Tile(
    "ventes",
    "Mises en vente",
    Action.CATALOG_VIEW,
    sales,
    wide=True,
    task=Action.NOTIFICATION_PUBLISH,
)
CHANGES = Tile(
    "semaine",
    "Activité de la semaine",
    Action.CATALOG_VIEW_ALL,
    changes,
    wide=True,
    task=Action.AUDIT_VIEW,
)
