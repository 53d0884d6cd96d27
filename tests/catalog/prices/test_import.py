"""A price grid that comes back: old and new price told first, then prepared as drafts (5-05)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import PricingRule, ProductPlan, ProductVersion
from catalog.parts import content_of
from tests.core.imports.test_bad_files import bomb, formulas
from tests.factories import (
    START,
    BundleComponentFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.imports import problems, table
from tests.support.offers import make_released, make_whole
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.domain.roles import Role
from winvest.core.models import MembershipRisk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

HEADINGS = "SKU;Version;Formule;Tarif;Palier;De;À;Prix;Minimum facturé;Brouillon"
GRID = [
    {"min": 0, "max": 99, "amount": 10},
    {"min": 100, "max": 499, "amount": 9},
    {"min": 500, "max": None, "amount": 8},
]


@pytest.fixture
def box(company):
    return make_released(company=company, sku="BOX", plans={"A": "29.90", "B": "39.90"})


@pytest.fixture
def tiers(company):
    price = {"type": "tiered", "tier_mode": "slab", "payload": GRID}
    return make_released(company=company, sku="PALIER", plans={"T": "0"}, prices=[price])


def priced(version: ProductVersion) -> dict[str, object]:
    """Return the payload of each plan's first rule."""
    rules = PricingRule.objects.filter(product_version=version).select_related("plan")
    return {rule.plan.code if rule.plan else "": rule.payload for rule in rules}


def drafts_of(version: ProductVersion) -> list[ProductVersion]:
    rows = ProductVersion.objects.filter(product=version.product, state="draft")
    return list(rows.order_by("version"))


@pytest.mark.requirement("5-05", "4-06", "2.1-plan-02", "1-23")
def test_changed_prices_are_told_then_prepared_as_a_new_version(importer, company):
    source = make_whole(company, sku="BOX")
    source.state, source.released_at, source.content_hash = "released", START, "sha256:x"
    source.save()
    person = importer()
    content = table(
        "SKU;Version;Formule;Tarif;Palier;Prix",
        "BOX;1;BASIC;1;;10,90",
        "BOX;1;CONFORT;1;;19,90",
    )
    run = person.check("price_grid", content, "prix.csv")

    assert (run.state, run.error_count) == ("ready", 0)
    assert (run.rows, run.to_change, run.to_create, run.unchanged, run.refused) == (2, 1, 1, 1, 0)
    assert run.changes == [
        {
            "line": 2,
            "label": "BOX / BASIC",
            "column": "Prix",
            "before": "9,90 €",
            "after": "10,90 €",
            "gap": "+1,00 €",
            "percent": "+10,1 %",
            "version": "Nouvelle version",
            "warning": "",
        }
    ]
    page = person.page(run)
    for word in ("9,90", "10,90", "+1,00", "+10,1 %", "Versions à préparer", "Importer"):
        assert word in page
    assert drafts_of(source) == [], "checking writes nothing"

    run = person.start(run)

    assert (run.state, run.imported_by) == ("imported", person.user)
    [draft] = drafts_of(source)
    assert (draft.version, draft.notes) == (2, "Prix importés : prix.csv")
    assert draft.effective_from == next_month_start(now(), company.timezone)
    assert priced(draft) == {
        "BASIC": {"amount": Decimal("10.90")},
        "CONFORT": {"amount": Decimal("19.90")},
    }
    assert priced(source)["BASIC"] == {"amount": Decimal("9.90")}, "what is released stays"
    before, after = content_of(source), content_of(draft)
    before["plans"]["plans"][0]["prices"][0]["payload"]["amount"] = Decimal("10.9")
    assert after == before, "the rest is the same"
    rule = PricingRule.objects.get(product_version=draft, plan__code="BASIC")
    assert rule.history.latest().history_change_reason == "Import prix.csv"
    assert rule.history.latest().history_user == person.user
    assert person.report(run)[1:] == [
        [
            "2",
            "BOX / BASIC",
            "Préparée",
            "Prix",
            "9,90",
            "10,90",
            "+1,00",
            "+10,1 %",
            "Version 2",
            "",
            "",
            "",
        ],
        ["3", "BOX / CONFORT", "Inchangée", *[""] * 9],
    ]

    again = person.start(person.check("price_grid", content, "prix.csv"))

    assert (again.to_change, again.to_create, again.unchanged) == (0, 0, 2)
    assert "Déjà en préparation : version 2" in person.page(again)
    assert len(drafts_of(source)) == 1


