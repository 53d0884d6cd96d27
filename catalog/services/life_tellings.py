"""Who is told of the life of a product: planned, sales stopped, retired (§4, D.3.5; 4-09, 4-10)."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog.choices import LifecycleStatus
from catalog.domain import raci
from catalog.domain.transitions import WITH_REASON
from catalog.models import Product, ProductTransition, Publication
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import User
from winvest.core.models.company import Company
from winvest.core.services.notifications import notify

TARGET = "catalog_product"
# The line of Annexe D.3.5 that a move is, and what it is told as once made.
STEPS = {
    LifecycleStatus.FROZEN: (raci.Step.SALES_STOP, NotificationKind.PRODUCT_FROZEN),
    LifecycleStatus.RETIRED: (raci.Step.RETIREMENT, NotificationKind.PRODUCT_RETIRED),
}


def tell_move(*, product: Product, move: ProductTransition, actor: User | None = None) -> None:
    """Tell that sales stopped or that the product is retired: its people, and whoever sells it.

    The owner's, and those of each company that sells it; `actor`, who has just done it, is not
    told.
    """
    if move.to_status not in WITH_REASON:
        return
    step, kind = STEPS[LifecycleStatus(move.to_status)]
    retired = move.to_status == LifecycleStatus.RETIRED
    said = "produit retiré" if retired else "vente gelée"
    text = f"{product.name}. Motif : {move.reason}"
    for company_id in {product.company_id, *_sellers(product, move)}:
        notify(
            kind=kind,
            action=Action.CATALOG_VIEW,
            title=f"{product.sku} : {said}",
            text=f"{text}\n{exit_plan_in_words(move)}" if retired else text,
            key=f"{move.pk}:{company_id}",
            roles=_team(step) | {Role.SALES},
            without=() if actor is None else {actor.pk},
            **_about(product, company_id),
        )


def tell_planned(*, actor: User, product: Product, move: ProductTransition) -> None:
    """Tell the product's people that its sale is to stop, or will not after all."""
    if move.to_status not in WITH_REASON:
        return
    cancelled = move.cancelled_by_id is not None
    target = move.get_to_status_display()
    notify(
        kind=NotificationKind.LIFECYCLE_PLANNED,
        action=Action.CATALOG_VIEW_ALL,
        title=f"{product.sku} : passage à « {target} » {'annulé' if cancelled else 'prévu'}",
        text=f"{product.name}, le {_local(move.due_at, product.company)}. Motif : {move.reason}",
        key=f"{move.pk}:{'cancelled' if cancelled else 'planned'}",
        roles=_team(STEPS[LifecycleStatus(move.to_status)][0]),
        without={actor.pk},
        **_about(product, product.company_id),
    )


def tell_failed(*, product: Product, move: ProductTransition) -> None:
    """Tell whoever planned a move that its day has come and that it could not be made."""
    notify(
        kind=NotificationKind.LIFECYCLE_PLANNED,
        action=Action.CATALOG_VIEW_ALL,
        title=f"{product.sku} : passage à « {move.get_to_status_display()} » en échec",
        text=f"{product.name}, prévu le {_local(move.due_at, product.company)}. "
        f"{move.shown_problems()}",
        key=f"{move.pk}:failed",
        only=set() if move.decided_by_id is None else {move.decided_by_id},
        **_about(product, product.company_id),
    )


def exit_plan_in_words(move: ProductTransition) -> str:
    """Return what becomes of the clients of a retired product."""
    replaced = f" Remplacé par {move.replacement.sku}." if move.replacement else ""
    renewals = "permis" if move.renewals_allowed else "refusés"
    note = f" {move.exit_note}" if move.exit_note else ""
    return f"Contrats en cours maintenus, renouvellements {renewals}.{replaced}{note}"


def _team(step: raci.Step) -> frozenset[Role]:
    doing = {raci.accountable(step), *raci.responsible(step)}
    return raci.told_roles(step) | raci.roles_of(doing)


def _sellers(product: Product, move: ProductTransition) -> set[UUID]:
    """Return the companies that sell the product, or did until the move."""
    rows = Publication._base_manager.filter(product=product)
    return {
        company
        for company, end in rows.values_list("company_id", "end_at")
        if end is None or end >= move.due_at
    }


def _local(at: datetime, company: Company) -> str:
    return f"{at.astimezone(ZoneInfo(company.timezone)):%d/%m/%Y à %H:%M}"


def _about(product: Product, company_id: UUID) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "risk_id": product.family_risk(),
        "target": TARGET,
        "target_id": product.pk,
    }
