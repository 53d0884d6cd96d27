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