@pytest.mark.requirement("5-05", "2.1-plan-02")
def test_every_kind_of_price_may_change(importer, company, tiers):
    make_released(
        company=company,
        sku="USAGE",
        plans={"U": "0"},
        prices=[
            {
                "type": "usage",
                "payload": {"unit": "kWh", "unit_price": Decimal("0.174"), "min_charge": 12},
            }
        ],
    )
    pack = VersionFactory(product=ProductFactory(company=company, sku="PACK"))
    duo = PlanFactory(product_version=pack, code="DUO", bundle_kind="fixed", bundle_value=30)
    single = make_released(company=company, sku="SEUL", plans={"A": "20"})
    BundleComponentFactory(plan=duo, product=single.product, plan_code="A")
    bare = VersionFactory(product=ProductFactory(company=company, sku="NU"))
    PricingRuleFactory(plan=None, product_version=bare, company=company)
    for version in (pack, bare):
        version.state, version.released_at, version.content_hash = "released", START, "x"
        version.save()
    person = importer()
    run = person.check(
        "price_grid",
        table(
            HEADINGS,
            "PALIER;1;T;1;1;0;199;10,00;;",
            "PALIER;1;T;1;2;200;499;8,5;;",
            "USAGE;1;U;1;;;;0,1741;;",
            "PACK;1;DUO;;;;;28;;",
            "NU;1;;1;;;;31,9999;;",
        ),
    )
    assert (run.state, run.problems) == ("ready", [])
    assert (run.to_change, run.to_create) == (5, 4)
    assert {(one["label"], one["column"], one["after"]) for one in run.changes} == {
        ("PALIER / T / palier 1", "À", "199,00"),
        ("PALIER / T / palier 2", "De", "200,00"),
        ("PALIER / T / palier 2", "Prix", "8,50 €"),
        ("USAGE / U", "Prix", "0,1741 €"),
        ("USAGE / U", "Minimum facturé", ""),
        ("PACK / DUO", "Prix", "28,00 €"),
        ("NU", "Prix", "31,9999 €"),
    }
    person.start(run)
    [draft] = drafts_of(tiers)
    assert priced(draft)["T"] == [
        {"min": 0, "max": 199, "amount": 10},
        {"min": 200, "max": 499, "amount": Decimal("8.5")},
        {"min": 500, "max": None, "amount": 8},
    ]
    assert priced(ProductVersion.objects.get(product__sku="USAGE", version=2))["U"] == {
        "unit": "kWh",
        "unit_price": Decimal("0.1741"),
    }
    assert ProductPlan.objects.get(product_version__version=2, code="DUO").bundle_value == 28
    assert priced(drafts_of(bare)[0])[""] == {"amount": Decimal("31.9999")}


@pytest.mark.requirement("5-05", "8-07")
def test_every_wrong_line_is_told_and_nothing_is_half_imported(
    importer, company, other_company, box, tiers
):
    make_released(company=other_company, sku="AUTRE", plans={"A": "10"})
    lent = make_released(company=other_company, sku="PRETE", plans={"A": "10"})
    PublicationFactory(product_version=lent, company=company)
    VersionFactory(product=ProductFactory(company=company, sku="BROUILLON"))
    indexed = {"type": "indexed", "payload": {"index": "cpi", "formula": "2 * quantity"}}
    make_released(company=company, sku="INDEX", plans={"A": "0"}, prices=[indexed])
    before = ProductVersion.objects.count()
    rows = {
        "INCONNU;1;A;1;;;;10;;": ("SKU", "grid.unknown_product"),
        "AUTRE;1;A;1;;;;11;;": ("SKU", "grid.unknown_product"),
        "BROUILLON;1;A;1;;;;11;;": ("SKU", "grid.unknown_product"),
        "PRETE;1;A;1;;;;11;;": ("SKU", "grid.other_owner"),
        "BOX;2;A;1;;;;29,90;;": ("Version", "grid.not_in_force"),
        "BOX;1;Z;1;;;;10;;": ("Formule", "grid.unknown_line"),
        "BOX;1;A;2;;;;10;;": ("Formule", "grid.unknown_line"),
        "BOX;1;A;1;1;;;10;;": ("Formule", "grid.unknown_line"),
        "BOX;un;A;1;;;;10;;": ("Version", "grid.number"),
        "BOX;1;A;1;;;;;;": ("Prix", "grid.empty"),
        "BOX;1;B;1;;;;dix;;": ("Prix", "grid.amount"),
        "BOX;1;B;1;;;;NaN;;": ("SKU", "import.twice"),
        "PALIER;1;T;1;3;500;;8,00001;;": ("Prix", "money.too_many_decimals"),
        "PALIER;1;T;1;2;100;600;9;;": ("De", "tiers.join"),
        "PALIER;1;T;1;9;;;9;;": ("De", "grid.empty"),
        "INDEX;1;A;1;;;;3;;": ("Prix", "grid.computed"),
        "=BOX;1;A;1;;;;10;;": ("SKU", "import.formula"),
        "BOX;1;A;1": ("", "import.row_width"),
    }
    run = importer().check("price_grid", table(HEADINGS, *rows))
    assert run.state == "refused"
    assert problems(run) == {(n, *told) for n, told in enumerate(rows.values(), start=2)}
    assert run.refused == len(rows)
    assert ProductVersion.objects.count() == before
    assert "AUTRE" not in " ".join(found["message"] for found in run.problems)


