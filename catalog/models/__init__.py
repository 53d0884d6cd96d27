"""Models of the catalogue."""

from catalog.models.agreement import SaleAgreement
from catalog.models.ban import SalesBan
from catalog.models.billing import VersionBilling
from catalog.models.bundle import BundleComponent
from catalog.models.index import IndexValue
from catalog.models.logistics import VersionLogistics
from catalog.models.mapping import ExternalMapping
from catalog.models.negotiated import NegotiatedPrice
from catalog.models.plan import ProductPlan
from catalog.models.planned_sale import PlannedSale
from catalog.models.pricing import PricingRule
from catalog.models.product import Product
from catalog.models.promotion import Promotion
from catalog.models.publication import Publication
from catalog.models.quality import CqRule
from catalog.models.review import VersionApproval, VersionAuthor
from catalog.models.risk import Risk
from catalog.models.saved_view import Favorite, OwnColumns, SavedView
from catalog.models.sku import SkuCounter
from catalog.models.transition import ProductTransition
from catalog.models.version import ProductVersion
from catalog.models.wizard import WizardDraft

__all__ = [
    "BundleComponent",
    "CqRule",
    "ExternalMapping",
    "Favorite",
    "IndexValue",
    "NegotiatedPrice",
    "OwnColumns",
    "PlannedSale",
    "PricingRule",
    "Product",
    "ProductPlan",
    "ProductTransition",
    "ProductVersion",
    "Promotion",
    "Publication",
    "Risk",
    "SaleAgreement",
    "SalesBan",
    "SavedView",
    "SkuCounter",
    "VersionApproval",
    "VersionAuthor",
    "VersionBilling",
    "VersionLogistics",
    "WizardDraft",
]
