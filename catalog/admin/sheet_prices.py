"""Tab « Tarification » of the sheet: plans, prices in words, what adds and what is taken off (E.2.2-03)."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from catalog.admin.curves import price_curve
from catalog.admin.sheet_blocks import Block, Cell, Drawing, Link, Note, Table, cells
from catalog.admin.sheet_description import NO_VERSION, channels_in_words
from catalog.admin.sheet_tabs import Asked
from catalog.choices import PriceIndex, PricingType, Recurrence
from catalog.selectors.publication import api_mappings
from catalog.selectors.sheet import last_index_values, promotions_of
from catalog.selectors.versions import component_rows
from catalog.selectors.wording import (
    bundle_in_words,
    extra_in_words,
    money_or_percent,
    number_in_words,
    parameters_in_words,
    price_in_words,
)
from winvest.core.admin.formatting import EMPTY, day_text
from winvest.core.admin.zones import local_text
from winvest.core.domain.roles import Action
from winvest.core.selectors.wording import percentage

HIDDEN = (
    "Le prix de cette offre n'est pas montré aux vendeurs : la société qui la vend l'a choisi à "
    "sa publication."
)
NO_PLAN = "Cette version n'a pas de formule."
BY_API = "Le prix est demandé au partenaire : cette version n'a pas de formule à elle."
EXTRAS = {"options": "Option", "surcharges": "Surcharge", "discounts": "Remise"}


def priced(asked: Asked) -> Iterator[Block]:
    """Give the plans of the version with their prices, then what changes a price."""
    if asked.version is None:
        yield Note("", NO_VERSION)
        return
    version = asked.parts
    plans = version["plans"]
    if plans and not asked.shows_prices:
        yield Note("Prix", HIDDEN)
    yield _plans(asked, plans)
    if not asked.shows_prices:
        return
    yield from _curves(asked, plans)
    if found := _extras(asked, plans):
        yield found
    yield _promotions(asked)
    indices = {
        rule["payload"]["index"]
        for rule in version["pricing_rules"]
        if rule["type"] == PricingType.INDEXED
    }
    if indices:
        yield _indices(asked, indices)


def _plans(asked: Asked, plans: list[dict[str, Any]]) -> Table:
    version = asked.parts
    prices: dict[Any, list[dict[str, Any]]] = {}
    for rule in version["pricing_rules"]:
        prices.setdefault(rule["plan_id"], []).append(rule)
    components = _components(version, plans)
    rows = [
        _plan(asked, plan, prices.get(plan["id"], prices.get(None, [])), components)
        for plan in plans
    ]
    links = []
    if version["released_at"] is None and asked.allows(Action.PRICING_EDIT):
        form = reverse("admin:catalog_productversion_change", args=[version["id"]])
        links = [Link("Modifier", form)]
    columns = ["Formule", "Périodicité", "Prix", "TVA", "En vente"]
    if not any(plan["valid_from"] or plan["valid_to"] for plan in plans):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Table(
        "Formules et prix",
        columns,
        rows,
        BY_API if not plans and api_mappings(asked.product.pk) else NO_PLAN,
        links,
    )


def _curves(asked: Asked, plans: list[dict[str, Any]]) -> Iterator[Drawing]:
    """Draw what a grid asks in all for each quantity, and mark where more costs less."""
    names = {plan["id"]: plan["name"] for plan in plans}
    for rule in asked.parts["pricing_rules"]:
        if rule["type"] != PricingType.TIERED:
            continue
        yield price_curve(
            names.get(rule["plan_id"], "toute la version"),
            rule["payload"],
            rule["tier_mode"],
            rule["currency"],
            tax_included=rule["tax_included"],
        )


def _components(version: dict[str, Any], plans: list[dict[str, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    if any(plan["bundle_kind"] for plan in plans):
        for row in component_rows([version["id"]]):
            told = {"sku": row["sku"], "plan": row["plan_code"], "quantity": row["quantity"]}
            found.setdefault(row["plan_id"], []).append(told)
    return found


def _plan(
    asked: Asked,
    plan: dict[str, Any],
    rules: list[dict[str, Any]],
    components: dict[Any, list[Any]],
) -> list[Cell]:
    return cells(
        Cell(plan["name"], detail=plan["code"]),
        _recurrence(plan),
        Cell(_price(asked, plan, rules, components), detail=_parameters(plan)),
        " ; ".join(dict.fromkeys(_tax(rule) for rule in rules)),
        _period(asked, plan),
    )


def _price(
    asked: Asked,
    plan: dict[str, Any],
    rules: list[dict[str, Any]],
    components: dict[Any, list[Any]],
) -> str:
    if not asked.shows_prices:
        return EMPTY
    if plan["bundle_kind"]:
        bundle = {
            "kind": plan["bundle_kind"],
            "value": plan["bundle_value"],
            "tax_included": plan["bundle_tax_included"],
            "components": components.get(plan["id"], []),
        }
        return bundle_in_words(bundle, asked.currency)
    told = [
        f"{price_in_words(rule['type'], rule['tier_mode'], rule['payload'], rule['currency'])} "
        f"{'TTC' if rule['tax_included'] else 'HT'}"
        for rule in rules
    ]
    return " + ".join(told) or "Prix demandé au partenaire"


def _tax(rule: dict[str, Any]) -> str:
    rate = rule["tax_rate"]
    return f"{percentage(rate) if rate is not None else 'sans taux'} ({rule['tax_code']})"


def _parameters(plan: dict[str, Any]) -> str:
    told = parameters_in_words(plan["parameters"])
    return "" if told == EMPTY else told


def _recurrence(plan: dict[str, Any]) -> str:
    label = str(Recurrence(plan["recurrence"]).label)
    days = plan["billing_cycle_days"]
    return f"{label}, tous les {days} jours" if days else label


def _period(asked: Asked, plan: dict[str, Any]) -> str:
    start, end = plan["valid_from"], plan["valid_to"]
    told = [f"du {local_text(start, asked.zone)}"] if start else []
    told += [f"jusqu'au {local_text(end, asked.zone)} (exclu)"] if end else []
    return " ".join(told).capitalize() or "Tant que la version s'applique"


def _extras(asked: Asked, plans: list[dict[str, Any]]) -> Table | None:
    rows = [
        cells(noun, plan["code"], extra_in_words(row, asked.currency))
        for plan in plans
        for name, noun in EXTRAS.items()
        for row in plan[name]
    ]
    if not rows:
        return None
    return Table("Options, surcharges et remises", ("Nature", "Formule", "Ce qu'elle fait"), rows)


def _promotions(asked: Asked) -> Table:
    """Return the promotions: those to come and those on code to the people of the catalogue only."""
    links = []
    if asked.sees_all:
        base = reverse("admin:catalog_promotion_changelist")
        links = [Link("Toutes", f"{base}?product__id__exact={asked.product.pk}")]
    return Table(
        "Promotions",
        ("Promotion", "Remise", "Cible", "Application", "Du", "Au (exclu)"),
        [
            _promotion(asked, row)
            for row in promotions_of(asked.product, at=asked.at)
            if asked.sees_all or (row.start_at <= asked.at and not row.on_code)
        ],
        "Aucune promotion ne court sur ce produit.",
        links,
    )


def _promotion(asked: Asked, row: Any) -> list[Cell]:
    link = reverse("admin:catalog_promotion_change", args=[row.pk]) if asked.sees_all else ""
    target = row.plan_code or ("Ce produit" if row.product_id else "Tous les produits")
    for_whom = "Sur code" if row.on_code else "Pour tous"
    return cells(
        Cell(row.name, link=link, detail=row.code if asked.sees_all else ""),
        money_or_percent(row.value, row.kind, asked.currency),
        f"{target}, {channels_in_words(row.channels).lower()}",
        f"{for_whom}, {'cumulable' if row.cumulative else 'seule'}",
        local_text(row.start_at, asked.zone),
        local_text(row.end_at, asked.zone),
    )


def _indices(asked: Asked, indices: set[str]) -> Table:
    return Table(
        "Règles d'indexation",
        ("Indice", "Dernière valeur", "Depuis le", "Source"),
        [
            cells(
                PriceIndex(row.index).label,
                Cell(number_in_words(row.value), is_number=True),
                day_text(row.valid_on),
                row.source,
            )
            for row in last_index_values(indices, at=asked.at)
        ],
        "Aucune valeur de ces indices n'est connue à cette date : le prix ne se calcule pas.",
    )
