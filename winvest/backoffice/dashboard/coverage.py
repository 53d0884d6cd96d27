"""Which products have their documents and their accounts (H.3.1)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from winvest.backoffice.dashboard.kept import Kept, read_figure
from winvest.backoffice.dashboard.shapes import Chart, Figures, Line, Reader, Series, Tile
from winvest.core.admin.formatting import count_text
from winvest.core.domain.roles import Action
from winvest.core.models.company import Company

LACKS_SHOWN = 5


def document_coverage(reader: Reader) -> Figures:
    """Show the products that are complete, and which documents lack most."""
    kept = read_figure("documents", reader.companies)
    lacks: Counter[str] = Counter()
    for counted in kept.values.values():
        lacks.update(counted["lacks"])
    documents = reverse("admin:documents_productdocument_changelist")
    return _figures(
        kept,
        "complete",
        caption="des produits ont tous leurs documents",
        series=[
            ("Complets", lambda one: one["complete"], "success"),
            ("À compléter", lambda one: one["products"] - one["complete"], "warning"),
        ],
        lines=[
            Line(label=label, value=count_text(number), detail="Manque le plus", tone="warning")
            for label, number in lacks.most_common(LACKS_SHOWN)
        ],
        link=documents,
    )


def mapping_coverage(reader: Reader) -> Figures:
    """Show the products whose accounts are validated, wait, or are not said."""
    return _figures(
        read_figure("mappings", reader.companies),
        "validated",
        caption="des produits ont leurs comptes validés",
        series=[
            ("Validés", lambda one: one["validated"], "success"),
            ("À valider", lambda one: one["waiting"], "warning"),
            (
                "Sans compte",
                lambda one: one["products"] - one["validated"] - one["waiting"],
                "danger",
            ),
        ],
    )


def _figures(
    kept: Kept,
    good: str,
    *,
    caption: str,
    series: Sequence[tuple[str, Any, str]],
    lines: Sequence[Line] = (),
    link: str = "",
) -> Figures:
    names = dict(
        Company.objects.filter(pk__in=kept.values)
        .order_by("brand_name")
        .values_list("pk", "brand_name")
    )
    whole = sum(one["products"] for one in kept.values.values())
    if not whole:
        return Figures(empty="Aucun produit en préparation ni en vente.", counted_at=kept.at)
    # Rounded down: all but one are not all.
    share = sum(one[good] for one in kept.values.values()) * 100 // whole
    return Figures(
        number=f"{share} %",
        caption=caption,
        link=link,
        chart=Chart(
            list(names.values()),
            [
                Series(label, [count(kept.values[company]) for company in names], tone)
                for label, count, tone in series
            ],
            lying=True,
        ),
        lines=lines,
        counted_at=kept.at,
    )


DOCUMENTS = Tile(
    "documents",
    "Couverture documentaire",
    Action.CATALOG_VIEW_ALL,
    document_coverage,
    task=Action.DOCUMENT_EDIT,
)
MAPPINGS = Tile(
    "comptes",
    "Couverture comptable",
    Action.CATALOG_VIEW_ALL,
    mapping_coverage,
    task=Action.MAPPING_VALIDATE,
)
