"""Everywhere an identifier of another company can be put, and what must not come of it.

`leaks` asks as a person of one company and gives every sign of the other's rows: its canary in a
page, another answer than for an identifier that never was, a row written with its key.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile, is_zipfile

from django.contrib import admin
from django.forms.models import ModelChoiceField
from django.test import Client
from django.urls import reverse

from catalog.choices import ViewColumn
from tests.support.forms import form_of
from tests.support.imports import LISTS, SHARED, Importer
from tests.support.routes import routes
from winvest.core.admin.filters import PANEL
from winvest.core.models import Company

FILTERS = ("company", "activated_for", "risk", "partner", "record", "actor")
FILTER_PANEL = {"hx-request": "true", "hx-target": PANEL}


@dataclass
class Stranger:
    """A person of `own` who looks for `foreign`: a browser, a token, both companies' rows."""

    browser: Client
    api: Client
    own: dict[str, Any]
    foreign: dict[str, Any]
    foreign_company: Company
    found: list[str] = field(default_factory=list)

    @property
    def canary(self) -> str:
        """What the other company's rows are called."""
        return f"canari-{self.foreign_company.code}"

    def sees(self, answer: Any) -> bool:
        """Whether the answer names the other company's rows."""
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return self.canary in body.decode("utf-8", "replace")


def leaks(who: Stranger, *probes: str) -> Iterator[str]:
    """Give each leak that the named probes find; by default, all of them."""
    for name in probes or PROBES:
        for sign in PROBES[name](who):
            yield f"{name}: {sign}"


def pages() -> Iterator[tuple[str, Any]]:
    """Give each page of the back-office by its name."""
    for model, page in admin.site._registry.items():
        yield f"{model._meta.app_label}_{model._meta.model_name}", page


def lists(who: Stranger) -> Iterator[str]:
    """Lists, their search, their filters and their orders."""
    company = who.foreign_company.pk
    for name, page in pages():
        address = reverse(f"admin:{name}_changelist")
        columns = range(1, len(page.list_display) + 1)
        queries = ("", "q=canari", f"company__id__exact={company}", f"company={company}")
        for query in (*queries, f"o={'.'.join(map(str, columns))}"):
            if who.sees(who.browser.get(f"{address}?{query}", follow=True)):
                yield f"{address}?{query}"
            panel = who.browser.get(f"{address}?{query}", follow=True, headers=FILTER_PANEL)
            if who.sees(panel):
                yield f"{address}?{query}, filtres"


def catalogue(who: Stranger) -> Iterator[str]:
    """The three panes: rows, counts, filters and views, whatever the address names."""
    address, company = reverse("catalogue"), who.foreign_company.pk
    view = who.foreign["catalog_savedview"].pk
    queries = (
        *("", "search=canari", f"company={company}", "favorite=true", f"view={view}"),
        f"risk={who.foreign['catalog_risk'].pk}",
        f"partner={who.foreign['partners_partner'].pk}",
        "&".join(f"columns={column}" for column in ViewColumn),
    )
    for query in queries:
        if who.sees(who.browser.get(f"{address}?{query}")):
            yield f"{address}?{query}"
    product = who.foreign["catalog_product"].pk
    for deed in ("freeze", "duplicate", "export"):
        if who.sees(who.browser.post(f"{address}selection/", {"do": deed, "product": product})):
            yield f"{address}selection/ {deed}"


def objects(who: Stranger) -> Iterator[str]:
    """Pages of a row: nothing tells another company's from one that never was."""
    registered = {name for name, _ in pages()}
    for name, row in who.foreign.items():
        if (
            name not in registered
            or row is None
            or (name == "core_company" and row.pk in {r.pk for r in who.own.values()})
        ):
            continue
        for page in ("change", "history", "delete"):
            answers = [
                who.browser.get(reverse(f"admin:{name}_{page}", args=[key]))
                for key in (
                    row.pk,
                    type(row.pk)(int(row.pk) + 10**9) if isinstance(row.pk, int) else uuid4(),
                )
            ]
            if answers[0].status_code != answers[1].status_code or who.sees(answers[0]):
                yield f"{name} {page} {answers[0].status_code}"


def completions(who: Stranger) -> Iterator[str]:
    """Lists that complete what is typed, and the search over everything."""
    for _, page in pages():
        meta = page.model._meta
        for name in page.autocomplete_fields:
            asked = {
                "app_label": meta.app_label,
                "model_name": meta.model_name,
                "field_name": name,
                "term": "canari",
            }
            if who.sees(who.browser.get(reverse("admin:autocomplete"), asked)):
                yield f"{meta.label}.{name}"
    if who.sees(who.browser.get("/search/", {"s": "canari"})):
        yield "search"


