"""Routes of accounting."""

from django.urls import path

from accounting.api import exports, mappings, operations, tickets

urlpatterns = [
    path(
        "versions/<uuid:id>/accounting-mappings",
        mappings.MappingList.as_view(),
        name="api-accounting-mappings",
    ),
    path(
        "accounting-mappings/<uuid:id>",
        mappings.MappingRow.as_view(),
        name="api-accounting-mappings-row",
    ),
    path(
        "accounting-mappings/<uuid:id>/validate",
        mappings.MappingValidation.as_view(),
        name="api-accounting-mapping-validate",
    ),
    path("entries", operations.EntryList.as_view(), name="api-entries"),
    path("exports", exports.ExportList.as_view(), name="api-exports"),
    path("exports/<uuid:id>", exports.ExportDetail.as_view(), name="api-export"),
    path("exports/<uuid:id>/cancel", exports.ExportCancel.as_view(), name="api-export-cancel"),
    path(
        "exports/<uuid:id>/download", exports.ExportDownload.as_view(), name="api-export-download"
    ),
    path("operations", operations.OperationList.as_view(), name="api-operations"),
    path("operations/<uuid:id>", operations.OperationDetail.as_view(), name="api-operation"),
    path("ticket-requests", tickets.TicketList.as_view(), name="api-ticket-requests"),
]
