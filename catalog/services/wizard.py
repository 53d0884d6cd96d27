"""Drafts of the creation wizard: begun, kept while one types, taken up, closed (§3.1, E.2.3)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from catalog.choices import VersionState, WizardStep
from catalog.models import ProductVersion, WizardDraft
from catalog.parts import content_hash
from catalog.services.copies import duplicate_version
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Forbidden, Problem
from winvest.core.models.access import User
from winvest.core.permissions import AccessProblem
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction

# What one step may keep: far above a whole grid of tiers.
MAX_TYPED = 200_000


class DraftProblem(Problem):
    """Why a draft is not written."""

    CHANGED = "draft.changed", "{user} a modifié ce brouillon entre-temps : rien n'a été écrasé."
    TOO_LONG = "draft.too_long", "Cette étape contient trop de texte pour être gardée."
    NUL = "draft.nul", "Une saisie porte le caractère NUL, qui ne se garde pas."
    NOT_DRAFT = "draft.not_draft", "Seule une version en brouillon se prépare dans l'assistant."


def start_draft(*, actor: User, company_id: UUID) -> WizardDraft:
    """Begin a new product in a company: right `catalog.edit`, in some family at least."""
    draft = WizardDraft(user=actor, changed_by=actor, company_id=company_id)
    _require(actor, draft)
    with transaction(actor, company_id):
        draft.full_clean()
        draft.save(force_insert=True)
    return draft


def version_to_prepare(*, actor: User, version: ProductVersion) -> ProductVersion:
    """Return the version itself while it is a draft, else a new one with its content.

    Right `catalog.edit`. Asked twice, a new version is made once: the wizard's own draft that has
    still the same content is given again.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, version)
    with transaction(actor, version.company_id):
        lock_row(version.product)
        source = lock_row(version)
        if source.state == VersionState.DRAFT:
            return source
        begun = ProductVersion.objects.filter(
            product=source.product_id, state=VersionState.DRAFT, wizard_draft__isnull=False
        )
        same = content_hash(source)
        twin = next((one for one in begun.order_by("version") if content_hash(one) == same), None)
        return twin or duplicate_version(actor=actor, version=source)


def open_draft(
    *, actor: User, version: ProductVersion, reached: WizardStep = WizardStep.GENERAL
) -> WizardDraft:
    """Return the draft of a version that is being prepared, begun now where there is none.

    `reached` is how far its content goes. Right `catalog.edit`; `Conflict` for a version that is
    no longer a draft.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, version)
    with transaction(actor, version.company_id):
        locked = lock_row(version)
        if locked.state != VersionState.DRAFT:
            raise Conflict(DraftProblem.NOT_DRAFT)
        found: WizardDraft | None = WizardDraft.objects.filter(product_version=locked).first()
        if found is not None:
            return found
        draft = WizardDraft(
            user=actor,
            changed_by=actor,
            company_id=locked.company_id,
            product_version=locked,
            step=reached,
        )
        draft.save(force_insert=True)
    return draft


def keep_typed(
    *,
    actor: User,
    draft: WizardDraft,
    step: WizardStep,
    typed: Mapping[str, list[str]],
    revision: int,
) -> WizardDraft:
    """Keep what stands in the boxes of a step, over what its page knew (`revision`).

    `Conflict` when somebody wrote since: the page keeps its texts, the draft keeps the other's.
    """
    _require(actor, draft)
    if sum(len(text) for texts in typed.values() for text in texts) > MAX_TYPED:
        raise Conflict(DraftProblem.TOO_LONG)
    if any("\x00" in text for name, texts in typed.items() for text in (name, *texts)):
        raise Conflict(DraftProblem.NUL)
    with transaction(actor, draft.company_id):
        locked = lock_row(draft)
        if locked.revision != revision:
            raise Conflict(DraftProblem.CHANGED, user=str(locked.changed_by))
        if locked.typed.get(step) == dict(typed):
            return locked
        locked.typed = locked.typed | {step.value: dict(typed)}
        _write(actor, locked)
    return locked


def accept_step(
    *,
    actor: User,
    draft: WizardDraft,
    step: WizardStep,
    reached: WizardStep,
    version: ProductVersion | None = None,
) -> WizardDraft:
    """Forget what a step kept, now that it is written, and note how far the draft has come.

    `version` is the one that the first step has made.
    """
    with transaction(actor, draft.company_id):
        locked = lock_row(draft)
        locked.typed = {name: texts for name, texts in locked.typed.items() if name != step}
        order = list(WizardStep)
        locked.step = max(WizardStep(locked.step), reached, key=order.index)
        if version is not None:
            locked.product_version = version
        _write(actor, locked)
    return locked


def close_draft(*, actor: User, draft: WizardDraft) -> None:
    """Put the draft away: what was accepted stays on the product and its version."""
    _require(actor, draft)
    with transaction(actor, draft.company_id):
        lock_row(draft).delete()


def _require(actor: User, draft: WizardDraft) -> None:
    """Ask for the right in the product's family; before there is one, in any (N-02)."""
    if draft.product_version_id is not None:
        permissions.require_on(actor, Action.CATALOG_EDIT, draft)
    elif draft.company_id not in permissions.access_of(actor).companies(Action.CATALOG_EDIT):
        raise Forbidden(AccessProblem.FORBIDDEN)


def _write(actor: User, draft: WizardDraft) -> None:
    draft.revision += 1
    draft.changed_by = actor
    draft.save()


def typed_of(draft: WizardDraft, step: WizardStep) -> dict[str, Any]:
    """Return what a step keeps that is not accepted yet, nothing for nothing."""
    return dict(draft.typed.get(step.value, {}))
