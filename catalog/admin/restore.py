"""Going back to an earlier version from the histories that tell of it (3.1-10, M-04)."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.choices import VersionState
from catalog.models import ProductVersion
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of


class RestoresVersions:
    """Mixin of the histories with versions: one that is over becomes a new draft of its content.

    What was released is never written back: nothing else is restored.
    """

    def offer_restore(self, request: HttpRequest, records: Sequence[Any]) -> None:
        """Give the lines of a release the way back to it, for whoever edits the catalogue."""
        released = {one.id: one for one in reversed(records) if _is_release(one)}
        over = ProductVersion.objects.filter(
            pk__in=released, state=VersionState.RELEASED, effective_to__lte=now()
        )
        access = access_of(request.user)
        for version in over.select_related("product__risk"):
            if access.allowed_on(Action.CATALOG_EDIT, version, version.company_id):
                link = reverse("admin:catalog_productversion_roll_back", args=[version.pk])
                released[version.pk].restore = {"text": "Revenir à cette version", "link": link}


def _is_release(record: Any) -> bool:
    """Whether this is the line by which a version was released."""
    if record.instance_type is not ProductVersion or record.state != VersionState.RELEASED:
        return False
    return record.before is None or record.before.state != VersionState.RELEASED
