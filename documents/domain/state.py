"""How a document stands on a given day (E.2.5; reading D-04)."""

from datetime import date, timedelta
from enum import StrEnum

from winvest.core.errors import Conflict, Problem

WARNING_DAYS = 30


class DocumentState(StrEnum):
    """Life of a document."""

    DRAFT = "draft"
    PUBLISHED = "published"
    EXPIRED = "expired"
    ARCHIVED = "archived"


class Standing(StrEnum):
    """What the colour of a document says."""

    DRAFT = "draft"
    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    ARCHIVED = "archived"


class StateProblem(Problem):
    """Why a document does not change its state."""

    NOT_DRAFT = "document.not_draft", "Seul un brouillon se publie : ce document est {state}."
    NOT_PUBLISHED = (
        "document.not_published",
        "Seul un document publié ou expiré s'archive : ce document est {state}.",
    )
    NOT_PDFA = (
        "document.not_pdfa",
        "Ce document légal n'est pas un PDF/A : déposez-le en PDF/A, puis publiez ce nouveau fichier.",
    )
    ALREADY_EXPIRED = "document.already_expired", "Ce document n'est plus valide depuis le {day}."


STATE_LABELS = {
    DocumentState.DRAFT: "un brouillon",
    DocumentState.PUBLISHED: "publié",
    DocumentState.EXPIRED: "expiré",
    DocumentState.ARCHIVED: "archivé",
}


def standing(
    state: DocumentState, valid_until: date | None, *, on: date, warning_days: int = WARNING_DAYS
) -> Standing:
    """Return how a document stands on a local day; `valid_until` is its last day.

    A published document warns during its last `warning_days` days (30, a setting).
    """
    if state is DocumentState.DRAFT:
        return Standing.DRAFT
    if state is DocumentState.ARCHIVED:
        return Standing.ARCHIVED
    if state is DocumentState.EXPIRED or (valid_until is not None and valid_until < on):
        return Standing.EXPIRED
    if valid_until is not None and valid_until < on + timedelta(days=warning_days):
        return Standing.EXPIRING
    return Standing.VALID


def check_publishable(
    state: DocumentState, valid_until: date | None, *, on: date, lacks_pdfa: bool = False
) -> None:
    """Refuse to publish anything but a draft that is still valid on a local day, and a PDF/A where
    its type asks for one (D-07).
    """
    if state is not DocumentState.DRAFT:
        raise Conflict(StateProblem.NOT_DRAFT, state=STATE_LABELS[state])
    if valid_until is not None and valid_until < on:
        raise Conflict(
            StateProblem.ALREADY_EXPIRED, path="valid_until", day=f"{valid_until:%d/%m/%Y}"
        )
    if lacks_pdfa:
        raise Conflict(StateProblem.NOT_PDFA)


def check_archivable(state: DocumentState) -> None:
    """Refuse to archive what was never published or is archived already."""
    if state not in (DocumentState.PUBLISHED, DocumentState.EXPIRED):
        raise Conflict(StateProblem.NOT_PUBLISHED, state=STATE_LABELS[state])
