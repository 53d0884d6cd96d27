"""Routes of the product."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/", include("winvest.api")),
    path("", admin.site.urls),
]
