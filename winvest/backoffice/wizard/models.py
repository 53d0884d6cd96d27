"""The models of a price in the words of a salesperson, and what each asks of a plan (§2.2, E.2.3-02).

A model is how one looks at the step: it says how a new line begins, and shows the boxes it needs. What
a plan costs stands on its own line: a product may have plans of several models.
"""

from dataclasses import dataclass
from typing import Any

from catalog.choices import (
    PricingModel,
    PricingType,
    Recurrence,
    RevenueModel,
    TierMode,
)
from catalog.models import PricingRule, ProductPlan, ProductVersion

FIXED, USAGE, INDEXED = (
    PricingType.FIXED.value,
    PricingType.USAGE.value,
    PricingType.INDEXED.value,
)
SLAB, PROGRESSIVE = TierMode.SLAB.value, TierMode.PROGRESSIVE.value
# Priced by its partner's API, at the time of the sale: the plan has no price of its own.
PARTNER = "partner"
METHODS = [
    (FIXED, "Prix par unité"),
    (SLAB, "Palier atteint"),
    (PROGRESSIVE, "Par tranche"),
    (USAGE, "À l'usage"),
    (INDEXED, "Indexé"),
    (PARTNER, "Tarif du partenaire"),
]
# What a line must say besides its code, its name and its VAT, and what else it may say.
NEEDS = {FIXED: ("amount",), USAGE: ("amount", "unit"), INDEXED: ("index", "formula")}
MAY_HAVE = {USAGE: ("min_charge",), INDEXED: ("base",)}
# The boxes of some methods alone.
OWN_BOXES = {"amount", "unit", "min_charge", "index", "base", "formula"}


@dataclass(frozen=True, slots=True)
class Model:
    """A model as the page offers it: how its new lines begin; a bundle has none."""

    value: str
    label: str
    about: str
    recurrence: str = Recurrence.MONTHLY.value
    method: str = FIXED


MODELS = (
    Model(
        PricingModel.FIXED.value,
        "Fixe",
        "Un montant, dû une seule fois.",
        Recurrence.ONE_SHOT.value,
    ),
    Model(
        PricingModel.RECURRING.value, "Récurrent", "Le même montant chaque mois ou chaque année."
    ),
    Model(PricingModel.TIERED.value, "Palier", "Le prix dépend de la quantité.", method=SLAB),
    Model(PricingModel.USAGE.value, "Usage", "Tant par unité consommée.", method=USAGE),
    Model(PricingModel.INDEXED.value, "Indexé", "Un calcul qui suit un indice.", method=INDEXED),
    Model(PricingModel.BUNDLE.value, "Bundle", "Plusieurs produits vendus ensemble."),
    Model(PARTNER, "Automatique", "L'API du partenaire donne le prix.", method=PARTNER),
)
BY_VALUE = {one.value: one for one in MODELS}
RECURRING = BY_VALUE[PricingModel.RECURRING.value]


def method_of(version: ProductVersion, rule: PricingRule | None) -> str:
    """Return how a plan is priced, by its only rule; without one, by the partner where there is one."""
    if rule is None:
        return FIXED if version.product.partner_id is None else PARTNER
    if rule.type == PricingType.TIERED:
        return rule.tier_mode or SLAB
    return str(rule.type)


def model_of(version: ProductVersion, plans: list[tuple[ProductPlan, list[Any]]]) -> Model:
    """Return the model that a version begins with: its first plan's, else what its product earns."""
    for plan, rules in plans:
        if plan.bundle_kind:
            return BY_VALUE[PricingModel.BUNDLE.value]
        method = method_of(version, rules[0] if rules else None)
        if method == FIXED:
            once = plan.recurrence == Recurrence.ONE_SHOT
            return BY_VALUE[PricingModel.FIXED.value] if once else RECURRING
        shown = SLAB if method == PROGRESSIVE else method
        return next(one for one in MODELS if one.method == shown)
    product = version.product
    sold_for_another = product.partner_id and product.revenue_model == RevenueModel.COMMISSION
    return BY_VALUE[PARTNER] if sold_for_another else RECURRING
