"""The warnings of a product that is accepted and yet looks like another (E.3-01)."""

from collections.abc import Iterable

from catalog.domain.sku import alike
from winvest.core.errors import Problem, Reason


class TwinProblem(Problem):
    """A product that may be there already."""

    NEAR_CODE = (
        "product.near_code",
        "Un code produit presque semblable existe : {sku} (« {name} », {company}).",
    )
    NEAR_NAME = (
        "product.near_name",
        "Un produit au nom proche existe : « {name} » ({sku}, {company}).",
    )


def product_warnings(sku: str, others: Iterable[tuple[str, str, str]]) -> list[Reason]:
    """Return a warning for each product alike, given by its code, name and company's code."""
    warnings = []
    for other, name, company in others:
        same = alike(other) == alike(sku)
        problem = TwinProblem.NEAR_CODE if same else TwinProblem.NEAR_NAME
        message = problem.message.format(sku=other, name=name, company=company)
        warnings.append(Reason(problem.value, message, "sku" if same else "name"))
    return warnings
