"""Tiers that come and go by file, and options, surcharges and discounts, told and changed (5-05)."""

import csv
import io
from decimal import Decimal
from html import unescape

import pytest

from accounting.models import ExportRun
from catalog.models import ProductPlan
from tests.catalog.prices.test_import import drafts_of, priced, tiers  # noqa: F401 - a fixture
from tests.factories import PlanFactory, PricingRuleFactory, VersionFactory
from tests.support.imports import problems, table
from tests.support.offers import make_released
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]
TIERS = "SKU;Version;Formule;Tarif;Palier;De;À;Prix"
EXTRAS = "SKU;Version;Formule;Tarif;Palier;Supplément;Prix"
PLAN = {
    "options": [
        {"code": "ASSIST", "name": "Assistance", "amount": Decimal("5.00"), "mandatory": True},
        {"code": "POSTE", "name": "Poste", "amount": 2, "per": "unit", "due": "once"},
    ],
    "surcharges": [{"code": "ASSIST", "name": "Frais", "kind": "percent", "value": 10}],
    "discounts": [{"code": "FID", "name": "Fidélité", "kind": "amount", "value": Decimal("1.5")}],
}


@pytest.fixture
def box(company):
    return make_released(company=company, sku="BOX", plans={"A": "29.90"}, extras=PLAN)


# What is brought, and the grid that it makes: « from-to:price ».
GRIDS = {
    # Added at the end, in the middle, before a tier that begins elsewhere.
    ("2;100;499;9", "3;500;999;8", "4;1000;;7,5"): "0-99:10 100-499:9 500-999:8 1000-:7.5",
    ("1;0;49;10", "9;50;99;9,5"): "0-49:10 50-99:9.5 100-499:9 500-:8",
    # Taken away: the neighbours close the gap.
    ("2;;;", "1;0;499;10"): "0-499:10 500-:8",
    ("3;;;", "2;100;;9"): "0-99:10 100-:9",
    # Both at once, and all of them but one.
    ("1;;;", "2;0;249;9", "4;250;499;8,5"): "0-249:9 250-499:8.5 500-:8",
    ("1;0;;12", "2;;;", "3;;;"): "0-:12",
}
REFUSED = {
    ("4;1000;;7,5",): {(2, "De", "tiers.last")},
    ("2;;;",): {(2, "De", "tiers.join")},
    ("1;;;",): {(2, "De", "tiers.start")},
    ("1;;;", "2;;;", "3;;;"): {(2, "Prix", "schema.minItems")},
    ("4;;;",): {(2, "Prix", "grid.empty")},
    ("4;;;7",): {(2, "De", "grid.empty")},
    ("4;600;;",): {(2, "Prix", "grid.empty")},
    ("4;-1;;7",): {(2, "De", "grid.quantity")},
    ("4;1e9;;7",): {(2, "De", "grid.amount")},
    ("4;50;99;7",): {(2, "De", "tiers.join")},
    ("4;0;;7", "5;0;;7"): {(3, "De", "tiers.last"), (3, "De", "tiers.join")},
}


def shown(grid):
    cells = [(tier["min"], tier["max"], Decimal(tier["amount"]).normalize()) for tier in grid]
    return " ".join(
        f"{low}-{'' if high is None else high}:{amount:f}" for low, high, amount in cells
    )


@pytest.mark.requirement("5-05", "2.1-plan-02", "1-07")
def test_tiers_come_and_go(importer, tiers):  # noqa: F811
    person = importer()
    made = {}
    for lines in GRIDS:
        run = person.check("price_grid", table(TIERS, *(f"PALIER;1;T;1;{one}" for one in lines)))
        assert (run.state, run.problems) == ("ready", []), lines
        person.start(run)
        made[lines] = shown(priced(drafts_of(tiers)[-1])["T"])
    assert made == GRIDS
    again = person.check("price_grid", table(TIERS, *(f"PALIER;1;T;1;{one}" for one in lines)))
    assert (again.to_change, again.unchanged) == (0, len(lines))
    before = len(drafts_of(tiers))
    told = {}
    for lines in REFUSED:
        run = person.check("price_grid", table(TIERS, *(f"PALIER;1;T;1;{one}" for one in lines)))
        told[lines] = problems(run)
        assert run.state == "refused", lines
    assert told == REFUSED
    assert len(drafts_of(tiers)) == before


