"""A quote in words: its lines, its totals, and every step of the computation."""

import re
from typing import Any

from django.utils import timezone

from catalog.choices import PricingType, Recurrence
from catalog.domain.extras import Due
from catalog.domain.pricing import LineKind, Price, PricedLine
from catalog.domain.steps import Rounding, Step
from catalog.selectors.wording import money, number_in_words
from integrations.services.quote import ManualQuote, Quote
from integrations.services.trial import Trial
from winvest.core.admin.formatting import instant_text
from winvest.core.selectors.wording import NO_BREAK, percentage

MANUAL = "Prix sur devis : une personne le demande au partenaire, ou le vendeur ne le voit pas."
KINDS = {
    LineKind.BASE: "Prix",
    LineKind.OPTION: "Option",
    LineKind.SURCHARGE: "Surcharge",
    LineKind.DISCOUNT: "Remise",
    LineKind.PROMOTION: "Promotion",
    LineKind.COMPONENT: "Composant",
    LineKind.FEE: "Frais",
}
STEPS = {
    **{kind.value: label for kind, label in KINDS.items()},
    **{kind.value: f"Prix {kind.label.lower()}" for kind in PricingType},
    "line": "Ligne",
    "negotiated": "Prix négocié",
    "unit": "Conversion d'unité",
    "share": "Part de la remise",
    "vat": "TVA",
    "bundle": "Bundle",
}
ROUNDINGS = {
    Rounding.NONE: "",
    Rounding.HALF_UP: "arrondi au plus proche",
    Rounding.LARGEST_REMAINDER: "arrondi au plus fort reste",
}
# Steps whose numbers are no amounts.
BARE = {"unit", PricingType.INDEXED.value}
NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.-])")
# What follows a quantity that multiplies an amount: « * 9.90 », « kwh * 0.174 ».
MULTIPLIES = re.compile(r"(?: \w+)? \* [\d.]++(?! %)")
DUES = {Due.ONCE: "À la vente", Due.RECURRING: "À chaque échéance"}


def answer_in_words(quote: Quote | ManualQuote) -> dict[str, Any]:
    """Return what the page shows of a quote."""
    if isinstance(quote, ManualQuote):
        return {"manual": MANUAL}
    return {"until": instant_text(timezone.localtime(quote.valid_until)), **_shown(quote)}


def trial_in_words(trial: Trial) -> dict[str, Any]:
    """Return what the page shows of the price of a version that is on sale nowhere yet."""
    return _shown(trial)


def _shown(quote: Quote | Trial) -> dict[str, Any]:
    price = quote.price
    return {
        "version": quote.offer.facts.version,
        "totals": _totals(price, quote.recurrence),
        "lines": [_line(line, price.currency) for line in price.lines],
        "steps": [_step(step, price.currency) for step in price.steps],
    }


def _totals(price: Price, recurrence: str) -> list[dict[str, str]]:
    names = {Due.ONCE: "À la vente", Due.RECURRING: str(Recurrence(recurrence).label)}
    found = []
    for due, name in names.items():
        if not any(line.due == due for line in price.lines):
            continue
        total = price.total(due)
        amounts = {"excl": total.excl, "tax": total.tax, "incl": total.incl}
        told = {key: money(value, price.currency) for key, value in amounts.items()}
        found.append({"name": name, **told})
    return found


def _line(line: PricedLine, currency: str) -> dict[str, str]:
    return {
        "kind": KINDS[line.kind],
        "label": line.label or line.code,
        "due": DUES[line.due],
        "quantity": number_in_words(line.quantity),
        "unit": money(line.unit_amount, currency),
        "excl": money(line.excl, currency),
        "rate": percentage(line.tax_rate),
        "incl": money(line.incl, currency),
    }


def _step(step: Step, currency: str) -> dict[str, str]:
    quantity = step.rule == "unit"
    return {
        "rule": STEPS.get(step.rule, step.rule),
        "input": sum_in_words(step.rule, step.input, currency),
        "output": number_in_words(step.output) if quantity else money(step.output, currency),
        "rounding": ROUNDINGS[step.rounding],
    }


def sum_in_words(rule: str, told: str, currency: str) -> str:
    """Return a sum as people write it: « 150 × 29,90 € » for « 150 * 29.90 ».

    What the sum is of (« D10 « Fidélité » = ») keeps its codes and names as they are.
    """
    subject, equals, sum_ = ("", "", told) if rule in BARE else told.rpartition(" = ")

    def shown(found: "re.Match[str]") -> str:
        is_amount = _is_amount(rule, found[0], sum_[found.end() :])
        return money(found[0], currency) if is_amount else number_in_words(found[0])

    sum_shown = NUMBER.sub(shown, sum_).replace(" * ", " × ").replace(" - ", " − ")
    return subject + equals + sum_shown.replace(" %", f"{NO_BREAK}%")


def _is_amount(rule: str, number: str, after: str) -> bool:
    """Whether a number of a sum is an amount, and no rate, quantity or number of shares."""
    if rule in BARE:
        return False
    if rule == "vat":
        return after.startswith((" HT", " TTC"))
    if rule == "share":
        return "." in number
    return not after.startswith(" %") and MULTIPLIES.match(after) is None
