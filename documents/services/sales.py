"""What is on sale keeps its documents (B.1-03): none is taken away before its sales end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet

from catalog.domain.publication import Finding, Sale
from catalog.models import ProductVersion, Publication
from documents.domain.requirements import MISSING, NOT_PUBLISHED, TO_REPLACE, WEB_FLOOR
from documents.services.publication import findings_without_files
from winvest.core.clock import now
from winvest.core.errors import Conflict, Problem

GONE = {MISSING.code, NOT_PUBLISHED.code, TO_REPLACE.code, WEB_FLOOR.code}


class SaleProblem(Problem):
    """Why a document stays in force."""

    ON_SALE = (
        "document.on_sale",
        "Une publication en cours ou à venir exige ce document : remplacez-le par une nouvelle "
        "version du produit, ou terminez d'abord la publication.",
    )


@contextmanager
def keep_sales_documented(version: ProductVersion) -> Iterator[None]:
    """Refuse, with every reason, what leaves a sale of the version without a document it asks for.

    `Conflict`; the version is held and the caller's transaction is open.
    """
    before = _lacking(version)
    yield
    lost = [one for key, one in _lacking(version).items() if key not in before]
    if lost:
        raise Conflict.several(SaleProblem.ON_SALE, [one.reason() for one in lost])


def is_on_sale(version: ProductVersion) -> bool:
    """Whether a publication of the version runs or is to come."""
    return _sales(version).exists()


def _sales(version: ProductVersion) -> QuerySet[Publication, Publication]:
    return Publication.lasting(now()).filter(product_version=version)


def _lacking(version: ProductVersion) -> dict[tuple[str, str], Finding]:
    """Return what the sales of the version lack: documents that nobody brought, or not in force."""
    found: dict[tuple[str, str], Finding] = {}
    for row in _sales(version):
        sale = Sale(
            seller=row.company_id,
            channels=frozenset(row.channels),
            start=max(row.start_at, now()),
            end=row.end_at,
        )
        for one in findings_without_files(version, sale):
            if one.rule.code in GONE:
                found[one.rule.code, one.message] = one
    return found
