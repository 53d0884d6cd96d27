"""What quality control finds in a sales file (3.6-05, 3.6-06, 3.6-08)."""

from datetime import date

import pytest

from catalog.domain.quality import Demand, SalesFile, age_on, evaluate

TODAY = date(2026, 11, 26)
LABELS = {
    name: name
    for name in (
        *("CNI", "RIB", "TitreSejour", "KBIS", "DateNaissance", "NumeroSecu", "Email", "IBAN"),
        *("Telephone", "RIO", "PDL", "identity", "bank", "senior", "needs"),
    )
}
RIGHT_IBAN = "FR76 3000 6000 0112 3456 7890 189"


def found(required=(), rule_sets=(), fields=None, pieces=(), checks=()):
    demand = Demand(frozenset(required), frozenset(rule_sets))
    sale = SalesFile(fields or {}, frozenset(pieces), frozenset(checks))
    reasons = evaluate(demand, sale, today=TODAY, labels=LABELS)
    return [(one.code.removeprefix("cq."), one.path, one.message.split(" :")[0]) for one in reasons]


@pytest.mark.requirement("3.6-05", "3.6-08")
def test_everything_that_lacks_is_told_at_once():
    assert found(["Email", "RIB", "KBIS"], ["needs"], {"Email": "  "}) == [
        ("field_missing", "fields.Email", "Email"),
        ("piece_missing", "pieces", "KBIS"),
        ("piece_missing", "pieces", "RIB"),
        ("check_missing", "checks", "needs"),
    ]
    whole = {"fields": {"Email": "a@b.fr"}, "pieces": ["RIB", "KBIS"], "checks": ["needs"]}
    assert found(["Email", "RIB", "KBIS"], ["needs"], **whole) == []
    assert found() == []


@pytest.mark.requirement("3.6-06")
@pytest.mark.parametrize(
    ("rule", "given", "lacking"),
    [
        ("identity", {"checks": ["identity"]}, ["CNI ou TitreSejour"]),
        ("identity", {"checks": ["identity"], "pieces": ["TitreSejour"]}, []),
        ("identity", {"pieces": ["CNI"]}, ["identity"]),
        ("bank", {"checks": ["bank"]}, ["IBAN", "RIB"]),
        (
            "bank",
            {"checks": ["bank"], "pieces": ["RIB"], "fields": {"IBAN": RIGHT_IBAN}},
            [],
        ),
        ("senior", {}, ["DateNaissance"]),
        ("senior", {"fields": {"DateNaissance": "1961-11-27"}}, []),  # 65 tomorrow
        ("senior", {"fields": {"DateNaissance": "1961-11-26"}}, ["senior"]),
        ("senior", {"fields": {"DateNaissance": "1961-11-26"}, "checks": ["senior"]}, []),
    ],
)
def test_a_set_of_rules_asks_for_its_own(rule, given, lacking):
    assert [label for _, _, label in found(rule_sets=[rule], **given)] == lacking


def test_a_piece_that_is_asked_twice_is_told_once():
    assert found(["CNI"], ["identity"], checks=["identity"]) == [("piece_missing", "pieces", "CNI")]


@pytest.mark.requirement("3.6-05")
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("DateNaissance", ["1980-02-29", "2026-11-26"], ["1981-02-29", "2026-11-27", "1900-01-01"]),
        ("NumeroSecu", ["2 95 10 99 126 111 93"], ["2 95 10 99 126 111 94", "1"]),
        ("Email", ["a.b+c@exemple.co.fr"], ["a@b", "a b@c.fr", "@c.fr", "a@c..fr"]),
        ("Telephone", ["06 12 34 56 78", "+33612345678", "00 33 6.12.34.56.78"], ["12", "06x"]),
        ("RIO", ["02 P 123456 A+1", "01EABC123XYZ"], ["02X123456ABC", "2P123456ABC"]),
        ("PDL", ["12345678901234", "GI 123456"], ["1234567890123", "GI12345"]),
        ("IBAN", [RIGHT_IBAN], [RIGHT_IBAN.replace("189", "188")]),
    ],
)
def test_a_field_that_is_given_is_right(name, right, wrong):
    for text in right:
        assert found(fields={name: text}) == [], text
    for text in wrong:
        assert found(fields={name: text}) == [("field_invalid", f"fields.{name}", name)], text


def test_an_age_changes_on_the_birthday():
    assert age_on(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert age_on(date(2000, 2, 29), date(2026, 3, 1)) == 26
