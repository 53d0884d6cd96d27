"""Promotions (`docs/rules/prix.md`)."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.extras import Kind
from catalog.domain.promotions import (
    Planned,
    Promotion,
    Sale,
    best,
    reasons_of_code,
    running,
)
from tests.support.prices import fixed, price, text_of, value_of
from tests.support.rules import Row, case_id, number, rows
from tests.support.strategies import relaxed


@pytest.mark.requirement("1-11", "14-05")
@pytest.mark.parametrize("row", rows("prix", "Promotions"), ids=case_id)
def test_promotions_table(row: Row) -> None:
    running = []
    for rank, cell in enumerate(filter(None, row["promotions"].split(" / ")), start=1):
        code, value, *cumulative = cell.split()
        kind, amount = value_of(value)
        running.append(
            Promotion(
                code=code,
                name=code,
                kind=kind,
                value=amount,
                priority=rank,
                cumulative=bool(cumulative),
            )
        )
    taken = best(running, number(row["prix"]), "EUR")
    shown = " / ".join(f"{one.code} {amount}".replace(".", ",") for one, amount in taken)
    assert shown == row["retenues"]
    got = price(fixed(str(number(row["prix"]))), promotions=running)
    assert text_of([got.total().incl]) == row["reste"]


PRODUCTS = {"P": UUID(int=1), "Q": UUID(int=2)}


PLANNED = re.compile(
    r"(?P<code>\w+) (?P<on_code>=CODE )?(?P<start>\S+)>(?P<end>\S*)"
    r"(?: sur (?P<product>\w)(?::(?P<plan>\w))?)?(?: canal (?P<channel>\w+))?"
)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text if text.startswith("20") else f"2026-{text}").replace(
        tzinfo=UTC
    )


def planned(text: str) -> Planned:
    found = PLANNED.fullmatch(text)
    name = found["code"]
    return Planned(
        promotion=Promotion(code=name, name=name, kind=Kind.PERCENT, value=Decimal(10)),
        start=day(found["start"]),
        end=day(found["end"]) if found["end"] else None,
        on_code=bool(found["on_code"]),
        product=PRODUCTS[found["product"]] if found["product"] else None,
        plan=found["plan"] or "",
        channels=(found["channel"],) if found["channel"] else (),
    )


@pytest.mark.requirement("1-11", "14-05")
@pytest.mark.parametrize("row", rows("prix", "Codes de promotion"), ids=case_id)
def test_codes_table(row: Row) -> None:
    listed = [planned(text) for text in row["promotions"].split(" / ")]
    sale = Sale(at=day(row["instant"]), product=PRODUCTS["P"], plan="A", channel="web")
    code = row["code donné"] or None
    found = [one.promotion.code for one in running(listed, sale, code)]
    reasons = reasons_of_code(listed, sale, code)
    assert " / ".join(found) == row["courent"]
    assert " / ".join(reason.code for reason in reasons) == row["refus"]
    assert {reason.path for reason in reasons} <= {"promo_code"}


@pytest.mark.requirement("1-11")
def test_the_steps_name_the_promotion() -> None:
    promotions = [
        Promotion(code="A", name="Été", kind=Kind.PERCENT, value=Decimal(10), cumulative=True),
        Promotion(code="B", name="Fin", kind=Kind.AMOUNT, value=Decimal(5), cumulative=True),
    ]
    steps = price(fixed("29.90"), promotions=promotions).steps
    assert [step.input for step in steps if step.rule == "promotion"] == [
        "A « Été » = 29.90 * 10 %",
        "B « Fin » = min(5, 26.91)",
    ]


@pytest.mark.requirement("1-11")
@relaxed
@given(
    total=st.decimals(0, 10_000, places=2),
    offers=st.lists(
        st.tuples(
            st.sampled_from(Kind),
            st.decimals("0.01", 100, places=2),
            st.booleans(),
            st.integers(1, 3),
        ),
        max_size=6,
    ),
)
def test_the_client_gets_the_cheaper_of_the_two_ways(total: Decimal, offers: list) -> None:
    listed = [
        Promotion(
            code=f"P{n}", name="P", kind=kind, value=value, cumulative=together, priority=rank
        )
        for n, (kind, value, together, rank) in enumerate(offers)
    ]
    taken = sum((amount for _, amount in best(listed, total, "EUR")), Decimal(0))
    assert 0 <= taken <= total
    assert all(taken >= one.price(total, "EUR") for one in listed)
    left = total
    for one in sorted((p for p in listed if p.cumulative), key=lambda p: (p.priority, p.code)):
        left -= one.price(left, "EUR")
    assert taken >= total - left
