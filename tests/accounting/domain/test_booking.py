"""What becomes of a told operation: the accounts it takes, or the reasons for which it waits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from accounting.domain.booking import plan_booking
from accounting.domain.books import (
    AccountSetting,
    BookedLine,
    CompanyBook,
    EarlierOperation,
    KnownProduct,
    KnownVersion,
)
from accounting.domain.mapping_rules import JournalKey, Nature
from accounting.domain.operation import AccountKey, OperationKind, VatRegime
from accounting.domain.operation_body import Contract, Told, ToldLine
from accounting.domain.outcome import Booking
from catalog.domain.inforce import Policy
from catalog.domain.pricing import RevenueModel
from winvest.core.domain.periods import Period
from winvest.core.domain.vat import VatRate
from winvest.core.errors import Invalid, Reason

COMPANY, VERSION, NEXT, PLAN = (UUID(int=number) for number in range(1, 5))
SEPTEMBER = datetime(2025, 9, 1, 7, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS = Period(date(2014, 1, 1))

BOOK = CompanyBook(
    company_id=COMPANY,
    currency="EUR",
    timezone="Europe/Paris",
    country="FR",
    vat_regime=VatRegime.DEBITS,
    accounts={
        (AccountKey.CLIENT, ""): AccountSetting("411000"),
        (AccountKey.PARTNER, ""): AccountSetting("411900"),
        (AccountKey.SUPPLIER, ""): AccountSetting("401000"),
        (AccountKey.BANK, ""): AccountSetting("512000", "BQ1"),
        (AccountKey.VAT_COLLECTED, ""): AccountSetting("445710"),
        (AccountKey.VAT_COLLECTED, "FR55"): AccountSetting("445712"),
        (AccountKey.VAT_DEDUCTIBLE, ""): AccountSetting("445660"),
        (AccountKey.VAT_PENDING, ""): AccountSetting("445800"),
        (AccountKey.FEE, ""): AccountSetting("627100", cost_center="SIEGE"),
    },
    rates=(
        VatRate("FR20", "FR", Decimal(20), ALWAYS),
        VatRate("FR55", "FR", Decimal("5.5"), ALWAYS),
        VatRate("FRENERGIE", "FR", Decimal("5.5"), Period(date(2014, 1, 1), date(2025, 8, 1))),
        VatRate("FRENERGIE", "FR", Decimal(20), Period(date(2025, 8, 1))),
    ),
)


def version(**fields: Any) -> KnownVersion:
    """Return version 1, in force until January 2026, with one plan, mapped and published."""
    known: dict[str, Any] = {
        "id": VERSION,
        "number": 1,
        "period": Period(datetime(2025, 1, 1, tzinfo=UTC), JANUARY),
        "plans": {"BOX": PLAN},
        "tax_codes": {PLAN: {"FR20"}},
        "mappings": {
            Nature.REVENUE: AccountSetting("706100", "VT", "TV", "FR20"),
            Nature.COMMISSION: AccountSetting("756200", "", "", "FR20"),
        },
        "publications": [(["web"], Period(datetime(2025, 1, 1, tzinfo=UTC)))],
    }
    return KnownVersion(**{**known, **fields})


def product(*versions: KnownVersion, **fields: Any) -> KnownProduct:
    known: dict[str, Any] = {
        "sku": "FT-BOX-001",
        "revenue_model": RevenueModel.REVENUE,
        "is_active": True,
        "versions": list(versions) or [version()],
    }
    return KnownProduct(**{**known, **fields})


SALE = Told(
    source="contracts",
    external_id="V-1",
    kind=OperationKind.SALE,
    company_id=COMPANY,
    occurred_at=SEPTEMBER,
    amount=Decimal("29.90"),
    sku="FT-BOX-001",
    plan="BOX",
    channel="web",
)
REPORT = replace(SALE, kind=OperationKind.COMMISSION_REPORT, plan="", amount=Decimal(100))
FEE = replace(SALE, kind=OperationKind.FEE, sku="", plan="", amount=Decimal(15))
PARTNER = {"partner_label": "Oggodata", "revenue_model": RevenueModel.COMMISSION}


def codes(reasons: Iterable[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


def lines(booking: Booking) -> list[str]:
    return [
        f"{'D' if line.debit else 'C'} {line.account} {line.debit or line.credit}"
        for entry in booking.entries
        for line in entry.lines
    ]


class TestProducts:
    """Sales, billings and the commissions of partners."""

    def test_a_sale_takes_the_account_of_its_mapping_and_the_vat_of_its_price(self) -> None:
        booking = plan_booking(SALE, BOOK, product=product())
        assert lines(booking) == ["D 411000 29.90", "C 706100 24.92", "C 445710 4.98"]
        assert (booking.version_id, booking.plan_id) == (VERSION, PLAN)
        assert (booking.reasons, booking.flags) == ([], [])
        assert booking.shown.cost_center == "TV"
        assert booking.shown.journal(JournalKey.REVENUE) == "VT"
        assert booking.shown.journal(JournalKey.BANK) == "BANQUE"

    @pytest.mark.requirement("F.4.1-02")
    @pytest.mark.parametrize(
        ("day", "vat"), [(datetime(2025, 7, 31, tzinfo=UTC), "1.04"), (SEPTEMBER, "3.32")]
    )
    def test_the_rate_is_the_one_of_the_day(self, day: datetime, vat: str) -> None:
        energy = product(version(tax_codes={PLAN: {"FRENERGIE"}}))
        told = replace(SALE, occurred_at=day, amount=Decimal("19.90"))
        assert lines(plan_booking(told, BOOK, product=energy))[2] == f"C 445710 {vat}"

    def test_a_rate_may_have_its_own_account(self) -> None:
        reduced = product(version(tax_codes={None: {"FR55"}}))
        assert lines(plan_booking(SALE, BOOK, product=reduced))[2] == "C 445712 1.56"

    @pytest.mark.requirement("2.2-08")
    def test_a_product_may_have_its_own_vat_account(self) -> None:
        mappings = {**version().mappings, Nature.TAX: AccountSetting("445719")}
        own = product(version(mappings=mappings))
        assert lines(plan_booking(SALE, BOOK, product=own))[2] == "C 445719 4.98"

    def test_a_product_priced_elsewhere_takes_the_code_of_its_mapping(self) -> None:
        priced_elsewhere = product(version(plans={}, tax_codes={}))
        told = replace(SALE, plan="")
        assert lines(plan_booking(told, BOOK, product=priced_elsewhere))[2] == "C 445710 4.98"

    @pytest.mark.requirement("F.4.2-02")
    def test_an_insurance_commission_bears_no_vat(self) -> None:
        insurance = product(is_insurance=True, **PARTNER)
        booking = plan_booking(REPORT, BOOK, product=insurance)
        assert lines(booking) == ["D 411900 100.00", "C 756200 100.00"]
        assert (booking.shown.tax_code, booking.shown.partner_label) == ("", "Oggodata")

    def test_another_commission_does(self) -> None:
        booking = plan_booking(REPORT, BOOK, product=product(**PARTNER))
        assert lines(booking) == ["D 411900 120.00", "C 756200 100.00", "C 445710 20.00"]

    def test_the_client_pays_the_partner(self) -> None:
        booking = plan_booking(SALE, BOOK, product=product(version(mappings={}), **PARTNER))
        assert (booking.entries, booking.reasons) == ([], [])
        assert codes(booking.flags) == ["operation.partner_sale"]

    def test_a_product_of_our_own_brings_no_commission(self) -> None:
        with pytest.raises(Invalid) as caught:
            plan_booking(REPORT, BOOK, product=product())
        assert caught.value.code == "operation.no_commission"

    def test_the_contract_says_its_version(self) -> None:
        later = version(id=NEXT, number=2, period=Period(JANUARY), plans={}, tax_codes={})
        told = replace(SALE, occurred_at=JANUARY, contract=Contract(version=1))
        assert plan_booking(told, BOOK, product=product(version(), later)).version_id == VERSION
        told = replace(SALE, occurred_at=JANUARY, plan="")
        assert plan_booking(told, BOOK, product=product(version(), later)).version_id == NEXT

    @pytest.mark.requirement("1-14")
    @pytest.mark.parametrize(
        ("policy", "contract", "number"),
        [
            ("none", Contract(version=1), 1),
            ("immediate", Contract(version=1), 2),
            ("next_billing", Contract(version=1, next_billing_at=date(2026, 1, 5)), 2),
            ("next_billing", Contract(version=1, next_billing_at=date(2026, 2, 5)), 1),
            ("renewal", Contract(started_on=date(2025, 1, 10), renewal_at=date(2026, 1, 10)), 2),
            ("renewal", Contract(started_on=date(2025, 1, 10)), 1),
            ("immediate", Contract(started_on=date(2024, 1, 10)), None),
        ],
    )
    def test_a_release_says_what_it_does_to_contracts_in_force(
        self, policy: str, contract: Contract, number: int | None
    ) -> None:
        later = version(id=NEXT, number=2, period=Period(JANUARY), policy=Policy(policy))
        told = replace(SALE, occurred_at=JANUARY + timedelta(days=20), contract=contract)
        booking = plan_booking(told, BOOK, product=product(version(), later))
        assert booking.version_id == {1: VERSION, 2: NEXT, None: None}[number]
        assert codes(booking.reasons) == ([] if number else ["version.none"])


class TestWaiting:
    """What can be mended makes an operation wait."""

    @pytest.mark.parametrize(
        ("told", "known", "reasons"),
        [
            (SALE, None, ["version.none"]),
            (replace(SALE, occurred_at=JANUARY), product(), ["version.none"]),
            (replace(SALE, contract=Contract(version=7)), product(), ["version.unknown"]),
            (replace(SALE, plan=""), product(), ["plan.missing"]),
            (replace(SALE, plan="DUO"), product(), ["plan.unknown"]),
            (
                replace(SALE, plan="DUO"),
                product(version(mappings={})),
                ["plan.unknown", "accounting.not_mapped"],
            ),
            (REPORT, product(version(mappings={}), **PARTNER), ["accounting.not_mapped"]),
            (
                REPORT,
                product(version(mappings={Nature.COMMISSION: AccountSetting("756200")}), **PARTNER),
                ["accounting.tax_code_missing"],
            ),
            (
                SALE,
                product(version(tax_codes={}, mappings={Nature.REVENUE: AccountSetting("706100")})),
                ["accounting.no_tax_code"],
            ),
            (
                SALE,
                product(version(tax_codes={PLAN: {"FR20", "FR55"}})),
                ["pricing.mixed_terms"],
            ),
            (SALE, product(version(tax_codes={PLAN: {"FR0"}})), ["vat.not_in_force"]),
        ],
    )
    def test_every_reason(self, told: Told, known: KnownProduct | None, reasons: list[str]) -> None:
        booking = plan_booking(told, BOOK, product=known)
        assert codes(booking.reasons) == reasons
        assert booking.entries == []

    def test_accounts_that_are_not_set_are_all_named(self) -> None:
        booking = plan_booking(SALE, replace(BOOK, accounts={}), product=product())
        assert codes(booking.reasons) == ["accounting.account_missing"] * 2
        assert booking.entries == []

    def test_a_currency_without_exponent_is_refused(self) -> None:
        with pytest.raises(Invalid) as caught:
            plan_booking(SALE, replace(BOOK, currency="JPY"), product=product())
        assert caught.value.code == "money.currency_unknown"

    def test_what_is_not_sellable_is_booked_and_flagged(self) -> None:
        told = replace(SALE, channel="telesales")
        booking = plan_booking(told, BOOK, product=product(is_active=False))
        assert codes(booking.flags) == ["product.not_active", "publication.none"]
        assert booking.entries

    def test_without_channel_any_publication_will_do(self) -> None:
        assert plan_booking(replace(SALE, channel=""), BOOK, product=product()).flags == []


class TestFees:
    """The product's own account, else the company's (F.4.3)."""

    @pytest.mark.requirement("F.4.3-01", "F.4.3-02", "2.2-07")
    def test_of_the_company(self) -> None:
        told = replace(FEE, analytic_label="PSP-Slimpay", supplier_ref="SLIMPAY")
        booking = plan_booking(told, BOOK)
        assert lines(booking) == ["D 627100 15.00", "D 445660 3.00", "C 401000 18.00"]
        assert booking.entries[0].lines[2].auxiliary == "SLIMPAY"
        assert (booking.shown.product_label, booking.shown.cost_center) == ("PSP-Slimpay", "SIEGE")

    def test_of_a_product(self) -> None:
        mapped = version(mappings={Nature.FEE: AccountSetting("628100", "ACH", "", "FR55")})
        booking = plan_booking(replace(FEE, sku="FT-BOX-001"), BOOK, product=product(mapped))
        assert lines(booking) == ["D 628100 15.00", "D 445660 0.83", "C 401000 15.83"]
        assert booking.shown.product_label == "FT-BOX-001"
        assert booking.shown.journal(JournalKey.FEE) == "ACH"

    def test_without_rate(self) -> None:
        told = replace(FEE, analytic_label="PSP-Slimpay")
        booking = plan_booking(told, replace(BOOK, rates=()))
        assert codes(booking.reasons) == ["vat.not_in_force"]

    def test_without_account(self) -> None:
        told = replace(FEE, analytic_label="PSP-Slimpay")
        booking = plan_booking(told, replace(BOOK, accounts={}))
        assert codes(booking.reasons) == ["accounting.account_missing"] * 3


SOLD = EarlierOperation(
    id=UUID(int=9),
    kind=OperationKind.SALE,
    is_booked=True,
    sku="FT-BOX-001",
    plan="BOX",
    amount=Decimal("29.90"),
    tax_included=True,
    vat_regime=VatRegime.DEBITS,
    version_id=VERSION,
    plan_id=PLAN,
    main=BookedLine(
        account="706109",
        journal="VT",
        product_label="FT-BOX-001",
        cost_center="TV",
        tax_code="FR20",
        tax_rate=Decimal(20),
    ),
    vat=BookedLine(account="445799"),
    third_party=BookedLine(account="411009", auxiliary="C1"),
)
REFUND = replace(
    SALE, kind=OperationKind.REFUND, sku="", plan="", reverses="V-1", amount=Decimal(10)
)
COLLECTION = replace(REFUND, kind=OperationKind.COLLECTION, reverses="", collects="V-1")


class TestEarlier:
    """Refunds, cancellations and collections follow what was booked, not what is set today."""

    @pytest.mark.requirement("F.5-04")
    def test_a_refund_goes_back_to_the_very_accounts(self) -> None:
        booking = plan_booking(REFUND, BOOK, earlier=SOLD)
        assert lines(booking) == ["D 706109 8.33", "D 445799 1.67", "C 411009 10.00"]
        assert booking.entries[0].lines[2].auxiliary == "C1"
        assert (booking.sku, booking.plan, booking.version_id) == ("FT-BOX-001", "BOX", VERSION)
        assert booking.shown.journal(JournalKey.REVENUE) == "VT"

    def test_a_collection_goes_to_the_bank(self) -> None:
        booking = plan_booking(COLLECTION, BOOK, earlier=replace(SOLD, tax_included=False))
        assert lines(booking) == ["D 512000 10.00", "C 411009 10.00"]
        assert booking.shown.journal(JournalKey.BANK) == "BQ1"
        assert booking.tax_included is True

    @pytest.mark.parametrize(("own", "due"), [("", "445710"), ("445719", "445719")])
    def test_under_collections_the_vat_falls_due(self, own: str, due: str) -> None:
        waiting = BookedLine(account="445800")
        sold = replace(SOLD, vat_regime=VatRegime.COLLECTIONS, vat=waiting, vat_account=own)
        booking = plan_booking(COLLECTION, BOOK, earlier=sold)
        assert lines(booking)[2:] == ["D 445800 1.67", f"C {due} 1.67"]

    @pytest.mark.parametrize(
        "earlier",
        [
            replace(SOLD, is_booked=False, main=None, vat=None, third_party=None),
            replace(SOLD, told=Decimal(5)),
        ],
    )
    def test_it_waits_for_what_came_before(self, earlier: EarlierOperation) -> None:
        booking = plan_booking(REFUND, BOOK, earlier=earlier)
        assert codes(booking.reasons) == ["operation.original_parked"]
        assert booking.entries == []

    def test_it_never_takes_more_than_remains(self) -> None:
        with pytest.raises(Invalid) as caught:
            plan_booking(REFUND, BOOK, earlier=replace(SOLD, told=Decimal(20), is_booked=False))
        assert caught.value.code == "operation.exceeds_remainder"

    def test_where_nothing_was_booked_nothing_is_undone(self) -> None:
        nothing = replace(SOLD, main=None, vat=None, third_party=None)
        assert plan_booking(REFUND, BOOK, earlier=nothing).entries == []

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"sku": "AUTRE"}, "operation.other_product"),
            ({"plan": "AUTRE"}, "operation.other_product"),
            (
                {"lines": (ToldLine(sku="AUTRE", amount=Decimal(10)),)},
                "operation.other_product",
            ),
            ({"tax_included": False}, "operation.other_tax_base"),
        ],
    )
    def test_it_tells_the_same_product_and_base(self, fields: dict[str, object], code: str) -> None:
        same = replace(REFUND, sku="FT-BOX-001", plan="BOX", tax_included=True)
        assert plan_booking(same, BOOK, earlier=SOLD).entries
        with pytest.raises(Invalid) as caught:
            plan_booking(replace(REFUND, **fields), BOOK, earlier=SOLD)
        assert caught.value.code == code
