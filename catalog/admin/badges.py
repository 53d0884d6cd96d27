"""Colours of the catalogue's statuses, the same on every page (C.1, M-04)."""

from catalog.choices import Availability, LifecycleStatus, Visibility
from catalog.domain.lifecycle import (
    STANDING_LABELS,
    VersionStanding,
    VersionState,
    version_standing,
)
from catalog.models import ProductVersion
from winvest.core.clock import now

LIFECYCLE = {
    LifecycleStatus.DRAFT: "neutral",
    LifecycleStatus.TEST: "info",
    LifecycleStatus.ACTIVE: "success",
    LifecycleStatus.FROZEN: "warning",
    LifecycleStatus.RETIRED: "danger",
}
VERSION = {
    VersionStanding.DRAFT: "neutral",
    VersionStanding.IN_REVIEW: "info",
    VersionStanding.PLANNED: "info",
    VersionStanding.IN_FORCE: "success",
    VersionStanding.OVER: "neutral",
    VersionStanding.WITHDRAWN: "danger",
}
VISIBILITY = {
    Visibility.HIDDEN: "neutral",
    Visibility.INTERNAL: "info",
    Visibility.PUBLIC: "success",
}
AVAILABILITY = {
    Availability.AVAILABLE: "success",
    Availability.LIMITED: "warning",
    Availability.UNAVAILABLE: "danger",
}


def standing(version: ProductVersion) -> tuple[str, str]:
    """Return what a version is now, and its name, for a badge of `VERSION`."""
    found = version_standing(
        VersionState(version.state), version.effective_from, version.effective_to, at=now()
    )
    return found, STANDING_LABELS[found]
