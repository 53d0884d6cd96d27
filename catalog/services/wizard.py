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

# What one form may keep: far above a whole grid of tiers; and all the forms of a draft.
MAX_TYPED = 200_000
MAX_KEPT = 2_000_000
# A step has several forms: `table` or `table:<scheme>` names a small table, nothing or `<scheme>`
# the full form of the same rows, `bundle` the form of the bundles.
TABLE, BUNDLE = "table", "bundle"
TABLED = frozenset({WizardStep.PRICING, WizardStep.COMMISSIONS})


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
    row: str,
    typed: Mapping[str, list[str]],
    revision: int,
) -> WizardDraft:
    """Keep what stands in the boxes of one form of a step, over what its page knew (`revision`).

    `Conflict` when somebody wrote this form since: the page keeps its texts, the draft the other's.
    """
    _require(actor, draft)
    _check_size(draft, row, typed)
    with transaction(actor, draft.company_id):
        locked = lock_row(draft)
        if form_revision(locked, step, row) > revision:
            raise Conflict(DraftProblem.CHANGED, user=str(form_writer(locked, step, row)))
        if typed_of(locked, step, row) == dict(typed):
            return locked
        _put(locked, actor, {_key(step, row): dict(typed)})
        _write(actor, locked)
    return locked


def forget_typed(*, actor: User, draft: WizardDraft, step: WizardStep, row: str) -> None:
    """Give up what one form keeps: what was accepted stands again."""
    _require(actor, draft)
    with transaction(actor, draft.company_id):
        locked = lock_row(draft)
        _put(locked, actor, {_key(step, row): {}})
        _write(actor, locked)


def accept_step(
    *,
    actor: User,
    draft: WizardDraft,
    step: WizardStep,
    reached: WizardStep,
    row: str = "",
    version: ProductVersion | None = None,
) -> WizardDraft:
    """Forget what one form kept, now that it is written, and note how far the draft has come.

    The other forms of the same rows keep their texts; their pages are told of what is written.
    `version` is the one that the first step has made.
    """
    with transaction(actor, draft.company_id):
        locked = lock_row(draft)
        others = {one: typed_of(locked, step, one) for one in _others(step, row)}
        _put(locked, actor, {_key(step, one): texts for one, texts in (others | {row: {}}).items()})
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


def typed_of(draft: WizardDraft, step: WizardStep, row: str = "") -> dict[str, Any]:
    """Return what a form of a step keeps that is not accepted yet, nothing for nothing."""
    return dict(_entry(draft, step, row).get("texts", {}))


def rows_kept(draft: WizardDraft, step: WizardStep) -> list[str]:
    """Return the forms of a step that keep texts, small tables last."""
    named = (key.partition("/") for key, one in draft.typed.items() if one["texts"])
    return sorted(row for name, _, row in named if name == step.value)


def form_revision(draft: WizardDraft, step: WizardStep, row: str) -> int:
    """Return the draft's revision at which a form was written last, 0 if it never was."""
    return int(_entry(draft, step, row).get("revision", 0))


def form_writer(draft: WizardDraft, step: WizardStep, row: str) -> User:
    """Return who wrote a form last."""
    by = _entry(draft, step, row).get("by", str(draft.changed_by_id))
    if by == str(draft.changed_by_id):
        return draft.changed_by
    return User.objects.get(pk=by)


def _check_size(draft: WizardDraft, row: str, typed: Mapping[str, list[str]]) -> None:
    """Refuse what the draft cannot keep."""
    size = sum(len(text) for texts in typed.values() for text in texts)
    kept = sum(len(str(one)) for one in draft.typed.values())
    if size > MAX_TYPED or size + kept > MAX_KEPT:
        raise Conflict(DraftProblem.TOO_LONG)
    if any("\x00" in text for name, texts in typed.items() for text in (row, name, *texts)):
        raise Conflict(DraftProblem.NUL)


def _put(draft: WizardDraft, actor: User, forms: Mapping[str, dict[str, Any]]) -> None:
    """Note the texts of some forms, at the revision that comes."""
    mark = {"revision": draft.revision + 1, "by": str(actor.pk)}
    draft.typed = draft.typed | {key: {"texts": texts, **mark} for key, texts in forms.items()}


def _entry(draft: WizardDraft, step: WizardStep, row: str) -> dict[str, Any]:
    found: dict[str, Any] = draft.typed.get(_key(step, row), {})
    return found


def _key(step: WizardStep, row: str) -> str:
    return f"{step.value}/{row}"


def _others(step: WizardStep, row: str) -> set[str]:
    """Return the other forms of the same rows."""
    if step == WizardStep.PRICING:
        return {TABLE, BUNDLE, ""} - {row}
    if step != WizardStep.COMMISSIONS:
        return set()
    if row.startswith(TABLE):
        return {row.removeprefix(TABLE).removeprefix(":")}
    return {f"{TABLE}:{row}" if row else TABLE}
