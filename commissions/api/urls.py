"""Routes of the commissions."""

from django.urls import path

from commissions.api import schemes

urlpatterns = [
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
