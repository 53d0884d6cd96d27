"""What becomes of the documents of a retired product (4-10, D.3.5-04; M-07)."""

from catalog.domain import raci
from catalog.models import ProductTransition
from catalog.services.audience import tell
from documents.choices import DocumentState
from documents.models import ProductDocument
from winvest.core.choices import NotificationKind

IN_FORCE = (DocumentState.PUBLISHED, DocumentState.EXPIRED)


def end_documents(move: ProductTransition) -> None:
    """Archive what is in force of a product that retires, in the retirement's own transaction.

    Contracts that renew still need their documents: with such a plan they stay.
    """
    if move.renewals_allowed:
        return
    rows = ProductDocument._base_manager.filter(
        product_version__product=move.product_id, state__in=IN_FORCE
    )
    locked = rows.select_for_update(of=("self",)).select_related("product_version__product")
    for row in locked.order_by("pk"):
        archive_ended(row)


def archive_ended(row: ProductDocument) -> None:
    """Archive a locked document of a retired product, and tell it once of the product."""
    row.state = DocumentState.ARCHIVED
    row.save()
    version = row.product_version
    product = version.product
    tell(
        kind=NotificationKind.DOCUMENTS_ARCHIVED,
        title=f"{product.sku} : documents archivés",
        text=f"{product.name} est retiré : ses documents ne sont plus diffusés, et se gardent dix "
        "ans après la fin de leur diffusion.",
        roles=raci.team_roles(raci.Step.ARCHIVE),
        company_id=version.company_id,
        risk_id=version.family_risk(),
        target="catalog_product",
        target_id=product.pk,
    )
