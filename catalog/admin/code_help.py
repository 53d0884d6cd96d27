"""What the box of a product's code says: which code comes when none is typed (A.5-01, M-12)."""

from typing import TypeVar
from uuid import UUID

from catalog.models import Product, Risk
from catalog.services.sku import shown_sku
from winvest.core.models.company import Company

Row = TypeVar("Row", Company, Risk)
EMPTY = "Laissé vide : le prochain code de la famille"


def sku_help(company: object, risk: object) -> str:
    """Tell the next code of a family of a company, by their keys; else an example of the last one."""
    owner = _found(Company, company)
    family = _found(Risk, risk)
    if owner and family:
        return f"{EMPTY}, {shown_sku(owner, family)}."
    rows = Product.objects.filter(company=owner) if owner else Product.objects.all()
    last = rows.select_related("company", "risk").order_by("-pk").first()
    if last is None:
        return f"{EMPTY}."
    return f"{EMPTY}, comme {shown_sku(last.company, last.risk)} pour {last.risk.label}."


def _found(model: type[Row], key: object) -> Row | None:
    try:
        return model.objects.filter(pk=UUID(str(key))).first()
    except ValueError:
        return None
