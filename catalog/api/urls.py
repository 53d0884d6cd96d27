"""Routes of the catalogue."""

from django.urls import path

from catalog.api import risks, views

urlpatterns = [
    path("companies", views.CompanyList.as_view(), name="api-companies"),
    path("partners", views.PartnerList.as_view(), name="api-partners"),
    path("products", views.ProductList.as_view(), name="api-products"),
    path("products/<uuid:id>", views.ProductDetail.as_view(), name="api-product"),
    path("risks", risks.RiskList.as_view(), name="api-risks"),
    path("risks/<uuid:id>", risks.RiskRow.as_view(), name="api-risk"),
]
