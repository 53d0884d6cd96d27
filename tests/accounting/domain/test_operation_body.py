"""What a told operation may say, and every reason against one that may not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.domain.operation import OperationKind
from accounting.domain.operation_body import Told, read_operation, told_fields
from tests.support.strategies import relaxed
from winvest.core.errors import Invalid

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
COMPANY = "0190a000-0000-7000-8000-000000000001"
COMMON = {
    "source": "contracts",
    "external_id": "V-1",
    "company_id": COMPANY,
    "occurred_at": "2026-11-01T09:00:00+01:00",
    "amount": "29.90",
}
SALE = COMMON | {"kind": "sale", "sku": "AP-BOX-001"}
REFUND = COMMON | {"kind": "refund", "reverses": "V-0"}
COLLECTION = COMMON | {"kind": "collection", "collects": "V-0"}
FEE = COMMON | {"kind": "fee", "analytic_label": "PSP-Slimpay"}


def read(body: object) -> Told:
    return read_operation(body, at=NOW)


def refused(body: object) -> list[tuple[str, str]]:
    """Return path and code of every reason against a body."""
    with pytest.raises(Invalid) as caught:
        read(body)
    assert all(reason.message for reason in caught.value.reasons)
    return sorted((reason.path, reason.code) for reason in caught.value.reasons)


def test_everything_that_may_be_told_is_read() -> None:
    told = read(
        SALE
        | {
            "plan": "BOX",
            "quantity": 2,
            "tax_included": False,
            "contract_ref": COMPANY,
            "client_ref": COMPANY,
            "channel": "web",
            "beneficiaries": {"commercial": "C-12", "manager": None},
            "contract": {
                "started_on": "2025-09-01",
                "version": 1,
                "next_billing_at": "2026-12-01",
                "renewal_at": "2027-09-01T00:00:00+02:00",
            },
            "premium_excl_tax": "12.5",
            "cost_excl_tax": Decimal("3.2"),
            "reverses": None,
        }
    )
    assert told.kind is OperationKind.SALE
    assert told.key == (UUID(COMPANY), "contracts", "V-1")
    assert told.quantity == 2
    assert told.includes_tax is False
    assert told.beneficiaries == {"commercial": "C-12"}
    assert told.contract.version == 1
    assert told.original == ""


@pytest.mark.parametrize(
    ("kind", "includes_tax"),
    [("sale", True), ("billing", True), ("commission_report", False), ("fee", False)],
)
def test_fees_and_commissions_exclude_tax_unless_told(kind: str, includes_tax: bool) -> None:
    body = COMMON | {"kind": kind, "sku": "AP-1"}
    assert read(body).includes_tax is includes_tax
    assert read(body | {"tax_included": not includes_tax}).includes_tax is not includes_tax


def test_what_it_bears_on() -> None:
    assert read(REFUND).original == "V-0"
    assert read(COLLECTION).original == "V-0"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("source", 7, "invalid_text"),
        ("source", "  ", "blank"),
        ("source", "x" * 61, "max_length"),
        ("external_id", "V\u200b1", "unprintable"),
        ("kind", "loan", "invalid_choice"),
        ("kind", ["sale"], "invalid_choice"),
        ("company_id", "42", "invalid_uuid"),
        ("company_id", 42, "invalid_uuid"),
        ("amount", "1.23456", "money.too_many_decimals"),
        ("amount", "1,5", "invalid_number"),
        ("amount", "１２", "invalid_number"),
        ("amount", True, "invalid_number"),
        ("amount", 1.5, "invalid_number"),
        ("amount", "-0.01", "money.negative"),
        ("amount", 10**14, "money.too_large"),
        ("quantity", 10**9 + 1, "quantity_limit"),
        ("tax_included", "true", "invalid_boolean"),
        ("channel", "minitel", "invalid_choice"),
        ("occurred_at", "2026-11-01T09:00:00", "offset"),
        ("occurred_at", "2026-11-31T09:00:00Z", "invalid_datetime"),
        ("occurred_at", "hier", "invalid_datetime"),
        ("occurred_at", "9999-12-31T23:59:59-12:00", "invalid_datetime"),
        ("occurred_at", "2026-11-26T12:00:01Z", "operation.in_the_future"),
        ("occurred_at", "1999-12-31T23:59:59Z", "operation.too_old"),
        ("beneficiaries", [], "invalid_object"),
        ("contract", "C-1", "invalid_object"),
        ("sku", 12, "invalid_text"),
        ("inconnu", 1, "unknown_field"),
        ("reverses", "V-0", "operation.misplaced_field"),
    ],
)
def test_a_field_is_refused_for_one_reason(name: str, value: object, code: str) -> None:
    assert refused(SALE | {name: value}) == [(name, code)]


@pytest.mark.parametrize(
    ("contract", "path", "code"),
    [
        ({"started_on": "2025-02-30"}, "contract.started_on", "invalid_date"),
        ({"started_on": 2025}, "contract.started_on", "invalid_date"),
        ({"version": 0}, "contract.version", "invalid_integer"),
        ({"version": True}, "contract.version", "invalid_integer"),
        ({"version": "1"}, "contract.version", "invalid_integer"),
        ({"renewal_at": "2025-09-01T00:00"}, "contract.renewal_at", "offset"),
        ({"autre": 1}, "contract.autre", "unknown_field"),
    ],
)
def test_inside_the_contract(contract: object, path: str, code: str) -> None:
    assert refused(SALE | {"contract": contract}) == [(path, code)]


def test_every_reason_is_told_at_once() -> None:
    assert refused({"kind": "sale", "amount": "x", "autre": None}) == [
        ("amount", "invalid_number"),
        ("autre", "unknown_field"),
        ("company_id", "required"),
        ("external_id", "required"),
        ("occurred_at", "required"),
        ("sku", "required"),
        ("source", "required"),
    ]


@pytest.mark.parametrize("body", [None, [], "sale", 3])
def test_what_is_no_object_lacks_everything(body: object) -> None:
    assert ("", "invalid_object") in refused(body)


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (COMMON | {"kind": "sale"}, [("sku", "required")]),
        (COMMON | {"kind": "commission_report"}, [("sku", "required")]),
        (COMMON | {"kind": "refund"}, [("reverses", "required")]),
        (COMMON | {"kind": "collection"}, [("collects", "required")]),
        (COMMON | {"kind": "fee"}, [("analytic_label", "operation.subject_missing")]),
        (COMMON | {"kind": "bonus"}, [("kind", "operation.kind_unsupported")]),
        (COMMON | {"kind": "renewal"}, [("kind", "operation.kind_unsupported")]),
        (
            COLLECTION | {"tax_included": False},
            [("tax_included", "operation.collection_includes_tax")],
        ),
        (FEE | {"premium_excl_tax": 1}, [("premium_excl_tax", "operation.misplaced_field")]),
    ],
)
def test_what_each_kind_needs(body: object, reasons: list[tuple[str, str]]) -> None:
    assert refused(body) == reasons


def test_the_lines_of_a_refund_are_of_one_product_and_make_its_amount() -> None:
    line = {"sku": "AP-1", "plan": "BOX", "quantity": 1, "amount": "9.90"}
    told = read(REFUND | {"amount": "19.80", "lines": [line, line]})
    assert [item.amount for item in told.lines] == [Decimal("9.90")] * 2
    assert read(REFUND | {"lines": []}).lines == ()

    def reasons(**fields: object) -> list[tuple[str, str]]:
        return refused(REFUND | {"amount": "19.80"} | fields)

    other = line | {"sku": "AP-2"}
    assert reasons(lines=[line, other]) == [("lines", "operation.several_products")]
    assert reasons(sku="AP-2", lines=[line, line]) == [("lines", "operation.several_products")]
    assert reasons(lines=[line]) == [("lines", "operation.lines_total")]
    assert reasons(lines={}) == [("lines", "invalid_list")]
    assert reasons(lines=[line] * 101) == [("lines", "too_many")]
    assert reasons(lines=[{"sku": "AP-1"}, 3]) == [
        ("lines.0.amount", "required"),
        ("lines.1", "invalid_object"),
    ]


def test_a_period_ends_after_it_begins() -> None:
    billing = SALE | {"kind": "billing"}
    period = {"index": 2, "from": "2026-10-01", "to": "2026-11-01"}
    assert read(billing | {"period": period}).period["index"] == 2
    ends_first = period | {"to": "2026-10-01"}
    assert refused(billing | {"period": ends_first}) == [("period.to", "operation.period")]


@pytest.mark.parametrize(
    ("body", "same"),
    [
        (SALE | {"amount": "29.9"}, SALE | {"amount": Decimal("29.90")}),
        (SALE | {"amount": 30}, SALE | {"amount": "30.0000"}),
        (SALE | {"plan": None}, SALE),
        (SALE | {"occurred_at": "2026-11-01T08:00:00Z"}, SALE),
        (SALE | {"company_id": COMPANY.upper()}, SALE),
        (SALE | {"company_id": UUID(COMPANY)}, SALE),
        (SALE | {"beneficiaries": {}}, SALE),
    ],
)
def test_two_ways_to_say_the_same(body: object, same: object) -> None:
    assert told_fields(read(body)) == told_fields(read(same))


amounts = st.decimals(0, 10**9, places=4)
days = st.dates(datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date())  # noqa: DTZ001


@relaxed
@given(
    amount=amounts,
    quantity=st.none() | amounts,
    tax_included=st.none() | st.booleans(),
    started_on=st.none() | days,
    minutes=st.integers(0, 10**6),
    premium=st.none() | amounts,
    label=st.text("abcé €'", min_size=1, max_size=20).filter(str.strip),
    period=st.none() | st.tuples(days, days).filter(lambda pair: pair[0] < pair[1]),
)
def test_what_is_kept_tells_the_same_operation(
    amount, quantity, tax_included, started_on, minutes, premium, label, period
) -> None:
    """A parked operation is read again from what was kept of it."""
    told = read(
        COMMON
        | {
            "kind": "billing",
            "sku": label,
            "client_ref": str(uuid4()),
            "amount": amount,
            "quantity": quantity,
            "tax_included": tax_included,
            "occurred_at": (NOW - timedelta(minutes=minutes)).isoformat(),
            "premium_excl_tax": premium,
            "contract": {"started_on": str(started_on)} if started_on else None,
            "period": {"from": str(period[0]), "to": str(period[1])} if period else None,
        }
    )
    assert read(told_fields(told)) == told
