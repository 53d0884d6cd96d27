"""Creating, submitting, releasing and withdrawing a version (`design/domain.md` §1; decisions 4 and 5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from catalog.choices import LifecycleStatus, VersionState
from catalog.domain import lifecycle
from catalog.models import Product, ProductVersion, Publication
from catalog.parts import content_hash
from catalog.services.approvals import require_approval
from catalog.services.checks import check_version
from catalog.services.reopening import end_draft
from catalog.services.sale_tellings import tell_withdrawn
from catalog.services.tellings import ask_approvals, tell_release, tell_submission
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Invalid, NotFound, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction


class VersionProblem(Problem):
    """Why a version is refused before its state is even looked at."""

    UNKNOWN = "version.unknown", "Cette version n'existe pas."
    NOT_RELEASED = (
        "version.not_released",
        "On ne revient qu'à une version qui a été mise en production.",
    )
    REASON = "version.reason", "Dites pourquoi cette version est retirée avant son effet."
    NOT_THE_SAME = (
        "version.not_the_same",
        "Le contenu de cette version ne se reproduit plus à l'identique : dupliquez-la.",
    )
    RETIRED = "version.retired", "Ce produit est retiré : plus aucune version n'en est préparée."


def create_version(*, actor: User, product: Product, **columns: Any) -> ProductVersion:
    """Add a draft with the product's next number: right `catalog.edit`.

    `columns` are those of the version; Django's `ValidationError` tells what is wrong with them.
    `Conflict` for a product that is retired (4-10).
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, product)
    with transaction(actor, product.company_id):
        check_is_kept(lock_row(product))
        last = ProductVersion.objects.filter(product=product).aggregate(number=Max("version"))
        version = ProductVersion(
            product=product,
            company_id=product.company_id,
            version=(last["number"] or 0) + 1,
            **columns,
        )
        version.full_clean()
        version.save(force_insert=True)
    return version


def submit_version(*, actor: User, version: ProductVersion) -> ProductVersion:
    """Send a draft to review: right `version.submit`; `Conflict` from any other state, and for a
    product that is retired (4-10).
    """
    permissions.require_on(actor, Action.VERSION_SUBMIT, version)
    with transaction(actor, version.company_id):
        locked = _lock(version)[version.pk]
        check_is_kept(locked.product)
        _check(locked, lifecycle.VersionState.IN_REVIEW, at=now())
        check_version(locked)
        locked.state = VersionState.IN_REVIEW
        locked.submissions += 1
        locked.submitted_at, locked.submitted_by = now(), actor
        _save(locked)
        end_draft(locked)
        ask_approvals(actor=actor, version=locked)
        tell_submission(actor=actor, version=locked)
    return locked


def release_version(
    *,
    actor: User,
    version: ProductVersion,
    effective_from: datetime | None = None,
    applies_to_inforce: str | None = None,
    reason: str = "",
) -> ProductVersion:
    """Release a reviewed version and freeze its content under its hash: right `version.release`.

    `Conflict` unless the very content was approved by someone else than its authors, and for a
    product that is retired (4-10).

    It takes effect at `effective_from` (aware), by default at its planned date, or now when that
    date is past. Never in the past, except by the group administrator with a reason. The periods
    of the product's released versions are computed anew in the same transaction. The release says
    what it does to contracts in force, by default what the draft says.
    """
    permissions.require_on(actor, Action.VERSION_RELEASE, version)
    with transaction(actor, version.company_id):
        versions = _lock(version)
        locked = versions[version.pk]
        check_is_kept(locked.product)
        at = now()
        _check(locked, lifecycle.VersionState.RELEASED, at=at)
        start = effective_from or max(locked.effective_from, at)
        lifecycle.check_release_date(start, at=at, may_go_back=_may_go_back(actor, reason))
        locked.effective_from = start
        locked.applies_to_inforce = applies_to_inforce or locked.applies_to_inforce
        check_version(locked)
        digest = content_hash(locked)
        require_approval(locked, digest)
        locked.state = VersionState.RELEASED
        locked.content_hash = digest
        locked.released_at = at
        locked.released_by = actor
        locked.release_reason = reason
        _arrange(versions, new=locked)
        tell_release(actor=actor, version=locked)
    return locked


def withdraw_version(*, actor: User, version: ProductVersion, reason: str) -> ProductVersion:
    """Take back a released version before it takes effect: right `version.withdraw`.

    The version before it runs on until the next one; what was to be published of this one is not,
    and those of each sale are told. `reason` stands in the history; `Invalid` without one.
    """
    permissions.require_on(actor, Action.VERSION_WITHDRAW, version)
    if not reason.strip():
        raise Invalid(VersionProblem.REASON, path="reason")
    with transaction(actor, version.company_id):
        lock_row(version.product)  # as who publishes does, before the version
        versions = _lock(version)
        locked = versions[version.pk]
        at = now()
        _check(locked, lifecycle.VersionState.WITHDRAWN, at=at)
        locked.state = VersionState.WITHDRAWN
        locked.withdrawn_at = at
        locked._change_reason = reason  # type: ignore[attr-defined]  # read by the history
        _save(locked)
        _arrange(versions)
        _cancel_publications(actor, locked, reason.strip())
    return locked


def _cancel_publications(actor: User, version: ProductVersion, reason: str) -> None:
    """Take away what was to be published: it would begin with a version that never applies."""
    rows = Publication._base_manager.filter(product_version=version).select_related("company")
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        row.product_version = version
        tell_withdrawn(actor=actor, publication=row, reason=reason)
        row.delete()


def _lock(version: ProductVersion) -> dict[UUID, ProductVersion]:
    """Lock every version of the product, by pk, and return them as they are now."""
    rows = (
        ProductVersion.objects.filter(product_id=version.product_id)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    versions = {row.pk: row for row in rows}
    if version.pk not in versions:
        raise NotFound(VersionProblem.UNKNOWN)
    return versions


def _check(version: ProductVersion, target: lifecycle.VersionState, *, at: datetime) -> None:
    lifecycle.check_version_transition(
        lifecycle.VersionState(version.state), target, effective_from=version.effective_from, at=at
    )


def check_is_kept(product: Product) -> None:
    """Raise `Conflict` where the product is retired: it is over for good (4-10)."""
    if product.lifecycle_status == LifecycleStatus.RETIRED:
        raise Conflict(VersionProblem.RETIRED)


def _may_go_back(actor: User, reason: str) -> bool:
    return bool(reason.strip()) and Role.GROUP_ADMIN in permissions.access_of(actor).group_wide


def _arrange(versions: dict[UUID, ProductVersion], *, new: ProductVersion | None = None) -> None:
    """Give each released version the next one's start as its end, and save what changed.

    From the oldest to the newest: a period is shortened before `new` takes its place, so that the
    exclusion constraint holds at every statement.
    """
    released = sorted(
        (row for row in versions.values() if row.state == VersionState.RELEASED),
        key=lambda row: row.effective_from,
    )
    ends = lifecycle.periods_of(row.effective_from for row in released)
    for row in released:
        end = ends[row.effective_from]
        if row is new or row.effective_to != end:
            row.effective_to = end
            _save(row)


def _save(version: ProductVersion) -> None:
    version.full_clean()
    version.save()
