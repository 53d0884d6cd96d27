"""Pages of commissions."""

from django.contrib import admin

from catalog.admin.sheet_tabs import register_section
from commissions.admin.beneficiary import BeneficiaryAdmin
from commissions.admin.scheme import CommissionSchemeAdmin
from commissions.admin.sheet import commissioned, is_open
from commissions.models import Beneficiary, CommissionScheme

admin.site.register(CommissionScheme, CommissionSchemeAdmin)
admin.site.register(Beneficiary, BeneficiaryAdmin)
register_section("commissions", commissioned, opens=is_open)
