"""A bundle: components with one price, shared over them so that VAT by rate stays exact (§1, P-01).

A fixed price, or a discount on the sum of the components' own prices. Worked table:
`docs/rules/prix.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.domain.steps import percent_of, sum_of
from winvest.core.domain.money import check_amount, round_amount
from winvest.core.errors import Problem


class BundleProblem(Problem):
    """Why a bundle has no price."""

    MIXED = (
        "bundle.mixed",
        "Les composants d'un bundle ont la même devise et la même base (HT ou TTC) que lui.",
    )
    EMPTY = "bundle.empty", "Le bundle « {plan} » n'a aucun composant."
    NESTED = "bundle.nested", "Un bundle ne contient pas de bundle, ni lui-même."
    NOT_ONE = "bundle.not_one", "Cette formule n'est pas un bundle : donnez-lui d'abord son prix."
    OWN_PRICE = "bundle.own_price", "Le prix d'un bundle se calcule de ses composants."
    EXTRAS = "bundle.extras", "Un bundle n'a ni option ni surcharge : ses composants ont les leurs."
    NEGOTIATED = "bundle.negotiated", "Le prix négocié d'un bundle est un montant fixe."


class BundleKind(StrEnum):
    """How the price of a bundle is told."""

    FIXED = "fixed"
    PERCENT = "percent"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class BundlePrice:
    """A price per bundle, or what is taken off the sum of its components: percent, or per bundle.

    `tax_included` says in which base it is told; the components' prices are in the same.
    """

    kind: BundleKind
    value: Decimal
    tax_included: bool = True

    def total(self, own: Sequence[Decimal], quantity: Decimal, currency: str) -> Decimal:
        """Return what `quantity` bundles cost, rounded; `own` are the components' own prices."""
        value = check_amount(self.value)
        if self.kind is BundleKind.FIXED:
            return round_amount(quantity * value, currency)
        together = sum(own, Decimal(0))
        raw = together * value / 100 if self.kind is BundleKind.PERCENT else quantity * value
        return together - min(round_amount(raw, currency), together)

    def told(self, own: Sequence[Decimal], quantity: Decimal) -> str:
        """Return in words how the price is reached."""
        value = f"{self.value.normalize():f}"
        if self.kind is BundleKind.FIXED:
            return f"{quantity} * {value}"
        together = sum(own, Decimal(0))
        off = f"{quantity} * {value}"
        if self.kind is BundleKind.PERCENT:
            off = percent_of(together, self.value)
        # Rounded first, then taken off.
        return f"{sum_of(own)} - min(round({off}), {together})"
