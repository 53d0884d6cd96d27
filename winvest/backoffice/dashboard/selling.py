"""What sellers find on the dashboard: what they sell, what ends soon, what stopped (§6, E.1)."""

from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from catalog.admin.badges import LIFECYCLE
from catalog.domain.lifecycle import STATUS_LABELS, LifecycleStatus
from catalog.models import Favorite
from catalog.selectors.selling import Ending, ending, frozen
from catalog.selectors.visibility import visible_products
from winvest.backoffice.dashboard.kept import read_figure
from winvest.backoffice.dashboard.shapes import Figures, Line, Reader, Tile
from winvest.core.admin.formatting import count_text, day_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action

SHOWN = 8
SOON = timedelta(days=30)


def families(reader: Reader) -> Figures:
    """Show how many products each family sells; a line leads to them in the catalogue."""
    kept = read_figure("selling", reader.companies)
    counted: Counter[tuple[str, str]] = Counter()
    for rows in kept.values.values():
        for risk, label, number in rows:
            counted[risk, label] += number
    whole = sum(counted.values())
    if not whole:
        return Figures(empty="Aucun produit n'est en vente.", counted_at=kept.at)
    catalogue = reverse("catalogue")
    return Figures(
        number=count_text(whole),
        caption="produits en vente" if whole > 1 else "produit en vente",
        link=catalogue,
        lines=[
            Line(
                label=label,
                value=count_text(number),
                link=f"{catalogue}?{urlencode({'risk': risk})}",
                tone="primary",
            )
            for (risk, label), number in counted.most_common(SHOWN)
        ],
        counted_at=kept.at,
    )


def soon(reader: Reader) -> Figures:
    """Show the sales that end within thirty days, the first one first."""
    found = ending(reader.companies, at=now(), within=SOON)
    return Figures(
        lines=[_ending(one) for one in found[:SHOWN]],
        empty="Aucune vente ne se termine dans les 30 jours.",
    )


def _ending(one: Ending) -> Line:
    sale = one.sale
    becomes = f", sera « {STATUS_LABELS[LifecycleStatus(one.stops)]} »" if one.stops else ""
    return Line(
        label=sale.product.name,
        detail=f"{sale.product.sku}, {sale.company.brand_name}{becomes}",
        value=f"Jusqu'au {day_text(local_date(one.at, sale.company.timezone))}",
        link=reverse("product-sheet", args=[sale.product_id]),
        tone="warning",
    )


def stopped(reader: Reader) -> Figures:
    """Show the frozen products that were on sale: their sheets are closed to sellers."""
    rows = frozen(reader.companies, at=now())
    return Figures(
        lines=[
            Line(
                label=row.product.name,
                detail=f"{row.product.sku}, {row.company.brand_name}",
                value="Ne plus proposer",
                tone="danger",
            )
            for row in rows[:SHOWN]
        ],
        empty="Aucun produit gelé.",
    )


def favorites(reader: Reader) -> Figures:
    """Show the products that the person keeps at hand and still sees, by name."""
    kept = Favorite._base_manager.filter(user=reader.access.user_id).values("product")
    rows = visible_products(reader.access, at=now()).filter(pk__in=kept).order_by("natural_label")
    return Figures(
        lines=[
            Line(
                label=row.name,
                detail=f"{row.sku}, {row.company.brand_name}",
                value=STATUS_LABELS[LifecycleStatus(row.lifecycle_status)],
                link=reverse("product-sheet", args=[row.pk]),
                tone=LIFECYCLE[row.lifecycle_status],
            )
            for row in rows.select_related("company")[:SHOWN]
        ],
        empty="L'étoile du catalogue (touche f) garde un produit ici.",
        link=f"{reverse('catalogue')}?favorite=true",
    )


UNLESS = Action.CATALOG_VIEW_ALL
FAMILIES = Tile("familles", "En vente, par famille", Action.CATALOG_VIEW, families, unless=UNLESS)
SOON_OVER = Tile("fins", "Bientôt terminé", Action.CATALOG_VIEW, soon, unless=UNLESS)
FAVORITES = Tile("favoris", "Mes favoris", Action.CATALOG_VIEW, favorites, unless=UNLESS)
FROZEN = Tile("geles", "Produits gelés", Action.CATALOG_VIEW, stopped, unless=UNLESS)
