"""Pages of the core."""

from django.contrib import admin

from winvest.core.admin.access import UserAdmin
from winvest.core.admin.audit import AuditEntryAdmin, AuditTrailAdmin
from winvest.core.admin.company import BrandAdmin, CompanyAdmin, VatRateAdmin
from winvest.core.admin.imports import ImportRunAdmin
from winvest.core.admin.journal import JobAdmin
from winvest.core.admin.notifications import NotificationAdmin
from winvest.core.admin.tokens import ApiTokenAdmin
from winvest.core.models import (
    ApiToken,
    AuditEntry,
    AuditTrail,
    Brand,
    Company,
    ImportRun,
    Job,
    Notification,
    User,
    VatRate,
)

admin.site.register(Company, CompanyAdmin)
admin.site.register(Brand, BrandAdmin)
admin.site.register(VatRate, VatRateAdmin)
admin.site.register(User, UserAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(AuditEntry, AuditEntryAdmin)
admin.site.register(AuditTrail, AuditTrailAdmin)
admin.site.register(Job, JobAdmin)
admin.site.register(ImportRun, ImportRunAdmin)
admin.site.register(Notification, NotificationAdmin)
