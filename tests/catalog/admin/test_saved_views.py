"""Saved views, personal and shared, and favourites (§3.7, E.3)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from catalog.models import Favorite, OwnColumns, Risk, SavedView
from tests.factories import FavoriteFactory, ProductFactory, SavedViewFactory, UserFactory
from tests.support.offers import make_released
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
SAVE = "/catalogue/vues/"


def page_of(client, address="/catalogue/"):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def names(page):
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)<', page)


@pytest.fixture
def rows(company):
    health = Risk.objects.get(code="SANTE", is_global=True)
    draft = ProductFactory(
        company=company, name="Brouillon", sku="A-1", risk=health, lifecycle_status="draft"
    )
    make_released(company=company, sku="A-2", plans={"A": "10"}, name="En vente", risk=health)
    ProductFactory(company=company, name="Ailleurs", sku="A-3")
    return {"health": health, "draft": draft}


@pytest.mark.requirement("3.7-01", "E.2.1-07")
def test_a_view_keeps_what_is_shown_and_its_address_is_shared(
    rows, browser_as, user_with, company, other_company
):
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    look = f"risk={rows['health'].pk}&columns=code&columns=status&order=code&search="
    saved = manager.post(SAVE, {"name": " Santé ", "look": look, "company": company.code})
    view = SavedView.objects.get()
    assert (view.name, view.company, view.columns) == ("Santé", company, ["code", "status"])
    kept = parse_qs(urlsplit(saved.url).query)
    assert kept == {
        "risk": [str(rows["health"].pk)],
        "columns": ["code", "status"],
        "order": ["code"],
        "view": [str(view.pk)],
    }
    page = page_of(manager, saved.url)
    assert names(page) == ["Brouillon", "En vente"]
    # A seller of the company opens the same view, and sees what is on sale; he shares none.
    seller = browser_as(user_with(Role.SALES, company))
    assert "Santé" in page_of(seller)
    page = page_of(seller, saved.url)
    assert names(page) == ["En vente"]
    assert "Tous chez" not in page
    assert 'value="rename"' not in page
    refused = seller.post(SAVE, {"name": "À tous", "look": "", "company": company.code})
    assert refused.status_code == 403
    # Another company's people see neither the view nor its company.
    stranger = browser_as(user_with(Role.CATALOG_MANAGER, other_company))
    assert "Santé</a" not in page_of(stranger)
    for body in ({"action": "delete"}, {"action": "rename", "name": "À moi"}):
        assert stranger.post(f"{SAVE}{view.pk}/", body).status_code == 404
    taken = {"name": "Chez eux", "look": "", "company": company.code}
    assert stranger.post(SAVE, taken).status_code == 404
    assert SavedView.objects.get().name == "Santé"


@pytest.mark.requirement("3.7-01")
def test_a_view_is_updated_renamed_taken_back_and_deleted_by_whoever_may(
    rows, browser_as, user_with, company
):
    author = user_with(Role.AUDITOR, company)
    client = browser_as(author)
    client.post(SAVE, {"name": "Mienne", "look": "status=draft"})
    view = SavedView.objects.get()
    address = f"{SAVE}{view.pk}/"
    assert view.company is None
    other = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert "Mienne" not in page_of(other)
    assert other.post(address, {"action": "delete"}).status_code == 404

    page = page_of(client, f"/catalogue/?status=active&view={view.pk}")
    assert 'value="update"' in page
    client.post(address, {"action": "update", "look": f"status=active&view={view.pk}"})
    view.refresh_from_db()
    assert view.filters == {"status": "active"}
    assert 'value="update"' not in page_of(client, f"/catalogue/?status=active&view={view.pk}")

    client.post(address, {"action": "rename", "name": "Nôtre", "company": company.code})
    view.refresh_from_db()
    assert (view.name, view.company) == ("Nôtre", company)
    assert "Nôtre" in page_of(other)
    # Whoever writes the company's catalogue keeps its shared views in order; a seller does not.
    seller = browser_as(user_with(Role.SALES, company))
    assert seller.post(address, {"action": "delete"}).status_code == 403
    told = client.post(SAVE, {"name": "nôtre", "look": "", "company": company.code}, follow=True)
    assert "Une vue porte déjà ce nom." in told.text
    told = client.post(SAVE, {"name": " ", "look": ""}, follow=True)
    assert "Ce champ ne peut pas être vide" in told.text
    back = other.post(address, {"action": "delete", "look": f"status=active&view={view.pk}"})
    assert back.url == "/catalogue/?status=active"
    assert not SavedView.objects.exists()
    log = AuditEntry.objects.filter(table="saved_view", record_id=view.pk)
    assert [entry.action for entry in log.order_by("id")] == [
        "insert",
        "update",
        "update",
        "delete",
    ]


@pytest.mark.requirement("3.7-01")
def test_the_catalogue_opens_on_the_view_that_one_has_chosen(rows, browser_as, user_with, company):
    user = user_with(Role.CATALOG_MANAGER, company)
    client = browser_as(user)
    drafts = client.post(SAVE, {"name": "Brouillons", "look": "status=draft", "first": "true"}).url
    assert client.get("/catalogue/").url == drafts
    page = page_of(client, drafts)
    assert names(page) == ["Brouillon"]
    # Once its filters are let go of, the address is not bare: it would open the view again.
    (clear,) = set(re.findall(r'class="catalogue-clear" href="([^"]+)"', page))
    assert clear == "/catalogue/?view=aucune"
    assert len(names(page_of(client, clear))) == 3
    assert 'href="/catalogue/"' not in page.partition('id="panes"')[2]
    part = client.get("/catalogue/", headers={"HX-Request": "true", "HX-Target": "panes"})
    assert part.headers["HX-Push-Url"] == clear
    # One at most, and none that is shared.
    client.post(SAVE, {"name": "Actifs", "look": "status=active", "first": "true"})
    assert list(SavedView.objects.filter(is_first=True).values_list("name", flat=True)) == [
        "Actifs"
    ]
    actives = SavedView.objects.get(name="Actifs")
    shared = {"action": "rename", "name": "Actifs", "company": company.code, "first": "true"}
    client.post(f"{SAVE}{actives.pk}/", shared)
    assert not SavedView.objects.filter(is_first=True).exists()
    assert client.get("/catalogue/").status_code == 200
    for bad in ({"company": company}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.bulk_create(
                SavedViewFactory.build(user=user, is_first=True, **bad) for _ in range(2)
            )


@pytest.mark.parametrize(
    "bad",
    [
        {"sort": "price"},
        {"name": " espace"},
        {"name": "in\u200bvisible"},
        {"filters": []},
        {"columns": {}},
    ],
)
def test_the_database_refuses_a_view_that_is_none(bad):
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.bulk_create([SavedViewFactory.build(user=SavedViewFactory().user, **bad)])


def test_a_view_holds_what_the_page_knows(company, user_with):
    view = SavedViewFactory.build(user=user_with(Role.SALES, company))
    view.filters, view.columns = {"secret": 1, "status": "x"}, ["price", "code", "code"]
    with pytest.raises(Exception, match="inconnu") as refused:
        view.full_clean()
    assert set(refused.value.error_dict) == {"filters", "columns"}


@pytest.mark.requirement("3.7-01")
def test_each_has_his_own_favourites(rows, browser_as, user_with, company, other_company):
    user, other = user_with(Role.CATALOG_MANAGER, company), user_with(Role.CATALOG_MANAGER, company)
    client, address = browser_as(user), f"/catalogue/favoris/{rows['draft'].pk}/"
    assert "Aucun favori" in page_of(client, "/catalogue/?favorite=true")
    for _ in range(2):
        star = client.post(address, {"on": "true"})
        assert 'aria-pressed="true"' in star.text
    page = page_of(client, "/catalogue/?favorite=true")
    assert names(page) == ["Brouillon"]
    assert ">1</span>" in page
    kept = Favorite.objects.get(user=user)
    assert names(page_of(browser_as(other), "/catalogue/?favorite=true")) == []
    # A product that one does not see is no favourite; one that is no longer seen is not shown.
    seller = user_with(Role.SALES, company)
    assert browser_as(seller).post(address, {"on": "true"}).status_code == 404
    stranger = user_with(Role.CATALOG_MANAGER, other_company)
    assert browser_as(stranger).post(address, {"on": "true"}).status_code == 404
    FavoriteFactory(user=seller, product=rows["draft"])
    assert names(page_of(browser_as(seller), "/catalogue/?favorite=true")) == []
    assert 'aria-pressed="false"' in client.post(address, {"on": "false"}).text
    assert not Favorite.objects.filter(user=user).exists()
    log = AuditEntry.objects.filter(table="favorite", record_id=kept.pk).order_by("id")
    assert [(one.action, one.actor_id) for one in log] == [
        ("insert", user.pk),
        ("delete", user.pk),
    ]
    # A draft goes with the stars that it had.
    client.post(f"/catalog/product/{rows['draft'].pk}/delete/", {"post": "yes"})
    assert not Favorite.objects.exists()


def shown_columns(page):
    """Return the names of the columns beside the products'."""
    return re.findall(r'<input type="checkbox"\s+name="columns"\s+value="(\w+)"\s+checked', page)


