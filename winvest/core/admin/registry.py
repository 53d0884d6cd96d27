"""Pages of the core."""

from django.contrib import admin

from winvest.core.admin.access import ApiTokenAdmin, MembershipAdmin, UserAdmin
from winvest.core.admin.company import BrandAdmin, CompanyAdmin, VatRateAdmin
from winvest.core.admin.journal import AuditEntryAdmin, JobAdmin
from winvest.core.models import (
    ApiToken,
    AuditEntry,
    Brand,
    Company,
    Job,
    Membership,
    User,
    VatRate,
)

admin.site.register(Company, CompanyAdmin)
admin.site.register(Brand, BrandAdmin)
admin.site.register(VatRate, VatRateAdmin)
admin.site.register(User, UserAdmin)
admin.site.register(Membership, MembershipAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(AuditEntry, AuditEntryAdmin)
admin.site.register(Job, JobAdmin)
