"""What stands above a product's sheet: why its sale is stopped, and why a version was sent back (§1, 4-09)."""

from collections.abc import Iterator

from catalog.admin.sheet_tabs import Asked
from catalog.admin.told import Told, refused, resume_addresses
from catalog.choices import TransitionState, VersionState
from catalog.domain.eligibility import STOPPED
from catalog.domain.lifecycle import LifecycleStatus
from catalog.selectors.approvals import refusals_of
from catalog.selectors.sheet import moves_of
from winvest.core.admin.zones import local_text
from winvest.core.domain.roles import Action

STOPS = {LifecycleStatus.FROZEN: "Vente gelée", LifecycleStatus.RETIRED: "Produit retiré"}
ICONS = {LifecycleStatus.FROZEN: "ac_unit", LifecycleStatus.RETIRED: "delete_sweep"}


def read_told(asked: Asked) -> list[Told]:
    """Return what was decided of the product and still holds, with its reason, who and when."""
    return [*_stopped(asked), *_refused(asked)]


def _stopped(asked: Asked) -> Iterator[Told]:
    status = LifecycleStatus(asked.product.lifecycle_status)
    if status not in STOPPED:
        return
    made = moves_of(asked.product.pk).filter(to_status=status, state=TransitionState.APPLIED)
    move = made.first()
    if move is None:
        return
    by = f" par {move.decided_by}" if move.decided_by else ""
    when = local_text(move.due_at, asked.zone)
    yield Told(f"{STOPS[status]}{by} le {when}", move.reason, icon=ICONS[status])


def _refused(asked: Asked) -> Iterator[Told]:
    drafts = {
        one["id"]: one["version"] for one in asked.versions if one["state"] == VersionState.DRAFT
    }
    refusals = refusals_of(drafts) if drafts else {}
    writes = bool(refusals) and asked.allows(Action.CATALOG_EDIT)
    links = resume_addresses(refusals) if writes else {}
    for key, refusal in refusals.items():
        number = drafts[key]
        told = refused(refusal, asked.zone, what=f"Version {number} refusée")
        yield Told(
            told.words,
            told.reason,
            links.get(key, ""),
            f"Reprendre la version {number} dans l'assistant",
        )
