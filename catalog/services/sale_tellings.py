"""Who is told of a sale: agreed, planned, late, begun, ended; who communicates it (D.3.1-08, D.3.2)."""

from datetime import datetime
from typing import Any

from catalog.choices import Channel
from catalog.domain import raci
from catalog.models import ProductVersion, Publication, SaleAgreement, VersionApproval
from catalog.selectors.agreements import is_agreed
from catalog.selectors.planned_sales import planned_sales, sale_in_words, sale_planned
from catalog.services.audience import local_time, tell
from winvest.core.choices import NotificationKind
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.services.notifications import notify

# Annexe D names no line for the end of a sale: it is told to those of the publication.
STEP = raci.Step.PUBLICATION


def remind_publication(*, version: ProductVersion, due_at: datetime) -> int:
    """Tell ADV, who answers for the publication, that it is late; in its absence whoever may (R-02).

    Once for each version: the sweeper calls again.
    """
    message: dict[str, Any] = {
        "kind": NotificationKind.PUBLICATION_LATE,
        "action": Action.PUBLICATION_PUBLISH,
        "title": f"{version} : publication en retard",
        "text": f"{version.product.name} est validé et devait être publié avant le "
        f"{local_time(due_at, version.company)}.",
        "company_id": version.company_id,
        "risk_id": version.family_risk(),
        "target": "catalog_productversion",
        "target_id": version.pk,
    }
    adv = raci.roles_of({raci.accountable(STEP)})
    return notify(roles=adv, **message) or notify(**message)


def tell_agreement(*, actor: User, agreement: SaleAgreement) -> None:
    """Tell the seller's people who publish what the owner agrees to, and until when (R-10)."""
    product = agreement.product
    until = (
        f" jusqu'au {local_time(agreement.end_at, agreement.company)}" if agreement.end_at else ""
    )
    tell(
        kind=NotificationKind.SALE_AGREEMENT,
        title=f"{product.sku} : accord de vente de {agreement.company.brand_name}",
        text=f"{product.name}, du {local_time(agreement.start_at, agreement.company)}{until}."
        f" {agreement.terms or ''}".rstrip(),
        key=f"{agreement.pk}:{agreement.updated_at.isoformat()}:{agreement.end_at}",
        roles=raci.team_roles(STEP),
        without={actor.pk},
        company_id=agreement.seller_id,
        risk_id=agreement.family_risk(),
        target="catalog_saleagreement",
        target_id=agreement.pk,
    )


def tell_sellers(*, actor: User, version: ProductVersion) -> None:
    """Ask whoever publishes in each other company that is to sell a released version (E-05, R-10).

    One that the owner has not agreed with yet reads nothing of it: the agreement tells it.
    """
    for row in planned_sales(version):
        sale = sale_planned(row)
        if sale.seller == version.company_id or not is_agreed(sale, version.product_id):
            continue
        tell(
            kind=NotificationKind.VERSION_RELEASED,
            title=f"{version} : à publier",
            text=f"Par {actor}. {version.product.name}. Vente prévue, {sale_in_words(row)}.",
            roles=raci.team_roles(STEP),
            without={actor.pk},
            company_id=sale.seller,
            risk_id=version.family_risk(),
            target="catalog_productversion",
            target_id=version.pk,
        )


def tell_planned_publication(*, publication: Publication) -> int:
    """Tell whoever takes part in the publication, in the company that is to sell, when it begins.

    Once for each date: the sweeper calls again.
    """
    version = publication.product_version
    return tell(
        kind=NotificationKind.PUBLICATION_PLANNED,
        title=f"{version} : publication planifiée",
        text=f"{version.product.name}, le "
        f"{local_time(publication.start_at, publication.company)} : {_channels(publication)}.",
        key=f"{publication.pk}:{publication.start_at.isoformat()}",
        roles=raci.team_roles(STEP),
        **_about(publication),
    )


