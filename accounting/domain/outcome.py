"""What becomes of a told operation: booked with its entries, or waiting with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from accounting.domain.entry import Entry
from accounting.domain.mapping_rules import DEFAULT_JOURNALS, JournalKey
from accounting.domain.operation import Facts
from winvest.core.errors import Problem, Reason


class BookingProblem(Problem):
    """Why an operation waits, is refused or is flagged."""

    NO_VERSION = (
        "version.none",
        "Aucune version du produit « {sku} » n'est en vigueur à la date de l'opération.",
    )
    VERSION_UNKNOWN = (
        "version.unknown",
        "Le produit « {sku} » n'a pas de version {number} mise en production.",
    )
    PLAN_MISSING = "plan.missing", "La formule est à préciser pour le produit « {sku} »."
    PLAN_UNKNOWN = "plan.unknown", "La version n'a pas de formule « {plan} »."
    NOT_MAPPED = (
        "accounting.not_mapped",
        "Le produit « {sku} » n'a pas de compte validé pour la nature « {nature} ».",
    )
    NO_TAX_CODE = (
        "accounting.no_tax_code",
        "Ni le tarif ni le mapping du produit « {sku} » ne donnent de code TVA.",
    )
    EARLIER_PARKED = (
        "operation.original_parked",
        "L'opération d'origine, ou une opération précédente qui porte sur elle, est en attente.",
    )
    NO_COMMISSION = (
        "operation.no_commission",
        "Le produit « {sku} » ne donne pas de commission d'un partenaire.",
    )
    OTHER_PRODUCT = (
        "operation.other_product",
        "L'opération d'origine porte sur un autre produit ou une autre formule.",
    )
    OTHER_TAX_BASE = (
        "operation.other_tax_base",
        "L'opération d'origine n'a pas été dite dans cette base (HT ou TTC).",
    )
    PARTNER_SALE = (
        "operation.partner_sale",
        "Le client paie le partenaire : la vente ne donne pas d'écriture, seule la commission "
        "en donne.",
    )
    NOT_ACTIVE = "product.not_active", "Le produit « {sku} » n'est pas actif."
    NOT_PUBLISHED = (
        "publication.none",
        "Le produit « {sku} » n'était pas publié pour la société, sur ce canal et à cette date.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What main lines show beside their amounts, and the journals of the entries."""

    product_label: str
    partner_label: str = ""
    cost_center: str = ""
    tax_code: str = ""
    journals: Mapping[JournalKey, str] = field(default_factory=dict)

    def journal(self, key: JournalKey) -> str:
        """Return the journal's code: the one set for the account, else the usual one."""
        return self.journals.get(key) or DEFAULT_JOURNALS[key]


@dataclass(slots=True, kw_only=True)
class Booking:
    """What becomes of an operation; with reasons it waits, and has no entries."""

    sku: str
    plan: str = ""
    tax_included: bool = True
    version_id: UUID | None = None
    plan_id: UUID | None = None
    reasons: list[Reason] = field(default_factory=list)
    flags: list[Reason] = field(default_factory=list)
    facts: Facts | None = None
    shown: Shown = Shown(product_label="")
    entries: list[Entry] = field(default_factory=list)

    def wait(self, problem: Problem, path: str = "", **params: object) -> None:
        """Add a reason to wait."""
        self.reasons.append(Reason(problem.value, problem.message.format(**params), path))

    def flag(self, problem: Problem, **params: object) -> None:
        """Add something to tell, which does not keep it from being booked."""
        self.flags.append(Reason(problem.value, problem.message.format(**params)))
