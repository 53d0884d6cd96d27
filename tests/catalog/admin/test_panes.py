"""The catalogue in three panes: risks, partners, products (§3.7, E.2.1)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.choices import ViewColumn
from catalog.models import Product, Publication
from tests.factories import (
    FavoriteFactory,
    MembershipFactory,
    PartnerFactory,
    ProductFactory,
    RiskFactory,
    SavedViewFactory,
    UserFactory,
)
from tests.support.offers import make_released
from tests.support.panes import PANES, lines, names, shown
from tests.support.pdf import pdf_text
from tests.support.query_counts import check_query_count
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Company

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("3.7-01", "3.7-02", "E.2.1-01", "E.2.1-03", "E.2.1-05")
def test_choosing_on_the_left_narrows_on_the_right(catalogue, browser_as, user_with, company):
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    whole = shown(client)
    assert names(whole) == ["Dentaire", "Énergie", "Fibre"]  # É with E
    assert lines(whole, "Risques") == {"Santé": "2", "Télécom": "1"}
    assert lines(whole, "Partenaires") == {"Interne": "2", "Écho Intégré API": "1"}
    assert "Secret" not in whole
    health = f"?risk={catalogue['health'].pk}"
    found = shown(client, health)
    assert names(found) == ["Dentaire", "Énergie"]
    assert lines(found, "Partenaires") == {"Interne": "1", "Écho Intégré API": "1"}
    # The pane on the left is not narrowed by what is chosen on its right.
    found = shown(client, f"{health}&partner={catalogue['partner'].pk}")
    assert names(found) == ["Énergie"]
    assert lines(found, "Risques") == {"Santé": "2", "Télécom": "1"}
    assert names(shown(client, "?partner=internal")) == ["Dentaire", "Fibre"]
    assert names(shown(client, "?search=energie")) == ["Énergie"]
    assert names(shown(client, "?status=frozen&search=energie")) == []
    assert "Aucun produit ne répond" in shown(client, "?status=frozen")
    # An address that means nothing is one that says nothing.
    assert names(shown(client, "?risk=x&status=y&company=z&cursor=!")) == names(whole)


@pytest.mark.requirement("E.2.1-05")
def test_numbers_are_sorted_as_numbers(company, browser_as, user_with, api):
    risk = RiskFactory(company=company)
    expected = [
        "Forfait",
        "Forfait 2 Go",
        "Forfait 10 Go",
        "Forfait 10 Go 3",
        "Forfait 100",
        "Formule",
    ]
    for name in ("Formule", *reversed(expected[:-1])):
        ProductFactory(company=company, risk=risk, name=name)
    user = user_with(Role.CATALOG_MANAGER, company)
    assert names(shown(browser_as(user))) == expected
    assert names(shown(browser_as(user), "?search=forfait%2010"))[:2] == expected[2:4]
    # By key, a page goes on where the one before ended.
    client, found, address = api(user), [], "/api/catalog/products?page_size=2"
    while address:
        page = client.get(address).json()
        found += [row["name"] for row in page["results"]]
        address = page["next"]
    assert found == expected


@pytest.mark.requirement("E.2.1-02", "E.2.1-04", "3.7-02")
def test_partners_are_looked_for_by_name_and_risks_follow_the_company(
    catalogue, browser_as, user_with, company, other_company
):
    user = user_with(Role.CATALOG_MANAGER, company)
    MembershipFactory(user=user, company=other_company, role=Role.CATALOG_MANAGER)
    client = browser_as(user)
    assert lines(shown(client, f"?company={company.pk}"), "Risques") == {
        "Santé": "2",
        "Télécom": "1",
    }
    assert lines(shown(client, f"?company={other_company.pk}"), "Risques") == {"Santé": "1"}
    # More partners than the pane lists: the others are found by their name.
    for number in range(101):
        partner = PartnerFactory(company=company, name=f"Assureur Île {number:03}")
        ProductFactory.create_batch(2, company=company, risk=catalogue["health"], partner=partner)
    page = shown(client)
    assert "Écho Intégré API" not in lines(page, "Partenaires")
    assert 'name="partner_named"' in page
    part = {"HX-Request": "true", "HX-Target": "list-partner"}
    for words, found in {
        "echo": {"Écho Intégré API": "1"},
        "ILE 007": {"Assureur Île 007": "2"},
        "intern": {"Interne": "3"},
        "%": {},
        "\x00' OR 1=1": {},
    }.items():
        answer = client.get(reverse("catalogue"), {"partner_named": words}, headers=part)
        assert lines(answer.text, "Partenaires") == found, words
        assert "HX-Push-Url" not in answer.headers
    # The one that is chosen is always listed.
    page = shown(client, f"?partner={catalogue['partner'].pk}")
    assert lines(page, "Partenaires")["Écho Intégré API"] == "1"
    assert "<strong>Écho</strong>" in page


@pytest.mark.requirement("3.7-04", "3.7-05", "3.7-06", "E.2.1-07")
def test_a_seller_sees_what_is_on_sale_and_adds_nothing(
    catalogue, browser_as, user_with, company, other_company
):
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    seller = browser_as(user_with(Role.SALES, company))
    page = shown(seller)
    assert names(page) == ["Box"]
    assert "/add/" not in page
    assert reverse("wizard") not in page
    manager = shown(
        browser_as(user_with(Role.CATALOG_MANAGER, company)), f"?risk={catalogue['health'].pk}"
    )
    add = reverse("wizard")
    assert f'href="{add}?risk={catalogue["health"].pk}"' in manager
    for model in ("catalog_risk", "partners_partner"):
        assert f'href="{reverse(f"admin:{model}_add")}"' in manager
    assert names(shown(browser_as(user_with(Role.SALES, other_company)))) == []
    assert browser_as(UserFactory()).get(reverse("catalogue")).status_code == 403


def cells(page, column):
    """Return what stands in a column, without its marks."""
    found = re.findall(rf'<td class="pane-{column}[^>]*>(.*?)</td>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


@pytest.mark.requirement("3.7-04", "3.7-05")
def test_a_seller_is_offered_what_he_may_do_and_find(catalogue, browser_as, user_with, company):
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")

    def offered(client, query=""):
        page = client.get(f"{reverse('catalogue')}{query}").text
        keys = re.findall(r"<kbd>(\w+)</kbd>", page)
        filters = re.findall(r'id="filter-(\w+)"', page)
        return ("n" in keys, "Espace" in keys, filters)

    every = ["status", "channel", "published", "integrated", "pricing"]
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert offered(manager) == (True, True, every)
    assert "Brouillon (0)" in " ".join(shown(manager).split())
    seller = browser_as(user_with(Role.SALES, company))
    assert offered(seller) == (False, False, ["channel", "integrated", "pricing"])
    # What an address chooses is shown, to be let go of.
    assert offered(seller, "?status=frozen&published=false") == (False, False, every)
    assert "Brouillon" not in shown(seller, "?status=frozen")


@pytest.mark.requirement("3.7-01", "3.4-07", "E.2.1-06")
def test_each_chooses_his_columns_and_their_order(catalogue, browser_as, user_with, company):
    make_released(company=company, sku="A-0", plans={"A": "10"}, name="Zoom")
    offer = make_released(company=company, sku="A-01", plans={"A": "10"}, name="Box")
    Publication._base_manager.filter(product_version=offer).update(channels=["partner", "web"])
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    query = "?columns=code&columns=pricing&columns=channels&columns=published&columns=nimporte"
    page = shown(client, f"{query}&order=code")
    assert names(page) == ["Zoom", "Box", "Énergie", "Dentaire", "Fibre"]
    assert cells(page, "code") == ["A-0", "A-01", "A-1", "A-2", "A-3"]
    assert cells(page, "pricing") == ["Fixe, Récurrent"] * 2 + ["—"] * 3
    assert cells(page, "channels") == ["Tous", "Web, Partenaires", "—", "—", "—"]
    assert cells(page, "published") == ["Oui"] * 2 + ["Non"] * 3
    assert cells(page, "status") == []
    # Each heading, and each value where a small screen shows no heading, says what it is.
    assert page.count('title="Où le produit est en vente aujourd&#x27;hui"') == 1
    assert page.count('data-label="Canaux de vente"') == 5
    assert page.count("pane-channels is-empty") == 3
    others = "?columns=brand&columns=revenue&columns=integrated&columns=changed&columns=company"
    page = shown(client, others)
    assert cells(page, "integrated") == ["—", "—", "Intégré API", "—", "—"]
    assert set(cells(page, "revenue")) == {"CA interne"}
    assert set(cells(page, "company")) == {company.code}
    ProductFactory(company=company, name="Dernier", sku="A-4", risk=catalogue["health"])
    Product.objects.filter(sku="A-4").update(updated_at=now() + timedelta(days=1))
    assert names(shown(client, "?order=changed"))[0] == "Dernier"
    # The address that is shared is the shortest one.
    answer = client.get(f"{reverse('catalogue')}?search=&risk=x&order=name", headers=PANES)
    assert answer.headers["HX-Push-Url"] == reverse("catalogue")


@pytest.mark.requirement("3.7-01")
@pytest.mark.parametrize("order", ["name", "code", "changed"])
def test_more_rows_follow_each_once(browser_as, user_with, company, order):
    rows = [
        ProductFactory.build(
            company=company, risk=None, name=f"Produit {number:03}", sku=f"P-{number:03}"
        )
        for number in range(120)
    ]
    risk = RiskFactory(company=company)
    for row in rows:
        row.risk = risk
    Product.objects.bulk_create(rows)
    client = browser_as(user_with(Role.AUDITOR, company))
    page = shown(client, f"?order={order}")
    found = names(page)
    assert len(found) == 30
    while more := re.search(r'hx-get="([^"]+cursor=[^"]+)"', page):
        address = more[1].replace("&amp;", "&").removeprefix(reverse("catalogue"))
        page = shown(client, address, **{"HX-Request": "true", "HX-Target": "more"})
        assert "<nav" not in page
        found += names(page)
    wanted = [f"Produit {number:03}" for number in range(120)]
    assert found == (wanted if order != "changed" else wanted[::-1])
    # What is found is sorted in the same way.
    query = f"?order={order}&search=produit"
    assert names(shown(client, query)) == found[:30]


@pytest.mark.requirement("3.4-07", "E.3-02")
def test_the_four_badges_stand_beside_the_code(browser_as, user_with, company):
    ProductFactory(
        company=company,
        sku="A-1",
        badges={"new": True, "promo": True, "beta": True, "on_quote": True},
    )
    page = shown(browser_as(user_with(Role.AUDITOR, company)))
    shown_badges = re.findall(r'badge-primary">([^<]+)<', page)
    assert sorted(shown_badges) == ["Bêta", "Nouveau", "Promo", "Sur devis"]


@pytest.mark.requirement("2.1-company-05", "3.7-01")
def test_companies_show_their_logo_or_their_colour(
    catalogue, browser_as, user_with, company, other_company
):
    user = user_with(Role.CATALOG_MANAGER, company)
    MembershipFactory(user=user, company=other_company, role=Role.CATALOG_MANAGER)
    Company.objects.filter(pk=company.pk).update(logo="logos/ap.png")
    page = shown(browser_as(user))
    logo = f'src="{reverse("admin:company-logo", args=[company.pk])}?v=ap.png"'
    assert page.count(logo) == 1 + 3  # the chip, and a row for each product
    assert page.count(f'class="company company-{other_company.code}"') == 1 + 1
    page = shown(browser_as(user), f"?company={other_company.pk}")
    assert names(page) == ["Secret"]


@pytest.mark.requirement("3.7-08", "E.2.1-07")
def test_a_row_offers_what_one_may_do_with_it(catalogue, browser_as, user_with, company):
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    offered = {
        Role.CATALOG_MANAGER: {
            *("Fiche PDF", "Dupliquer", "Exporter"),
            "Motif du gel Geler la vente",
        },
        Role.IT: {"Fiche PDF", "Exporter"},
        Role.SALES: {"Fiche PDF"},
    }
    for role, wanted in offered.items():
        page = shown(browser_as(user_with(role, company)))
        (menu,) = re.findall(r'<ul id="row-menu".*?</ul>', page, re.DOTALL)
        items = re.findall(r'<li data-needs="(\w*)"(.*?)</li>', menu, re.DOTALL)
        may = {"", *" ".join(re.findall(r'data-may="([^"]*)"', page)).split()}
        found = {
            " ".join(re.sub(r"^[^>]*>|<small>.*?</small>|<[^>]+>", " ", item).split())
            for needs, item in items
            if needs in may
        }
        assert found == wanted, role


@pytest.mark.requirement("3.7-01")
def test_an_active_product_that_is_published_nowhere_is_marked(
    catalogue, browser_as, user_with, company
):
    """As the filter « Publié » tells it; whoever sees only what is on sale meets none."""
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    Product.objects.filter(sku="A-3").update(lifecycle_status="frozen")

    def marked(client, query=""):
        rows = re.findall(r'<th scope="row">.*?</tr>', shown(client, query), re.DOTALL)
        return [name for row in rows for name in names(row) * row.count("Non publié")]

    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert marked(client) == ["Dentaire", "Énergie"]
    assert marked(client, "?columns=company") == ["Dentaire", "Énergie"]
    assert names(shown(client, "?published=false&status=active")) == ["Dentaire", "Énergie"]
    assert names(shown(client, "?published=true")) == ["Box"]
    text = pdf_text(b"".join(client.get(reverse("catalogue-pdf")).streaming_content))
    assert text.count("Non publié") == 2
    Publication.objects.update(end_at=now())
    assert marked(client) == ["Box", "Dentaire", "Énergie"]
    assert names(shown(browser_as(user_with(Role.SALES, company)))) == []


@pytest.mark.requirement("3.7-01")
def test_signing_in_leads_to_the_catalogue_whoever_may_see_it(client, user_with, company):
    seller, nobody = user_with(Role.SALES, company), UserFactory()
    home, login = reverse("admin:index"), reverse("admin:login")
    for user, asked, there in (
        (seller, home, reverse("catalogue")),
        (seller, "", reverse("catalogue")),
        (seller, "/core/company/", "/core/company/"),
        (nobody, home, home),
    ):
        given = {"username": user.email, "password": "mot-de-passe-de-test"}
        answer = client.post(f"{login}?next={asked}", given | ({"next": asked} if asked else {}))
        assert answer.url == there
        client.logout()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("catalogue", "?view=&order=changed"),
        ("catalogue, toutes les colonnes", "?" + "&".join(f"columns={one}" for one in ViewColumn)),
        ("catalogue, recherche", "?search=produit&partner=internal"),
    ],
)
def test_the_page_asks_as_much_for_two_rows_as_for_twenty(
    browser_as, user_with, company, name, query
):
    user = user_with(Role.CATALOG_MANAGER, company)
    risk, client = RiskFactory(company=company), browser_as(user)
    shown(client)

    def add_rows(number):
        for _ in range(number):
            FavoriteFactory(user=user, product=ProductFactory(company=company, risk=risk))
            SavedViewFactory(user=user, company=company)

    check_query_count(name, lambda: client.get(f"{reverse('catalogue')}{query}"), add_rows)
