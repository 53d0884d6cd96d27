"""Copying versions and products, and going back to an earlier content (3.1-07, 3.1-10).

A copy holds every part of its source, and neither its dates, its state, its publications nor its
accounting mappings. It is proposed for the first of the next month (4-06).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Max, Q, QuerySet, When
from simple_history.utils import bulk_update_with_history

from catalog.choices import LifecycleStatus, VersionState
from catalog.models import PricingRule, Product, ProductVersion
from catalog.models.pricing import rate_in_force
from catalog.parts import clone_all, clone_into, content_hash, copied, insert_all
from catalog.services.sku import take_sku
from catalog.services.versions import VersionProblem, create_version
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, NotFound
from winvest.core.models.access import User
from winvest.core.models.company import Company
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction

_COPY = " (copie)"


def duplicate_version(
    *, actor: User, version: ProductVersion, effective_from: datetime | None = None
) -> ProductVersion:
    """Return a new draft of the same product with the same content: right `catalog.edit`."""
    permissions.require_on(actor, Action.CATALOG_EDIT, version)
    with transaction(actor, version.company_id):
        source = lock_row(version)
        draft = _draft(actor, source.product, source, effective_from)
        _take_rates_of_the_day([draft])
        return draft


def duplicate_versions(
    *, actor: User, versions: Sequence[ProductVersion], notes: str
) -> list[ProductVersion]:
    """Return a new draft of each version, of as many products, all in a few statements.

    What `duplicate_version` does one by one: right `catalog.edit` on each, the first of the next
    month, the same content. All of one company. The products must be locked already.
    """
    for version in versions:
        permissions.require_on(actor, Action.CATALOG_EDIT, version)
    if not versions:
        return []
    with transaction(actor, versions[0].company_id):
        products = [version.product_id for version in versions]
        rows = ProductVersion.objects.filter(product__in=products).order_by().values("product_id")
        last = dict(rows.annotate(last=Max("version")).values_list("product_id", "last"))
        start = proposed_start(versions[0].company)
        drafts = [
            ProductVersion(
                product_id=source.product_id,
                company_id=source.company_id,
                version=last[source.product_id] + 1,
                effective_from=start,
                notes=notes,
                channels=source.channels,
                geography=source.geography,
                eligibility=source.eligibility,
            )
            for source in versions
        ]
        insert_all(drafts)
        clone_all([*zip(versions, drafts, strict=True)])
        _take_rates_of_the_day(drafts)
    return drafts


def duplicate_product(
    *,
    actor: User,
    product: Product,
    version: int | None = None,
    sku: str | None = None,
    name: str | None = None,
    effective_from: datetime | None = None,
) -> Product:
    """Return a draft of the same company and family, whose version 1 is a copy: `catalog.edit`.

    Copied is the version of that number, by default the one in force, else the last. Without
    `sku`, the next code of the family. External codes name one product only: they stay. Django's
    `ValidationError` tells what is wrong with the new product.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, product)
    with transaction(actor, product.company_id):
        source = _source(product, version)
        copy = copied(
            product,
            sku=sku or take_sku(actor=actor, company=product.company, risk=product.risk),
            name=name or product.name[: 160 - len(_COPY)] + _COPY,
            badges={},
            lifecycle_status=LifecycleStatus.DRAFT,
            created_by_id=actor.pk,
        )
        copy.full_clean()
        copy.save(force_insert=True)
        if source is not None:
            _take_rates_of_the_day([_draft(actor, copy, lock_row(source), effective_from)])
    return copy


def roll_back(
    *, actor: User, product: Product, version: int, effective_from: datetime | None = None
) -> ProductVersion:
    """Return a new draft whose content is that of a released version: right `catalog.edit`.

    Its hash is the same, so what was approved stays approved; what is in force stays in force
    until the draft is released. `NotFound` for an unknown number, `Conflict` for a version that
    was not released, or whose content the application no longer reads as it did.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, product)
    with transaction(actor, product.company_id):
        found = _numbered(product, version)
        if found.state != VersionState.RELEASED:
            raise Conflict(VersionProblem.NOT_RELEASED, path="version")
        draft = _draft(
            actor, product, found, effective_from, notes=f"Retour à la version {version}."
        )
        if content_hash(draft) != found.content_hash:
            raise Conflict(VersionProblem.NOT_THE_SAME, path="version")
    return draft


def proposed_start(company: Company) -> datetime:
    """Return the start proposed for a new version: the first of the next month, local (4-06)."""
    return next_month_start(now(), company.timezone)


def _draft(
    actor: User,
    product: Product,
    source: ProductVersion,
    effective_from: datetime | None,
    notes: str | None = None,
) -> ProductVersion:
    start = effective_from or proposed_start(product.company)
    draft = create_version(actor=actor, product=product, effective_from=start, notes=notes)
    clone_into(source, draft)
    return draft


def _take_rates_of_the_day(drafts: Sequence[ProductVersion]) -> None:
    """Give the copied prices the VAT rate of the day their draft takes effect (P-07).

    A code without a rate that day keeps its own: the submission tells it.
    """
    versions = {draft.pk: draft for draft in drafts}
    known: dict[tuple[str, Any, datetime], Decimal | None] = {}
    changed = []
    for rule in PricingRule.objects.filter(product_version__in=versions):
        draft = versions[rule.product_version_id]
        key = rule.tax_code, draft.company_id, draft.effective_from
        if key not in known:
            known[key] = rate_in_force(rule.tax_code, draft)
        rate = known[key]
        if rate is not None and rate != rule.tax_rate:
            rule.tax_rate, rule.updated_at = rate, now()
            changed.append(rule)
    if changed:
        bulk_update_with_history(changed, PricingRule, ["tax_rate", "updated_at"])


def _source(product: Product, version: int | None) -> ProductVersion | None:
    if version is not None:
        return _numbered(product, version)
    at = now()
    in_force = Q(effective_to__isnull=True) | Q(effective_to__gt=at)
    runs = Q(in_force, state=VersionState.RELEASED, effective_from__lte=at)
    rows = _versions(product).exclude(state=VersionState.WITHDRAWN)
    return rows.order_by(Case(When(runs, then=0), default=1), "-version").first()


def _numbered(product: Product, version: int) -> ProductVersion:
    found: ProductVersion | None = _versions(product).filter(version=version).first()
    if found is None:
        raise NotFound(VersionProblem.UNKNOWN, path="version")
    return found


def _versions(product: Product) -> QuerySet[ProductVersion, Any]:
    rows: QuerySet[ProductVersion, Any] = ProductVersion.objects.filter(product=product)
    return rows
