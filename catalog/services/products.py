"""Deleting a product: a draft that was never published, and nothing else (A.4, M-18)."""

from collections.abc import Callable

from catalog.choices import LifecycleStatus
from catalog.models import ExternalMapping, Product, ProductVersion, Publication
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction


class ProductProblem(Problem):
    """Why a product is kept."""

    NOT_DRAFT = (
        "product.kept",
        "Seul un brouillon jamais publié s'efface ; sinon, retirez le produit.",
    )
    PUBLISHED = "product.published", "Ce produit a une publication : il se retire, sans s'effacer."
    RELEASED = "product.released", "Une version du produit a été mise en production : il est gardé."


def why_kept(product: Product) -> ProductProblem | None:
    """Return why the product may not be deleted, None when it may."""
    if product.lifecycle_status != LifecycleStatus.DRAFT:
        return ProductProblem.NOT_DRAFT
    if Publication._base_manager.filter(product=product).exists():
        return ProductProblem.PUBLISHED
    released = ProductVersion._base_manager.filter(product=product, released_at__isnull=False)
    return ProductProblem.RELEASED if released.exists() else None


def delete_product(
    *, actor: User, product: Product, check: Callable[[Product], None] | None = None
) -> None:
    """Delete a draft, its draft versions and external codes: right `catalog.edit`.

    `Conflict` tells why it is kept. `check` runs on the locked row. What another part of the product holds on a version (accounting
    mappings, commission schemes) keeps it: Django's `ProtectedError`.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, product)
    with transaction(actor, product.company_id):
        locked = lock_row(product)
        if check is not None:
            check(locked)
        if problem := why_kept(locked):
            raise Conflict(problem)
        for code in ExternalMapping.objects.filter(product=locked):
            code.delete()
        for version in ProductVersion.objects.filter(product=locked):
            version.delete()
        locked.delete()
