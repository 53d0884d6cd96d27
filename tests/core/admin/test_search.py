"""Searching a list through a relation: the same rows whether few or many related rows match."""

import pytest

from accounting.models import AccountingMapping
from catalog.models import ProductVersion
from tests.factories import MappingFactory, ProductFactory, VersionFactory
from winvest.core.admin import search

pytestmark = pytest.mark.usefixtures("everything", "db")

LABEL, SKU = "product_version__product__sort_label", "product_version__product__sku"


@pytest.fixture
def mappings():
    """The mappings of three products, by the beginning of the product's code."""
    names = {"BOX-1": "Box Énergie Été", "BOX-2": "Box Sérénité", "TEL-1": "Forfait Été"}
    return {
        sku: MappingFactory(
            product_version=VersionFactory(product=ProductFactory(sku=sku, name=name)),
            gl_account="706200" if sku == "TEL-1" else "706100",
        )
        for sku, name in names.items()
    }


# From this number on, related rows are no longer named by their keys.
@pytest.mark.parametrize("many", [1, 2, 1_000])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ete", {"BOX-1", "TEL-1"}),
        ("été box", {"BOX-1"}),
        ("box-", {"BOX-1", "BOX-2"}),
        ("7062", {"TEL-1"}),
        ("06200", set()),
        ("zygomorphe", set()),
        ("%", set()),
        ("\x00", {"BOX-1", "BOX-2", "TEL-1"}),
    ],
)
def test_a_search_through_two_relations_and_own_codes(text, found, many, mappings, monkeypatch):
    monkeypatch.setattr(search, "MANY", many)
    rows = search.find(AccountingMapping.objects.all(), text, (LABEL,), (SKU, "gl_account"))
    assert set(rows) == {mappings[sku] for sku in found}


@pytest.mark.parametrize("many", [1, 1_000])
def test_a_search_through_one_relation(many, mappings, monkeypatch):
    monkeypatch.setattr(search, "MANY", many)
    rows = search.find(ProductVersion.objects.all(), "serenite", ("product__sort_label",), ())
    assert [row.product.sku for row in rows] == ["BOX-2"]
