"""Pages of documents."""

from django.contrib import admin

from catalog.admin.exits import register_kept
from catalog.admin.readings import register_reading
from catalog.admin.sheet_tabs import register_section
from catalog.admin.stories import register_past
from catalog.models import CqRule
from documents.admin.document import ProductDocumentAdmin
from documents.admin.exits import kept_documents
from documents.admin.quality import QualityRuleAdmin
from documents.admin.reference import DocumentTypeAdmin
from documents.admin.review import read_documents
from documents.admin.sheet import documented
from documents.models import DocumentType, ProductDocument
from winvest.core.admin.history import HistoryPart

admin.site.register(ProductDocument, ProductDocumentAdmin)
admin.site.register(DocumentType, DocumentTypeAdmin)
# The catalogue's rules have their page here: a call script is a document.
admin.site.register(CqRule, QualityRuleAdmin)
register_kept(kept_documents)
register_section("documents", documented)
register_reading(read_documents)
register_past(HistoryPart(ProductDocument, "product_version", lambda state: state.title))
