"""What a decision on a sale holds until it is made, so that nothing it rests on moves meanwhile.

Always in this order, so that two decisions wait for each other and never block: the seller's black
list, the product, the agreements, the publication, the version, its documents. A ban takes the list
and an API's code the product by a trigger of their tables, whichever door writes them.
"""

from uuid import UUID

from catalog.models import Product, ProductVersion, Publication, SaleAgreement
from catalog.models.ban import BLACK_LIST
from winvest.core import locks


def hold_sale(publication: Publication) -> None:
    """Hold what the seller bans, the product, and the seller's agreements for it (M-06, R-10).

    A retirement or the end of an agreement ends the sales that it sees: one published meanwhile
    waits, and is checked against what became of them. So is one that meets a ban being written.
    """
    locks.share_lock(f"{BLACK_LIST}{publication.company_id}")
    version = ProductVersion._base_manager.get(pk=publication.product_version_id)
    Product._base_manager.select_for_update(no_key=True, of=("self",)).get(pk=version.product_id)
    agreements = SaleAgreement._base_manager.filter(
        product=version.product_id, seller=publication.company_id
    )
    list(agreements.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))


def hold_version(pk: UUID) -> ProductVersion:
    """Return the version as it is now; nobody decides on it or publishes it meanwhile."""
    versions = ProductVersion._base_manager.select_related("product__risk", "company")
    found: ProductVersion = versions.select_for_update(of=("self",)).get(pk=pk)
    return found
