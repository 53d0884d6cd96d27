"""Demo documents: real PDF/A files for the types that families require (`design/domain.md` §8)."""

from collections.abc import Sequence
from io import BytesIO

from django.utils.html import format_html

from catalog.models import ProductVersion
from documents.models import DocumentType
from documents.services.publish import publish_document
from documents.services.upload import upload_document
from winvest.backoffice.demo.people import People
from winvest.core.domain.roles import Role
from winvest.core.pdf.render import render_pdf


def add_documents(version: ProductVersion, codes: Sequence[str], people: People) -> None:
    """Upload and publish a document of each type for a version that is not released yet."""
    # Produit collects them (D.3.3): the jurist, who answers for them, wrote none.
    author = people[Role.CATALOG_MANAGER, version.company.code]
    types = {kind.code: kind for kind in DocumentType.objects.filter(code__in=codes)}
    for code in codes:
        document = upload_document(
            actor=author,
            version=version,
            type=types[code],
            title=f"{types[code].label} — {version.product.name}",
            content=BytesIO(render_pdf(_page(version, types[code]))),
            file_name=f"{code}-{version.product.sku}.pdf",
            mandatory=True,
        )
        publish_document(actor=author, document=document)


def _page(version: ProductVersion, kind: DocumentType) -> str:
    product, company = version.product, version.company
    return format_html(
        '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="author" content="{company}"></head><body>'
        "<h1>{title}</h1><p>{product} ({sku}), proposé par {company}, SIREN {siren}.</p>"
        "<h2>Document de démonstration</h2><p>Ce texte tient la place du document « {code} » que le "
        "service juridique fournira. Il n'a aucune valeur contractuelle.</p></body></html>",
        title=kind.label,
        code=kind.code,
        product=product.name,
        sku=product.sku,
        company=company.legal_name,
        siren=company.siren,
    )