def forms(who: Stranger) -> Iterator[str]:
    """Forms that make and change a row: they offer and take the reader's rows only."""
    for name, _ in pages():
        row = who.own.get(name)
        if row is None:
            continue
        addresses = [reverse(f"admin:{name}_add"), reverse(f"admin:{name}_change", args=[row.pk])]
        for address in addresses:
            shown = who.browser.get(address)
            if shown.status_code != 200:
                continue
            if who.sees(shown):
                yield f"{address} offers"
            yield from _taken(who, address, shown)


def _taken(who: Stranger, address: str, shown: Any) -> Iterator[str]:
    """Give each key of the form that takes a row of the other company."""
    form = shown.context["adminform"].form
    for key, choice in form.fields.items():
        if not isinstance(choice, ModelChoiceField):
            continue
        target = choice.queryset.model._meta
        other = who.foreign.get(f"{target.app_label}_{target.model_name}")
        if other is None:
            continue
        answer = who.browser.post(address, form_of(shown) | {key: other.pk})
        refused = answer.status_code == 200 and key in answer.context["adminform"].form.errors
        if not refused or who.sees(answer):
            yield f"{address} takes {key}"


def api_lists(who: Stranger) -> Iterator[str]:
    """Lists of the API, whole and filtered by identifiers of the other company."""
    for route, pattern in routes():
        if (
            not route.startswith("api/catalog/")
            or "<" in route
            or not hasattr(view_class(pattern), "get")
        ):
            continue
        address = f"/{route}"
        queries: list[dict[str, Any]] = [{}, {"search": "canari"}]
        queries += [{filter_: _key_for(who, filter_)} for filter_ in FILTERS]
        for query in queries:
            answer = who.api.get(address, query)
            if who.sees(answer) or str(who.foreign_company.pk) in _values(answer):
                yield f"{address} {query}"


def view_class(pattern: Any) -> Any:
    """Return the class of the view of a route, None for a function."""
    return getattr(pattern.callback, "view_class", None)


def _key_for(who: Stranger, name: str) -> UUID:
    row = {
        "company": who.foreign_company,
        "activated_for": who.foreign_company,
        "risk": who.foreign["catalog_risk"],
        "partner": who.foreign["partners_partner"],
        "record": who.foreign["catalog_product"],
        "actor": who.foreign["core_user"],
    }[name]
    return row.pk


def _values(answer: Any) -> str:
    """Return the rows of a page of a list; the addresses beside them repeat what was asked."""
    body = answer.json()
    return str(body.get("results", "")) if isinstance(body, dict) else str(body)


def api_objects(who: Stranger) -> Iterator[str]:
    """What a path names by its identifier, read and written."""
    for route, row in _named_by_path(who):
        for method in ("get", "post", "patch", "delete"):
            answers = [
                who.api.generic(method.upper(), address, b"{}", content_type="application/json")
                for address in (route.replace("<uuid:id>", str(key)) for key in (row.pk, uuid4()))
            ]
            if answers[0].status_code != answers[1].status_code or who.sees(answers[0]):
                yield f"{method} {route} {answers[0].status_code}"


def _named_by_path(who: Stranger) -> Iterator[tuple[str, Any]]:
    """Give each route of the API that names one row, with the other company's row."""
    for route, pattern in routes():
        model = getattr(view_class(pattern), "path_model", None)
        if not route.startswith("api/") or route.count("<") != 1 or model is None:
            continue
        row = who.foreign.get(f"{model._meta.app_label}_{model._meta.model_name}")
        if row is not None and "<uuid:id>" in route:
            yield f"/{route}", row


