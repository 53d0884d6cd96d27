"""The sheet of a product as a file: a PDF/A in the company's colours, or a CSV (screens.md 2).

Both say what the person reads on the page, and each is written in the log (3.8-08).
"""

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib.admin import site
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from catalog.admin.badges import LIFECYCLE
from catalog.admin.sheet import read_question
from catalog.admin.sheet_blocks import Block, Facts, Note, Table, fact
from catalog.admin.sheet_gone import sheet_gone
from catalog.admin.sheet_tabs import Asked, open_tabs, read_tab, standing_of
from catalog.choices import LifecycleStatus
from catalog.domain.lifecycle import STANDING_LABELS
from catalog.models import Product
from catalog.selectors.sheet import sheet_product
from winvest.core.admin.formatting import instant_text
from winvest.core.admin.rights import person
from winvest.core.admin.site import color_of
from winvest.core.admin.zones import local_page, local_text
from winvest.core.clock import now
from winvest.core.domain.cells import BOM, csv_line, text_cell
from winvest.core.files import Download, attachment, streamed_csv
from winvest.core.models import Company
from winvest.core.permissions import access_of
from winvest.core.services.audit import record_export
from winvest.core.transaction import transaction

# The history is read on the page, where it goes on.
LEFT_OUT = "historique"
SHEET = "Fiche"
HEADER = ("Onglet", "Partie", "Ligne", "Rubrique", "Valeur")
INK = "#2459d3"
LOGO = "logo"
Write = Callable[[Asked], Any]


@site.admin_view
@require_GET
def sheet_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand over the sheet as a PDF/A."""
    return _file(request, pk, "pdf", _pdf)


@site.admin_view
@require_GET
def sheet_csv(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand over the sheet as a CSV that a spreadsheet opens."""
    return _file(request, pk, "csv", _csv)


def _file(request: HttpRequest, pk: UUID, kind: str, write: Write) -> HttpResponse:
    product = sheet_product(access_of(request.user), pk, at=now())
    if product is None:
        return sheet_gone(request)
    return local_page(product.company, lambda: _written(request, product, kind, write))


def _written(request: HttpRequest, product: Product, kind: str, write: Write) -> HttpResponse:
    asked, problem = read_question(request, product)
    if problem:
        raise Http404(problem)
    answer: HttpResponse = write(asked)
    with transaction(person(request)):
        record_export(
            table=Product._meta.db_table,
            record_id=product.pk,
            company_id=product.company_id,
            details={"event": "fiche produit", "format": kind, "version": _number(asked)},
        )
    return answer


def _number(asked: Asked) -> int | None:
    return asked.version["version"] if asked.version else None


def _name(asked: Asked, extension: str) -> str:
    number = _number(asked)
    sku = asked.product.sku.replace("/", "-")
    return f"Fiche_{sku}{f'_v{number}' if number else ''}.{extension}"


def _blocks(asked: Asked) -> Iterator[tuple[str, Sequence[Block]]]:
    """Give the open tabs with what a file can hold of them; empty tables say nothing."""
    for key, label in open_tabs(asked).items():
        if key == LEFT_OUT:
            continue
        kept = [one for one in read_tab(asked, key) if isinstance(one, Facts | Table | Note)]
        kept = [one for one in kept if not isinstance(one, Table) or one.rows]
        kept = [one for one in kept if not isinstance(one, Note) or one.is_on_paper]
        if kept:
            yield label, kept


def _pdf(asked: Asked) -> FileResponse:
    # The engine takes half a second to load: only whoever asks for a PDF waits for it.
    from winvest.core.pdf.render import render_pdf

    company = asked.product.company
    images = {LOGO: content} if (content := _logo(company)) else {}
    status = LifecycleStatus(asked.product.lifecycle_status)
    version = asked.version
    page = render_to_string(
        "admin/catalog/sheet/pdf.html",
        {
            "product": asked.product,
            "company": company,
            "partner": asked.product.partner.name if asked.product.partner else "Interne",
            "color": SafeString(color_of(company) or INK),
            "has_logo": bool(images),
            "status": status.label,
            "look": LIFECYCLE[status],
            "version": version,
            "standing": STANDING_LABELS[standing_of(version, at=asked.now)] if version else "",
            "at": instant_text(timezone.localtime(asked.at)),
            "tabs": list(_blocks(asked)),
        },
    )
    content = render_pdf(page, images=images)
    return attachment(Download(BytesIO(content), _name(asked, "pdf"), "", "application/pdf"))


def _logo(company: Company) -> bytes:
    """Return the company's logo; a lost file leaves the sheet without it."""
    if not company.logo:
        return b""
    try:
        with company.logo.open() as file:
            return bytes(file.read())
    except OSError:
        return b""


def _facts(asked: Asked) -> Facts:
    """Return which version of the product the file tells, and how both stand."""
    version = asked.parts if asked.version else None
    status = LifecycleStatus(asked.product.lifecycle_status).label
    facts = [fact("Statut du produit", status), fact("Lu le", local_text(asked.at, asked.zone))]
    if version is not None:
        standing = standing_of(version, at=asked.at)
        facts += [
            fact("Version", version["version"]),
            fact("État de la version", STANDING_LABELS[standing]),
            fact("Date d'effet", local_text(version["effective_from"], asked.zone)),
            fact("Fin d'effet (exclue)", local_text(version["effective_to"], asked.zone)),
            fact("Mise en production", local_text(version["released_at"], asked.zone)),
        ]
    return Facts(SHEET, facts)


def _csv(asked: Asked) -> HttpResponse:
    lines = [BOM + csv_line(HEADER), *(csv_line(map(text_cell, row)) for row in _rows(asked))]
    return streamed_csv(iter([line.encode() for line in lines]), _name(asked, "csv"))  # type: ignore[return-value]


def _rows(asked: Asked) -> Iterator[tuple[str, ...]]:
    for name, cell in _facts(asked).filled:
        yield SHEET, "", "", name, str(cell)
    for tab, blocks in _blocks(asked):
        for block in blocks:
            if isinstance(block, Facts):
                for name, cell in block.filled:
                    yield tab, block.title, "", name, str(cell)
            elif isinstance(block, Table):
                for number, line in enumerate(block.lines, start=1):
                    for column, cell in line:
                        yield tab, block.title, str(number), column, str(cell)
            elif isinstance(block, Note):
                yield tab, block.title, "", "", block.text
