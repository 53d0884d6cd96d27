"""What time does to documents, and who is told: expiring, expired, missing, archived (B.4, D.3.3).

A sweeper calls; running twice changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from catalog.choices import LifecycleStatus, TransitionState, VersionState
from catalog.domain import raci
from catalog.models import ProductTransition, ProductVersion, Publication
from documents.choices import DocumentState
from documents.domain.state import DocumentState as State
from documents.domain.state import Standing, standing
from documents.models import ProductDocument
from documents.services.publication import lacking_documents
from documents.services.retirement import IN_FORCE, archive_ended
from winvest.core import scoping
from winvest.core.choices import NotificationKind
from winvest.core.clock import now
from winvest.core.domain.periods import local_date, months_elapsed
from winvest.core.domain.roles import Action, Role
from winvest.core.models.company import Company
from winvest.core.models.notification import Notification
from winvest.core.services.notifications import notify
from winvest.core.transaction import transaction

# A day may begin up to so long before it does in UTC.
A_DAY = timedelta(days=1)
# What one run archives: the next takes the rest.
BATCH = 500
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Swept:
    """How many documents a run changed or told of, how many versions lack some, and how many retired
    products keep theirs.
    """

    expired: int
    expiring: int
    archived: int
    lacking: int
    kept: int


def sweep_documents() -> Swept:
    """Expire what is over, archive what a retired product leaves, tell what expires or lacks."""
    with scoping.everything():
        return Swept(
            archived=_each(_of_retired(), _archive),
            expired=_each(_over(), _expire),
            expiring=_each(_ending(), _tell_ending),
            lacking=_each(_submitted(), _tell_lacking),
            kept=_each(_renewed(), _tell_kept),
        )


def _each(keys: Iterable[UUID], do: Callable[[UUID], bool]) -> int:
    """Do it to each row in a transaction of its own, and return to how many it was done."""
    done = 0
    for key in list(keys):
        with transaction(None):
            done += do(key)
    return done


def _of_retired() -> Any:
    """Return what is in force of retired products that renew no contract (4-10, M-07).

    A retirement archives its documents itself: these were published since, or before it did.
    """
    product = "product_version__product"
    renewed = _retirements().filter(product=OuterRef(f"{product}_id"))
    rows = ProductDocument.objects.filter(
        ~Exists(renewed),
        **{f"{product}__lifecycle_status": LifecycleStatus.RETIRED},
        state__in=IN_FORCE,
    )
    return rows.order_by("pk").values_list("pk", flat=True)[:BATCH]


def _retirements() -> Any:
    """Return the retirements whose plan lets contracts renew."""
    return ProductTransition.objects.filter(
        to_status=LifecycleStatus.RETIRED, state=TransitionState.APPLIED, renewals_allowed=True
    )


def _renewed() -> Any:
    """Return the retirements of about a year ago or more that left documents in force."""
    in_force = ProductDocument.objects.filter(
        product_version__product=OuterRef("product"), state__in=IN_FORCE
    )
    nearly = now() - timedelta(days=365) + A_DAY
    rows = _retirements().filter(Exists(in_force), due_at__lte=nearly)
    return rows.order_by("pk").values_list("pk", flat=True)


def _tell_kept(key: UUID) -> bool:
    """Ask each year whoever archives (D.3.5-04) whether contracts of the product still renew.

    The exit plan gives renewals no end, and contracts live in another module: a person knows when
    the last one has gone.
    """
    move = ProductTransition.objects.select_related("product__company").get(pk=key)
    product = move.product
    zone = product.company.timezone
    months = months_elapsed(local_date(move.due_at, zone), local_date(now(), zone))
    if months < MONTHS:
        return False
    told = notify(
        kind=NotificationKind.DOCUMENTS_KEPT,
        title=f"{product.sku} : documents d'un produit retiré encore diffusés",
        text=f"{product.name} est retiré depuis le {local_date(move.due_at, zone):%d/%m/%Y}, et son "
        "plan de sortie permet de renouveler : ses documents restent diffusés. Si plus aucun "
        "contrat ne se renouvelle, archivez-les ; ils se gardent dix ans.",
        key=f"{product.pk}:{months // MONTHS}",
        target="catalog_product",
        target_id=product.pk,
        action=Action.DOCUMENT_EDIT,
        roles=raci.roles_of({raci.accountable(raci.Step.ARCHIVE)}),
        company_id=product.company_id,
        risk_id=product.risk_id,
    )
    return told > 0


def _archive(key: UUID) -> bool:
    row = _locked(key)
    if row.state not in IN_FORCE:
        return False
    archive_ended(row)
    return True


def _over() -> Any:
    """Return the published documents whose last day is over, or may be somewhere."""
    rows = ProductDocument.objects.filter(
        state=DocumentState.PUBLISHED, valid_until__lt=now().date() + A_DAY
    )
    return rows.order_by("pk").values_list("pk", flat=True)


def _expire(key: UUID) -> bool:
    row = _locked(key)
    if _standing(row) != Standing.EXPIRED or row.state != DocumentState.PUBLISHED:
        return False
    row.state = DocumentState.EXPIRED
    row.save()
    end = row.product_version.effective_to
    if end is None or end > now():
        _tell(row, "expiré", "expired")
    return True


def _ending() -> Any:
    """Return the published documents that end soon and of which nobody was told, those of versions
    that run or come: the others have been replaced.
    """
    told = Notification.objects.filter(
        target_id=OuterRef("pk"), kind=NotificationKind.DOCUMENT_EXPIRING
    )
    version = "product_version"
    rows = ProductDocument.objects.filter(
        ~Exists(told),
        Q(**{f"{version}__effective_to": None}) | Q(**{f"{version}__effective_to__gt": now()}),
        state=DocumentState.PUBLISHED,
        valid_until__lt=now().date() + A_DAY + timedelta(days=settings.DOCUMENT_WARNING_DAYS),
    )
    return rows.order_by("pk").values_list("pk", flat=True)


def _tell_ending(key: UUID) -> bool:
    row = _locked(key)
    if _standing(row) != Standing.EXPIRING:
        return False
    return _tell(row, "bientôt expiré", "expiring") > 0


def _tell(row: ProductDocument, said: str, key: str) -> int:
    day: date | None = row.valid_until
    return notify(
        kind=NotificationKind.DOCUMENT_EXPIRING,
        title=f"{row.product_version} : {row.type_id} {said}",
        text=f"« {row.title} » est valide jusqu'au {day:%d/%m/%Y} inclus.",
        key=f"{row.pk}:{key}",
        target="documents_productdocument",
        target_id=row.pk,
        **_keepers(row.product_version),
    )


def _submitted() -> Any:
    """Return the submitted versions that wait for their publication."""
    published = Publication.objects.filter(product_version=OuterRef("pk"))
    rows = ProductVersion.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=now()),
        ~Exists(published),
        state__in=(VersionState.IN_REVIEW, VersionState.RELEASED),
        submitted_at__isnull=False,
    )
    open_ones = rows.exclude(product__lifecycle_status=LifecycleStatus.RETIRED)
    return open_ones.order_by("pk").values_list("pk", flat=True)


def _tell_lacking(key: UUID) -> bool:
    version = ProductVersion.objects.select_related("product", "company").get(pk=key)
    lacking = lacking_documents(version, max(now(), version.effective_from))
    if not lacking:
        return False
    said = " ".join(one.message for one in lacking)
    told = notify(
        kind=NotificationKind.DOCUMENT_MISSING,
        title=f"{version} : {'documents manquants' if len(lacking) > 1 else 'document manquant'}",
        text=f"{version.product.name} ne peut pas encore être publié. {said}",
        key=str(uuid5(version.pk, said)),
        target="catalog_productversion",
        target_id=version.pk,
        **_keepers(version),
    )
    return told > 0


def _locked(key: UUID) -> ProductDocument:
    rows = ProductDocument.objects.select_for_update(of=("self",))
    related = rows.select_related("product_version__product", "product_version__company")
    found: ProductDocument = related.get(pk=key)
    return found


def _standing(row: ProductDocument) -> Standing:
    company: Company = row.product_version.company
    return standing(
        State(row.state),
        row.valid_until,
        on=now().astimezone(ZoneInfo(company.timezone)).date(),
        warning_days=settings.DOCUMENT_WARNING_DAYS,
    )


def _keepers(version: ProductVersion) -> dict[str, Any]:
    """Return who keeps the documents of a version: ADV and the jurist, then Produit (D.3.1-05)."""
    step = raci.Step.DOCUMENTS
    roles: frozenset[Role] = raci.doing_roles(step) | raci.consulted_roles([step])
    return {
        "action": Action.DOCUMENT_EDIT,
        "roles": roles,
        "company_id": version.company_id,
        "risk_id": version.family_risk(),
    }
