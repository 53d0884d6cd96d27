"""Publishing a version for a company, once nothing stands against it (§3.4, `domain.md` §2; R-02)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from catalog import parts
from catalog.choices import Availability, IntegrationStatus, VersionState, Visibility
from catalog.domain.publication import Checklist, Sale, checklist
from catalog.models import ExternalMapping, ProductVersion, Publication
from catalog.services.approval_states import authors_of
from catalog.services.holds import hold_sale, hold_version
from catalog.services.sale_tellings import tell_end, tell_published
from winvest.core import permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Forbidden, Invalid, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, lock_row
from winvest.core.transaction import transaction

UNAVAILABLE = Availability.UNAVAILABLE


class PublicationProblem(Problem):
    """Why a version is not published."""

    BLOCKED = (
        "publication.blocked",
        "Cette version ne peut pas encore être publiée : voir toutes les raisons.",
    )
    OWN = (
        "publication.own",
        "Qui a écrit le contenu d'une version ne la publie pas : une autre personne le fait.",
    )
    REASON = (
        "publication.reason",
        "L'ADV publie ; un administrateur le fait en son absence, en disant pourquoi.",
    )
    KEPT = "publication.kept", "Une publication commencée se termine, sans s'effacer."
    OVER = (
        "publication.over",
        "Cette publication est finie : ce qui a été vendu ne se récrit pas. Faites-en une nouvelle.",
    )
    BEGUN = "publication.begun", "Cette publication a commencé : son début ne change plus."
    PAST_END = (
        "publication.past_end",
        "La fin ne se date pas dans le passé : ce qui a été vendu l'a été.",
    )
    WHY_ENDED = "publication.why_ended", "Dites pourquoi cette publication se termine."
    NOT_RUNNING = (
        "publication.not_running",
        "Seule une publication en cours se termine : celle-ci est finie, ou n'a pas commencé et se "
        "supprime.",
    )
    END = (
        "publication.end",
        "La fin est à venir, et avant celle qui est prévue.",
    )
    NO_API = (
        "integration.not_by_api",
        "Seul un code « Intégré API » s'essaie en sandbox.",
    )


def publication_checklist(*, version: ProductVersion, sale: Sale) -> Checklist:
    """Return every problem of a publication of the version, whoever asks: blocking or only told."""
    with scoping.everything():  # the seller's scope need not hold the owner's rows
        return checklist([one for check in parts.checks().values() for one in check(version, sale)])


def publish_version(*, actor: User, publication: Publication) -> Publication:
    """Insert a publication of a version: right `publication.publish` of the seller.

    `Conflict` with every blocking problem of the checklist; `Forbidden` for an author of the
    content; `Invalid` for an administrator who does not say why ADV does not publish (R-02). Of two
    that overlap, made at once, the second finds the first: it is told by the constraint's sentence.
    """
    with transaction(actor, publication.company_id):
        hold_sale(publication)
        publication.full_clean()
        check_publication(actor=actor, publication=publication, reason=publication.reason)
        publication.save(force_insert=True)
        tell_published(actor=actor, publication=publication)
    return publication


def change_publication(
    *,
    actor: User,
    publication: Publication,
    changes: Mapping[str, Any],
    check: Callable[[Any], None] | None = None,
) -> Publication:
    """Write `changes`: right `publication.edit`; what widens the sale is checked as a new one is.

    `check` looks at the locked row first. `Conflict` for one that is over: a sale that begins again is
    another publication; `Invalid` for another start of one that began, or an end that is past.
    Raises like `publish_version`.
    """

    def check_widening(row: Publication) -> None:
        if check is not None:
            check(row)
        if is_over(row) and any(getattr(row, name) != value for name, value in changes.items()):
            raise Conflict(PublicationProblem.OVER)
        after = Publication(**{f.attname: getattr(row, f.attname) for f in row._meta.fields})
        after._state.adding = False  # the row as it will be, and no other
        for name, value in changes.items():
            setattr(after, name, value)
        after.full_clean(validate_unique=False, validate_constraints=False)
        if (rewritten := rewrites(row, after)) is not None:
            raise Invalid(rewritten[1], path=rewritten[0])
        if widens(row, after):
            said = str(changes.get("reason", ""))
            check_publication(actor=actor, publication=after, reason=said)

    with transaction(actor, publication.company_id):
        hold_sale(publication)
        end = lock_row(publication).end_at
        row = change_row(
            actor=actor,
            row=publication,
            changes=changes,
            action=Action.PUBLICATION_EDIT,
            check=check_widening,
        )
        if row.end_at != end:
            tell_end(actor=actor, publication=row)
    return row


def unpublish(
    *, actor: User, publication: Publication, reason: str, at: datetime | None = None
) -> Publication:
    """End a running publication, now or `at` (aware, to come): right `publication.edit`.

    `reason` stands in the history and is told. `Invalid` without one, or for an end that is past or
    not before the planned one; `Conflict` for a publication that does not run (§3.4).
    """
    permissions.require_on(actor, Action.PUBLICATION_EDIT, publication)
    said = reason.strip()
    if not said:
        raise Invalid(PublicationProblem.WHY_ENDED, path="reason")
    with transaction(actor, publication.company_id):
        hold_sale(publication)
        row, present = lock_row(publication), now()
        if not is_running(row):
            raise Conflict(PublicationProblem.NOT_RUNNING)
        end = present if at is None else at
        if end < present or (row.end_at is not None and end >= row.end_at):
            raise Invalid(PublicationProblem.END, path="at")
        row.end_at = end
        row._change_reason = said  # type: ignore[attr-defined]  # read by the history
        row.full_clean()
        row.save()
        tell_end(actor=actor, publication=row, reason=said)
    return row


def check_publication(*, actor: User, publication: Publication, reason: str) -> None:
    """Refuse what may not be published, with every reason; the caller's transaction is open.

    `reason` is what an administrator says of this very change. The version is held: nobody
    decides on it meanwhile. Who locked the publication called `hold_sale` before.
    """
    permissions.require_on(actor, Action.PUBLICATION_PUBLISH, publication)
    hold_sale(publication)
    version = hold_version(publication.product_version_id)
    if actor.pk in authors_of(version):
        raise Forbidden(PublicationProblem.OWN)
    roles = permissions.access_of(actor).roles(publication.company_id)
    if Role.ADV not in roles and not reason.strip():
        raise Invalid(PublicationProblem.REASON, path="reason")
    found = publication_checklist(version=version, sale=sale_of(publication))
    if not found.is_clear:
        reasons = [one.reason() for one in found.blocking]
        raise Conflict.several(PublicationProblem.BLOCKED, reasons)


def why_kept(publication: Publication) -> PublicationProblem | None:
    """Return why a publication is not deleted: what has been on sale ends (`design/domain.md` §2)."""
    return PublicationProblem.KEPT if publication.start_at <= now() else None


def record_trial(*, actor: User, mapping: ExternalMapping) -> ExternalMapping:
    """Record that the partner's sandbox answered for an external code: right `integration.console`.

    By hand, as long as no connector tries it (C.2). Another code is another trial. `Conflict` for a
    code by which no API prices the product.
    """
    permissions.require_on(actor, Action.INTEGRATION_CONSOLE, mapping)
    with transaction(actor, mapping.company_id):
        row = lock_row(mapping)
        if row.integration_status != IntegrationStatus.API:
            raise Conflict(PublicationProblem.NO_API)
        row.sandbox_passed_at, row.sandbox_passed_by = now(), actor
        row.save()
    return row


def is_running(publication: Publication) -> bool:
    """Whether the publication has begun, and is not over."""
    return publication.start_at < now() and not is_over(publication)


def rewrites(before: Publication, after: Publication) -> tuple[str, PublicationProblem] | None:
    """Return the field by which a change would say that a past sale was another one, and why."""
    if before.start_at <= now() and after.start_at != before.start_at:
        return "start_at", PublicationProblem.BEGUN
    end = after.end_at
    if end is not None and end != before.end_at and end < now():
        return "end_at", PublicationProblem.PAST_END
    return None


def is_over(publication: Publication) -> bool:
    """Whether the publication has ended, itself or with its version: it tells what was on sale, for
    ever (A.4, M-19).
    """
    end = publication.ends_at()
    withdrawn = publication.product_version.state == VersionState.WITHDRAWN
    return withdrawn or (end is not None and end <= now())


def sale_of(publication: Publication) -> Sale:
    """Return what a publication puts on sale from now on."""
    return Sale(
        seller=publication.company_id,
        channels=frozenset(publication.channels),
        start=max(publication.start_at, now()),
        end=publication.end_at,
    )


def widens(before: Publication, after: Publication) -> bool:
    """Whether a change of a publication sells more: a channel, an instant, to more people, again."""
    ends_later = before.end_at is not None and (
        after.end_at is None or after.end_at > before.end_at
    )
    seen = list(Visibility.values)
    return (
        not set(after.channels) <= set(before.channels)
        or after.start_at < before.start_at
        or ends_later
        or seen.index(after.visibility) > seen.index(before.visibility)
        or (before.availability == UNAVAILABLE and after.availability != UNAVAILABLE)
    )
