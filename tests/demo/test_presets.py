"""The three presets of §13 go on sale in the demo, by its accounts and with its documents (§10)."""

import shutil
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import ExternalMapping, Product
from tests.support.demo import cloned_demo, undone
from tests.support.pages import page_of
from tests.support.road import REVIEWERS, Road
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Company, User

pytestmark = [pytest.mark.usefixtures("everything"), pytest.mark.xdist_group("demo")]
EVERYWHERE = ["field", "telesales", "web", "partner"]
BY_API = ["telesales", "field"]
OURS = ("product", "accounting", "compliance")
REVENUE = {"revenue": ("706100", "FR20")}


@pytest.fixture(scope="module")
def loaded(demo_template, django_db_setup, django_db_blocker):
    """Open the demo data."""
    with cloned_demo(django_db_blocker, demo_template, django_db_setup) as demo:
        yield demo


@pytest.fixture
def demo(loaded, settings, tmp_path):
    """Undo what a test writes, its files included."""
    settings.MEDIA_ROOT = tmp_path / "demo"
    shutil.copytree(loaded.path.parent / "media", settings.MEDIA_ROOT)
    with undone():
        yield loaded


@pytest.fixture
def road_of(demo):
    """Return a function that begins the road of a company's product, walked by its demo accounts."""

    def begin(company, sku, channels):
        people = {
            Role(line["role"]): Client(headers={"authorization": f"Bearer {line['token']}"})
            for line in demo.accounts["tokens"]
            if line["companies"] == [company]
        }
        return Road(people, str(Company.objects.get(code=company).pk), sku, channels)

    return begin


@pytest.fixture
def screens(demo, browser_as):
    """Return a function that posts a page as somebody of Action Prévoyance."""

    def post(login, page, typed, *, status=302):
        browser = browser_as(User.objects.get(email=f"{login}.ap@winvest.example"))
        answer = browser.post(page, typed)
        assert answer.status_code == status, answer.text[:2000]
        return answer

    return post


def publish(road, version):
    path = f"versions/{version}/publications"
    road.ask(Role.ADV, "post", path, road.sale(now()), status=201)


def quotes(road, *plans):
    """Return what the sellers are told of each plan, the same on every channel of the product."""
    told = []
    for plan in plans:
        answers = [
            road.ask(Role.SALES, "post", "pricing/quote", road.question(channel, plan=plan))
            for channel in road.channels
        ]
        told += answers[:1]
        assert {str(one["totals"]) for one in answers} == {str(answers[0]["totals"])}
    return told


def refused_on_the_web(road):
    question = road.question("web", plan=None)
    answer = road.ask(Role.SALES, "post", "pricing/quote", question, status=409)
    return {error["code"] for error in answer["errors"]}


@pytest.mark.requirement("13-01", "13-03", "13-04", "C.2-05")
def test_the_assistance_of_the_demo_goes_on_sale_by_its_screens(road_of, screens):
    """What it lacks is left to the people of the demo: each has his page for it."""
    road = road_of("AP", "AP-ASSIST-001", BY_API)
    product = Product.objects.get(sku=road.sku)
    version, code = product.versions.get(), ExternalMapping.objects.get(product=product)
    road.product = str(product.pk)
    assert road.refusals(version.pk, now()) == {
        *("lifecycle.not_active", "integration.sandbox", "approvals.integration"),
    }
    screens("it", page_of(code).replace("change", "sandbox"), {})
    approval = {"domain": "integration", "decision": "approved"}
    screens("it", page_of(version).replace("change", "review"), approval)
    screens("produit", page_of(product).replace("change", "move"), {"to": "active"})
    day = timezone.localdate() + timedelta(days=1)
    sold = {
        "product_version": version.pk,
        "company": product.company_id,
        "channels": BY_API,
        "visibility": "internal",
        "availability": "available",
        "start_at_0": f"{day:%d/%m/%Y}",
        "start_at_1": "00:00",
    }
    add = reverse("admin:catalog_publication_add")
    web = screens("adv", add, sold | {"channels": [*BY_API, "web"]}, status=200)
    assert "La version n&#x27;autorise que ces canaux : Télévente, Terrain." in web.text
    assert not version.publications.exists()
    screens("adv", add, sold)
    (publication,) = version.publications.all()
    assert (publication.channels, publication.company_id) == (BY_API, product.company_id)


