"""Price grids: what a company publishes on a day and a channel, priced as a quote prices (5-05)."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import resolve, reverse
from python_calamine import CalamineWorkbook

from accounting.models import ExportRun
from catalog.models import IndexValue, Publication
from tests.factories import (
    START,
    BundleComponentFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.forms import form_of
from tests.support.offers import make_released
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.permissions import RIGHTS
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]

URL = "/api/catalog/exports"
QUOTE = "/api/catalog/pricing/quote"
JSON = {"content_type": "application/json"}
TIERS = [
    {"min": 0, "max": 99, "amount": 10},
    {"min": 100, "max": None, "amount": Decimal("9.1234")},
]
FLAT = [
    {"min": 0, "max": 10, "amount": 50, "base": "amount"},
    {"min": 10, "max": None, "amount": 80, "base": "amount"},
]
PERCENT = [{"min": 0, "max": None, "amount": 5, "base": "percent"}]
USAGE = {"unit": "kWh", "unit_price": Decimal("0.174"), "min_charge": 12}
FORMULA = {"index": "energy", "formula": "round(base * index / 100, 4)"}
PRICES = {
    "FIXE": {"payload": {"amount": Decimal("29.90")}},
    "HT": {"payload": {"amount": Decimal("15.005")}, "tax_included": False},
    "LIVRE": {
        "payload": {"amount": Decimal("19.90")},
        "tax_code": "FR55",
        "tax_rate": Decimal("5.5"),
    },
    "USAGE": {"type": "usage", "payload": {**USAGE, "min_charge": None}},
    "MINIMUM": {"type": "usage", "payload": USAGE},
    "PALIER": {"type": "tiered", "tier_mode": "slab", "payload": TIERS},
    "FORFAIT": {"type": "tiered", "tier_mode": "progressive", "payload": FLAT},
    "TAUX": {"type": "tiered", "tier_mode": "slab", "payload": PERCENT},
    "INDEX": {"type": "indexed", "payload": FORMULA},
    # More than any price: told as none, and the file is written all the same.
    "ENORME": {"type": "indexed", "payload": {**FORMULA, "formula": f"quantity * {'9' * 40}"}},
}


@pytest.fixture
def manager(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


@pytest.fixture
def client(api, manager):
    return api(manager)


@pytest.fixture
def export(client, company):
    """Return a function that asks for a grid, has it written, and returns the run and its file."""

    def make(**given):
        today = f"{now():%Y-%m-%d}"
        body = {"kind": "price_grid", "company_id": str(company.pk), "period": today, **given}
        asked = client.post(URL, body, **JSON)
        assert asked.status_code == 202, asked.json()
        url = f"{URL}/{asked.json()['id']}"
        run_job(job_id=ExportRun.objects.get(pk=asked.json()["id"]).job_id)
        done = client.get(url).json()
        assert (done["state"], done["error"]) == ("done", None)
        return done, b"".join(client.get(f"{url}/download").streaming_content)

    return make


@pytest.fixture
def offer(company):
    """A product with every form of price."""
    version = VersionFactory(
        product=ProductFactory(company=company, sku="PRIX-1", name="=1+1", partner=None)
    )
    IndexValue.objects.create(index="energy", valid_on="2025-01-01", value=Decimal("112.5"))
    for place, (code, price) in enumerate(PRICES.items()):
        more = {"parameters": {"base": Decimal("0.2")}} if code == "INDEX" else {}
        plan = PlanFactory(product_version=version, code=code, position=place, **more)
        PricingRuleFactory(plan=plan, **price)
    PlanFactory(product_version=version, code="AUCUN", position=50)
    release(version)
    return version


def release(version, **publication):
    version.state, version.released_at, version.content_hash = "released", START, "sha256:test"
    version.save()
    return PublicationFactory(product_version=version, **publication)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def check_workbook(content: bytes, text: bytes) -> None:
    """The workbook holds the same as the CSV, with real numbers and dates."""
    heads, *lines = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    rows = [dict(zip(heads, line, strict=True)) for line in lines]
    for shown, told in zip(rows, rows_of(text), strict=True):
        for heading, cell in shown.items():
            if isinstance(cell, float):
                assert cell == float(number(told[heading])), heading
            else:
                assert str(cell) == told[heading], heading
    assert rows[0]["Prix"] == 29.9
    assert rows[0]["Du"] == date(2025, 1, 1)


@pytest.mark.requirement("5-05", "2.1-plan-02", "2.2-04")
def test_every_form_of_price_is_told_as_a_quote_tells_it(export, client, company, offer):
    done, content = export()

    found = {(row["Formule"], row["Palier"]): row for row in rows_of(content)}
    assert len(found) == done["rows"] == len(PRICES) + 3
    assert {(key[0], row["Type de prix"], row["Base"]) for key, row in found.items()} >= {
        ("FIXE", "Récurrent", "TTC"),
        ("HT", "Récurrent", "HT"),
        ("USAGE", "Usage", "TTC"),
        ("PALIER", "Palier", "TTC"),
        ("TAUX", "Palier", "%"),
        ("INDEX", "Indexé", "TTC"),
        ("AUCUN", "Sans tarif", ""),
    }
    for (plan, tier), row in found.items():
        if plan in ("AUCUN", "ENORME"):
            assert (row["Prix"], row["Montant TTC"]) == ("", "")
            continue
        quantity = "100" if tier == "2" else "1"
        body = {"sku": "PRIX-1", "plan": plan, "company_id": str(company.pk), "channel": "web"}
        body |= {"at": done["at"], "quantity": quantity, "base_amount": "100"}
        line = client.post(QUOTE, body, **JSON).json()["lines"][0]
        if plan == "TAUX":
            assert (row["Prix"], row["Montant HT"], row["Montant TTC"]) == ("5,00", "", "")
        elif plan == "MINIMUM":
            assert number(row["Minimum facturé"]) == number(line["amount_incl_tax"]) == 12
        elif row["De"] and "forfait" in row["Mode de calcul"]:
            assert number(row["Prix"]) == {"1": 50, "2": 80}[tier]
        else:
            assert number(row["Prix"]) == number(line["unit_amount"]), plan
        if quantity == "1" and plan not in ("TAUX", "MINIMUM"):
            shown = (number(row["Montant HT"]), number(row["Montant TTC"]))
            assert shown == (number(line["amount_excl_tax"]), number(line["amount_incl_tax"]))
            assert number(row["Taux TVA"].rstrip("%")) == number(line["tax_rate"])
    assert [(found["PALIER", tier]["De"], found["PALIER", tier]["À"]) for tier in "12"] == [
        ("0", "99"),
        ("100", ""),
    ]
    assert found["PALIER", "2"]["Prix"] == "9,1234"
    assert found["INDEX", ""]["Prix"] == "0,225"
    assert {row["Produit"] for row in found.values()} == {"'=1+1"}, "nothing runs as a formula"
    done, workbook = export(format="xlsx")
    assert done["file_name"] == f"GRILLE_AP_{now():%Y-%m-%d}.xlsx"
    check_workbook(workbook, content)


@pytest.mark.requirement("5-05", "3.8-13")
def test_only_what_the_company_publishes_that_day_on_that_channel(export, company, other_company):
    until = {"valid_to": now() + timedelta(days=3)}
    web = make_released(company=company, sku="WEB", plans={"A": "10"}, extras=until)
    Publication.objects.filter(product_version=web).update(channels=["web"])
    ended = make_released(company=company, sku="FINI", plans={"A": "10"})
    Publication.objects.filter(product_version=ended).update(end_at=now() - timedelta(days=2))
    release(VersionFactory(product=ProductFactory(company=company, sku="DEUX-VERSIONS")))
    make_released(company=other_company, sku="CANARI", plans={"A": "10"}, name="Canari")
    lent = make_released(
        company=other_company,
        sku="PRETE",
        plans={"A": "20"},
        partner=PartnerFactory(company=other_company, name="=Prêteur"),
    )
    PublicationFactory(product_version=lent, company=company, channels=["field", "web"])
    PromotionFactory(company=company, code="ETE", product=web.product, plan_code="A")
    PromotionFactory(company=company, code="TEL", channels=["telesales"])
    PromotionFactory(company=company, code="SUR", on_code=True, kind="amount", value=5)

    def skus(**given):
        return [row["SKU"] for row in rows_of(export(**given)[1])]

    assert skus() == ["DEUX-VERSIONS", "PRETE", "WEB"]
    assert skus(channel="field") == ["DEUX-VERSIONS", "PRETE"]
    day = f"{now() + timedelta(days=5):%Y-%m-%d}"  # whatever the hour in Paris
    assert skus(period=day) == ["DEUX-VERSIONS", "PRETE"], "the plan ends before"
    assert skus(period="2025-01") == ["DEUX-VERSIONS", "FINI", "PRETE", "WEB"]
    assert skus(period="2024-12-31") == []
    done, content = export(channel="web")
    _, borrowed, sold = rows_of(content)
    assert sold["Promotions"] == "ETE (-10 %) ; SUR (-5,00, sur code)"
    assert (sold["Canaux"], borrowed["Canaux"]) == ("Web", "Terrain, Web")
    assert (borrowed["Partenaire"], borrowed["Promotions"]) == ("'=Prêteur", "")
    assert (sold["Du"], sold["Au (exclu)"][:10] > sold["Du"]) == ("2025-01-01", True)
    assert done["file_name"] == f"GRILLE_AP_{now():%Y-%m-%d}_web.csv"
    assert "Canari" not in content.decode()


def test_the_version_and_the_rate_are_those_of_the_day(export, company):
    old = make_released(
        company=company,
        sku="ENERGIE",
        plans={"A": "0"},
        prices=[
            {
                "payload": {"amount": Decimal("19.90")},
                "tax_code": "FRENERGIE",
                "tax_rate": Decimal("5.5"),
            }
        ],
    )
    middle = START + timedelta(days=365)
    old.effective_to = middle
    old.save()
    new = VersionFactory(product=old.product, version=2, effective_from=middle)
    PricingRuleFactory(plan=PlanFactory(product_version=new, code="A"), payload={"amount": 21})
    release(new, start_at=middle)

    def told(day):
        [row] = rows_of(export(period=day)[1])
        return row["Version"], row["Prix"], row["Taux TVA"], row["Montant HT"], row["Au (exclu)"]

    assert told("2025-07-31") == ("1", "19,90", "5,5%", "18,86", "2026-01-01")
    assert told("2025-08-01") == ("1", "19,90", "20%", "16,58", "2026-01-01")
    assert told("2026-01") == ("2", "21,00", "20%", "17,50", "")
    company.timezone = "Indian/Reunion"
    company.save()
    done, content = export(period="2025-08-01")
    assert done["at"] == "2025-07-31T20:00:00Z", "midnight in Saint-Denis"
    assert rows_of(content)[0]["Taux TVA"] == "20%"


def test_a_bundle_costs_what_its_components_share(export, client, company):
    box = make_released(company=company, sku="BOX", plans={"A": "20"}).product
    pack = VersionFactory(product=ProductFactory(company=company, sku="PACK"))
    duo = PlanFactory(product_version=pack, code="DUO", bundle_kind="percent", bundle_value=10)
    BundleComponentFactory(plan=duo, product=box, plan_code="A", quantity=2)
    release(pack)

    done, content = export()

    row = rows_of(content)[1]
    assert (row["Type de prix"], row["Prix"], row["Base"]) == ("Bundle", "10,00", "%")
    body = {"sku": "PACK", "plan": "DUO", "company_id": str(company.pk), "channel": "web"}
    totals = client.post(QUOTE, body | {"at": done["at"]}, **JSON).json()["totals"]["recurring"]
    assert number(row["Montant TTC"]) == number(totals["incl_tax"]) == 36
    assert number(row["Montant HT"]) == number(totals["excl_tax"])


def test_what_breaks_a_rule_is_422_and_writes_nothing(api, user_with, company):
    client = api(user_with(Role.GROUP_ADMIN))
    body = {"kind": "price_grid", "company_id": str(company.pk), "period": "2025-09-01"}
    for given, path in (
        ({"period": "2025-02-30"}, "period"),
        ({"period": "2025-9-1"}, "period"),
        ({"period": "1789-07-14"}, "period"),
        ({"period": "aujourd'hui"}, "period"),
        ({"profile": "F7"}, "profile"),
        ({"channel": "boutique"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"kind": "vat", "period": "2025-09", "channel": "web"}, "channel"),
        ({"kind": "vat", "period": "2025-09-01"}, "period"),
    ):
        answer = client.post(URL, body | given, **JSON)
        assert answer.status_code == 422, given
        assert path in [error["path"] for error in answer.json()["errors"]], given
    assert not ExportRun.objects.exists()


@pytest.mark.requirement("5-05", "1-20", "3.8-13")
def test_each_kind_has_its_own_rights(api, user_with, company, other_company):
    roles = set(Role) - {Role.GROUP_ADMIN}
    people = {role: api(user_with(role, company)) for role in roles}
    body = {"company_id": str(company.pk), "period": "2025-09"}
    for kind, right in (("price_grid", "catalog.view_all"), ("accounting", "export.run")):
        for role, client in people.items():
            answer = client.post(URL, body | {"kind": kind}, **JSON)
            assert answer.status_code == (202 if role in RIGHTS[right] else 403), (kind, role)
            answer = client.post(URL, body | {"kind": kind, "format": "pdf"}, **JSON)
            assert answer.status_code == (422 if role in RIGHTS[right] else 403), (kind, role)
    manager, accountant = people[Role.CATALOG_MANAGER], people[Role.ACCOUNTING]
    stranger = api(user_with(Role.CATALOG_MANAGER, other_company))
    assert {row["kind"] for row in manager.get(URL).json()["results"]} == {"price_grid"}
    assert {row["kind"] for row in accountant.get(URL).json()["results"]} == {
        "price_grid",
        "accounting",
    }
    assert stranger.get(URL).json()["results"] == []
    ledger = ExportRun.objects.filter(kind="accounting").first()
    grid = ExportRun.objects.filter(kind="price_grid").first()
    for door, method in (("", "get"), ("/download", "get"), ("/cancel", "post")):
        options = JSON if method == "post" else {}
        assert getattr(manager, method)(f"{URL}/{ledger.pk}{door}", **options).status_code == 403
        assert getattr(stranger, method)(f"{URL}/{grid.pk}{door}", **options).status_code == 404
    assert manager.post(f"{URL}/{grid.pk}/cancel", {}, **JSON).json()["state"] == "cancelled"
    assert stranger.post(URL, body | {"kind": "price_grid"}, **JSON).status_code == 404


@pytest.mark.requirement("5-05")
def test_the_same_from_its_page(browser_as, manager, company):
    make_released(company=company, sku="BOX", plans={"A": "20"})
    browser = browser_as(manager)
    add = reverse("admin:accounting_pricegridexport_add")
    form = form_of(browser.get(add))
    assert form["company"] == str(company.pk)
    answer = browser.post(add, form | {"period": "01/09/2025", "channel": "web"})
    assert answer.status_code == 302, answer.content.decode()
    run = ExportRun.objects.get(pk=resolve(answer["Location"]).kwargs["object_id"])
    assert (run.kind, run.period, run.channel) == ("price_grid", "2025-09-01", "web")
    page = browser.get(answer["Location"]).content.decode()
    assert "En attente d'un exécuteur" in page
    run_job(job_id=run.job_id)
    page = browser.get(answer["Location"]).content.decode()
    assert "Fichier prêt : 1 ligne" in page
    assert "01/09/2025" in page
    taken = browser.get(reverse("admin:accounting_pricegridexport_download", args=[run.pk]))
    assert b"BOX" in b"".join(taken.streaming_content)
    bad = browser.post(add, form | {"period": "31/02/2025"})
    assert (bad.status_code, ExportRun.objects.count()) == (200, 1)
    ledger = reverse("admin:accounting_exportrun_change", args=[run.pk])
    assert browser.get(ledger).status_code == 403
    title = page.partition("<h1")[2].partition("</h1>")[0]
    assert "Catalogue" in title
    assert "Comptabilité" not in title
