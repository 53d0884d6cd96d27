"""What the computed badges of a product rest on (E.3-02, E-06)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import Promotion
from catalog.selectors.visibility import running
from winvest.core.permissions import Access


def with_badge_facts(
    products: QuerySet[Any, Any], access: Access, *, at: datetime
) -> QuerySet[Any, Any]:
    """Add whether a promotion for everyone runs (`has_promotion`), and a pilot sale (`is_pilot`)."""
    promotions = Promotion._base_manager.filter(
        Q(product=None) | Q(product=OuterRef("pk")),
        Q(end_at=None) | Q(end_at__gt=at),
        company=OuterRef("company"),
        start_at__lte=at,
        on_code=False,
    )
    pilots = running(access.all_companies, at=at).filter(is_pilot=True, product=OuterRef("pk"))
    rows: QuerySet[Any, Any] = products.annotate(
        has_promotion=Exists(promotions), is_pilot=Exists(pilots)
    )
    return rows
