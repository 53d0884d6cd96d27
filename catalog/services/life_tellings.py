"""Who is told of the life of a product: planned, sales stopped, retired (§4, D.3.5; 4-09, 4-10)."""

from typing import Any
from uuid import UUID

from catalog.choices import LifecycleStatus
from catalog.domain import raci
from catalog.domain.transitions import WITH_REASON
from catalog.models import Product, ProductTransition, Publication
from catalog.services.audience import local_time, tell
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import User
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
    if retired:
        text = f"{text}\n{exit_plan_in_words(move)}"
    for company_id in {product.company_id, *_sellers(product, move)}:
        notify(
            kind=kind,
            action=Action.CATALOG_VIEW,
            title=f"{product.sku} : {said}",
            text=text,
            key=f"{move.pk}:{company_id}",
            roles=raci.team_roles(step) | {Role.SALES},
            without=() if actor is None else {actor.pk},
            **_about(product, company_id),
        )
        if retired:
            _ask_clients_information(product, company_id, text=text)


def _ask_clients_information(product: Product, company_id: UUID, *, text: str) -> None:
    """Ask Marketing, who answers for it, and ADV to inform the clients (D.3.5-03)."""
    tell(
        kind=NotificationKind.COMMUNICATION,
        title=f"{product.sku} : informer les clients du retrait",
        text=text,
        key=f"{product.pk}:{company_id}:clients",
        roles=raci.doing_roles(raci.Step.CLIENTS),
        **_about(product, company_id),
    )


def tell_planned(*, actor: User, product: Product, move: ProductTransition) -> None:
    """Tell the product's people that its sale is to stop, or will not after all.

    Of a decision to come, those whom the RACI has consulted are asked their opinion: a retirement
    made at once leaves no time for it.
    """
    if move.to_status not in WITH_REASON:
        return
    cancelled = move.cancelled_by_id is not None
    step, target = STEPS[LifecycleStatus(move.to_status)][0], move.get_to_status_display()
    consulted = frozenset[Role]() if cancelled else raci.consulted_roles([step])
    when = f"{product.name}, le {local_time(move.due_at, product.company)}. Motif : {move.reason}"
    message = {"without": {actor.pk}, **_about(product, product.company_id)}
    tell(
        kind=NotificationKind.LIFECYCLE_PLANNED,
        title=f"{product.sku} : passage à « {target} » {'annulé' if cancelled else 'prévu'}",
        text=when,
        key=f"{move.pk}:{'cancelled' if cancelled else 'planned'}",
        roles=raci.team_roles(step) - consulted,
        **message,
    )
    tell(
        kind=NotificationKind.OPINION_ASKED,
        title=f"{product.sku} : passage à « {target} » prévu, votre avis est demandé",
        text=f"{when}\nDonnez votre avis à {actor} avant cette date.",
        key=str(move.pk),
        roles=consulted,
        **message,
    )


def tell_failed(*, product: Product, move: ProductTransition) -> None:
    """Tell whoever planned a move that its day has come and that it could not be made."""
    notify(
        kind=NotificationKind.LIFECYCLE_PLANNED,
        action=Action.CATALOG_VIEW_ALL,
        title=f"{product.sku} : passage à « {move.get_to_status_display()} » en échec",
        text=f"{product.name}, prévu le {local_time(move.due_at, product.company)}. "
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
    told = " Le Marketing répond de l'information des clients, avec l'ADV."
    return f"Contrats en cours maintenus, renouvellements {renewals}.{replaced}{note}{told}"


def _sellers(product: Product, move: ProductTransition) -> set[UUID]:
    """Return the companies that sell the product, or did until the move."""
    rows = Publication._base_manager.filter(product=product)
    return {
        company
        for company, end in rows.values_list("company_id", "end_at")
        if end is None or end >= move.due_at
    }


def _about(product: Product, company_id: UUID) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "risk_id": product.family_risk(),
        "target": TARGET,
        "target_id": product.pk,
    }