def tell_published(*, actor: User, publication: Publication) -> None:
    """Tell of a sale that begins at once, and ask for its communication.

    The sweeper tells of those to come (`tell_planned_publication`).
    """
    if publication.start_at <= now():
        version = publication.product_version
        tell(
            kind=NotificationKind.PUBLICATION_BEGUN,
            title=f"{version} publiée",
            text=f"Par {actor}. {version.product.name} : {_channels(publication)}.",
            roles=raci.team_roles(STEP),
            without={actor.pk},
            **_about(publication),
        )
    _ask_communication(publication)


def tell_end(*, actor: User, publication: Publication, reason: str = "") -> None:
    """Tell that a sale ends, or ends at another date."""
    version, end = publication.product_version, publication.end_at
    when = local_time(end, publication.company) if end else ""
    tell(
        kind=NotificationKind.PUBLICATION_ENDED,
        title=f"{version} : {'fin de publication' if end else 'publication sans date de fin'}",
        text=f"Par {actor}. {version.product.name}{f', le {when}' if end else ''} : "
        f"{_channels(publication)}.{f' Motif : {reason}' if reason else ''}",
        key=f"{publication.pk}:{publication.updated_at.isoformat()}",
        roles=raci.team_roles(STEP),
        without={actor.pk},
        **_about(publication),
    )


def tell_withdrawn(*, actor: User, publication: Publication, reason: str) -> None:
    """Tell that a sale to come will not be: its version is withdrawn before its effect."""
    version = publication.product_version
    tell(
        kind=NotificationKind.PUBLICATION_ENDED,
        title=f"{version} : publication annulée",
        text=f"Par {actor}. {version.product.name} : {_channels(publication)}, le "
        f"{local_time(publication.start_at, publication.company)}. La version est retirée avant "
        f"son effet. Motif : {reason}",
        key=f"{publication.pk}:withdrawn",
        roles=raci.team_roles(STEP),
        without={actor.pk},
        **_about(publication)
        | {"target": "catalog_productversion", "target_id": publication.product_version_id},
    )


def tell_refused_on_sale(*, actor: User, approval: VersionApproval, label: str) -> None:
    """Tell each company that sells the version, or is to, that an approval of it was refused.

    The sale is not stopped by it (decision 25): who publishes decides.
    """
    version = approval.product_version
    sold = Publication.lasting(now()).filter(product_version=version)
    for company in sold.order_by().values_list("company", flat=True).distinct():
        notify(
            kind=NotificationKind.APPROVAL_REFUSED,
            action=Action.PUBLICATION_PUBLISH,
            title=f"{version} : approbation {label} refusée pour ce qui se vend",
            text=f"Par {actor}. {approval.comment}\nLa publication en cours ou à venir reste : "
            "dépubliez-la si la vente doit cesser.",
            key=f"{approval.pk}:sold",
            without={actor.pk},
            company_id=company,
            risk_id=version.family_risk(),
            target="catalog_productversion",
            target_id=version.pk,
        )


def _ask_communication(publication: Publication) -> None:
    """Ask whoever answers for the communication to prepare it: the seller's Marketing (D.4-05).

    The others of the step are informed that it is asked.
    """
    version, step = publication.product_version, raci.Step.COMMUNICATION
    message: dict[str, Any] = {
        "kind": NotificationKind.COMMUNICATION,
        "text": f"{version.product.name} se vend à partir du "
        f"{local_time(publication.start_at, publication.company)} : {_channels(publication)}.",
        **_about(publication),
    }
    asked = notify(
        action=Action.NOTIFICATION_PUBLISH,
        title=f"{version} : communication à faire",
        roles=raci.doing_roles(step),
        **message,
    )
    if asked:
        title = f"{version} : communication demandée au Marketing"
        tell(title=title, roles=raci.told_roles(step), **message)


def _channels(publication: Publication) -> str:
    return ", ".join(str(Channel(one).label) for one in publication.channels)


def _about(publication: Publication) -> dict[str, Any]:
    return {
        "company_id": publication.company_id,
        "risk_id": publication.product_version.family_risk(),
        "target": "catalog_publication",
        "target_id": publication.pk,
    }
