"""The lists of the back-office and of the API, and the addresses that are measured of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from catalog.choices import ViewColumn, ViewOrder
from catalog.models import Risk
from tests.perf.people import Person
from tests.support.routes import routes
from winvest.core import scoping
from winvest.core.admin.listing import CURSOR_VAR
from winvest.core.api.pagination import MAX_PAGE_SIZE
from winvest.core.api.views import ApiView
from winvest.core.models.base import ScopedModel
from winvest.core.selectors.keyset import Cursor

# Below so many rows a list is not long, and only its first page is measured.
LONG = 200
DEEPEST = 250_000
DEEP_STEPS = 60
# Words of the drawn names: a common one, two, and one that no name has.
WORDS = {"mot": "famille", "mots": "box sérénité", "rien": "zygomorphe", "code": "FT-BOX-0"}
OWNED = {"company": "société", "risk": "risque", "partner": "partenaire"}


@dataclass(frozen=True, slots=True)
class Page:
    """One address of a list: `ledger` is the list's name in `tests/query_counts.json`."""

    ledger: str
    variant: str
    address: str
    client: Client
    table: str
    # The part of the page that htmx asks for; the whole page without one.
    target: str = ""

    def ask(self) -> Any:
        """Ask for the page, or for its part."""
        headers = {"hx-request": "true", "hx-target": self.target} if self.target else {}
        return self.client.get(self.address, headers=headers)


def admin_pages(
    person: Person, *, every: bool = True, words: Sequence[str] = (), long: int = LONG
) -> Iterator[Page]:
    """Give the pages of each list that the person's menu opens; without `every` the main ones."""
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label_lower):
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if not _wanted(f"admin {name}", words):
            continue
        address = reverse(f"admin:{name}_changelist")
        response = person.browser.get(address)
        if response.status_code != 200:
            continue
        changes = response.context_data["cl"]
        variants = {"première page": {}}
        if changes.count.number >= long:
            variants |= _admin_variants(person, changes, every=every)
        for variant, parameters in variants.items():
            query = f"{address}?{urlencode(parameters)}" if parameters else address
            yield Page(f"admin {name}", variant, query, person.browser, model._meta.db_table)


def catalogue_pages(
    person: Person, *, every: bool = True, words: Sequence[str] = (), long: int = LONG
) -> Iterator[Page]:
    """Give the catalogue whole, then what a click or a key asks of it."""
    if not _wanted("catalogue", words):
        return
    address = reverse("catalogue")
    yield Page("catalogue", "page entière", address, person.browser, "product")
    with scoping.scope(person.access.all_companies):
        risk = Risk.objects.filter(products__isnull=False).first()
    queries = {"volets": "", **{f"recherche : {kind}": f"search={WORDS[kind]}" for kind in WORDS}}
    if risk:
        queries["risque"] = f"risk={risk.pk}"
        queries["risque, interne"] = f"risk={risk.pk}&partner=internal"
    if every:
        queries |= {f"ordre : {one}": f"order={one}" for one in ViewOrder}
        queries["toutes les colonnes"] = "&".join(f"columns={one}" for one in ViewColumn)
        queries |= {"favoris": "favorite=true", "canal": "channel=web", "publié": "published=true"}
    for variant, query in queries.items():
        yield Page(
            "catalogue", variant, f"{address}?{query}", person.browser, "product", target="panes"
        )


def _wanted(name: str, words: Sequence[str]) -> bool:
    return not words or any(word in name for word in words)


def _admin_variants(person: Person, changes: Any, *, every: bool) -> dict[str, dict[str, str]]:
    with scoping.scope(person.access.all_companies):
        variants = {"page profonde": {CURSOR_VAR: deep_cursor(changes)}}
        if changes.search_fields:
            variants |= {f"recherche : {kind}": {"q": text} for kind, text in WORDS.items()}
        if every:
            variants |= dict(_sorted(changes)) | dict(_filtered(changes))
    return variants


def deep_cursor(changes: Any) -> str:
    """Return the cursor of a row in the middle of the list."""
    keys = _middle(changes).values_list(*(key.lstrip("-") for key in changes.sort_keys))[0]
    return Cursor(list(keys), backwards=False).encode()


