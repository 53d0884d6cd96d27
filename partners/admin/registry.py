"""Pages of the partners."""

from django.contrib import admin

from partners.admin.credential import PartnerCredentialAdmin
from partners.admin.partner import PartnerAdmin
from partners.models import Partner, PartnerCredential

admin.site.register(Partner, PartnerAdmin)
admin.site.register(PartnerCredential, PartnerCredentialAdmin)
