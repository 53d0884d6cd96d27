"""Swagger UI runs under the strict policy, in French, and sends a request."""

from winvest.core.models import Membership, User


def test_the_documentation_of_the_api(open_page):
    user = User.objects.get(
        pk=Membership._base_manager.filter(company__code="MTV", role="sales").values("user")[:1]
    )
    page, watch = open_page(user.email)
    page.set_default_timeout(60_000)  # Swagger UI is heavy for a busy machine
    # By the address of its group: of a long list, Swagger UI only draws what is on the screen.
    page.goto("/api/docs/#/Prix")
    page.locator("#operations-Prix-pricing_quote .opblock-summary-control").click()
    page.get_by_role("button", name="Essayer").click()
    page.get_by_role("button", name="Envoyer", exact=True).click()
    answer = page.locator(".responses-table.live-responses-table")
    answer.wait_for()
    assert '"incl_tax"' in answer.inner_text()
    assert "9.90" in answer.inner_text()
    texts = set(page.locator("#docs").inner_text().splitlines())
    assert not texts & {"Parameters", "Responses", "Execute", "Authorize", "Cancel", "Schemas"}
    assert watch.problems == []
