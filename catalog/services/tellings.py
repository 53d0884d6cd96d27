"""Who is told of the steps of a version, by the RACI of Annexe D.3 and the rights of §11."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog.choices import ApprovalDomain, Channel, VersionState
from catalog.domain import raci
from catalog.domain.approvals import Standing
from catalog.models import ProductVersion, Publication, SaleAgreement, VersionApproval
from catalog.selectors.approvals import ACTIONS, people_asked
from catalog.services.approval_states import approval_states, authors_of, digest_of
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.models.company import Company
from winvest.core.permissions import RIGHTS
from winvest.core.services.notifications import notify

TARGET = "catalog_productversion"


def ask_approvals(*, actor: User | None, version: ProductVersion) -> None:
    """Ask each approval that the content lacks of whoever may give it, its authors left out."""
    authors, digest = authors_of(version), digest_of(version)
    for state in approval_states(version):
        if state.standing == Standing.APPROVED:
            continue
        domain = ApprovalDomain(state.domain)
        notify(
            kind=NotificationKind.APPROVAL_ASKED,
            action=ACTIONS[domain],
            title=f"{version} : approbation {domain.label} demandée",
            text=f"Le contenu de {version} ({version.product.name}) attend votre approbation"
            f"{f', soumis par {actor}' if actor else ', il a changé depuis'}.",
            key=f"{version.pk}:{domain}:{version.submissions}{_again(state.standing, digest)}",
            roles=RIGHTS[ACTIONS[domain]],
            only=set(people_asked(domain, version)) - authors,
            **_about(version),
        )


def tell_decision(*, actor: User, version: ProductVersion, approval: VersionApproval) -> None:
    """Tell the authors, and those whom the RACI has consulted or informed of this step."""
    refused = approval.decision == "refused"
    label = approval.get_domain_display()
    said = "refusée" if refused else "donnée"
    kind = NotificationKind.APPROVAL_REFUSED if refused else NotificationKind.APPROVAL_GIVEN
    message = {
        "kind": kind,
        "action": Action.CATALOG_VIEW_ALL,
        "title": f"{version} : approbation {label} {said}",
        "text": f"Par {actor}. {approval.comment}".strip(),
        "key": str(approval.pk),
        "without": {actor.pk},
        **_about(version),
    }
    notify(only=authors_of(version), **message)
    step = raci.approval_step(approval.domain, first=is_first(version))
    notify(roles=raci.told_roles(step), **message)


def tell_release(*, actor: User, version: ProductVersion) -> None:
    """Tell whoever takes part in the publication, ADV first: a released version is to publish."""
    step = raci.Step.PUBLICATION if is_first(version) else raci.Step.IMPLEMENTATION
    actors = {raci.accountable(step), *raci.responsible(step)}
    notify(
        kind=NotificationKind.VERSION_RELEASED,
        action=Action.CATALOG_VIEW_ALL,
        title=f"{version} mise en production",
        text=f"Par {actor}. {version.product.name} : date d'effet le "
        f"{local_day(version)} ; à publier une fois toutes ses approbations données.",
        roles=raci.told_roles(step) | raci.roles_of(actors),
        without={actor.pk},
        **_about(version),
    )


def remind_publication(*, version: ProductVersion, due_at: datetime) -> int:
    """Tell ADV, who answers for the publication, that it is late; in its absence whoever may (R-02).

    Once for each version: the sweeper calls again.
    """
    message = {
        "kind": NotificationKind.PUBLICATION_LATE,
        "action": Action.PUBLICATION_PUBLISH,
        "title": f"{version} : publication en retard",
        "text": f"{version.product.name} est validé et devait être publié avant le "
        f"{_local(due_at, version.company)}.",
        **_about(version),
    }
    adv = raci.roles_of({raci.accountable(raci.Step.PUBLICATION)})
    return notify(roles=adv, **message) or notify(**message)


def tell_agreement(*, actor: User, agreement: SaleAgreement) -> None:
    """Tell the seller's people who publish what the owner agrees to, and until when (R-10)."""
    product, step = agreement.product, raci.Step.PUBLICATION
    until = f" jusqu'au {_local(agreement.end_at, agreement.company)}" if agreement.end_at else ""
    notify(
        kind=NotificationKind.SALE_AGREEMENT,
        action=Action.CATALOG_VIEW_ALL,
        title=f"{product.sku} : accord de vente de {agreement.company.brand_name}",
        text=f"{product.name}, du {_local(agreement.start_at, agreement.company)}{until}."
        f" {agreement.terms or ''}".rstrip(),
        key=f"{agreement.pk}:{agreement.updated_at.isoformat()}:{agreement.end_at}",
        roles=raci.told_roles(step)
        | raci.roles_of({raci.accountable(step), *raci.responsible(step)}),
        without={actor.pk},
        company_id=agreement.seller_id,
        risk_id=agreement.family_risk(),
        target="catalog_saleagreement",
        target_id=agreement.pk,
    )


def tell_planned_publication(*, publication: Publication) -> int:
    """Tell whoever takes part in the publication, in the company that is to sell, when it begins.

    Once for each date: the sweeper calls again.
    """
    version, step = publication.product_version, raci.Step.PUBLICATION
    channels = ", ".join(str(Channel(one).label) for one in publication.channels)
    return notify(
        kind=NotificationKind.PUBLICATION_PLANNED,
        action=Action.CATALOG_VIEW_ALL,
        title=f"{version} : publication planifiée",
        text=f"{version.product.name}, le {_local(publication.start_at, publication.company)} : "
        f"{channels}.",
        key=f"{publication.pk}:{publication.start_at.isoformat()}",
        roles=raci.told_roles(step)
        | raci.roles_of({raci.accountable(step), *raci.responsible(step)}),
        company_id=publication.company_id,
        risk_id=version.family_risk(),
        target="catalog_publication",
        target_id=publication.pk,
    )


def ask_communication(*, publication: Publication) -> int:
    """Ask whoever answers for the communication to prepare it: the seller's Marketing (D.4-05)."""
    version, step = publication.product_version, raci.Step.COMMUNICATION
    channels = ", ".join(str(Channel(one).label) for one in publication.channels)
    return notify(
        kind=NotificationKind.COMMUNICATION,
        action=Action.NOTIFICATION_PUBLISH,
        title=f"{version} : communication à faire",
        text=f"{version.product.name} se vend à partir du "
        f"{_local(publication.start_at, publication.company)} : {channels}.",
        roles=raci.roles_of({raci.accountable(step)}),
        company_id=publication.company_id,
        risk_id=version.family_risk(),
        target="catalog_publication",
        target_id=publication.pk,
    )


def is_first(version: ProductVersion) -> bool:
    """Whether the product has no other released version: a creation (D.3.1), else a change."""
    rows = ProductVersion._base_manager.filter(
        product=version.product_id, state=VersionState.RELEASED
    )
    return not rows.exclude(pk=version.pk).exists()


def local_day(version: ProductVersion) -> str:
    """Return when the version takes effect, on the wall of its company."""
    return _local(version.effective_from, version.company)


def _local(at: datetime, company: Company) -> str:
    return f"{at.astimezone(ZoneInfo(company.timezone)):%d/%m/%Y à %H:%M}"


def _again(standing: Standing, digest: str) -> str:
    """Ask anew for each content that voids an approval."""
    return f":{digest[-12:]}" if standing == Standing.VOID else ""


def _about(version: ProductVersion) -> dict[str, Any]:
    risk: UUID | None = version.family_risk()
    return {
        "company_id": version.company_id,
        "risk_id": risk,
        "target": TARGET,
        "target_id": version.pk,
    }
