"""What a price by the partner's API rests on, and what of it is missing (§2.2, §3.2, C.2)."""

from dataclasses import dataclass, field

from django.urls import reverse

from catalog.choices import IntegrationStatus
from catalog.models import ExternalMapping, ProductVersion
from catalog.models.checks import api_problem


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is left to do, who does it, and where."""

    message: str
    who: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class PartnerPrice:
    """The partner, the codes by which his system knows the product, and what is left to do."""

    partner: str
    codes: list[dict[str, str]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


def partner_price(version: ProductVersion) -> PartnerPrice:
    """Return how far the partner's API is linked to the product of a version."""
    product = version.product
    rows = list(
        ExternalMapping.objects.filter(product=product)
        .select_related("plan")
        .order_by("system", "external_code")
    )
    codes = [
        {
            "text": f"{row.system} : {row.external_code}",
            "detail": f"{row.plan or 'Tout le produit'}, {row.get_integration_status_display()}",
            "link": _page(row),
        }
        for row in rows
    ]
    return PartnerPrice(
        partner=product.partner.name if product.partner else "",
        codes=codes,
        missing=_missing(version, rows),
    )


def _missing(version: ProductVersion, rows: list[ExternalMapping]) -> list[Missing]:
    product = version.product
    if product.partner is None:
        return [Missing("Ce produit n'a pas de partenaire.", "Produit")]
    found = []
    linked = [row for row in rows if row.integration_status == IntegrationStatus.API]
    if not rows:
        add = f"{reverse('admin:catalog_externalmapping_add')}?product={product.pk}"
        told = f"Le code du produit chez {product.partner.name} n'est pas saisi."
        found.append(Missing(told, "Produit", add))
    elif not linked:
        told = f"Aucun code n'est « {IntegrationStatus.API.label} » : ouvrez-en un et choisissez cet état."
        found.append(Missing(told, "Produit", _page(rows[0])))
    if problem := api_problem(product, "partner"):
        found.append(Missing(str(problem["partner"].message), "IT"))
    for row in linked:
        if row.sandbox_passed_at is None:
            told = f"Le code « {row.external_code} » n'a pas encore d'essai réussi en sandbox."
            found.append(Missing(told, "IT", _page(row)))
    return found


def _page(row: ExternalMapping) -> str:
    return reverse("admin:catalog_externalmapping_change", args=[row.pk])
