"""To whom and where a version is sold, and what its family of risks asks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain import badges, family, formula, geography, sku, tiers
from catalog.domain.eligibility import Conditions, Subject, reasons_not_eligible
from winvest.core.errors import Invalid

AREA = geography.Area
ANYBODY = Subject(age=40, postal_code="75011", customer_type="personal")


def codes(conditions, subject=ANYBODY):
    return [reason.code for reason in reasons_not_eligible(conditions, subject)]


@pytest.mark.requirement("2.1-product-09", "2.1-product-08")
@pytest.mark.parametrize(
    ("conditions", "subject", "expected"),
    [
        (Conditions(), Subject(), []),
        (Conditions(age_min=18, age_max=75), ANYBODY, []),
        (Conditions(age_min=40, age_max=40), ANYBODY, []),
        (Conditions(age_min=41), ANYBODY, ["eligibility.age"]),
        (Conditions(age_max=39), ANYBODY, ["eligibility.age"]),
        (Conditions(age_min=18), Subject(), ["eligibility.age_missing"]),
        (Conditions(customers=frozenset({"personal"})), ANYBODY, []),
        (Conditions(customers=frozenset({"professional"})), ANYBODY, ["eligibility.customer_type"]),
        (
            Conditions(risk_customers=frozenset({"professional"})),
            ANYBODY,
            ["eligibility.customer_type"],
        ),
        (Conditions(risk_customers=frozenset({"professional"})), Subject(), []),
        (
            Conditions(customers=frozenset({"personal"})),
            Subject(),
            ["eligibility.customer_type_missing"],
        ),
        (Conditions(zone=AREA(zones=("ile_de_france",))), ANYBODY, []),
        (Conditions(zone=AREA(departments=("75",))), ANYBODY, []),
        (Conditions(zone=AREA(zones=("bretagne",))), ANYBODY, ["eligibility.zone"]),
        (
            Conditions(geography=AREA(zones=("metropole",), excluded=("75",))),
            ANYBODY,
            ["geography.outside"],
        ),
        (Conditions(geography=AREA(excluded=("13",))), ANYBODY, []),
        (
            Conditions(geography=AREA(zones=("outre_mer",))),
            replace(ANYBODY, postal_code="97411"),
            [],
        ),
        (
            Conditions(geography=AREA(zones=("corse",))),
            replace(ANYBODY, postal_code="20200"),
            [],
        ),
        (
            Conditions(geography=AREA(departments=("2A",))),
            replace(ANYBODY, postal_code="20000"),
            [],
        ),
        (
            Conditions(geography=AREA(zones=("metropole",))),
            replace(ANYBODY, postal_code="98000"),
            ["geography.outside"],
        ),
        (
            Conditions(geography=AREA(zones=("metropole",))),
            replace(ANYBODY, postal_code="７５０１１"),
            ["geography.outside"],
        ),
        (
            Conditions(zone=AREA(departments=("75",)), geography=AREA(departments=("13",))),
            Subject(age=40),
            ["eligibility.postal_code_missing"],
        ),
        (
            Conditions(age_min=60, customers=frozenset({"professional"}), zone=AREA(("corse",))),
            ANYBODY,
            ["eligibility.age", "eligibility.customer_type", "eligibility.zone"],
        ),
    ],
)
def test_who_may_buy(conditions, subject, expected):
    assert codes(conditions, subject) == expected


def test_reasons_are_french():
    (reason,) = reasons_not_eligible(Conditions(age_min=41, age_max=60), ANYBODY)
    assert reason.message == "L'offre s'adresse aux personnes de 41 à 60 ans."
    (reason,) = reasons_not_eligible(Conditions(age_max=39), ANYBODY)
    assert reason.message == "L'offre s'adresse aux personnes de 39 ans au plus."
    assert geography.labels(["corse", "x"]) == ["Corse", "x"]


def test_every_department_is_in_one_region():
    assert len(geography.DEPARTMENTS) == 101
    assert len(geography.ZONES["metropole"]) == 96
    assert set(geography.ZONES) == set(geography.ZONE_LABELS)


FAMILY = family.Family(
    "Santé",
    {
        "channels": ["field"],
        "revenue_models": ["commission"],
        "partner": "required",
        "tax_codes": ["FR0"],
        "recurrences": ["monthly"],
        "age_min": 18,
        "age_max": 80,
    },
    family.customers_of("personal"),
)


@pytest.mark.requirement("2.1-risk-03")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"revenue_model": "commission", "has_partner": True}, []),
        ({"revenue_model": "revenue"}, ["risk.revenue_model"]),
        ({"has_partner": False}, ["risk.partner_required"]),
        ({"channels": ["field"]}, []),
        ({"channels": []}, ["risk.channels_open"]),
        ({"channels": ["field", "web"]}, ["risk.channels"]),
        ({"tax_codes": ["FR20"]}, ["risk.tax_codes"]),
        ({"recurrences": ["yearly"]}, ["risk.recurrences"]),
        ({"of_version": True, "age_min": 18, "age_max": 80}, []),
        ({"of_version": True}, ["risk.ages"]),
        ({"of_version": True, "age_min": 17, "age_max": 80}, ["risk.ages"]),
        ({"of_version": True, "age_min": 18, "age_max": 81}, ["risk.ages"]),
        ({"customers": ["professional"]}, ["risk.customers"]),
    ],
)
def test_what_a_family_refuses(facts, expected):
    found = family.problems_of([FAMILY], family.FamilyFacts(**facts))
    assert [reason.code for reason in found] == expected


def test_a_family_without_constraints_refuses_nothing():
    free = family.Family("Libre", {}, family.customers_of("both"))
    facts = family.FamilyFacts(
        revenue_model="mixed",
        has_partner=True,
        channels=[],
        of_version=True,
        customers=["personal", "professional"],
    )
    assert family.problems_of([free], facts) == []
    alone = family.Family("Seule", {"partner": "forbidden"}, family.customers_of("both"))
    assert [reason.code for reason in family.problems_of([alone], facts)] == [
        "risk.partner_forbidden"
    ]


@pytest.mark.requirement("A.5-01")
def test_the_advised_code_of_a_product():
    assert sku.propose("FT", "BOX", []) == "FT-BOX-001"
    assert sku.propose(
        "AP", "Santé", ["AP-SANTE-009", "ap-sante-41", "AP-SANTE-X", "AP-SANTE-0"]
    ) == ("AP-SANTE-042")
    assert sku.propose("FT", "BOX", ["FT-BOX-999"]) == "FT-BOX-1000"
    assert sku.follows("FT-BOX-001", "FT", "BOX")
    assert sku.warning("FT-BOX-001", "FT", "BOX") == ""
    for other in ("DEPANSSUR-100", "MTV-OFFRE-001", "FT-BOX-", "FT-BOX-1X", "PSP-Slimpay"):
        assert "FT-BOX-001" in sku.warning(other, "FT", "BOX")
    assert sku.bare("Ft-box/001") == "FTBOX001"


@pytest.mark.requirement("E.3-02")
def test_badges_are_computed_unless_forced():
    at = datetime(2026, 11, 25, tzinfo=UTC)

    def shown(days=100, status="active", promotion=False, **forced):
        return badges.badges_of(
            forced,
            status=status,
            created_at=at - timedelta(days=days),
            at=at,
            has_promotion=promotion,
        )

    assert shown() == []
    assert shown(days=29) == ["new"]
    assert shown(days=30) == []
    assert shown(status="test", promotion=True) == ["promo", "beta"]
    assert shown(on_quote=True) == ["on_quote"]
    assert shown(days=1, new=False, beta=True) == ["beta"]


GRID = [{"min": 0, "max": 99, "amount": 10}, {"min": 100, "amount": 9}]


@pytest.mark.requirement("A.3.3-02")
@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        (GRID, []),
        ([{"min": 0, "max": 10, "amount": 5}, {"min": 10, "max": None, "amount": 4}], []),
        ([{"min": 0, "amount": 5}], []),
        ([{"min": 1, "amount": 5}], ["tiers.start"]),
        ([{"min": 0, "max": 10, "amount": 5}], ["tiers.last"]),
        ([{"min": 0, "amount": 5}, {"min": 10, "amount": 4}], ["tiers.last"]),
        ([{"min": 0, "max": 0, "amount": 5}, {"min": 1, "amount": 4}], ["tiers.order"]),
        ([{"min": 0, "max": 10, "amount": 5}, {"min": 12, "amount": 4}], ["tiers.join"]),
        ([{"min": 0, "max": 10, "amount": 5}, {"min": 9, "amount": 4}], ["tiers.join"]),
        (
            [{"min": 0, "max": 9, "amount": 5, "base": "percent"}, {"min": 10, "amount": 4}],
            ["tiers.base"],
        ),
        ([{"min": 0, "max": 9, "amount": 5, "base": "amount"}, {"min": 10, "amount": 4}], []),
    ],
)
def test_tiers_leave_neither_gap_nor_overlap(grid, expected):
    assert [reason.code for reason in tiers.problems_of(grid)] == expected


VALUES = {
    "index": formula.Decimal("112.50"),
    "base": formula.Decimal("0.2"),
    "quantity": formula.Decimal(3),
}


@pytest.mark.requirement("A.3.3-03")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("round(base * index / 100, 4)", "0.225"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * -3", "-9"),
        ("10 - 4 - 3", "3"),
        ("max(1, min(index, 5), 2)", "5"),
        ("round(2.5)", "3"),
        ("round(0-2.5)", "-3"),
        ("quantity", "3"),
    ],
)
def test_a_formula(text, value):
    assert formula.evaluate(formula.parse(text), VALUES) == formula.Decimal(value)


@pytest.mark.requirement("A.3.3-03")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "formula.syntax"),
        ("1 +", "formula.syntax"),
        ("1 2", "formula.syntax"),
        ("2 ** 3", "formula.syntax"),
        ("2 // 3", "formula.syntax"),
        ("(1", "formula.syntax"),
        ("min 1", "formula.syntax"),
        ("1.", "formula.syntax"),
        ("1e3", "formula.syntax"),
        ("__import__", "formula.syntax"),
        ("prix", "formula.name"),
        ("base.real", "formula.syntax"),
        ("round(1, 2, 3)", "formula.digits"),
        ("round(1, quantity)", "formula.digits"),
        ("round(1, 11)", "formula.digits"),
        ("(" * 40 + "1" + ")" * 40, "formula.depth"),
        ("1+" * 300 + "1", "formula.length"),
        ("１", "formula.syntax"),
    ],
)
def test_what_is_no_formula(text, code):
    with pytest.raises(Invalid) as refused:
        formula.parse(text)
    assert refused.value.code == code


def test_a_formula_without_a_value():
    with pytest.raises(Invalid, match="ne donne pas de montant"):
        formula.evaluate(formula.parse("1 / (quantity - 3)"), VALUES)
    assert formula.names_of(formula.parse("min(base, 1) + index")) == {"base", "index"}
