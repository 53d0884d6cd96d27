"""Several products at once: each obeys its rules, what is refused is told line by line (§3.7, E.3)."""

import re
from html import unescape

import pytest

from catalog.models import Product, ProductTransition, Risk
from tests.factories import MembershipFactory, ProductFactory, RiskFactory
from tests.support.offers import make_released
from tests.support.pdf import pdf_text
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, MembershipRisk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
SELECTION = "/catalogue/selection/"
# It says what to do instead, and leads there.
REFUSED = (
    "Ce produit est « Brouillon » et ne peut pas devenir « Gelé » : il ne se vend pas encore. "
    "Retirez-le du catalogue s'il n'a plus lieu d'être. Voir ses actions"
)
HTMX = {"HX-Request": "true"}


def lines(page):
    """Return what is told of each product, by its name."""
    body = page[page.index("<tbody>") :] if "<tbody>" in page else page
    found = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>', body, re.DOTALL)
    return {_text(name).rsplit(" ", 1)[0]: _text(told) for name, told in found}


def _text(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def rows(company, other_company):
    health = Risk.objects.get(code="SANTE", is_global=True)
    return {
        "active": ProductFactory(company=company, name="Actif", sku="A-1", risk=health),
        "draft": ProductFactory(
            company=company, name="Brouillon", sku="A-2", risk=health, lifecycle_status="draft"
        ),
        "family": ProductFactory(
            company=company, name="Famille", sku="A-3", risk=RiskFactory(company=company)
        ),
        "foreign": ProductFactory(company=other_company, name="Étranger", sku="Z-1", risk=health),
    }


def keys(rows, *names):
    return [str(rows[name].pk) for name in names or rows]


@pytest.fixture
def limited(user_with, company, rows):
    """Return a manager of one family."""
    user = user_with(Role.CATALOG_MANAGER, company)
    MembershipRisk.objects.create(
        membership=user.memberships.get(), company=company, risk_id=rows["active"].risk_id
    )
    return user


@pytest.mark.requirement("3.7-05", "3.7-07", "E.2.1-07")
def test_a_freeze_says_why_and_tells_each_refusal(rows, browser_as, limited):
    client = browser_as(limited)
    asked = client.post(SELECTION, {"do": "freeze", "product": keys(rows)})
    assert lines(asked.text) == {
        "Actif": "Geler",
        "Brouillon": f"Laissé {REFUSED}",
        "Famille": "Laissé Votre rôle ne permet pas cette action.",
    }
    assert "Geler 1 produit" in _text(asked.text)
    assert "Étranger" not in asked.text
    confirmed = {"do": "freeze", "product": keys(rows), "confirmed": "true"}
    # Without a reason it asks again, and says so.
    again = client.post(SELECTION, confirmed)
    assert "Un gel dit pourquoi." in again.text
    done = client.post(SELECTION, confirmed | {"reason": "Tarif à revoir"})
    assert lines(done.text) == {
        "Actif": "Gelé",
        "Brouillon": f"Refusé {REFUSED}",
        "Famille": "Refusé Votre rôle ne permet pas cette action.",
    }
    statuses = {row.sku: row.lifecycle_status for row in Product.objects.all()}
    assert statuses == {"A-1": "frozen", "A-2": "draft", "A-3": "active", "Z-1": "active"}
    move = ProductTransition.objects.get()
    assert (move.reason, move.decided_by) == ("Tarif à revoir", limited)


@pytest.mark.requirement("3.7-05", "E.2.1-07")
def test_a_long_selection_goes_on_by_itself_and_shows_how_far(browser_as, user_with, company):
    risk = RiskFactory(company=company)
    rows = [
        ProductFactory(company=company, name=f"P {number:02}", sku=f"P-{number:02}", risk=risk)
        for number in range(12)
    ]
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    body = {"do": "duplicate", "product": [str(row.pk) for row in rows], "confirmed": "true"}
    first = client.post(SELECTION, body)
    assert "10 sur 12" in _text(first.text)
    later = re.findall(r'name="product" value="([^"]+)"', first.text)
    assert set(later) == {str(row.pk) for row in rows[10:]}
    assert 'hx-trigger="load, submit"' in first.text
    last = client.post(SELECTION, body | {"product": later, "total": "12"}, headers=HTMX)
    assert "12 sur 12 : terminé." in _text(last.text)
    assert "<html" not in last.text
    copies = Product.objects.filter(name__endswith="(copie)")
    assert sorted(copies.values_list("name", flat=True)) == [
        f"P {number:02} (copie)" for number in range(12)
    ]
    assert {row.lifecycle_status for row in copies} == {"draft"}


@pytest.mark.requirement("3.7-08", "3.8-11", "E.2.1-07")
def test_what_one_only_sells_leaves_in_no_file(rows, browser_as, user_with, company, other_company):
    user = user_with(Role.CATALOG_MANAGER, company)
    MembershipFactory(user=user, company=other_company, role=Role.SALES)
    make_released(company=other_company, sku="Z-2", plans={"A": "10"}, name="Vendu")
    sold = Product.objects.get(sku="Z-2")
    client = browser_as(user)
    chosen = {"do": "export", "product": [*keys(rows, "active", "draft"), str(sold.pk)]}
    asked = client.post(SELECTION, chosen)
    assert lines(asked.text) == {
        "Actif": "Exporter",
        "Brouillon": "Exporter",
        "Vendu": "Laissé Votre société vend ce produit sans le gérer : il ne part dans aucun "
        "fichier.",
    }
    answer = client.post(SELECTION, chosen | {"confirmed": "true", "file": "csv"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert [sku in content for sku in ("A-1", "A-2", "A-3", "Z-2")] == [True, True, False, False]
    assert AuditEntry.objects.filter(actor_id=user.pk, after__event="list_exported").exists()
    answer = client.post(SELECTION, chosen | {"confirmed": "true", "file": "pdf"})
    text = pdf_text(b"".join(answer.streaming_content))
    assert [sku in text for sku in ("A-1", "A-2", "A-3", "Z-2")] == [True, True, False, False]
    assert "2 produits au" in text
    assert "Produits cochés" in text
    # Nor by the address of the whole list.
    text = pdf_text(b"".join(client.get("/catalogue/liste.pdf").streaming_content))
    assert [sku in text for sku in ("A-1", "A-2", "A-3", "Z-2")] == [True, True, True, False]
    # A row's own button needs no box.
    one = client.post(SELECTION, {"do": f"export:{rows['family'].pk}"})
    assert list(lines(one.text)) == ["Famille"]


@pytest.mark.requirement("3.7-04", "3.7-05")
def test_a_seller_ticks_nothing_and_nobody_leaves_the_catalogue(
    rows, browser_as, user_with, company
):
    seller = browser_as(user_with(Role.SALES, company))
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    page = seller.get("/catalogue/").text
    assert 'name="product"' not in page
    assert "selection-bar" not in page
    for deed in ("freeze", "duplicate", "export", "", "nimporte"):
        assert seller.post(SELECTION, {"do": deed, "product": keys(rows)}).status_code == 403
    auditor = browser_as(user_with(Role.AUDITOR, company))
    page = auditor.get("/catalogue/").text
    assert 'value="export"' in page
    assert 'value="freeze"' not in page
    assert auditor.post(SELECTION, {"do": "freeze", "product": keys(rows)}).status_code == 403
    for back in ("https://ailleurs.example/", "//ailleurs.example/catalogue/", "/core/user/"):
        answer = auditor.post(SELECTION, {"do": "export", "back": back})
        assert answer.url == "/catalogue/"
    many = [str(rows["active"].pk)[:-3] + f"{number:03x}" for number in range(201)]
    told = auditor.post(SELECTION, {"do": "export", "product": many}, follow=True)
    assert "200 produits au plus" in told.text
    assert auditor.get(SELECTION).status_code == 405
