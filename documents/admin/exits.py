"""The documents that stay when a product is retired (4-10, D.3.5-04)."""

from catalog.admin.exits import SHOWN, Kept
from catalog.models import Product
from documents.choices import DocumentState
from documents.models import ProductDocument

IN_FORCE = (DocumentState.PUBLISHED, DocumentState.EXPIRED)
TITLE = "Documents qui restent"


def kept_documents(product: Product) -> Kept:
    """Return the documents in force of the product, which contracts keep for ten years."""
    rows = ProductDocument._base_manager.filter(
        product_version__product=product, state__in=IN_FORCE
    )
    named = rows.select_related("product_version").order_by("product_version__version", "title")
    lines = [f"{row.title} (version {row.product_version.version})" for row in named[:SHOWN]]
    more = rows.count() - len(lines)
    return Kept(
        title=TITLE,
        about="Sans renouvellement permis, ils sont archivés dès le retrait ; avec, ils restent "
        "diffusés et l'ADV est relancée chaque année. Dans les deux cas ils se gardent dix ans.",
        lines=[*lines, f"et {more} de plus"] if more > 0 else lines,
        empty="Aucun document n'est publié pour ce produit.",
    )
