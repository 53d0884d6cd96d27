"""Routes of the documents."""

from django.urls import path

from documents.api import contract_pack, documents

urlpatterns = [
    path("versions/<uuid:id>/documents", documents.DocumentList.as_view(), name="api-documents"),
    path(
        "versions/<uuid:id>/contract-pack",
        contract_pack.ContractPack.as_view(),
        name="api-contract-pack",
    ),
    path("documents/<uuid:id>", documents.DocumentRow.as_view(), name="api-document"),
    path(
        "documents/<uuid:id>/download",
        documents.DocumentFile.as_view(),
        name="api-document-download",
    ),
    path(
        "documents/<uuid:id>/publish",
        documents.DocumentPublish.as_view(),
        name="api-document-publish",
    ),
    path(
        "documents/<uuid:id>/archive",
        documents.DocumentArchive.as_view(),
        name="api-document-archive",
    ),
]
