"""Routes of the catalogue."""

from django.urls import path

from catalog.api import (
    agreements,
    approvals,
    bans,
    billing,
    checklist,
    comparison,
    copies,
    cq_check,
    facets,
    indices,
    negotiated,
    offers,
    parts,
    products,
    promotions,
    publications,
    risks,
    steps,
    transitions,
    versions,
)

PARTS = (
    ("plans", parts.PlanList, parts.PlanRow),
    ("pricing-rules", parts.PriceList, parts.PriceRow),
    ("bundle-components", parts.BundleComponentList, parts.BundleComponentRow),
    ("publications", publications.PublicationList, publications.PublicationRow),
    ("cq-rules", parts.CqRuleList, parts.CqRuleRow),
    ("billing", billing.BillingList, billing.BillingRow),
    ("logistics", billing.LogisticsList, billing.LogisticsRow),
)

STEPS = (
    ("submit", steps.SubmitVersion),
    ("release", steps.ReleaseVersion),
    ("withdraw", steps.WithdrawVersion),
    ("duplicate", steps.DuplicateVersion),
    ("approvals", approvals.ApprovalList),
    ("required-approvals", approvals.RequiredApprovals),
    ("problems", checklist.VersionProblems),
    ("cq-check", cq_check.CqCheck),
)

urlpatterns = [
    path("products", products.ProductList.as_view(), name="api-products"),
    path("products/facets", facets.ProductFacets.as_view(), name="api-product-facets"),
    path("products/sku-proposals", copies.SkuProposals.as_view(), name="api-sku-proposals"),
    path("products/<uuid:id>", products.ProductRow.as_view(), name="api-product"),
    path(
        "products/<uuid:id>/duplicate", copies.DuplicateProduct.as_view(), name="api-product-copy"
    ),
    path(
        "products/<uuid:id>/transition",
        transitions.MoveProduct.as_view(),
        name="api-product-transition",
    ),
    path(
        "products/<uuid:id>/transitions",
        transitions.TransitionList.as_view(),
        name="api-transitions",
    ),
    path(
        "transitions/<uuid:id>/cancel",
        transitions.CancelTransition.as_view(),
        name="api-transition-cancel",
    ),
    path("products/<uuid:id>/rollback", copies.Rollback.as_view(), name="api-rollback"),
    path(
        "products/<uuid:id>/versions/diff",
        comparison.VersionDiff.as_view(),
        name="api-version-diff",
    ),
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
    path(
        "external-mappings/<uuid:id>/sandbox-test",
        checklist.SandboxTrial.as_view(),
        name="api-sandbox-test",
    ),
    path(
        "negotiated-prices", negotiated.NegotiatedPriceList.as_view(), name="api-negotiated-prices"
    ),
    path(
        "negotiated-prices/<uuid:id>",
        negotiated.NegotiatedPriceRow.as_view(),
        name="api-negotiated-price",
    ),
    path("index-values", indices.IndexValueList.as_view(), name="api-index-values"),
    path("index-values/<uuid:id>", indices.IndexValueRow.as_view(), name="api-index-value"),
    path("promotions", promotions.PromotionList.as_view(), name="api-promotions"),
    path("promotions/<uuid:id>", promotions.PromotionRow.as_view(), name="api-promotion"),
    path("sale-agreements", agreements.AgreementList.as_view(), name="api-sale-agreements"),
    path("sale-agreements/<uuid:id>", agreements.AgreementRow.as_view(), name="api-sale-agreement"),
    path("sales-bans", bans.BanList.as_view(), name="api-sales-bans"),
    path("sales-bans/<uuid:id>", bans.BanRow.as_view(), name="api-sales-ban"),
    path("public/offers", offers.OfferList.as_view(), name="api-public-offers"),
    path("risks", risks.RiskList.as_view(), name="api-risks"),
    path("risks/<uuid:id>", risks.RiskRow.as_view(), name="api-risk"),
    path("versions/<uuid:id>", versions.VersionRow.as_view(), name="api-version"),
    *(
        path(f"versions/<uuid:id>/{name}", many.as_view(), name=f"api-{name}")
        for name, many, _ in PARTS
    ),
    *(
        path(f"versions/<uuid:id>/{name}", step.as_view(), name=f"api-version-{name}")
        for name, step in STEPS
    ),
    path(
        "publications/<uuid:id>/unpublish",
        publications.Unpublish.as_view(),
        name="api-publication-unpublish",
    ),
    *(path(f"{name}/<uuid:id>", one.as_view(), name=f"api-{name}-row") for name, _, one in PARTS),
]
