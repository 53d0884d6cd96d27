"""Badges of a product: computed, unless somebody forced them (E.3-02; reading E-06)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain.lifecycle import LifecycleStatus

NEW_FOR = timedelta(days=30)


class Badge(StrEnum):
    """What a badge says."""

    NEW = "new"
    PROMO = "promo"
    BETA = "beta"
    ON_QUOTE = "on_quote"


BADGE_LABELS = {
    Badge.NEW: "Nouveau",
    Badge.PROMO: "Promo",
    Badge.BETA: "Bêta",
    Badge.ON_QUOTE: "Sur devis",
}


def badges_of(
    forced: Mapping[str, bool],
    *,
    status: str,
    created_at: datetime,
    at: datetime,
    has_promotion: bool = False,
    is_pilot: bool = False,
) -> list[Badge]:
    """Return the badges of a product at `at`, in their fixed order.

    « Nouveau » for 30 days, « Promo » while a promotion runs, « Bêta » in test or during a pilot
    publication, « Sur devis » by hand only; `forced` shows (true) or hides (false) any of them.
    """
    computed = {
        Badge.NEW: created_at <= at < created_at + NEW_FOR,
        Badge.PROMO: has_promotion,
        Badge.BETA: is_pilot or status == LifecycleStatus.TEST,
        Badge.ON_QUOTE: False,
    }
    return [badge for badge in Badge if forced.get(badge.value, computed[badge])]
