"""The log on screen, by API and as a file: filtered, in words, of the reader's companies only."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories import (
    BrandFactory,
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.world import make_notification
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Membership, User
from winvest.core.selectors import audit
from winvest.core.services.audit import record_export
from winvest.core.transaction import transaction

ROOT = Path(__file__).parents[3]
LIST = "/core/auditentry/"
API = "/api/catalog/audit"


def rows_of(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def exports() -> list[AuditEntry]:
    with scoping.everything():
        return list(AuditEntry.objects.filter(action="export").order_by("id"))


@pytest.fixture
def world(company, other_company, user_with):
    """A brand renamed by a manager in each company; a product that names a risk."""
    actor, admin = user_with(Role.CATALOG_MANAGER, company), user_with(Role.GROUP_ADMIN)
    with scoping.everything():
        product = ProductFactory(company=company, risk=RiskFactory(company=company, label="Santé"))
        brands = {
            owner.code: BrandFactory(company=owner, name=f"Canari {owner.code}")
            for owner in (company, other_company)
        }
        for brand in brands.values():
            brand.name = f"Canari renommé {brand.company.code}"
            with transaction(actor, brand.company_id):
                brand.save()
    return {
        "actor": actor,
        "admin": admin,
        "brand": brands["AP"],
        "foreign": brands["MTV"],
        "product": product,
    }


@pytest.mark.requirement("3.8-07", "3.8-13", "G.3-02")
def test_the_page_shows_before_and_after_in_words(world, company, user_with, browser_as):
    browser = browser_as(user_with(Role.AUDITOR, company))
    listed = browser.get(LIST).text
    assert "Canari AP" in listed
    assert "MTV" not in listed
    with scoping.everything():
        renamed = AuditEntry.objects.get(action="update", record_id=world["brand"].pk)
        made = AuditEntry.objects.get(action="insert", record_id=world["product"].pk)
    page = browser.get(f"{LIST}{renamed.pk}/change/").text
    for text in (
        "<td>Canari AP</td><td>Canari renommé AP</td>",
        world["actor"].name,
        "Catalogue Manager",
        "Marque",
    ):
        assert text in page
    page = browser.get(f"{LIST}{made.pk}/change/").text
    assert '<th scope="row">Risque</th><td>—</td><td>Santé</td>' in page
    assert f"<td>{company}</td>" in page


@pytest.mark.requirement("3.8-07", "3.8-08", "G.3-02")
def test_a_price_is_told_as_people_write_it(company, user_with, browser_as):
    with scoping.everything():
        price = PricingRuleFactory(plan__product_version__product__company=company)
        price.payload = {"amount": Decimal("34.90")}
        price.save()
        changed = AuditEntry.objects.get(action="update", record_id=price.pk)
    page = browser_as(user_with(Role.AUDITOR, company)).get(f"{LIST}{changed.pk}/change/").text
    assert re.search(r"<td>29,90\s€</td><td>34,90\s€</td>", page)


@pytest.mark.requirement("3.8-07", "3.8-08", "3.8-13")
def test_each_filter_narrows_the_page_and_the_file(world, company, browser_as):
    browser = browser_as(world["admin"])
    actor, brand = world["actor"], world["brand"]
    for query, shown, hidden in (
        ("table=brand", "Canari AP", "Renommé"),
        (f"company={company.pk}", "Canari AP", "Canari MTV"),
        ("action__exact=update", "Modification", "Création</"),
        (f"actor={actor.pk}", "Modification", "Création</"),
        (f"q={brand.pk}", "Canari AP", "Canari MTV"),
        (f"q={uuid4()}", "", "Canari"),
        ("q=canari", "Canari MTV", "Renommé"),
        ("q=canari+zzz", "", "Canari"),
        (f"q={actor.name.split()[0]}", "Canari renommé AP", "Canari AP"),
        (f"company={uuid4()}", "", "Canari"),
    ):
        text = browser.get(f"{LIST}?{query}").content.decode().partition('id="result_list"')[2]
        body = text.partition("</table>")[0]
        assert shown in body, query
        assert hidden not in body, query
    answer = browser.get(f"{LIST}export/?table=brand&company={company.pk}")
    assert answer["Content-Disposition"] == 'attachment; filename="journal-audit.csv"'
    rows = rows_of(answer)
    assert [(row["Action"], row["Désignation"], row["Changements"]) for row in rows] == [
        ("Modification", "Canari renommé AP", "Nom : Canari AP → Canari renommé AP"),
        ("Création", "Canari AP", rows[1]["Changements"]),
    ]
    assert {line.after["filters"]["table"] for line in exports()} == {"brand"}
    browser.get(f"{LIST}export/?actor=personne&q={brand.pk}")
    browser.get(f"{LIST}export/?actor={actor.pk}&action__exact=update&q={brand.pk}")
    told = {row["Changements"] for row in rows_of(browser.get(f"{LIST}export/?table=audit_log"))}
    event = "Événement : journal d'audit"
    owner = f"Société : {company}"
    assert {
        f"{event} | Filtre objet : Marque | Filtre société : {company} | {owner}",
        f"{event} | Filtre recherche : {brand.pk} | Filtre auteur : personne | {owner}",
        f"{event} | Filtre recherche : {brand.pk} | Filtre auteur : {actor}"
        f" | Filtre action : Modification | {owner}",
    } <= told
    page = browser.get(f"/core/auditentry/{exports()[0].pk}/change/").text
    assert "Filtre objet" in page
    assert f">{company.pk}<" not in page


@pytest.mark.requirement("3.8-07", "3.8-13")
def test_words_find_a_product_with_all_that_it_holds(company, other_company, user_with, browser_as):
    with scoping.everything():
        price = PricingRuleFactory(
            plan__product_version__product=ProductFactory(
                company=company, sku="AP-BOX-1", name="Box"
            )
        )
        version = price.product_version
        DocumentFactory(product_version=version, title="Conditions")
        gone = PricingRuleFactory(plan=price.plan)
        gone_key = gone.pk
        gone.delete()
        foreign = PricingRuleFactory(
            plan__product_version__product=ProductFactory(company=other_company, name="Box secrète")
        )
    browser = browser_as(user_with(Role.AUDITOR, company))

    def told(text):
        page = browser.get(LIST, {"q": text}).context["cl"]
        lines = {(entry.table, entry.action) for entry in page.result_list}
        return lines, {entry.record_id for entry in page.result_list}

    for text in ("AP-BOX-1", "box", str(version.product_id)):
        lines, records = told(text)
        assert lines >= {
            *(("product", "insert"), ("product_version", "insert"), ("product_plan", "insert")),
            *(("pricing_rule", "insert"), ("pricing_rule", "delete")),
            ("product_document", "insert"),
        }, text
        assert {price.pk, gone_key} <= records
        assert foreign.pk not in records
    assert told(str(price.pk)) == ({("pricing_rule", "insert")}, {price.pk})
    assert told("secrète")[1] == set()
    assert "Rien ne répond à cette recherche" in browser.get(LIST, {"q": "secrète"}).text


@pytest.mark.requirement("3.8-08", "3.8-13")
def test_the_file_holds_the_reader_s_companies_and_is_journalised(
    world, company, user_with, browser_as
):
    auditor = user_with(Role.AUDITOR, company)
    rows = rows_of(browser_as(auditor).get(f"{LIST}export/"))
    assert {row["Société"] for row in rows} == {"AP"}
    assert "MTV" not in str(rows)
    [line] = exports()
    assert (line.company_id, line.actor_id, line.actor_role) == (
        company.pk,
        auditor.pk,
        Role.AUDITOR,
    )
    assert browser_as(world["actor"]).get(f"{LIST}export/").status_code == 403


@pytest.mark.requirement("3.8-07", "3.8-08", "3.8-13")
def test_the_api_gives_pages_and_the_file(world, company, other_company, user_with, api):
    client = api(user_with(Role.IT, company))
    page = client.get(API, {"page_size": 1, "table": "brand"}).json()
    [entry] = page["results"]
    assert entry["before"]["name"] == "Canari AP"
    assert entry["after"]["name"] == "Canari renommé AP"
    assert (entry["action"], entry["actor_id"]) == ("update", str(world["actor"].pk))
    [older] = client.get(page["next"]).json()["results"]
    assert older["action"] == "insert"
    everything = client.get(API, {"page_size": 200}).json()["results"]
    assert {row["company_id"] for row in everything} == {str(company.pk)}
    for query in (
        {"record": str(world["foreign"].pk)},
        {"before": "2020-01-01T00:00:00Z"},
        {"action": "delete"},
        {"actor": str(uuid4())},
    ):
        assert client.get(API, query).json()["results"] == []
    assert client.get(API, {"company": str(other_company.pk)}).status_code == 404
    assert client.get(API, {"colour": "red"}).status_code == 422

    rows = rows_of(client.get(API, {"format": "csv", "table": "brand"}))
    assert [row["Action"] for row in rows] == ["Modification", "Création"]
    [line] = exports()
    assert (line.company_id, line.after["filters"]) == (company.pk, {"table": "brand"})
    assert client.get(API, {"format": "csv", "colour": "red"}).status_code == 422
    assert api(world["actor"]).get(API, {"format": "csv"}).status_code == 403


@pytest.mark.requirement("G.3-02")
def test_a_sign_in_is_journalised_and_a_failed_one_is_not(company, other_company, client):
    user = UserFactory(password="mot-de-passe-de-test")
    for owner in (company, other_company):
        Membership.objects.create(user=user, company=owner, role=Role.SALES)
    address = reverse("admin:login")
    client.post(address, {"username": user.email, "password": "faux"})

    def lines():
        with scoping.everything():
            return list(AuditEntry.objects.filter(action="login").order_by("company_id"))

    assert lines() == []
    answer = client.post(address, {"username": user.email, "password": "mot-de-passe-de-test"})
    assert answer.status_code == 302
    assert {(line.company_id, line.actor_id, line.record_id) for line in lines()} == {
        (company.pk, user.pk, user.pk),
        (other_company.pk, user.pk, user.pk),
    }
    client.post(address, {"username": user.email, "password": "faux"})
    assert len(lines()) == 2
    assert User.objects.get(pk=user.pk).last_login is not None


@pytest.mark.requirement("3.8-07", "G.3-02")
def test_sign_ins_are_hidden_until_they_are_asked_for(world, company, client, browser_as):
    someone = UserFactory(name="Personne qui entre", password="mot-de-passe-de-test")
    Membership.objects.create(user=someone, company=company, role=Role.SALES)
    signed = {"username": someone.email, "password": "mot-de-passe-de-test"}
    assert client.post(reverse("admin:login"), signed).status_code == 302
    browser = browser_as(world["admin"])
    make_notification(company, someone, title="Publication faite")

    def actions(query):
        lines = browser.get(f"{LIST}{query}").text.partition('id="result_list"')[2]
        return set(re.findall(r"(Connexion|Création|Modification)\s*<", lines))

    assert actions("") == {"Création", "Modification"}
    bare = browser.get(LIST).text
    assert "Publication faite" not in bare
    assert "Publication faite" in browser.get(f"{LIST}?table=notification").text
    [link] = re.findall(r'href="([^"]*)">Les montrer', bare)
    assert actions(link) == {"Connexion", "Création", "Modification"}
    assert "Masquer les connexions et les notifications" in browser.get(f"{LIST}{link}").text
    # Whoever asks for them, or for somebody, is shown them; the file holds what the list shows.
    for query in ("action__exact=login", f"actor={someone.pk}", "table=app_user"):
        assert "Connexion" in actions(f"?{query}"), query
    signs_in = [row["Action"] for row in rows_of(browser.get(f"{LIST}export/"))]
    assert "Connexion" not in signs_in
    told = rows_of(browser.get(f"{LIST}export/?connexions=montrees"))
    assert "Connexion" in {row["Action"] for row in told}
    assert any(
        "Filtre connexions et notifications : masquées" in row["Changements"] for row in told
    )


@pytest.mark.requirement("3.8-07")
def test_what_is_no_change_of_a_row_is_told_in_french_too(company, user_with, browser_as):
    """Every event that the code journalises has its words."""
    written = set()
    for path in ROOT.glob("*/**/*.py"):
        if "tests" not in path.parts and ".venv" not in path.parts:
            written |= set(re.findall(r'"event": "([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert written >= {"list_exported", "report_downloaded"}
    with scoping.everything():
        for event in written:
            record_export(
                table="product",
                record_id=uuid4(),
                company_id=company.pk,
                details={"event": event, "file_name": "fichier.csv"},
            )
    rows = rows_of(browser_as(user_with(Role.AUDITOR, company)).get(f"{LIST}export/"))
    told = " ".join(row["Changements"] for row in rows)
    assert "liste exportée" in told
    assert [event for event in written if "_" in event and event in told] == []


@pytest.mark.requirement("3.8-07", "3.8-13")
def test_each_line_names_its_object(company, user_with, browser_as):
    """A made version, price, publication, mapping, code, and an export: never a dash or a key."""
    auditor = user_with(Role.AUDITOR, company)
    browser = browser_as(auditor)
    assert browser.get(f"{LIST}export/").status_code == 200
    with scoping.everything():
        version = VersionFactory(
            product=ProductFactory(company=company, sku="AP-BOX-1", name="Box santé")
        )
        price = PricingRuleFactory(plan__product_version=version, plan__code="OR")
        code = ExternalMappingFactory(product=version.product, plan=None, external_code="EXT-7")
        mapping = MappingFactory(product_version=version, gl_account="706100")
        shown = PublicationFactory(product_version=version)
    product = "AP-BOX-1 — Box santé"
    expected = {
        version: f"{product} v{version.version}",
        price: f"{price.product_version} · {price.plan} · {price.get_type_display()}",
        code: f"{product} · {code.system} · EXT-7",
        mapping: f"{version} · {mapping.get_nature_display()} · 706100",
        shown: f"{version} · {company}",
    }
    listed = browser.get(LIST).text.partition('id="result_list"')[2]
    rows = {row["Enregistrement"]: row for row in rows_of(browser.get(f"{LIST}export/"))}
    for row, title in expected.items():
        assert title in listed
        assert rows[str(row.pk)]["Désignation"] == title
    assert "Journal d&#x27;audit" in listed
    assert "audit_log" not in listed.replace("table=audit_log", "")


@pytest.mark.requirement("3.8-07")
def test_every_audited_table_names_its_rows():
    """By columns that exist, of which one at least is always filled in."""
    for table, model in audit.audited_models().items():
        names = [name for text in model.log_title for name in audit.names_in(text)] or [
            name for name in audit.TITLES if name in {field.name for field in model._meta.fields}
        ]
        fields = [model._meta.get_field(name) for name in names]
        assert any(not field.null and not field.blank for field in fields), table