AMOUNTS = {
    "-1": "money.negative",
    "1" + "0" * 30: "money.too_large",
    "1e30": "grid.amount",
    "NaN": "grid.amount",
    "Infinity": "grid.amount",
    "1 000,00": "grid.amount",
    "29,90 €": "grid.amount",
    "٣": "grid.amount",
    "=1+1": "import.formula",
    "1" * 50: "grid.amount",
}


@pytest.mark.requirement("5-05", "8-07")
def test_a_bad_amount_is_refused(importer, company):
    plans = {f"P{n}": "29.90" for n in range(len(AMOUNTS))}
    make_released(company=company, sku="BOX", plans=plans)
    # With the rate of the day, as an export has it: the computed amounts are compared.
    rows = [f"BOX;1;{plan};1;;;;{cell};;;20%" for plan, cell in zip(plans, AMOUNTS, strict=True)]
    run = importer().check("price_grid", table(f"{HEADINGS};Taux TVA", *rows))
    assert problems(run) == {(n, "Prix", code) for n, code in enumerate(AMOUNTS.values(), start=2)}


@pytest.mark.requirement("5-05")
def test_what_is_only_for_reading_does_not_change(importer, company):
    told = {
        "Code TVA": ("FR20", "FR10", "grid.fixed"),
        "Base": ("TTC", "HT", "grid.fixed"),
        "Devise": ("EUR", "USD", "grid.fixed"),
        "Type de prix": ("Récurrent", "Fixe", "grid.fixed"),
        "Récurrence": ("Mensuelle", "Annuelle", "grid.fixed"),
        "Montant TTC": ("29,90", "35,00", "grid.amounts"),
        "Montant HT": ("24,92", "25", "grid.amounts"),
    }
    make_released(company=company, sku="BOX", plans={f"P{n}": "29.90" for n in range(10)})
    heads = f"SKU;Version;Formule;Tarif;Palier;Prix;Taux TVA;{';'.join(told)}"
    same = [value for value, *_ in told.values()]
    rows, expected = ["BOX;1;P9;1;;30;20%;;;;;;30,00;25,00"], set()
    for place, (heading, (_, other, code)) in enumerate(told.items()):
        cells = [*same[:place], other, *["" for _ in same[place + 1 :]]]
        rows.append(f"BOX;1;P{place};1;;29,90;20%;{';'.join(cells)}")
        expected.add((place + 3, heading, code))
    run = importer().check("price_grid", table(heads, *rows))
    assert problems(run) == expected
    assert run.to_change == 1, "recomputed by hand, and right"


FILES = {
    "empty": (lambda: b"\r\n", "import.empty"),
    "latin-1": (
        lambda: table(HEADINGS, "BOX;1;É;1;;;;1;;")[1:].encode("latin-1"),
        "import.not_utf8",
    ),
    "missing": (
        lambda: table("SKU;Version;Formule;Tarif;Prix", "BOX;1;A;1;1"),
        "import.heading_missing",
    ),
    "unknown": (
        lambda: table(HEADINGS + ";Remise", "BOX;1;A;1;;;;1;;;5"),
        "import.heading_unknown",
    ),
    "formulas": (formulas, "import.xlsx_formula"),
    "bomb": (bomb, "import.xlsx_too_large"),
}


@pytest.mark.requirement("5-05", "8-07")
def test_a_bad_file_is_refused(importer):
    person = importer()
    for name, (make, code) in FILES.items():
        run = person.check("price_grid", make(), f"{name}.csv")
        assert (run.job.state, run.state) == ("done", "refused"), name
        assert code in {found for _, _, found in problems(run)}, name
    assert "corrigez le fichier" in person.page(run)


