"""Why a price is refused, with the page where whoever may mends it (screens.md 2)."""

from collections.abc import Callable
from uuid import UUID

from django.urls import reverse

from catalog.admin.sheet_actions import Why
from catalog.admin.sheet_tabs import Asked, sheet_address
from catalog.domain.eligibility import SellableProblem
from catalog.domain.lifecycle import LifecycleStatus
from catalog.services.lifecycle import possible_moves
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError


def refusals_of(error: DomainError, asked: Asked, seller: UUID) -> list[Why]:
    """Return each reason of a refusal, with a link where the person may mend it."""
    if not error.reasons:
        return [Why(str(error))]
    found = []
    for one in error.reasons:
        opens, cure = _CURES.get(one.code, ("", _nowhere))
        found.append(Why(one.message, cure(asked, seller), opens))
    return found


def _nowhere(_asked: Asked, _seller: UUID) -> str:
    return ""


def _publishing(asked: Asked, seller: UUID) -> str:
    """Return the checklist of the version shown, which leads to its publication."""
    may = asked.access.allowed_on(Action.PUBLICATION_PUBLISH, asked.product, seller)
    if not may or not asked.sees_all or asked.version is None:
        return ""
    page = reverse("admin:catalog_productversion_checklist", args=[asked.version["id"]])
    return f"{page}?company={seller}"


def _publications(asked: Asked, seller: UUID) -> str:
    if not asked.access.allowed_on(Action.PUBLICATION_EDIT, asked.product, seller):
        return ""
    shown = (asked.version or {}).get("version")
    return sheet_address(asked.product.pk, onglet="description", version=shown)


def _status(asked: Asked, _seller: UUID) -> str:
    moves = set(possible_moves(asked.access, asked.product)) - {LifecycleStatus.RETIRED}
    return reverse("admin:catalog_product_move", args=[asked.product.pk]) if moves else ""


def _partner(asked: Asked, seller: UUID) -> str:
    partner = asked.product.partner_id
    may = partner is not None and asked.access.allowed(Action.PARTNER_EDIT, seller)
    return reverse("admin:partners_partner_change", args=[partner]) if may else ""


def _bans(asked: Asked, seller: UUID) -> str:
    may = asked.access.allowed(Action.PUBLICATION_EDIT, seller)
    return reverse("admin:catalog_salesban_changelist") if may else ""


def _codes(asked: Asked, _seller: UUID) -> str:
    may = asked.allows(Action.INTEGRATION_CONSOLE)
    return sheet_address(asked.product.pk, onglet="integrations") if may else ""


def _prices(asked: Asked, _seller: UUID) -> str:
    version = asked.version
    if version is None or version["released_at"] or not asked.allows(Action.PRICING_EDIT):
        return ""
    return reverse("admin:catalog_productversion_change", args=[version["id"]])


def _rates(asked: Asked, _seller: UUID) -> str:
    may = asked.access.allowed(Action.ACCOUNTING_SETTINGS, asked.product.company_id)
    return reverse("admin:core_vatrate_changelist") if may else ""


def _versions(asked: Asked, _seller: UUID) -> str:
    return sheet_address(asked.product.pk, onglet="historique") if asked.sees_all else ""


_CURES: dict[str, tuple[str, Callable[[Asked, UUID], str]]] = {
    SellableProblem.PUBLICATION.value: ("Publier la version", _publishing),
    SellableProblem.UNAVAILABLE.value: ("Voir les publications", _publications),
    SellableProblem.PRODUCT_STATUS.value: ("Changer le statut", _status),
    SellableProblem.PARTNER.value: ("Ouvrir le partenaire", _partner),
    SellableProblem.BANNED.value: ("Ouvrir la liste noire", _bans),
    SellableProblem.UNTRIED.value: ("Ouvrir les codes externes", _codes),
    SellableProblem.PRICE.value: ("Ouvrir la version", _prices),
    SellableProblem.VAT.value: ("Ouvrir les taux de TVA", _rates),
    SellableProblem.BEFORE_FIRST.value: ("Voir les versions", _versions),
    SellableProblem.VERSION.value: ("Voir les versions", _versions),
}
