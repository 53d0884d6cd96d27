"""Pages of commissions."""

from django.contrib import admin

from commissions.admin.beneficiary import BeneficiaryAdmin
from commissions.admin.scheme import CommissionSchemeAdmin
from commissions.models import Beneficiary, CommissionScheme

admin.site.register(CommissionScheme, CommissionSchemeAdmin)
admin.site.register(Beneficiary, BeneficiaryAdmin)
