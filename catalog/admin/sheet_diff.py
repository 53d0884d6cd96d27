"""Two versions of a product side by side, in business words (3.1-08, E.2.2-07)."""

from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from catalog.admin.sheet_tabs import sheet_address, standing_of
from catalog.domain.diff import Kind
from catalog.domain.lifecycle import STANDING_LABELS
from catalog.models import Product
from catalog.selectors.sheet import sheet_product
from catalog.selectors.versions import list_versions
from catalog.services.comparison import Difference, compare_versions
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_page
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of
from winvest.core.selectors.wording import NO_BREAK

FROM, TO = "de", "a"
LOOKS = {
    Kind.ADDED: ("Ajouté", "success"),
    Kind.REMOVED: ("Retiré", "danger"),
    Kind.CHANGED: ("Changé", "info"),
}
NUMBERS = {
    Kind.CHANGED: ("changement", "changements"),
    Kind.ADDED: ("ajout", "ajouts"),
    Kind.REMOVED: ("retrait", "retraits"),
}


@site.admin_view
@require_GET
def sheet_diff(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what differs between the two versions that the address names: `?de=1&a=2`.

    By default the last two. A product that the user does not see does not exist; its drafts are
    compared by whoever sees them.
    """
    access = access_of(request.user)
    product = sheet_product(access, pk, at=now())
    if product is None:
        raise Http404
    if not access.allowed(Action.CATALOG_VIEW_ALL, product.company_id):
        raise PermissionDenied
    return local_page(product.company, lambda: _page(request, product))


def diff_address(product_id: UUID, before: int, after: int) -> str:
    """Return the address of the comparison of two versions."""
    base = reverse("product-diff", args=[product_id])
    return f"{base}?{FROM}={before}&{TO}={after}"


def _page(request: HttpRequest, product: Product) -> HttpResponse:
    at = now()
    rows = list_versions(access_of(request.user), product_id=product.pk, at=at)
    versions = {
        str(row["version"]): STANDING_LABELS[standing_of(row, at=at)]
        for row in rows.order_by("-version")
    }
    context = {
        **site.each_context(request),
        "title": f"Comparer — {product.name}",
        "product": product,
        "back": sheet_address(product.pk, onglet="historique"),
        "enough": len(versions) > 1,
    }
    if len(versions) > 1:
        before, after = _asked(request, list(versions))
        found = compare_versions(
            actor=person(request), product=product, before=int(before), after=int(after)
        )
        context |= {
            "boxes": [
                _box(FROM, "Version", versions, before),
                _box(TO, "comparée à la version", versions, after),
            ],
            "swap": diff_address(product.pk, int(after), int(before)),
            "before": f"Version {before} — {versions[before]}",
            "after": f"Version {after} — {versions[after]}",
            "summary": summary_of(found),
            "parts": shown_parts(found),
        }
    return TemplateResponse(request, "admin/catalog/sheet/diff.html", context)


def _asked(request: HttpRequest, numbers: list[str]) -> tuple[str, str]:
    """Return the two versions of the address; what it does not name is the last, and the one before."""
    asked = [request.GET.get(name, "") for name in (FROM, TO)]
    before, after = (number if number in numbers else "" for number in asked)
    after = after or next(number for number in numbers if number != before)
    return before or next(number for number in numbers if number != after), after


def _box(name: str, label: str, versions: dict[str, str], chosen: str) -> dict[str, Any]:
    choices = [
        {"value": number, "label": f"{number} — {standing}", "is_chosen": number == chosen}
        for number, standing in versions.items()
    ]
    return {"name": name, "label": label, "choices": choices}


def summary_of(found: list[Difference]) -> str:
    """Return « 3 changements, 1 ajout »; nothing where nothing differs."""
    counts = Counter(one.kind for one in found)
    return ", ".join(
        f"{counts[kind]} {NUMBERS[kind][counts[kind] > 1]}" for kind in NUMBERS if counts[kind]
    )


def shown_parts(found: list[Difference]) -> list[dict[str, Any]]:
    """Return the differences by part, what differs in each text marked."""
    return [
        {"label": label, "changes": [_shown(one) for one in changes]}
        for label, changes in groupby(found, key=lambda one: one.part_label)
    ]


def _shown(one: Difference) -> dict[str, Any]:
    label, color = LOOKS[one.kind]
    before, after = marked(one.before_text, one.after_text)
    return {"label": one.label, "kind": label, "color": color, "before": before, "after": after}


def marked(before: str, after: str) -> tuple[SafeString, SafeString]:
    """Return two texts with the words that differ marked, where they have words in common."""
    # An amount alone is a number and its sign.
    between = " " if " " in f"{before}{after}" else NO_BREAK
    old, new = before.split(between), after.split(between)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    blocks = matcher.get_opcodes()
    if not any(tag == "equal" for tag, *_ in blocks):
        return format_html("{}", before), format_html("{}", after)
    return (
        _joined(((old[i:j], tag) for tag, i, j, _, _ in blocks if i < j), between),
        _joined(((new[i:j], tag) for tag, _, _, i, j in blocks if i < j), between),
    )


def _joined(pieces: Iterable[tuple[list[str], str]], between: str) -> SafeString:
    shown = [
        format_html("{}" if tag == "equal" else "<mark>{}</mark>", between.join(words))
        for words, tag in pieces
    ]
    return format_html_join(between, "{}", ((one,) for one in shown))
