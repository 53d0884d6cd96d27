"""What booking reads: a company's books, a product as its seller sees it, an earlier operation.

Values only: `accounting.selectors` fills them once for a batch of operations.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from accounting.domain.mapping_rules import Nature
from accounting.domain.operation import AccountKey, OperationKind, VatRegime
from catalog.domain.inforce import Policy, Release, RunningContract, holding
from catalog.domain.pricing import RevenueModel
from winvest.core.domain.periods import Period, local_date
from winvest.core.domain.vat import VatRate, rate_at


@dataclass(frozen=True, slots=True)
class AccountSetting:
    """An account, with the journal, cost center and VAT code that go with it; empty = not set."""

    account: str = ""
    journal: str = ""
    cost_center: str = ""
    tax_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyBook:
    """The settings of one company; `accounts` are by purpose and VAT code (empty: all codes)."""

    company_id: UUID
    currency: str
    timezone: str
    country: str
    vat_regime: VatRegime
    accounts: dict[tuple[AccountKey, str], AccountSetting]
    rates: tuple[VatRate, ...]

    def setting(self, purpose: AccountKey, tax_code: str = "") -> AccountSetting:
        """Return the account of a purpose: the one of this VAT code, else the one of all codes."""
        found = self.accounts.get((purpose, tax_code)) or self.accounts.get((purpose, ""))
        return found or AccountSetting()

    def fee(self) -> AccountSetting:
        """Return the account of fees, whose VAT code is that of the supplier's invoices."""
        fees = [row for (purpose, _), row in self.accounts.items() if purpose is AccountKey.FEE]
        return fees[0] if fees else AccountSetting()

    def rate(self, code: str, on: date) -> Decimal:
        """Return the rate in percent of a VAT code on a local date; none in force is refused."""
        return rate_at(self.rates, code=code, country=self.country, on=on)

    def day(self, instant: datetime) -> date:
        """Return the business date of an instant, in the company's time zone."""
        return local_date(instant, self.timezone)


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A released version, for the company that sells it: `mappings` are its validated ones."""

    id: UUID
    number: int
    period: Period[datetime]
    policy: Policy = Policy.NONE
    plans: dict[str, UUID] = field(default_factory=dict)
    tax_codes: dict[UUID | None, set[str]] = field(default_factory=lambda: defaultdict(set))
    mappings: dict[Nature, AccountSetting] = field(default_factory=dict)
    publications: list[tuple[Collection[str], Period[datetime]]] = field(default_factory=list)

    def price_tax_codes(self, plan_id: UUID | None) -> set[str]:
        """Return the VAT codes of a plan's prices, else of the prices of the whole version."""
        return self.tax_codes.get(plan_id) or self.tax_codes.get(None) or set()

    def is_published(self, channel: str, at: datetime) -> bool:
        """Whether a publication runs at that instant on the channel (none given: on any)."""
        return any(
            period.contains(at) and (not channel or channel in channels)
            for channels, period in self.publications
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProduct:
    """A product that the company may sell: its own, or published to it (reading R-10)."""

    sku: str
    revenue_model: RevenueModel
    is_active: bool
    partner_label: str = ""
    is_insurance: bool = False
    versions: list[KnownVersion] = field(default_factory=list)

    def version(self, contract: RunningContract, at: datetime) -> KnownVersion | None:
        """Return the version that the contract runs under at that instant (`applies_to_inforce`).

        Of a contract that says nothing of it, the one in force.
        """
        if not contract.is_known:
            return next((one for one in self.versions if one.period.contains(at)), None)
        releases = [
            Release(number=one.number, effective_from=one.period.start, policy=one.policy)
            for one in self.versions
        ]
        held = holding(releases, contract, at=at)
        number = None if held is None else held.release.number
        return next((one for one in self.versions if one.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLine:
    """The main, VAT or third-party line of an earlier operation's entry."""

    account: str
    auxiliary: str = ""
    journal: str = ""
    product_label: str = ""
    partner_label: str = ""
    cost_center: str = ""
    tax_code: str = ""
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierOperation:
    """The operation that another one reverses or collects, with what others did to it before.

    `told` is what earlier operations of the same sort have taken in all, `booked` what the booked
    ones have; they differ as long as one of them waits. Lines are None where it booked nothing.
    """

    id: UUID
    kind: OperationKind
    is_booked: bool
    sku: str
    plan: str
    amount: Decimal
    tax_included: bool
    vat_regime: VatRegime
    version_id: UUID | None = None
    plan_id: UUID | None = None
    told: Decimal = Decimal(0)
    booked: Decimal = Decimal(0)
    main: BookedLine | None = None
    vat: BookedLine | None = None
    third_party: BookedLine | None = None
    vat_account: str = ""
