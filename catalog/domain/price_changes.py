"""What a price grid that comes back changes: cells read strictly, and the price they make.

Only prices (those of options, surcharges and discounts too), the minimum charged and the tiers may
change (`docs/grille-de-prix.md`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.domain.price_grid import EXTRA_LISTS, Column, PriceBase, PriceLine, PriceType
from catalog.domain.rules import QUANTITY_LIMIT, QUANTITY_STEP, RuleType
from winvest.core.domain.money import check_amount
from winvest.core.domain.vat import split
from winvest.core.errors import Invalid, Problem

_AMOUNT = re.compile(r"[+-]?[0-9]{1,40}([.,][0-9]{1,40})?")


class PriceFileProblem(Problem):
    """Why a line of a price grid is refused."""

    UNKNOWN_PRODUCT = (
        "grid.unknown_product",
        "La société n'a aucun produit de ce code en vigueur aujourd'hui.",
    )
    NOT_IN_FORCE = (
        "grid.not_in_force",
        "La version en vigueur est la {version} : exportez à nouveau la grille.",
    )
    UNKNOWN_LINE = (
        "grid.unknown_line",
        "La version en vigueur n'a pas ce tarif : formule, tarif ou palier inconnu.",
    )
    NUMBER = "grid.number", "Écrivez un nombre entier, comme l'export."
    AMOUNT = "grid.amount", "Écrivez un nombre : 1234,5, sans espace ni exposant."
    EMPTY = "grid.empty", "Cette cellule ne peut pas être vide."
    PERCENT = "grid.percent", "Un pourcentage va de 0 à 100."
    QUANTITY = "grid.quantity", "Une borne va de 0 à un milliard, avec quatre décimales au plus."
    FIXED = (
        "grid.fixed",
        "Cette colonne ne change pas par import : « {value} » en vigueur.",
    )
    COMPUTED = (
        "grid.computed",
        "Ce prix vient de la formule et de l'indice : il ne se change pas ici. S'il a bougé, "
        "exportez à nouveau la grille.",
    )
    AMOUNTS = "grid.amounts", "Ce montant est calculé : changez la colonne « Prix »."
    SHARED = (
        "grid.shared",
        "Ce tarif est commun à plusieurs formules : la ligne {first} en donne un autre.",
    )
    OTHER_OWNER = (
        "grid.other_owner",
        "Ce produit appartient à une autre société : elle seule change ses prix.",
    )
    EXTRA_MODE = (
        "grid.extra_mode",
        "Écrivez le libellé, puis par quoi il se compte, dans les mots de l'export : « Assistance ; "
        "par unité ; une fois ; obligatoire » ; un pourcentage, pour une surcharge ou une remise.",
    )
    EXTRA_TWICE = "grid.extra_twice", "La formule a déjà ce code, ou le fichier le donne deux fois."
    EXTRA_LIMIT = "grid.extra_limit", "La formule aurait plus de {limit} éléments de cette sorte."
    DRAFT = "grid.draft", "Le produit n'a pas de brouillon de ce numéro."
    DRAFT_LINE = "grid.draft_line", "Ce brouillon n'a pas ce tarif."
    DRAFTS = "grid.drafts", "Les lignes d'un produit vont dans le même brouillon : voir {first}."


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a line changes; None is an empty cell. `unit` is a currency, « % » or nothing."""

    column: Column
    before: Decimal | None
    after: Decimal | None
    unit: str = ""


def read_amount(text: str, *, path: str) -> Decimal:
    """Return the amount of a cell; `Invalid` for no number, five decimals, below 0, from 10^14."""
    if not _AMOUNT.fullmatch(text):
        raise Invalid(PriceFileProblem.AMOUNT, path=path)
    return check_amount(Decimal(text.replace(",", ".")), path=path) + Decimal(0)


def read_bound(text: str, *, path: str) -> Decimal:
    """Return the bound of a tier, from 0 to 10⁹ with 4 decimals at most."""
    if not _AMOUNT.fullmatch(text):
        raise Invalid(PriceFileProblem.AMOUNT, path=path)
    value = Decimal(text.replace(",", "."))
    if not 0 <= value <= QUANTITY_LIMIT or value != value.quantize(QUANTITY_STEP):
        raise Invalid(PriceFileProblem.QUANTITY, path=path)
    return value


def changes_of(line: PriceLine, cells: Mapping[str, str]) -> list[Change]:
    """Return what the cells (by heading) change of a line in force, `Invalid` at the first wrong.

    An absent column changes nothing. A tier whose bounds and price are emptied goes; one that the
    grid does not have, of a line without price nor bounds, comes. An option, a surcharge or a
    discount goes by its mode and price emptied together.
    """
    if line.extra and all(cells.get(one) == "" for one in (Column.MODE, Column.PRICE)):
        return [Change(Column.PRICE, line.price, None, _unit(line, Column.PRICE))]
    if line.type is PriceType.TIERED and all(cells.get(one) == "" for one in _TIER_KEYS):
        if line.price is None:
            raise Invalid(PriceFileProblem.EMPTY, path=Column.PRICE)
        was = {Column.LOW: line.low, Column.HIGH: line.high, Column.PRICE: line.price}
        return [
            Change(column, before, None, _unit(line, column))
            for column, before in was.items()
            if before is not None
        ]
    if line.type is PriceType.TIERED and line.price is None and not cells.get(Column.LOW):
        raise Invalid(PriceFileProblem.EMPTY, path=Column.LOW)
    found = []
    for column, before, reading in _editable(line):
        if column not in cells:
            continue
        after = reading(cells[column])
        if after != before:
            found.append(Change(column, before, after, _unit(line, column)))
    return found