def api_bodies(who: Stranger) -> Iterator[str]:
    """Bodies that name the other company or one of its rows."""
    company = str(who.foreign_company.pk)
    sku = who.foreign["catalog_product"].sku
    risk = str(who.foreign["catalog_risk"].pk)
    bodies = {
        "pricing/quote": {"sku": sku, "plan": "BASE", "channel": "web", "quantity": 1},
        "products": {"sku": "ISOLATION-1", "name": "Isolation", "risk_id": risk},
        "partners": {"type": "insurer", "name": "Isolation", "legal_name": "Isolation"},
        f"partners/{who.own['partners_partner'].pk}/activations": {},
        "exports": {"kind": "accounting", "period": "2025-09", "format": "csv"},
        "operations": {
            "source": "isolation",
            "external_id": "1",
            "kind": "commission_report",
            "sku": sku,
            "occurred_at": "2025-10-01T10:00:00+02:00",
            "amount": "12.00",
        },
    }
    for route, body in bodies.items():
        answer = who.api.post(
            f"/api/catalog/{route}", body | {"company_id": company}, content_type="application/json"
        )
        if answer.status_code not in (403, 404, 422) or who.sees(answer):
            yield f"{route} {answer.status_code}"
    for route, body, key, name in _named_by_body(who):
        method = "post" if body else "patch"
        answers = [
            getattr(who.api, method)(
                f"/api/catalog/{route}", body | {key: str(pk)}, content_type="application/json"
            )
            for pk in (who.foreign[name].pk, uuid4())
        ]
        statuses = [answer.status_code for answer in answers]
        if statuses != [422, 422] or who.sees(answers[0]):
            yield f"{route} {key} {statuses}"


def _named_by_body(who: Stranger) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Give each key by which a body names a row: the route, a body that is right but for it."""
    company, risk = who.own["core_company"], who.own["catalog_risk"]
    draft = who.own["catalog_productplan"].product_version
    product = who.own["catalog_product"]
    price = {"type": "fixed", "payload": {"amount": 1}}
    code = {"system": "Autre", "external_code": "isolation"}
    offer = {
        "sku": "ISOLATION-2",
        "name": "Isolation",
        "company_id": str(company.pk),
        "risk_id": str(risk.pk),
        "revenue_model": "mixed",
    }
    scheme = {"settlement": "upfront", "split": {"company": 1}}
    billing = {"payment_method": "card", "collection_cycle": "monthly"}
    plan, partner = "catalog_productplan", "partners_partner"
    yield from (
        (f"risks/{risk.pk}", {}, "parent_id", "catalog_risk"),
        (f"products/{product.pk}", {}, "partner_id", partner),
        (f"products/{product.pk}", {}, "risk_id", "catalog_risk"),
        ("products", offer, "partner_id", partner),
        ("products", offer, "brand_id", "core_brand"),
        (f"products/{product.pk}/external-mappings", code, "plan_id", plan),
        (f"versions/{draft.pk}/pricing-rules", price, "plan_id", plan),
        (f"versions/{draft.pk}/cq-rules", {"notes": "x"}, "call_script_id", "documents_script"),
        (f"versions/{draft.pk}/billing", billing, "plan_id", plan),
        (f"versions/{draft.pk}/commission-schemes", scheme, "plan_id", plan),
        (f"versions/{draft.pk}/commission-schemes", scheme, "partner_id", partner),
        (f"pricing-rules/{who.own['catalog_pricingrule'].pk}", {}, "plan_id", plan),
        (f"cq-rules/{who.own['catalog_cqrule'].pk}", {}, "call_script_id", "documents_script"),
        (f"external-mappings/{who.own['catalog_externalmapping'].pk}", {}, "plan_id", plan),
    )


def files(who: Stranger) -> Iterator[str]:
    """Files to download."""
    for name, path in (
        ("core_audittrail", "download"),
        ("core_importrun", "report"),
        ("accounting_exportrun", "download"),
        ("accounting_pricegridexport", "download"),
    ):
        key = who.foreign[name].pk
        address = f"{reverse(f'admin:{name}_changelist')}{key}/{path}/"
        answer = who.browser.get(address)
        if answer.status_code not in (403, 404):
            yield f"{address} {answer.status_code}"
    for address in ("/core/auditentry/export/", "/api/catalog/audit?format=csv"):
        client = who.api if address.startswith("/api") else who.browser
        if who.sees(client.get(address)):
            yield address
    exporter = Importer(who.browser, None, None)
    for target in LISTS:
        for number, query in enumerate(("", f"?company__id__exact={who.foreign_company.pk}")):
            asked = "" if target in SHARED else query
            if who.canary.encode() in b"".join(unpacked(exporter.export(target, number, asked))):
                yield f"export of {target} {asked}"


def unpacked(content: bytes) -> Iterator[bytes]:
    """Give a file as it is, or the parts of a workbook."""
    if not is_zipfile(BytesIO(content)):
        yield content
        return
    with ZipFile(BytesIO(content)) as packed:
        for name in packed.namelist():
            yield packed.read(name)


PROBES = {
    "lists": lists,
    "catalogue": catalogue,
    "objects": objects,
    "completions": completions,
    "forms": forms,
    "api lists": api_lists,
    "api objects": api_objects,
    "api bodies": api_bodies,
    "files": files,
}
