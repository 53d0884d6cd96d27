"""Colours of the catalogue's statuses, the same on every page (C.1, M-04)."""

from catalog.choices import Availability, LifecycleStatus, VersionState, Visibility

LIFECYCLE = {
    LifecycleStatus.DRAFT: "neutral",
    LifecycleStatus.TEST: "info",
    LifecycleStatus.ACTIVE: "success",
    LifecycleStatus.FROZEN: "warning",
    LifecycleStatus.RETIRED: "danger",
}
VERSION = {
    VersionState.DRAFT: "neutral",
    VersionState.IN_REVIEW: "info",
    VersionState.RELEASED: "success",
    VersionState.WITHDRAWN: "danger",
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