def test_a_tier_that_comes_is_told_as_the_others(importer, company):
    percent = [{"min": 0, "max": None, "amount": 5, "base": "percent"}]
    price = {"type": "tiered", "tier_mode": "progressive", "payload": percent}
    version = make_released(company=company, sku="TAUX", plans={"T": "0"}, prices=[price])
    person = importer()
    rows = ("TAUX;1;T;1;1;0;1000;5", "TAUX;1;T;1;2;1000;;{}")
    refused = person.check("price_grid", table(TIERS, *rows).format("101"))
    assert problems(refused) == {(2, "De", "tiers.last"), (3, "Prix", "grid.percent")}
    person.start(person.check("price_grid", table(TIERS, *rows).format("3")))
    [draft] = drafts_of(version)
    assert priced(draft)["T"][1] == {"min": 1000, "max": None, "amount": 3, "base": "percent"}


@pytest.mark.requirement("1-07", "5-05")
def test_a_grid_that_makes_more_cheaper_than_less_is_told_and_not_refused(importer, tiers):  # noqa: F811
    person = importer()
    run = person.check(
        "price_grid", table(TIERS, "PALIER;1;T;1;2;100;499;1", "PALIER;1;T;1;3;500;;0,9")
    )
    assert (run.state, run.problems) == ("ready", [])
    assert [bool(one["warning"]) for one in run.changes] == [True, False]
    assert "100" in run.changes[0]["warning"]
    assert run.changes[0]["warning"] in unescape(person.page(run))
    rows = person.report(run)
    assert [row[-1] for row in rows[1:]] == [run.changes[0]["warning"], ""]
    person.start(run)
    assert len(drafts_of(tiers)) == 1
    fair = person.check(
        "price_grid", table(TIERS, "PALIER;1;T;1;2;100;499;10", "PALIER;1;T;1;3;500;;9,99")
    )
    assert [one["warning"] for one in fair.changes] == ["", ""]


def exported(client, company):
    body = {"kind": "price_grid", "company_id": str(company.pk), "period": f"{now():%Y-%m-%d}"}
    asked = client.post("/api/catalog/exports", body, content_type="application/json").json()
    run_job(job_id=ExportRun.objects.get(pk=asked["id"]).job_id)
    answer = client.get(f"/api/catalog/exports/{asked['id']}/download")
    return b"".join(answer.streaming_content).decode("utf-8-sig")