def check_amounts(line: PriceLine, cells: Mapping[str, str], rate: Decimal | None) -> None:
    """Refuse computed amounts that are neither those in force nor those of the line's price."""
    if line.amounts is None or rate is None or line.price is None:
        return
    try:
        price = read_amount(cells.get(Column.PRICE, ""), path=Column.PRICE)
    except Invalid:
        return  # what the price itself is told for makes no amount
    after = split(price, rate, line.currency or "", tax_included=line.base is PriceBase.INCL)
    for column, allowed in (
        (Column.EXCL, (line.amounts.excl, after.excl)),
        (Column.INCL, (line.amounts.incl, after.incl)),
    ):
        text = cells.get(column, "")
        if text and (not _AMOUNT.fullmatch(text) or Decimal(text.replace(",", ".")) not in allowed):
            raise Invalid(PriceFileProblem.AMOUNTS, path=column)


def changed_payload(kind: str, payload: Any, changes: Sequence[tuple[int | None, Change]]) -> Any:
    """Return the payload of a rule with other values; each change comes with its tier's rank."""
    if kind == RuleType.TIERED:
        return _changed_tiers(payload, changes)
    if kind in _EXTRA_KEYS:
        return {**payload, _EXTRA_KEYS[kind]: changes[-1][1].after}
    keys = _USAGE_KEYS if kind == RuleType.USAGE else _FIXED_KEYS
    values = {keys[change.column]: change.after for _, change in changes}
    return {key: value for key, value in {**payload, **values}.items() if value is not None}


def _changed_tiers(payload: Any, changes: Sequence[tuple[int | None, Change]]) -> list[Any]:
    """Return the tiers with other values, those added and without those taken away, in order.

    A tier that comes is told as the first one is: a price per unit, a flat amount, or a percent.
    """
    told = {"max": None, **({"base": payload[0]["base"]} if payload[0].get("base") else {})}
    tiers = {rank: dict(tier) for rank, tier in enumerate(payload, start=1)}
    for rank, change in changes:
        tiers.setdefault(rank or 1, dict(told))[_TIER_KEYS[change.column]] = change.after
    kept = [tier for tier in tiers.values() if tier.get("amount") is not None]
    return sorted(kept, key=lambda tier: tier["min"])


_EXTRA_KEYS = dict(EXTRA_LISTS.values())
_TIER_KEYS = {Column.PRICE: "amount", Column.LOW: "min", Column.HIGH: "max"}
_USAGE_KEYS = {Column.PRICE: "unit_price", Column.MINIMUM: "min_charge"}
_FIXED_KEYS = {Column.PRICE: "amount"}


def _unit(line: PriceLine, column: Column) -> str:
    if column in (Column.LOW, Column.HIGH):
        return ""
    is_percent = column is Column.PRICE and line.base is PriceBase.PERCENT
    return "%" if is_percent else line.currency or ""


def _editable(line: PriceLine) -> list[tuple[Column, Decimal | None, Any]]:
    """Return the columns that a line may change, their values, and how each cell is read."""
    columns: list[tuple[Column, Decimal | None, Any]] = [
        (Column.PRICE, line.price, lambda text: _price(line, text))
    ]
    is_tier = line.type is PriceType.TIERED
    bound = _bound if is_tier else _nothing
    minimum = _optional_amount if line.type is PriceType.USAGE else _nothing
    return [
        *columns,
        (Column.LOW, line.low, lambda text: bound(text, Column.LOW)),
        (Column.HIGH, line.high, lambda text: bound(text, Column.HIGH)),
        (Column.MINIMUM, line.minimum, lambda text: minimum(text, Column.MINIMUM)),
    ]


def _price(line: PriceLine, text: str) -> Decimal | None:
    if not text:
        if line.price is None and line.type is not PriceType.TIERED and not line.extra:
            return None
        raise Invalid(PriceFileProblem.EMPTY, path=Column.PRICE)
    value = read_amount(text, path=Column.PRICE)
    if not line.editable and value != line.price:
        raise Invalid(PriceFileProblem.COMPUTED, path=Column.PRICE)
    if line.base is PriceBase.PERCENT and value > 100:
        raise Invalid(PriceFileProblem.PERCENT, path=Column.PRICE)
    return value


def _bound(text: str, column: Column) -> Decimal | None:
    if text:
        return read_bound(text, path=column)
    if column is Column.LOW:
        raise Invalid(PriceFileProblem.EMPTY, path=column)
    return None


def _optional_amount(text: str, column: Column) -> Decimal | None:
    return read_amount(text, path=column) if text else None


def _nothing(text: str, column: Column) -> None:
    if text:
        raise Invalid(PriceFileProblem.FIXED, path=column, value="")
