"""Models of the catalogue."""

from catalog.models.plan import PricingRule, ProductPlan
from catalog.models.product import Product
from catalog.models.publication import Publication
from catalog.models.risk import Risk
from catalog.models.version import ProductVersion

__all__ = ["PricingRule", "Product", "ProductPlan", "ProductVersion", "Publication", "Risk"]
