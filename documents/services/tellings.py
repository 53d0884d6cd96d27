"""Who is told of a document: deposited, published, archived (Annexe D.3.3)."""

from catalog.domain import raci
from catalog.services.audience import tell
from documents.models import ProductDocument
from winvest.core.choices import NotificationKind
from winvest.core.models.access import User


def tell_deposit(*, actor: User, document: ProductDocument) -> None:
    """Tell that a document waits for its legal check: ADV's or the jurist's, Marketing consulted."""
    version = document.product_version
    _tell(
        NotificationKind.DOCUMENT_DEPOSITED,
        actor=actor,
        document=document,
        step=raci.Step.COLLECTION,
        title=f"{version} : {document.type_id} déposé",
        text=f"« {document.title} », par {actor}, pour {version.product.name}. À vérifier et à "
        "publier par l'ADV ou le juriste.",
    )


def tell_published(*, actor: User, document: ProductDocument) -> None:
    """Tell that a document was checked and is in force."""
    version = document.product_version
    _tell(
        NotificationKind.DOCUMENT_PUBLISHED,
        actor=actor,
        document=document,
        step=raci.Step.DIFFUSION,
        title=f"{version} : {document.type_id} publié",
        text=f"« {document.title} », par {actor}, pour {version.product.name}.",
    )


def tell_archived(*, actor: User, document: ProductDocument) -> None:
    """Tell that a document is out of force by hand; the sweeper tells of a retired product's."""
    version = document.product_version
    _tell(
        NotificationKind.DOCUMENTS_ARCHIVED,
        actor=actor,
        document=document,
        step=raci.Step.DIFFUSION,
        title=f"{version} : {document.type_id} archivé",
        text=f"« {document.title} », par {actor}, n'est plus diffusé avec {version.product.name}.",
    )


def _tell(
    kind: NotificationKind,
    *,
    actor: User,
    document: ProductDocument,
    step: raci.Step,
    title: str,
    text: str,
) -> None:
    tell(
        kind=kind,
        title=title,
        text=text,
        roles=raci.team_roles(step),
        without={actor.pk},
        company_id=document.company_id,
        risk_id=document.product_version.family_risk(),
        target="documents_productdocument",
        target_id=document.pk,
    )
