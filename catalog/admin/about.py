"""What a question is about, above it: the product as its sheet names it (E.2.2)."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.badges import LIFECYCLE, VERSION, standing
from catalog.admin.sheet_tabs import sheet_address
from catalog.choices import LifecycleStatus
from catalog.domain.lifecycle import VersionStanding
from catalog.models import Product, ProductVersion
from winvest.core.admin.formatting import badge
from winvest.core.admin.formatting import company as company_label


def about_product(product: Product) -> SafeString:
    """Return the product's name, code, company and status, with the way to its sheet."""
    status = badge(
        product.get_lifecycle_status_display(), LIFECYCLE[LifecycleStatus(product.lifecycle_status)]
    )
    return _about(product, status, sheet_address(product.pk))


def about_version(version: ProductVersion) -> SafeString:
    """Return the same, with the version and what it is now."""
    found, name = standing(version)
    words = badge(f"Version {version.version} : {name.lower()}", VERSION[VersionStanding(found)])
    return _about(
        version.product, words, sheet_address(version.product_id, version=version.version)
    )


def _about(product: Product, status: SafeString, sheet: str) -> SafeString:
    company = product.company
    return format_html(
        '<strong>{}</strong> <span class="tabular">{}</span> {} {} <a href="{}">Voir la fiche</a>',
        product.name,
        product.sku,
        company_label(company.code, company.brand_name),
        status,
        sheet,
    )
