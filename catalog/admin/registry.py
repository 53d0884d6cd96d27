"""Pages of the catalogue."""

from django.contrib import admin

from catalog.admin.agreement import SaleAgreementAdmin
from catalog.admin.ban import SalesBanAdmin
from catalog.admin.index import IndexValueAdmin
from catalog.admin.mapping import ExternalMappingAdmin
from catalog.admin.negotiated import NegotiatedPriceAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.promotion import PromotionAdmin
from catalog.admin.publication import PublicationAdmin
from catalog.admin.risk import RiskAdmin
from catalog.admin.sheet_description import described, settings
from catalog.admin.sheet_history import integrated, past
from catalog.admin.sheet_prices import priced
from catalog.admin.sheet_tabs import register_section
from catalog.admin.version import ProductVersionAdmin
from catalog.models import (
    ExternalMapping,
    IndexValue,
    NegotiatedPrice,
    Product,
    ProductVersion,
    Promotion,
    Publication,
    Risk,
    SaleAgreement,
    SalesBan,
)

admin.site.register(Risk, RiskAdmin)
admin.site.register(Product, ProductAdmin)
admin.site.register(ProductVersion, ProductVersionAdmin)
admin.site.register(NegotiatedPrice, NegotiatedPriceAdmin)
admin.site.register(Promotion, PromotionAdmin)
admin.site.register(Publication, PublicationAdmin)
admin.site.register(SaleAgreement, SaleAgreementAdmin)
admin.site.register(SalesBan, SalesBanAdmin)
admin.site.register(IndexValue, IndexValueAdmin)
admin.site.register(ExternalMapping, ExternalMappingAdmin)

# The sheet of a product; upper applications add theirs.
register_section("description", described)
register_section("tarification", priced)
register_section("parametres", settings, opens=lambda asked: asked.sees_all)
register_section("integrations", integrated)
register_section("historique", past, opens=lambda asked: asked.sees_all)
