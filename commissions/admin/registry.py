"""Pages of commissions."""

from django.contrib import admin

from catalog.admin.sheet_tabs import register_section
from catalog.admin.stories import register_past
from commissions.admin.beneficiary import BeneficiaryAdmin
from commissions.admin.scheme import CommissionSchemeAdmin
from commissions.admin.sheet import commissioned, is_open
from commissions.admin.stories import WORDS, tier_name
from commissions.models import Beneficiary, CommissionScheme, CommissionTier
from winvest.core.admin.history import HistoryPart
from winvest.core.domain.roles import Action

admin.site.register(CommissionScheme, CommissionSchemeAdmin)
admin.site.register(Beneficiary, BeneficiaryAdmin)
register_section("commissions", commissioned, opens=is_open)
register_past(
    HistoryPart(
        CommissionScheme,
        "product_version",
        lambda state: state.name,
        Action.COMMISSION_VIEW,
    ),
    WORDS,
)
register_past(HistoryPart(CommissionTier, "product_version", tier_name, Action.COMMISSION_VIEW))