@pytest.mark.requirement("5-05", "4-06")
def test_a_line_may_name_the_draft_that_takes_it(importer, box):
    draft = VersionFactory(product=box.product, version=2, effective_from=now() + timedelta(days=9))
    for code, amount in (("A", 28), ("B", 40)):
        plan = PlanFactory(product_version=draft, code=code)
        PricingRuleFactory(plan=plan, payload={"amount": amount})
    person = importer()
    run = person.check("price_grid", table(HEADINGS, "BOX;1;A;1;;;;31;;2", "BOX;1;B;1;;;;40;;2"))
    assert (run.to_change, run.to_create) == (2, 0)
    assert {one["version"] for one in run.changes} == {"Brouillon 2"}
    person.start(run)
    assert priced(draft) == {"A": {"amount": 31}, "B": {"amount": 40}}
    assert drafts_of(box) == [draft]
    again = person.check("price_grid", table(HEADINGS, "BOX;1;A;1;;;;31;;2"))
    assert (again.to_change, again.unchanged) == (0, 1)

    refused = person.check("price_grid", table(HEADINGS, "BOX;1;A;1;;;;32;;2", "BOX;1;B;1;;;;41;;"))
    assert problems(refused) == {(3, "Brouillon", "grid.drafts")}
    other = person.check("price_grid", table(HEADINGS, "BOX;1;A;1;;;;32;;"))
    assert other.changes[0]["version"] == "Nouvelle version (brouillon : 2)"
    refused = person.check("price_grid", table(HEADINGS, "BOX;1;A;1;;;;32;;7"))
    assert problems(refused) == {(2, "Brouillon", "grid.draft")}
    draft.plans.filter(code="A").delete()
    refused = person.check("price_grid", table(HEADINGS, "BOX;1;A;1;;;;32;;2"))
    assert problems(refused) == {(2, "Brouillon", "grid.draft_line")}


def test_a_price_common_to_several_plans_is_told_once(importer, company):
    version = VersionFactory(product=ProductFactory(company=company, sku="COMMUN"))
    for code in "AB":
        PlanFactory(product_version=version, code=code)
    PricingRuleFactory(plan=None, product_version=version, company=company)
    version.state, version.released_at, version.content_hash = "released", START, "x"
    version.save()
    person = importer()
    rows = ("COMMUN;1;A;1;;;;31;;", "COMMUN;1;B;1;;;;{};;")
    run = person.check("price_grid", table(HEADINGS, rows[0], rows[1].format("32")))
    assert problems(run) == {(3, "Prix", "grid.shared")}
    run = person.start(person.check("price_grid", table(HEADINGS, rows[0], rows[1].format("31"))))
    [draft] = drafts_of(version)
    assert priced(draft) == {"": {"amount": 31}}


@pytest.mark.requirement("5-05")
def test_the_same_file_started_twice_makes_one_draft(importer, box):
    person = importer()
    content = table(HEADINGS, "BOX;1;A;1;;;;31;;")
    runs = [person.check("price_grid", content) for _ in range(2)]
    assert [run.to_create for run in runs] == [1, 1]
    done = [person.start(run) for run in runs]
    assert [(run.state, run.to_create) for run in done] == [("imported", 1), ("imported", 0)]
    assert len(drafts_of(box)) == 1


@pytest.mark.requirement("5-05", "1-20")
def test_prices_are_brought_by_those_who_may_write_them(importer, browser_as, user_with, company):
    page = reverse("admin:accounting_pricegridexport_import")
    for role in (Role.ACCOUNTING, Role.ADV, Role.AUDITOR):
        assert browser_as(user_with(role, company)).get(page).status_code == 403
    person = importer()
    assert "À changer" in person.browser.get(page).content.decode()
    version = make_released(
        company=company, sku="AILLEURS", plans={"A": "1"}, risk=RiskFactory(company=company)
    )
    [membership] = person.user.memberships.all()
    other = RiskFactory(company=company)
    MembershipRisk.objects.create(membership=membership, company=company, risk_id=other.pk)
    person = type(person)(browser_as(person.user), person.user, company)
    run = person.check("price_grid", table(HEADINGS, "AILLEURS;1;A;1;;;;2;;"))
    assert problems(run) == {(2, "SKU", "access.forbidden")}
    assert drafts_of(version) == []
