"""Routes of the core's reference data."""

from django.urls import path

from winvest.core.api import companies

urlpatterns = [
    path("companies", companies.CompanyList.as_view(), name="api-companies"),
    path("companies/<uuid:id>", companies.CompanyRow.as_view(), name="api-company"),
]
