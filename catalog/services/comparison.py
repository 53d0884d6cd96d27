"""Two versions compared, in words (3.1-08): « Formule Essentiel › Montant : 9,90 € → 12 € »."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from catalog import parts
from catalog.domain.diff import Change, Item, Kind, Order, compare, holder
from catalog.models import Product, ProductVersion
from catalog.parts import VersionPart
from catalog.services.versions import VersionProblem
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden, NotFound
from winvest.core.models.access import User
from winvest.core.permissions import AccessProblem, access_of
from winvest.core.selectors.wording import (
    EMPTY,
    exact_amount,
    from_log,
    or_nothing,
    percentage,
    structured,
    titles_of,
)

# Rows that are not named as their model is.
_NOUNS = {
    "prices": "Prix",
    "payload": "Palier à partir de",
    "options": "Option",
    "surcharges": "Surcharge",
    "discounts": "Remise",
    "components": "Composant",
    "test_cases": "Cas d'essai",
}
# A row of more columns than that is told on as many lines.
LONG = 5
_TITLES = {
    "plans": "Formules",
    "prices": "Prix",
    "bundle": "bundle",
    "components": "composants",
    "sku": "produit",
    "plan": "formule",
    "quantity": "quantité",
    "kind": "nature",
    "value": "valeur",
    "tax_included": "TTC",
    "tiers": "Paliers",
    "min": "de",
    "max": "à",
    "amount": "montant",
    "base": "base",
    "unit": "unité",
    "unit_price": "prix unitaire",
    "min_charge": "minimum",
    "index": "indice",
    "formula": "formule",
}
_AMOUNTS = frozenset(
    {
        *("amount", "unit_price", "min_charge", "min_amount", "max_amount", "bonus", "malus"),
        "fee_amount",
    }
)
# Columns whose keys the company names as it likes.
_OWN_KEYS = frozenset({"parameters"})
_RATES = frozenset({"tax_rate", "advance_percent", "percent"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A change as people read it: `path` for programs, `label` and the texts in French."""

    part: str
    part_label: str
    path: str
    label: str
    kind: Kind
    before: Any
    after: Any
    before_text: str
    after_text: str


def compare_versions(
    *, actor: User, product: Product, before: int | None, after: int
) -> list[Difference]:
    """Return what differs from one version of the product to the other, part by part.

    Without `before`, everything that the version holds came.

    Right `catalog.view_all` in the owner's company; a part that another right opens is left out
    for whoever lacks it. `NotFound` for an unknown number, with the side that asks for it.
    """
    access = access_of(actor)
    if not access.allowed(Action.CATALOG_VIEW_ALL, product.company_id):
        raise Forbidden(AccessProblem.FORBIDDEN)
    read = [part for part in parts.every() if access.allowed(part.action, product.company_id)]
    keys = {part.key for part in read}
    earlier = None if before is None else _version(product, before, "from")
    version = _version(product, after, "to")
    new = _content(version, keys)
    listings = {name: listing for part in read for name, listing in part.listings.items()}
    old = _content(earlier, keys) if earlier else _nothing(new, listings)
    old, new = _with_columns(old, new, listings), _with_columns(new, old, listings)
    currency = product.company.currency
    plans = _plan_names(old, new)
    found = [
        _worded(
            change,
            currency,
            plans,
            holder(old, change, listings) if earlier else None,
            holder(new, change, listings),
        )
        for change in compare(old, new, listings)
    ]
    return [*(_of_release(earlier, version) if earlier else ()), *found]


def _content(version: ProductVersion, keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in parts.content_of(version).items() if key in keys}


def _plan_names(*contents: Mapping[str, Any]) -> dict[str, str]:
    """Return what people call each plan, by its code; the last name it was given."""
    rows = (row for content in contents for row in content.get("plans", {}).get("plans", ()))
    return {row["code"]: row["name"] for row in rows}


def _nothing(content: Mapping[str, Any], listings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content before anything was written in it: its lists, without a row."""
    empty: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            empty[key] = _nothing(value, listings)
        elif key in listings:
            empty[key] = []
    return empty


def _with_columns(
    content: Mapping[str, Any], other: Mapping[str, Any], listings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a content with the parts whose columns only the other fills: each is told apart."""
    empty: dict[str, Any] = {
        key: {name: [] for name in value if name in listings}
        for key, value in other.items()
        if isinstance(value, Mapping)
    }
    return {**empty, **content}


def _of_release(before: ProductVersion, after: ProductVersion) -> Iterator[Difference]:
    """Give what differs of the releases: no content, and yet what contracts in force meet."""
    for name in ("breaking_changes", "applies_to_inforce"):
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        field = _field(ProductVersion, name)
        yield Difference(
            part="version",
            part_label="Mise en production",
            path=f"version.{name}",
            label=str(capfirst(field.verbose_name)),
            kind=Kind.CHANGED,
            before=old,
            after=new,
            before_text=from_log(field, old),
            after_text=from_log(field, new),
        )


def _version(product: Product, number: int, path: str) -> ProductVersion:
    found: ProductVersion | None = ProductVersion.objects.filter(
        product=product, version=number
    ).first()
    if found is None:
        raise NotFound(VersionProblem.UNKNOWN, path=path)
    return found


def _worded(
    change: Change,
    currency: str,
    plans: Mapping[str, str],
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
) -> Difference:
    """Say a change; `old` and `new` are what the value stands in before and after.

    Where something was before (`old`), an empty value that stands for something did not come.
    """
    part = parts.registered(change.part)
    words = _Words(part, currency, plans)
    labels = list(words.follow(change.path))
    before, after = words.text(change.before, old or {}), words.text(change.after, new)
    if old is not None:
        before, after = words.or_nothing(before), words.or_nothing(after)
    return Difference(
        part=part.key,
        part_label=part.label,
        path=_written(change),
        label=" › ".join(labels) or part.label,
        kind=change.kind if EMPTY in (before, after) else Kind.CHANGED,
        before=_plain(change.before),
        after=_plain(change.after),
        before_text=before,
        after_text=after,
    )


def _written(change: Change) -> str:
    text = change.part
    for step in change.path:
        text += f"[{step}]" if isinstance(step, Item) else f".{step}"
    return text


def _plain(value: Any) -> Any:
    """Return the value as JSON writes it: a row's name for the order of rows."""
    return [str(item) for item in value] if _is_order(value) else value


def _is_order(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Item) for item in value)


