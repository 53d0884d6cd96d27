"""What the tests of the catalogue's pages share."""

import pytest

from catalog.models import Risk
from tests.factories import ExternalMappingFactory, PartnerFactory, ProductFactory


@pytest.fixture
def catalogue(company, other_company):
    """Make three products of two families, one of a partner linked by API; another company's too."""
    health = Risk.objects.get(code="SANTE", is_global=True)
    telecom = Risk.objects.get(code="TELECOM", is_global=True)
    partner = PartnerFactory(company=company, name="Écho")
    linked = ProductFactory(
        company=company, name="Énergie", sku="A-1", risk=health, partner=partner
    )
    ExternalMappingFactory(product=linked, integration_status="api")
    ProductFactory(company=company, name="Dentaire", sku="A-2", risk=health)
    ProductFactory(company=company, name="Fibre", sku="A-3", risk=telecom)
    ProductFactory(company=other_company, name="Secret", sku="Z-1", risk=health)
    return {"health": health, "telecom": telecom, "partner": partner}