@pytest.mark.requirement("3.7-01", "E.2.1-06")
def test_the_columns_that_one_has_chosen_stay(rows, browser_as, user_with, company):
    start = ["company", "risk", "partner", "status"]
    user = user_with(Role.CATALOG_MANAGER, company)
    client, other = browser_as(user), browser_as(user_with(Role.AUDITOR, company))

    def choose(*columns, look="", order="name"):
        given = {"look": look, "columns": columns, "order": order}
        return client.post("/catalogue/colonnes/", given).url

    assert shown_columns(page_of(client)) == start
    assert choose("code", "brand", look="search=box", order="code") == (
        "/catalogue/?search=box&order=code"
    )
    assert shown_columns(page_of(client)) == ["code", "brand"]
    assert OwnColumns.objects.get().user == user
    assert AuditEntry.objects.filter(table="own_columns", actor_id=user.pk).count() == 1
    assert shown_columns(page_of(other)) == start
    # An address that is shared says more than one's own choice, and changes nothing of it.
    assert shown_columns(page_of(client, "/catalogue/?columns=status")) == ["status"]
    assert shown_columns(page_of(client)) == ["code", "brand"]
    # A view keeps its columns, whatever one chooses for oneself, before or after.
    view = client.post(SAVE, {"name": "Codes", "look": ""}).url
    assert choose("changed") == "/catalogue/"
    assert shown_columns(page_of(client, view)) == ["code", "brand"]
    # Chosen while one looks at a view, they are for it: it is then said to differ.
    changed = choose("brand", look=urlsplit(view).query)
    page = page_of(client, changed)
    assert shown_columns(page) == ["brand"]
    assert "Mettre à jour avec ce qui est affiché" in page
    assert shown_columns(page_of(client)) == ["changed"]
    # Those of the beginning are chosen like others; what is no column is none.
    plain = client.post(SAVE, {"name": "Départ", "look": f"columns={'&columns='.join(start)}"}).url
    assert shown_columns(page_of(client, plain)) == start
    assert choose("x", "\x00") == "/catalogue/"
    assert shown_columns(page_of(client)) == start
    assert not OwnColumns.objects.exists()
    assert browser_as(UserFactory()).post("/catalogue/colonnes/").status_code == 403


def test_a_person_has_one_list_of_columns(user_with, company):
    user = user_with(Role.AUDITOR, company)
    OwnColumns.objects.create(user=user, columns=["code"])
    for wrong in ({"user": user, "columns": []}, {"user": UserFactory(), "columns": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OwnColumns.objects.create(**wrong)
    with pytest.raises(ValidationError):
        OwnColumns(user=UserFactory(), columns=["code", "code"]).full_clean()
