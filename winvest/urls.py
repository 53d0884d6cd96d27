"""Routes of the product."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/", include("winvest.api")),
    path("", admin.site.urls),
]

handler400 = "winvest.core.api.errors.bad_request"
handler403 = "winvest.core.api.errors.permission_denied"
handler404 = "winvest.core.api.errors.not_found"
handler500 = "winvest.core.api.errors.server_error"
