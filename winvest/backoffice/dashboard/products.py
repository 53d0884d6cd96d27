"""Products by status and company (6-05, H.3.1)."""

from django.db.models import Count
from django.urls import reverse

from catalog.admin.badges import LIFECYCLE
from catalog.choices import LifecycleStatus
from catalog.models import Product
from winvest.backoffice.dashboard.shapes import Chart, Figures, Reader, Series, Tile
from winvest.core.admin.formatting import count_text
from winvest.core.domain.roles import Action
from winvest.core.models.company import Company


def products_by_status(reader: Reader) -> Figures:
    """Count the products that each company owns, at this instant."""
    rows = Product.objects.filter(company_id__in=reader.companies).order_by()
    counted = {
        (company, status): number
        for company, status, number in rows.values_list("company", "lifecycle_status").annotate(
            number=Count("*")
        )
    }
    if not counted:
        return Figures(empty="Le catalogue est encore vide.")
    names = dict(
        Company.objects.filter(pk__in=reader.companies)
        .order_by("brand_name")
        .values_list("pk", "brand_name")
    )
    series = [
        Series(
            str(status.label),
            [counted.get((company, status), 0) for company in names],
            LIFECYCLE[status],
        )
        for status in LifecycleStatus
    ]
    active = sum(n for (_, status), n in counted.items() if status == LifecycleStatus.ACTIVE)
    products = reverse("admin:catalog_product_changelist")
    return Figures(
        number=count_text(active),
        caption="produits actifs" if active > 1 else "produit actif",
        link=f"{products}?lifecycle_status__exact={LifecycleStatus.ACTIVE}",
        chart=Chart(list(names.values()), series, lying=True),
    )


BY_STATUS = Tile(
    "produits",
    "Produits par statut et société",
    Action.CATALOG_VIEW_ALL,
    products_by_status,
    task=Action.CATALOG_EDIT,
)
