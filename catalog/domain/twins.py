"""The warnings of a product that is accepted and yet looks like another (E.3-01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from catalog.domain.sku import alike, slips
from winvest.core.errors import Problem, Reason


class TwinProblem(Problem):
    """A product that may be there already."""

    SAME_CODE = (
        "product.same_code",
        "Ce code produit existe déjà : {sku} (« {name} », {company}).",
    )
    NEAR_CODE = (
        "product.near_code",
        "Un code produit presque semblable existe : {sku} (« {name} », {company}).",
    )
    NEAR_NAME = (
        "product.near_name",
        "Un produit au nom proche existe : « {name} » ({sku}, {company}).",
    )


@dataclass(frozen=True, slots=True)
class Twin:
    """A product that looks like another."""

    key: UUID
    sku: str
    name: str
    company: str


def product_warnings(sku: str, others: Iterable[Twin]) -> list[Reason]:
    """Return a warning for each product alike."""
    looks = {alike(sku), *slips(sku)} if sku else set()
    warnings = []
    for other in others:
        same = alike(other.sku) in looks
        problem = _problem(other.sku, sku) if same else TwinProblem.NEAR_NAME
        message = problem.message.format(sku=other.sku, name=other.name, company=other.company)
        warnings.append(Reason(problem.value, message, "sku" if same else "name"))
    return warnings


def _problem(sku: str, typed: str) -> TwinProblem:
    """Return what two codes alike are: the same whatever the case, or nearly."""
    same = sku.upper() == typed.strip().upper()
    return TwinProblem.SAME_CODE if same else TwinProblem.NEAR_CODE
