"""Deleting a product: a draft that was never published, and nothing else (A.4, M-18)."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import PROTECT, RESTRICT, Model

from catalog.choices import LifecycleStatus
from catalog.models import ExternalMapping, Product, ProductVersion, Publication
from catalog.parts import erase_all
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Problem, Reason
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
    IN_USE = "in_use", "D'autres fiches tiennent à ce brouillon : voir les raisons."


def why_kept(product: Product) -> list[Reason]:
    """Return every reason why the product may not be deleted, none when it may."""
    checks = (
        (ProductProblem.NOT_DRAFT, product.lifecycle_status != LifecycleStatus.DRAFT),
        (
            ProductProblem.PUBLISHED,
            Publication._base_manager.filter(product=product).exists(),
        ),
        (
            ProductProblem.RELEASED,
            ProductVersion._base_manager.filter(
                product=product, released_at__isnull=False
            ).exists(),
        ),
    )
    return [Reason(problem.value, problem.message) for problem, holds in checks if holds]


def delete_product(
    *, actor: User, product: Product, check: Callable[[Product], None] | None = None
) -> None:
    """Delete a draft, its draft versions with their parts, and its external codes: right
    `catalog.edit`.

    `Conflict` tells every reason why it is kept: what others did with it (accounting mappings, approvals,
    published documents, promotions…) is named by kind. `check` runs on the locked row.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, product)
    with transaction(actor, product.company_id):
        # Its codes first: who changes one holds it, and the product after it (`hold_product`).
        codes = ExternalMapping.objects.filter(product=product).order_by("pk")
        list(codes.select_for_update(of=("self",)).values_list("pk"))
        locked = lock_row(product)
        if check is not None:
            check(locked)
        if reasons := why_kept(locked):
            raise Conflict.several(ProductProblem(reasons[0].code), reasons)
        rows = ProductVersion.objects.select_for_update(of=("self",)).filter(product=locked)
        versions = list(rows.order_by("version"))
        for version in versions:
            erase_all(version)
        for code in ExternalMapping.objects.filter(product=locked):
            code.delete()
        if reasons := _held(locked, versions):
            raise Conflict.several(ProductProblem.IN_USE, reasons)
        for version in versions:
            version.delete()
        locked.delete()


def _held(product: Product, versions: list[ProductVersion]) -> list[Reason]:
    """Return what still keeps the product or one of its versions, one reason for each kind."""
    kinds = {
        str(model._meta.verbose_name_plural)
        for row in (product, *versions)
        for model in _holders(row)
        if model is not ProductVersion
    }
    code = ProductProblem.IN_USE.value
    return [Reason(code, f"Ce brouillon est gardé par : {kind}.") for kind in sorted(kinds)]


def _holders(row: Any) -> Iterator[type[Model]]:
    """Give the models of which a row keeps this one."""
    for relation in row._meta.related_objects:
        if relation.on_delete in (PROTECT, RESTRICT):
            model = relation.related_model
            if model._base_manager.filter(**{relation.field.name: row.pk}).exists():
                yield model
