"""Telling what nobody's action tells: an approval that an edit voided, a late publication (O-11), a
publication to come.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from catalog.choices import LifecycleStatus, VersionState
from catalog.domain.approvals import PUBLISH_WITHIN
from catalog.models import ProductVersion, Publication
from catalog.services.approval_states import OPEN_STATES, approval_states, publication_clock
from catalog.services.sale_tellings import remind_publication, tell_planned_publication
from catalog.services.tellings import ask_approvals
from winvest.core import scoping
from winvest.core.choices import NotificationKind
from winvest.core.clock import now
from winvest.core.models.notification import Notification
from winvest.core.transaction import transaction


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many people a run told, or told again; whoever was told before is not."""

    late: int
    asked: int
    planned: int = 0


def remind() -> Reminded:
    """Ask anew the approvals that an edit voided, and tell once of each publication that is late,
    and of each one to come.
    """
    with scoping.everything():
        late = sum(_remind_late(version) for version in _unpublished())
        in_review = _versions().filter(state=VersionState.IN_REVIEW)
        for version in in_review:
            with transaction(None):
                ask_approvals(actor=None, version=version)
        planned = sum(_tell_planned(publication) for publication in _to_come())
        return Reminded(late=late, asked=len(in_review), planned=planned)


def _remind_late(version: ProductVersion) -> int:
    clock = publication_clock(version, approval_states(version))
    if not clock.late or clock.due_at is None:
        return 0
    with transaction(None):
        return remind_publication(version=version, due_at=clock.due_at)


def _tell_planned(publication: Publication) -> int:
    with transaction(None):
        return tell_planned_publication(publication=publication)


def _to_come() -> list[Publication]:
    """Return the publications that are to begin, and of which nobody was told since they changed."""
    told = Notification.objects.filter(
        target_id=OuterRef("pk"),
        kind=NotificationKind.PUBLICATION_PLANNED,
        created_at__gte=OuterRef("updated_at"),
    )
    # Of a version that is over by then, or withdrawn, none begins.
    rows = Publication.lasting(now()).filter(
        ~Exists(told),
        Q(product_version__effective_to=None) | Q(product_version__effective_to__gt=F("start_at")),
        start_at__gt=now(),
    )
    return list(rows.select_related("product_version__product", "company").order_by("pk"))


def _unpublished() -> list[ProductVersion]:
    """Return the submitted versions that may be late and of which nobody was told."""
    at = now()
    told = Notification.objects.filter(
        target_id=OuterRef("pk"), kind=NotificationKind.PUBLICATION_LATE
    )
    published = Publication.objects.filter(product_version=OuterRef("pk"))
    rows = _versions().filter(
        Q(effective_to=None) | Q(effective_to__gt=at),
        ~Exists(published),
        ~Exists(told),
        state__in=OPEN_STATES,
        submitted_at__lte=at - PUBLISH_WITHIN,
        effective_from__lte=at - PUBLISH_WITHIN,
    )
    return list(rows.exclude(product__lifecycle_status=LifecycleStatus.RETIRED))


def _versions() -> Any:
    return ProductVersion.objects.select_related("product", "company").order_by("pk")
