"""Routes of the core's reference data."""

from django.urls import path

from winvest.core.api import companies, imports, notifications

urlpatterns = [
    path("companies", companies.CompanyList.as_view(), name="api-companies"),
    path("companies/<uuid:id>", companies.CompanyRow.as_view(), name="api-company"),
    path("imports", imports.ImportList.as_view(), name="api-imports"),
    path("imports/<uuid:id>", imports.ImportDetail.as_view(), name="api-import"),
    path("imports/<uuid:id>/start", imports.ImportStart.as_view(), name="api-import-start"),
    path("imports/<uuid:id>/cancel", imports.ImportCancel.as_view(), name="api-import-cancel"),
    path("imports/<uuid:id>/report", imports.ImportReport.as_view(), name="api-import-report"),
    path("notifications", notifications.NotificationList.as_view(), name="api-notifications"),
    path(
        "notifications/<uuid:id>/read",
        notifications.NotificationRead.as_view(),
        name="api-notification-read",
    ),
    path(
        "notifications/<uuid:id>/done",
        notifications.NotificationDone.as_view(),
        name="api-notification-done",
    ),
]
