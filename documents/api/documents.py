"""`versions/{id}/documents` (multipart) and `documents/{id}` with its file and its steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.part_views import PartList, PartRow, PartView, described, reading_and, writing
from catalog.domain.moments import Moment
from catalog.models import ProductVersion
from catalog.selectors.moments import local_day
from documents.api.bodies import DocumentBody, DocumentSerializer, UploadBody
from documents.models import DocumentType, ProductDocument
from documents.selectors.documents import document_rows, documents_then, visible_documents
from documents.services.publish import archive_document, publish_document
from documents.services.upload import (
    change_document,
    delete_document,
    open_document,
    upload_document,
)
from winvest.core.api.files import FileView
from winvest.core.api.parsers import FormParser
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import Rows, named
from winvest.core.api.serializers import StrictSerializer
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Invalid, NotFound
from winvest.core.files import attachment

_DOCUMENTS = ("documents", "Documents", "un document", DocumentBody, DocumentSerializer)


class DocumentView(PartView):
    """Documents, read by whoever sees them and written by whoever edits documents."""

    model = ProductDocument
    edit_action = Action.DOCUMENT_EDIT
    write_serializer = DocumentBody

    def rows(self) -> Rows:
        """Return the documents of the version that the caller reads."""
        seen = visible_documents(self.access, at=now())
        return document_rows(seen.filter(product_version_id=self.above)).order_by()

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the documents published by then, entered by what is known, and still valid."""
        owner = ProductVersion._base_manager.values_list("company_id").get(pk=self.above)[0]
        return documents_then(rows, moment, day=local_day(owner, moment))

    def is_frozen(self, row: Any) -> bool:
        """Whether the document is required of a released version (decision 4)."""
        return bool(row.mandatory) and super().is_frozen(row)


@extend_schema_view(
    post=extend_schema(
        operation_id="documents_create",
        summary="Ajouter un document",
        description="Le fichier est reconnu à son contenu, jamais à son nom ; il entre en "
        "brouillon, et celui de la même version qu'il remplace est archivé s'il n'a pas été publié. "
        "409 pour un document obligatoire d'une version en production.",
        tags=["Versions"],
        request={"multipart/form-data": UploadBody},
        responses={201: DocumentSerializer},
    )
)
@described(*_DOCUMENTS)
class DocumentList(DocumentView, PartList):
    """Documents of a version."""

    actions = reading_and(Action.DOCUMENT_EDIT)
    path_model = ProductVersion
    parser_classes = (FormParser,)

    def create(self, request: Request) -> Response:
        """Keep the file as a draft."""
        self.ask()
        wanted = self.validated(UploadBody)
        type_ = DocumentType.objects.filter(code=wanted.pop("type")).first()
        if type_ is None:
            raise Invalid(ApiProblem.UNKNOWN, path="type")
        replaces = self._replaced(wanted.pop("replaces_id", None))
        file = wanted.pop("file")
        row = named(
            lambda: upload_document(
                actor=self.user,
                version=self.parent(),
                type=type_,
                content=file,
                file_name=file.name,
                replaces=replaces,
                **wanted,
            ),
            self.model,
        )
        return self.answer(row.pk, status=201)

    def _replaced(self, pk: UUID | None) -> ProductDocument | None:
        if pk is None:
            return None
        row: ProductDocument | None = ProductDocument.objects.filter(pk=pk).first()
        if row is None:
            raise Invalid(ApiProblem.UNKNOWN, path="replaces_id")
        return row


@described(*_DOCUMENTS)
class DocumentRow(DocumentView, PartRow):
    """One document."""

    actions = writing(Action.DOCUMENT_EDIT)
    path_model = ProductDocument

    def change(self, request: Request, pk: UUID) -> Response:
        """Write the given fields; a publication of the version waits for it."""
        row = self.find(ProductDocument.objects.all(), pk)
        self.ask(row)
        changes = self.stored(self.validated_changes())
        self.named(
            lambda: change_document(
                actor=self.user, document=row, changes=changes, check=self.check_change
            )
        )
        return self.answer(pk)

    def delete_one(self, request: Request, pk: UUID) -> Response:
        """Delete a draft with its file."""
        row = self.find(ProductDocument.objects.all(), pk)
        delete_document(actor=self.user, document=row, check=self.check_delete)
        return Response(status=204)


class DocumentFile(FileView):
    """The file of a document."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012
    path_model = ProductDocument

    @extend_schema(
        operation_id="documents_download",
        summary="Télécharger un document",
        description="Le fichier tel qu'il a été déposé, relu et comparé à son SHA-256, que porte "
        "`Repr-Digest`. 409 `document.file_altered` quand ce n'est plus lui, "
        "`document.file_missing` quand il a disparu.",
        tags=["Versions"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: UUID) -> FileResponse:  # noqa: A002 - name of the route
        """Return the file as an attachment."""
        row = visible_documents(self.access, at=now()).filter(pk=id).first()
        if row is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        return attachment(open_document(row))


class DocumentStep(DocumentView):
    """A change of a document's state."""

    actions = {"POST": Action.DOCUMENT_EDIT}  # noqa: RUF012
    path_model = ProductDocument

    @property
    def above(self) -> UUID:
        """The version of the document that the path names."""
        row = self.find(ProductDocument.objects.all(), self.kwargs["id"])
        key: UUID = row.product_version_id
        return key

    def take(self, run: Callable[..., ProductDocument]) -> Response:
        """Check the empty body, take the step, and return the document."""
        row = self.find_to_write(ProductDocument.objects.all(), self.kwargs["id"])
        self.validated(StrictSerializer)
        named(lambda: run(actor=self.user, document=row), self.model)
        return self.answer(row.pk)


class DocumentPublish(DocumentStep):
    """Putting a document into force."""

    @extend_schema(
        operation_id="documents_publish",
        summary="Publier un document",
        description="Archive celui qu'il remplace. 409 s'il n'est pas un brouillon valide, "
        "`document.not_pdfa` pour un document légal qui n'est pas un PDF/A.",
        tags=["Versions"],
        request=None,
        responses=DocumentSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Publish it under the server's time."""
        return self.take(publish_document)


class DocumentArchive(DocumentStep):
    """Taking a document out of force."""

    @extend_schema(
        operation_id="documents_archive",
        summary="Archiver un document",
        description="Son fichier est conservé. 409 s'il n'est pas publié.",
        tags=["Versions"],
        request=None,
        responses=DocumentSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Archive it."""
        return self.take(archive_document)
