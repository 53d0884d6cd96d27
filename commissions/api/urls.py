"""Routes of the commissions."""

from django.urls import path

from commissions.api import beneficiaries, schemes

urlpatterns = [
    path("beneficiaries", beneficiaries.BeneficiaryList.as_view(), name="api-beneficiaries"),
    path("beneficiaries/<uuid:id>", beneficiaries.BeneficiaryRow.as_view(), name="api-beneficiary"),
    path(
        "versions/<uuid:id>/commission-schemes",
        schemes.SchemeList.as_view(),
        name="api-commission-schemes",
    ),
    path(
        "commission-schemes/<uuid:id>",
        schemes.SchemeRow.as_view(),
        name="api-commission-schemes-row",
    ),
]
