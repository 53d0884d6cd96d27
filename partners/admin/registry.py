"""Pages of the partners."""

from django.contrib import admin

from partners.admin.partner import PartnerAdmin
from partners.models import Partner

admin.site.register(Partner, PartnerAdmin)
