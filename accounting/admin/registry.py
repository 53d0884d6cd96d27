"""Pages of accounting."""

from django.contrib import admin

from accounting.admin.exports import ExportRunAdmin
from accounting.admin.ledger import EntryAdmin, OperationAdmin
from accounting.admin.mapping import AccountingMappingAdmin, CompanyAccountAdmin
from accounting.admin.price_grids import PriceGridAdmin
from accounting.admin.sheet import accounted, is_open
from accounting.models import (
    AccountingMapping,
    CompanyAccount,
    Entry,
    ExportRun,
    Operation,
    PriceGridExport,
)
from catalog.admin.sheet_tabs import register_section
from catalog.admin.stories import register_past
from winvest.core.admin.history import HistoryPart
from winvest.core.domain.roles import Action

admin.site.register(AccountingMapping, AccountingMappingAdmin)
admin.site.register(CompanyAccount, CompanyAccountAdmin)
admin.site.register(Operation, OperationAdmin)
admin.site.register(Entry, EntryAdmin)
admin.site.register(ExportRun, ExportRunAdmin)
admin.site.register(PriceGridExport, PriceGridAdmin)
register_section("parametres", accounted, opens=is_open)
register_past(
    HistoryPart(
        AccountingMapping, "product", lambda state: state.gl_account, Action.ACCOUNTING_VIEW
    )
)