@pytest.mark.parametrize(
    ("company", "sku", "channels", "domains", "accounts", "prices"),
    [
        ("AP", "AP-ASSIST-001", BY_API, REVIEWERS, {"commission": ("756200", None)}, {None: None}),
        (
            *("MTV", "MTV-OFFRE-001", EVERYWHERE, OURS, REVENUE),
            {"BASIC": "9.90", "CONFORT": "19.90", "PREMIUM": "29.90"},
        ),
        ("USGP", "DEPANSSUR-100", EVERYWHERE, OURS, REVENUE, {"UNIQUE": "100.00"}),
    ],
    ids=["assistance", "television", "depanssur"],
)
@pytest.mark.requirement("13-01", "13-03", "13-04", "13-06", "13-07", "13-09", "13-10")
def test_a_preset_is_sold_again_under_another_code(
    road_of, company, sku, channels, domains, accounts, prices
):
    road = road_of(company, f"{sku}-BIS", channels)
    model = Product.objects.get(sku=sku)
    copied = {"sku": road.sku, "effective_from": now().isoformat()}
    copy = road.ask(Role.CATALOG_MANAGER, "post", f"products/{model.pk}/duplicate", copied)
    road.product = copy["id"]
    (version,) = road.ask(Role.CATALOG_MANAGER, "get", f"products/{copy['id']}/versions")["results"]
    first = version["id"]
    road.move(Role.CATALOG_MANAGER, "test")
    code = road.link("ASSIST-BIS") if "integration" in domains else None

    lacking = {
        *("lifecycle.not_active", "version.not_released", "documents.not_published"),
        *("accounting.not_mapped", *(f"approvals.{domain}" for domain in domains)),
    }
    assert road.refusals(first, now()) == lacking | ({"integration.sandbox"} if code else set())

    road.publish_documents(first)
    road.release(first, *domains)
    for nature, (account, tax_code) in accounts.items():
        road.map_account(first, nature, account, tax_code)
    if code:
        road.try_in_sandbox(code)
    road.move(Role.CATALOG_MANAGER, "active")
    publish(road, first)

    for (plan, price), told in zip(prices.items(), quotes(road, *prices), strict=True):
        if price is None:
            assert told["source"] == "manual"
            assert "publication.none" in refused_on_the_web(road)
            continue
        due = "due_once" if plan == "UNIQUE" else "recurring"
        assert told["totals"][due]["incl_tax"] == price
        assert {line["tax_rate"] for line in told["lines"]} == {"20.00"}
    billing = road.ask(Role.CATALOG_MANAGER, "get", f"versions/{first}/billing")["results"]
    at_once = [one["collection_cycle"] == "at_once" for one in billing]
    assert at_once == ([True] if sku == "DEPANSSUR-100" else [])


@pytest.mark.requirement("13-08")
def test_the_commission_of_television_changes_at_each_threshold(road_of):
    road = road_of("MTV", "MTV-OFFRE-001", EVERYWHERE)
    version = Product.objects.get(sku=road.sku).versions.get().pk
    draft = road.ask(Role.CATALOG_MANAGER, "post", f"versions/{version}/duplicate", {})["id"]
    path = f"versions/{draft}/commission-schemes"
    (scheme,) = road.ask(Role.CATALOG_MANAGER, "get", path)["results"]
    # 8.25 € before tax a sale: 10 %, 12 % from the hundredth, 15 % from the five hundredth.
    due = {0: 0, 99: 81.68, 100: 99, 499: 494.01, 500: 618.75}

    def failing(due):
        cases = [
            {"name": f"{n} ventes", "volume": n, "revenue": 8.25 * n, "expected": amount}
            for n, amount in due.items()
        ]
        body = {"test_cases": cases}
        path = f"commission-schemes/{scheme['id']}"
        return road.ask(Role.CATALOG_MANAGER, "patch", path, body)["warnings"]

    assert failing(due) == []
    assert len(failing({n: round(amount + 0.01, 2) for n, amount in due.items()})) == len(due)