@pytest.mark.requirement("5-05", "2.1-plan-03")
def test_what_is_added_and_taken_off_is_told_as_a_quote_tells_it(api, user_with, company, box):
    client = api(user_with(Role.CATALOG_MANAGER, company))
    text = exported(client, company)
    rows = {row["Supplément"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    names = ("Type de prix", "Mode de calcul", "Prix", "Base", "Montant HT", "Montant TTC")
    assert {name: tuple(row[one] for one in names) for name, row in rows.items() if name} == {
        "Option ASSIST": (
            *("Option", "Assistance ; par ligne ; obligatoire", "5,00", "TTC", "4,17", "5,00"),
        ),
        "Option POSTE": ("Option", "Poste ; par unité ; une fois", "2,00", "TTC", "1,67", "2,00"),
        "Surcharge ASSIST": (
            *("Surcharge", "Frais ; sur la base et les options", "10,00", "%", "", ""),
        ),
        "Remise FID": ("Remise", "Fidélité ; par ligne", "1,50", "TTC", "", ""),
    }
    assert (rows["Option ASSIST"]["Code TVA"], rows["Remise FID"]["Code TVA"]) == ("FR20", "")
    asked = {"sku": "BOX", "plan": "A", "company_id": str(company.pk), "channel": "web"}
    asked |= {"options": ["POSTE"]}
    quote = client.post("/api/catalog/pricing/quote", asked, content_type="application/json").json()
    units = {
        line["code"]: line["unit_amount"] for line in quote["lines"] if line["kind"] == "option"
    }
    assert units == {"ASSIST": "5.0000", "POSTE": "2.0000"}


@pytest.mark.requirement("5-05", "2.1-plan-03", "4-06")
def test_what_is_added_and_taken_off_changes_by_file(importer, api, user_with, company, box):
    make_released(company=company, sku="NUE", plans={"A": "1"}, prices=[], extras=PLAN)
    client = api(user_with(Role.CATALOG_MANAGER, company))
    person = importer()
    same = person.check("price_grid", exported(client, company))
    assert same.problems == []
    assert (same.state, same.to_change) == ("ready", 0)
    rows = (
        "BOX;1;A;;;Option ASSIST;6",
        "BOX;1;A;;;Surcharge ASSIST;12,5",
        "BOX;1;A;;;Remise FID;2",
        "BOX;1;A;1;;;31,90",
    )
    run = person.check("price_grid", table(EXTRAS, *rows))
    assert (run.state, run.problems) == ("ready", [])
    assert (run.to_change, run.to_create) == (4, 1)
    assert {(one["label"], one["before"], one["after"]) for one in run.changes} == {
        ("BOX / A / Option ASSIST", "5,00 €", "6,00 €"),
        ("BOX / A / Surcharge ASSIST", "10,00 %", "12,50 %"),
        ("BOX / A / Remise FID", "1,50 €", "2,00 €"),
        ("BOX / A", "29,90 €", "31,90 €"),
    }
    person.start(run)
    [draft] = drafts_of(box)
    plan = ProductPlan.objects.get(product_version=draft)
    first, second = PLAN["options"]
    assert plan.options == [first | {"amount": 6}, second]
    assert [one["value"] for one in (*plan.surcharges, *plan.discounts)] == [Decimal("12.5"), 2]
    assert priced(draft) == {"A": {"amount": Decimal("31.90")}}
    again = person.check("price_grid", table(EXTRAS, *rows))
    assert (again.to_change, again.unchanged) == (0, 4)
    wrong = {
        "BOX;1;A;;;Option RIEN;1": ("Formule", "grid.unknown_line"),
        "BOX;1;A;;;Remise ASSIST;1": ("Formule", "grid.unknown_line"),
        "BOX;1;A;1;;Option ASSIST;1": ("Formule", "grid.unknown_line"),
        "BOX;1;A;;2;Option ASSIST;1": ("Formule", "grid.unknown_line"),
        "BOX;1;A;;;Surcharge ASSIST;101": ("Prix", "grid.percent"),
        "BOX;1;A;;;Remise FID;-1": ("Prix", "money.negative"),
        "BOX;1;A;;;Option POSTE;": ("Prix", "grid.empty"),
    }
    run = person.check("price_grid", table(EXTRAS, *wrong))
    assert problems(run) == {(n, *told) for n, told in enumerate(wrong.values(), start=2)}


@pytest.mark.requirement("5-05", "2.1-plan-03")
def test_a_draft_takes_them_when_it_has_them(importer, box):
    draft = VersionFactory(product=box.product, version=2)
    plan = PlanFactory(product_version=draft, code="A", options=PLAN["options"][:1])
    PricingRuleFactory(plan=plan)
    person = importer()
    heads = EXTRAS + ";Brouillon"
    refused = person.check("price_grid", table(heads, "BOX;1;A;;;Option POSTE;3;2"))
    assert problems(refused) == {(2, "Brouillon", "grid.draft_line")}
    person.start(person.check("price_grid", table(heads, "BOX;1;A;;;Option ASSIST;7;2")))
    plan.refresh_from_db()
    assert [one["amount"] for one in plan.options] == [7]


MODES = "SKU;Version;Formule;Tarif;Palier;Supplément;Mode de calcul;Base;Prix"


@pytest.mark.requirement("5-05", "2.1-plan-03")
def test_options_surcharges_and_discounts_come_and_go(importer, api, user_with, company, box):
    person = importer()
    rows = (
        'BOX;1;A;;;Option VOL;"Vol ; option ; par unité ; une fois ; obligatoire";TTC;3,5',
        'BOX;1;A;;;Surcharge DOM;"Outre-mer ; sur la base et les options";%;4',
        "BOX;1;A;;;Surcharge PORT;Port;;2",
        'BOX;1;A;;;Remise DUO;"Duo ; par ligne";;1',
        "BOX;1;A;;;Option POSTE;;;",
        "BOX;1;A;;;Remise FID;;;",
    )
    run = person.check("price_grid", table(MODES, *rows))
    assert (run.state, run.problems) == ("ready", [])
    assert (run.to_change, run.to_create) == (6, 1)
    assert {(one["label"], one["before"], one["after"]) for one in run.changes} >= {
        ("BOX / A / Option VOL", "", "3,50 €"),
        ("BOX / A / Surcharge DOM", "", "4,00 %"),
        ("BOX / A / Option POSTE", "2,00 €", ""),
    }
    person.start(run)
    [draft] = drafts_of(box)
    plan = ProductPlan.objects.get(product_version=draft)
    plan.full_clean()
    assert plan.options == [
        PLAN["options"][0],
        {"code": "VOL", "name": "Vol ; option", "per": "unit", "due": "once", "mandatory": True}
        | {"amount": Decimal("3.5")},
    ]
    assert plan.surcharges == [
        PLAN["surcharges"][0],
        {"code": "DOM", "name": "Outre-mer", "kind": "percent", "value": 4},
        {"code": "PORT", "name": "Port", "kind": "amount", "value": 2},
    ]
    assert plan.discounts == [{"code": "DUO", "name": "Duo", "kind": "amount", "value": 1}]
    again = person.check("price_grid", table(MODES, *rows))
    assert (again.to_change, again.unchanged) == (0, 6)
    # The draft that has them already takes other values.
    [first, *_] = rows
    other = person.check(
        "price_grid", table(f"{MODES};Brouillon", first.replace("3,5", "4") + ";2")
    )
    person.start(other)
    plan.refresh_from_db()
    assert plan.options[1]["amount"] == 4
    # A list is judged in the version that takes it: the draft has « VOL », the one in force not.
    twin = "BOX;1;A;;;Option vol;Vol;;1"
    run = person.check("price_grid", table(f"{MODES};Brouillon", f"{twin};2"))
    assert [(line, code) for line, _, code in problems(run)] == [(2, "grid.extra_twice")]
    assert person.check("price_grid", table(MODES, twin)).problems == []
    many = [f"BOX;1;A;;;Option N{number};Neuf;;1" for number in range(49)]
    run = person.check("price_grid", table(MODES, *many))
    assert [(line, code) for line, _, code in problems(run)] == [(50, "grid.extra_limit")]
    room = "BOX;1;A;;;Option POSTE;;;"
    assert person.check("price_grid", table(MODES, room, *many)).problems == []
    wrong = {
        'BOX;1;A;;;Option POIDS;"Poids ; sur la base et les options";;1': "grid.extra_mode",
        'BOX;1;A;;;Remise R;"Remise ; une fois";;1': "grid.extra_mode",
        "BOX;1;A;;;Option assist;Twin;;1": "grid.extra_twice",
        "BOX;1;A;;;Option NEUF;Neuf;;": "grid.empty",
        "BOX;1;A;;;Option NE UF;Neuf;;1": "schema.pattern",
        "BOX;1;A;;;Surcharge CENT;Cent;%;101": "grid.percent",
        "BOX;1;A;;;Option HT;Hors taxe;HT;1": "grid.fixed",
        "BOX;1;B;;;Option NEUF;Neuf;;1": "grid.unknown_line",
        "BOX;1;A;;;Cadeau X;Neuf;;1": "grid.unknown_line",
        "BOX;1;A;;;Option Z;Z;;1": None,
        "BOX;1;A;;;Option z;Z;;1": "grid.extra_twice",
    }
    run = person.check("price_grid", table(MODES, *wrong))
    found = {line: code for line, _, code in problems(run)}
    assert [found.get(line) for line in range(2, 2 + len(wrong))] == list(wrong.values())
