"""What stands above a page because somebody decided it, in his own words: a refusal, a freeze."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator

from catalog.models import WizardDraft
from catalog.selectors.approvals import Refusal, refusals_of
from winvest.core.admin.zones import local_text

# How much of a reason stands in a line of a list.
SHORT = 160


@dataclass(frozen=True, slots=True)
class Told:
    """What was decided, with the reason as it was given, and the page where one goes on."""

    words: str
    reason: str = ""
    link: str = ""
    verb: str = ""
    icon: str = "undo"


def refused(refusal: Refusal, zone: str, *, what: str = "Refusée") -> Told:
    """Return a refusal as it stands above a page."""
    return Told(f"{what} par {refusal.user} le {local_text(refusal.at, zone)}", refusal.comment)


def refused_in_short(drafts: Collection[WizardDraft]) -> dict[UUID, str]:
    """Return in one line why the version of a draft was sent back, by the draft's key."""
    versions = {one.product_version_id: one for one in drafts if one.product_version_id}
    found = {}
    for key, refusal in refusals_of(versions).items():
        draft = versions[key]
        told = refused(refusal, draft.company.timezone)
        found[draft.pk] = f"{told.words} : {Truncator(told.reason).chars(SHORT)}"
    return found


def told_of(draft: WizardDraft) -> list[Told]:
    """Return what stands above a draft of the wizard: why its version was sent back."""
    version: Any = draft.product_version
    if version is None or version.submitted_at is None:
        return []
    found = refusals_of([version.pk]).values()
    return [refused(one, draft.company.timezone) for one in found]


def resume_addresses(versions: Collection[UUID]) -> dict[UUID, str]:
    """Return where each draft version is taken up: its place in the wizard, else the wizard's own page."""
    rows = WizardDraft.objects.filter(product_version__in=versions)
    begun = {row.product_version_id: row for row in rows}
    return {
        key: reverse("wizard-step", args=[begun[key].pk, begun[key].step])
        if key in begun
        else reverse("wizard-version", args=[key])
        for key in versions
    }
