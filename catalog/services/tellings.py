"""Who is asked and told of the steps of a version (Annexe D.3.1, D.3.2; R-04 to R-06)."""

from typing import Any
from uuid import UUID

from catalog import parts
from catalog.choices import ApprovalDomain, VersionState
from catalog.domain import raci
from catalog.domain.approvals import Standing
from catalog.domain.publication import Sale
from catalog.models import ProductVersion, VersionApproval
from catalog.selectors.approvals import ACTIONS, people_asked
from catalog.selectors.planned_sales import planned_sales, sale_in_words
from catalog.services.approval_states import approval_states, authors_of, digest_of, not_asked
from catalog.services.audience import local_time, tell
from catalog.services.publication_checks import findings_of_succession
from catalog.services.sale_tellings import tell_refused_on_sale, tell_sellers
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.permissions import RIGHTS
from winvest.core.services.notifications import notify

TARGET = "catalog_productversion"
MAX_TEXT = 2_000
AGAIN = " La version est de nouveau en brouillon : ouvrez-la pour la corriger, puis soumettez-la."


def ask_approvals(*, actor: User | None, version: ProductVersion) -> None:
    """Ask each approval that the content lacks of whoever may give it, its authors and its requester left out."""
    digest, barred = digest_of(version), not_asked(version)
    for state in approval_states(version):
        if state.standing == Standing.APPROVED:
            continue
        domain = ApprovalDomain(state.domain)
        notify(
            kind=NotificationKind.APPROVAL_ASKED,
            action=ACTIONS[domain],
            title=f"{version} : approbation {domain.label} demandée",
            text=f"Le contenu de {version} ({version.product.name}) attend votre approbation"
            f"{f', soumis par {actor}' if actor else ', il a changé depuis'}."
            f"{_accounts_asked(version) if domain == ApprovalDomain.ACCOUNTING else ''}",
            key=f"{version.pk}:{domain}:{version.submissions}{_again(state.standing, digest)}",
            roles=RIGHTS[ACTIONS[domain]],
            only=set(people_asked(domain, version, barred)),
            **_about(version),
        )


def tell_submission(*, actor: User, version: ProductVersion) -> None:
    """Ask the opinion of those whom the RACI has consulted, and tell those whom it has informed.

    Whoever gives an approval says there what he thinks: he is not asked twice.
    """
    authors = authors_of(version)
    approvers: set[UUID] = set()
    for state in approval_states(version):
        approvers |= set(people_asked(state.domain, version, not_asked(version)))
    message = {
        "key": f"{version.pk}:{version.submissions}",
        "without": approvers | authors | {actor.pk},
        **_about(version),
    }
    steps = raci.submitted_steps(first=is_first(version))
    tell(
        kind=NotificationKind.OPINION_ASKED,
        title=f"{version} : votre avis est demandé",
        text=f"{version.product.name}, prévu le {local_day(version)}, est soumis à approbation. "
        f"Donnez votre avis à {actor}.",
        roles=raci.consulted_roles(steps),
        **message,
    )
    tell(
        kind=NotificationKind.VERSION_SUBMITTED,
        title=f"{version} soumise à approbation",
        text=f"Par {actor}. {version.product.name}, prévu le {local_day(version)}.",
        roles=raci.informed_roles(steps),
        **message,
    )


def tell_decision(*, actor: User, version: ProductVersion, approval: VersionApproval) -> None:
    """Tell the authors and who asked, and those whom the RACI has consulted or informed of this step.

    Of a version that is a draft again, they are told where they go on with it.
    """
    refused = approval.decision == "refused"
    label = approval.get_domain_display()
    said = "refusée" if refused else "donnée"
    kind = NotificationKind.APPROVAL_REFUSED if refused else NotificationKind.APPROVAL_GIVEN
    message = {
        "kind": kind,
        "title": f"{version} : approbation {label} {said}",
        "text": f"Par {actor}. {_sentence(approval.comment)}".strip(),
        "key": str(approval.pk),
        "without": {actor.pk},
        **_about(version),
    }
    back = AGAIN if refused and version.state == VersionState.DRAFT else ""
    theirs = message | {"text": f"{message['text']}{back}"}
    notify(action=Action.CATALOG_VIEW_ALL, only=not_asked(version), **theirs)
    step = raci.approval_step(approval.domain, first=is_first(version))
    tell(roles=raci.told_roles(step), **message)
    if refused and version.state == VersionState.RELEASED:
        tell_refused_on_sale(actor=actor, approval=approval, label=label)


def tell_release(*, actor: User, version: ProductVersion) -> None:
    """Tell whoever takes part in the publication, ADV first: a released version is to publish."""
    step = raci.Step.PUBLICATION if is_first(version) else raci.Step.IMPLEMENTATION
    tell(
        kind=NotificationKind.VERSION_RELEASED,
        title=f"{version} mise en production",
        text=" ".join(
            [
                f"Par {actor}. {version.product.name} : date d'effet le {local_day(version)} ; "
                "à publier une fois toutes ses approbations données.",
                *(f"Vente prévue, {sale_in_words(row)}." for row in planned_sales(version)),
                *(finding.message for finding in findings_of_succession(version)),
            ]
        )[:MAX_TEXT],
        roles=raci.team_roles(step),
        without={actor.pk},
        **_about(version),
    )
    tell_sellers(actor=actor, version=version)


def is_first(version: ProductVersion) -> bool:
    """Whether the product has no other released version: a creation (D.3.1), else a change."""
    rows = ProductVersion._base_manager.filter(
        product=version.product_id, state=VersionState.RELEASED
    )
    return not rows.exclude(pk=version.pk).exists()


def local_day(version: ProductVersion) -> str:
    """Return when the version takes effect, on the wall of its company."""
    return local_time(version.effective_from, version.company)


def _again(standing: Standing, digest: str) -> str:
    """Ask anew for each content that voids an approval."""
    return f":{digest[-12:]}" if standing == Standing.VOID else ""


def _accounts_asked(version: ProductVersion) -> str:
    """Say which accounts of the owner are still to enter or to validate: Compta's task (R-03)."""
    check = parts.checks().get("accounting")
    if check is None:
        return ""
    owner = Sale(seller=version.company_id, channels=frozenset(), start=version.effective_from)
    return "".join(f" {one.message} {one.rule.cure}" for one in check(version, owner))


def _sentence(text: str) -> str:
    """End what somebody typed, where something may follow."""
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _about(version: ProductVersion) -> dict[str, Any]:
    risk: UUID | None = version.family_risk()
    return {
        "company_id": version.company_id,
        "risk_id": risk,
        "target": TARGET,
        "target_id": version.pk,
    }
