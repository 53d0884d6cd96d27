"""Pages of documents."""

from django.contrib import admin

from documents.admin.document import ProductDocumentAdmin
from documents.admin.reference import DocumentTypeAdmin
from documents.models import DocumentType, ProductDocument

admin.site.register(ProductDocument, ProductDocumentAdmin)
admin.site.register(DocumentType, DocumentTypeAdmin)