def _middle(changes: Any) -> Any:
    """Return the rows of the list from its middle on; an estimated length may be too long."""
    rows = changes.queryset.order_by(*changes.sort_keys)
    for place in (min(changes.count.number // 2, DEEPEST), LONG // 2):
        if rows[place : place + 1].exists():
            return rows[place:]
    return rows


def _sorted(changes: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the columns that the page sorts by, both ways."""
    for number, column in enumerate(changes.list_display):
        if column in changes.sortable_by:
            yield f"tri : {column}", {"o": str(number)}
            yield f"tri : -{column}", {"o": f"-{number}"}


def _filtered(changes: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Give a choice of each filter: that of a row in the middle of the list."""
    row = _middle(changes)[0]
    for item in changes.list_filter:
        path = item[0] if isinstance(item, tuple) else item
        if not isinstance(path, str):
            continue
        value: Any = row
        for part in path.split("__"):
            value = getattr(value, part, None)
        if value is None:
            continue
        related = hasattr(value, "pk")
        name = f"{path}__id__exact" if related else f"{path}__exact"
        yield f"filtre : {path}", {name: str(value.pk if related else value)}


def api_lists() -> Iterator[tuple[str, str, type[ApiView]]]:
    """Give name, route and view of each list of the API."""
    for route, pattern in routes():
        view = getattr(pattern.callback, "view_class", None)
        if view and issubclass(view, ApiView) and "GET" in view.actions:
            parameter = route.count("<")
            if view.__name__.endswith("List") and parameter <= 1:
                yield str(pattern.name), route, view


def api_pages(
    person: Person, *, every: bool = True, words: Sequence[str] = (), long: int = LONG
) -> Iterator[Page]:
    """Give the pages of each list of the API that the person may read."""
    for name, route, view in api_lists():
        ledger = f"api {route.removeprefix('api/catalog/')}".replace("<uuid:id>", "{id}")
        if not _wanted(ledger, words):
            continue
        address = _address(person, route, view)
        response = person.api.get(address) if address else None
        if response is None or response.status_code != 200:
            continue
        table = view.model._meta.db_table if hasattr(view, "model") else ""
        variants = {"première page": address}
        if response.json().get("next"):
            variants |= {"page profonde": _deep_address(person, address)}
            variants |= {
                label: f"{address}?{urlencode(parameters)}"
                for label, parameters in _api_variants(name, person)
                if every or "recherche" in label
            }
        for variant, where in variants.items():
            yield Page(ledger, variant, where, person.api, table)


def _address(person: Person, route: str, view: type[ApiView]) -> str:
    """Return the list's address, below a row that the person reads; empty when there is none."""
    before, marker, rest = route.partition("<uuid:id>")
    if not marker:
        return f"/{route}"
    model: type[ScopedModel] | None = view.path_model
    if model is None:
        return ""
    with scoping.scope(person.access.all_companies):
        row = model.objects.order_by("-created_at").first()
    return f"/{before}{row.pk}{rest}" if row else ""


def _deep_address(person: Person, address: str) -> str:
    """Return the address of a page after many, reached by following `next`."""
    where = f"{address}?page_size={MAX_PAGE_SIZE}"
    for _ in range(DEEP_STEPS):
        following = person.api.get(where).json()["next"]
        if following is None:
            break
        where = following
    return where.replace(f"page_size={MAX_PAGE_SIZE}", "page_size=50")


def _api_variants(name: str, person: Person) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the filters and searches of the long lists."""
    first = person.api.get(reverse(name)).json()["results"][0] if "/" not in name else {}
    if name == "api-products":
        for kind, text in WORDS.items():
            yield f"recherche : {kind}", {"search": text}
        for key, label in OWNED.items():
            if first.get(f"{key}_id"):
                yield f"filtre : {label}", {key: first[f"{key}_id"]}
        yield "filtre : statut", {"status": "active"}
        yield "filtre : canal", {"channel": "web"}
        yield "filtre : publié", {"published": "true"}
        yield "filtre : forme de prix", {"pricing": "usage"}
    if name == "api-audit":
        yield "filtre : table", {"table": "product"}
        yield "filtre : table rare", {"table": "company"}
        yield "filtre : action", {"action": "insert"}
        yield "filtre : action rare", {"action": "update"}
        yield "filtre : société", {"company": str(min(person.access.all_companies))}
        yield "filtre : enregistrement", {"record": first["record_id"]}
