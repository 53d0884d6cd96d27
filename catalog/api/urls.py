"""Routes of the catalogue."""

from django.urls import path

from catalog.api import parts, products, risks, versions

PARTS = (
    ("plans", parts.PlanList, parts.PlanRow),
    ("pricing-rules", parts.PriceList, parts.PriceRow),
    ("publications", parts.PublicationList, parts.PublicationRow),
    ("cq-rules", parts.CqRuleList, parts.CqRuleRow),
)

urlpatterns = [
    path("products", products.ProductList.as_view(), name="api-products"),
    path("products/<uuid:id>", products.ProductRow.as_view(), name="api-product"),
    path("products/<uuid:id>/versions", versions.VersionList.as_view(), name="api-versions"),
    path(
        "products/<uuid:id>/external-mappings",
        parts.ExternalMappingList.as_view(),
        name="api-external-mappings",
    ),
    path(
        "external-mappings/<uuid:id>",
        parts.ExternalMappingRow.as_view(),
        name="api-external-mapping",
    ),
    path("risks", risks.RiskList.as_view(), name="api-risks"),
    path("risks/<uuid:id>", risks.RiskRow.as_view(), name="api-risk"),
    path("versions/<uuid:id>", versions.VersionRow.as_view(), name="api-version"),
    *(
        path(f"versions/<uuid:id>/{name}", many.as_view(), name=f"api-{name}")
        for name, many, _ in PARTS
    ),
    *(path(f"{name}/<uuid:id>", one.as_view(), name=f"api-{name}-row") for name, _, one in PARTS),
]