class _Words:
    """Where a path stands in a part, so that the value there can be said.

    `model` gives the columns, `field` is the column reached, `titles` the French names of the keys
    inside it; `list` is the last list met, and `row` whether the path stops at a row of it.
    """

    def __init__(self, part: VersionPart, currency: str, plans: Mapping[str, str]) -> None:
        self.part, self.currency, self.plans = part, currency, plans
        self.name = self.list = part.key
        self.row = False
        self.model: Any = part.models.get(part.key)
        self.field: Any = None
        self.titles: Mapping[str, str] = {}

    def follow(self, path: tuple[Any, ...]) -> Iterator[str]:
        """Give the words of each step; a list goes without, when a row of it follows."""
        for position, step in enumerate(path):
            if isinstance(step, Item):
                self.row = True
                yield self._named(step)
            elif step is Order.OF_ROWS:
                yield "Ordre"
            else:
                self._down(step)
                last = position == len(path) - 1
                # « Prix fixe › Montant »: the column between says nothing more.
                if last or not (step == "payload" or isinstance(path[position + 1], Item)):
                    yield self.label(step)

    def label(self, name: str) -> str:
        """Return the French name of a column or of a key inside one."""
        field = _field(self.model, name)
        if field is not None and self.field in (None, field):
            return str(capfirst(field.verbose_name))
        if self.own:
            return name
        return str(capfirst(self.titles.get(name) or _TITLES.get(name, name)))

    @property
    def own(self) -> bool:
        """Whether the key is one that the company named: a parameter of a plan."""
        return (
            self.field is not None and self.field.name in _OWN_KEYS and self.name != self.field.name
        )

    def text(self, value: Any, beside: Mapping[str, Any]) -> str:
        """Return the value where the path stands, in words; `beside` is what it stands in."""
        if value is None:
            return EMPTY
        if _is_order(value):
            return ", ".join(str(item) for item in value)
        if self.row and isinstance(value, Mapping):
            return self._row(value)
        return self._text(self.name, value, beside)

    def or_nothing(self, text: str) -> str:
        """Return the text of a column; of an empty one, what it stands for."""
        is_column = self.field is not None and self.field.name == self.name and not self.row
        return or_nothing(self.field, text) if is_column else text

    def _down(self, name: str) -> None:
        self.name, self.row = name, False
        if name in self.part.models:
            self.list, self.model, self.field = name, self.part.models[name], None
            return
        if name in self.part.listings:
            self.list = name
        if self.field is None and (field := _field(self.model, name)) is not None:
            self.field, self.titles = field, titles_of(field)

    def _named(self, item: Item) -> str:
        keys = self.part.listings[self.list].keys
        if self.list == "plans":
            item = Item(tuple(self.plans.get(code, code) for code in item.names), item.rank)
        named = [
            self._text(key, name, {}) for key, name in zip(keys, item.names, strict=True) if name
        ]
        noun = _NOUNS.get(self.list) or capfirst(self.model._meta.verbose_name)
        if any(name.startswith(noun) for name in named):
            noun = ""  # a plan that is called « Formule confort »
        rank = f"({item.rank})" if item.rank > 1 else ""
        return " ".join(word for word in (noun, " · ".join(named), rank) if word)

    def _text(self, name: str, value: Any, beside: Mapping[str, Any]) -> str:
        if self.own:
            return structured(value)
        if name in self.part.values:
            return self.part.values[name](value, beside, self.currency)
        if isinstance(value, Mapping):
            return self._whole(value)
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            return " ; ".join(self._row(item) for item in value)
        if name in self.part.words:
            return self.part.words[name](value)
        return self._plain(name, value)

    def _plain(self, name: str, value: Any) -> str:
        number = isinstance(value, Decimal | int) and not isinstance(value, bool)
        if number and name in _RATES:
            return percentage(Decimal(value))
        if number and name in _AMOUNTS:
            return exact_amount(Decimal(value), self.currency)
        field = _field(self.model, name)
        if field is not None and self.field in (None, field):
            return from_log(field, value)
        return structured(value, self.titles)

    def _row(self, values: Mapping[str, Any]) -> str:
        """Return a row of the list: in a sentence where there is one, else column by column."""
        if said := self.part.sentences.get(self.list):
            return said(values, self.currency)
        return self._whole(values, between="\n" if len(values) > LONG else ", ")

    def _whole(self, values: Mapping[str, Any], between: str = ", ") -> str:
        """Return several values, each with its name; one below the other where they are many."""
        said = []
        for name, value in values.items():
            inner = _Words(self.part, self.currency, self.plans)
            inner.list, inner.model = self.list, self.model
            inner.field, inner.titles = self.field, self.titles
            inner._down(name)
            said.append(f"{inner.label(name)} : {inner.text(value, values)}")
        return between.join(said)


def _field(model: Any, name: str) -> Any:
    try:
        field = None if model is None else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field is not None and field.concrete else None
