"""A document by hand: what it replaces is chosen among those of its product and type (E.2.5)."""

import pytest
from playwright.sync_api import expect

from catalog.models import ProductVersion
from tests.e2e.watch import visit
from winvest.core import scoping

LAWYER = "juriste.mtv@winvest.example"


@pytest.mark.requirement("E.2.5-02", "2.1-document-04")
def test_what_is_replaced_is_chosen_among_the_product_s_own(open_page):
    with scoping.everything():
        version = ProductVersion.objects.get(product__sku="MTV-OFFRE-001")
    page, watch = open_page(LAWYER)
    visit(page, f"/documents/productdocument/add/?product_version={version.pk}&type=CGU")
    found = page.locator(".select2-results__option")
    page.get_by_role("combobox", name="Remplace").click()
    expect(found).to_have_count(1)
    expect(found).to_contain_text("CGU v1")
    expect(found).to_contain_text("CGU-MTV-OFFRE-001.pdf")
    page.keyboard.press("Escape")
    # Another type is chosen: the list follows.
    page.get_by_role("combobox", name="Type").click()
    page.locator(".select2-search__field").last.fill("CGA")
    page.locator(".select2-results__option--highlighted", has_text="CGA").click()
    page.get_by_role("combobox", name="Remplace").click()
    expect(found).to_have_count(1)
    expect(found).to_contain_text("CGA v1")
    assert watch.problems == []
