"""From a told operation to its entries: version, accounts and VAT are resolved, or said missing.

What can be mended makes an operation wait with its reasons; what never can is refused (`Invalid`).
`design/domain.md` §6; F.4 for the natures, F.5 for reversals.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounting.domain.books import (
    AccountSetting,
    CompanyBook,
    EarlierOperation,
    KnownProduct,
    KnownVersion,
)
from accounting.domain.entry import check_original, entries_for
from accounting.domain.mapping_rules import JournalKey, MappingProblem, Nature
from accounting.domain.operation import (
    AccountKey,
    Accounts,
    AccountsProblem,
    Facts,
    OperationKind,
    Original,
)
from accounting.domain.operation_body import Told
from accounting.domain.outcome import Booking, BookingProblem, Shown
from catalog.domain.inforce import RunningContract
from catalog.domain.offers import PricingProblem
from catalog.domain.pricing import RevenueModel
from winvest.core.domain.periods import local_midnight
from winvest.core.errors import Invalid, Problem

# The VAT of a fee whose account names no code: the normal rate (F.4.3).
FEE_TAX_CODE = "FR20"
NATURE_LABELS = {
    Nature.REVENUE: "CA",
    Nature.COMMISSION: "commission",
}


@dataclass(frozen=True, slots=True)
class _Tax:
    """The VAT code, empty where exempt, and its rate in percent."""

    code: str
    rate: Decimal


def plan_booking(
    told: Told,
    book: CompanyBook,
    *,
    product: KnownProduct | None = None,
    earlier: EarlierOperation | None = None,
) -> Booking:
    """Return what becomes of `told`.

    `product` is that of `told.sku`, as far as the company sees it; `earlier` the operation that
    this one reverses or collects.
    """
    if earlier is not None:
        booking = _on_earlier(told, book, earlier)
    elif told.kind is OperationKind.FEE:
        booking = _fee(told, book, product)
    elif product is not None:
        booking = _on_product(told, book, product)
    else:
        booking = Booking(sku=told.sku, plan=told.plan, tax_included=told.includes_tax)
        booking.wait(BookingProblem.NO_VERSION, "sku", sku=told.sku)
    if booking.facts is not None and not booking.reasons:
        try:
            booking.entries = entries_for(booking.facts)
        except Invalid as error:
            if error.code != AccountsProblem.ACCOUNTS_MISSING:
                raise
            booking.reasons += error.reasons
    return booking


def _on_product(told: Told, book: CompanyBook, product: KnownProduct) -> Booking:
    """Resolve a sale, a billing or a partner's commission."""
    is_commission = told.kind is OperationKind.COMMISSION_REPORT
    if is_commission and product.revenue_model is RevenueModel.REVENUE:
        raise Invalid(BookingProblem.NO_COMMISSION, path="sku", sku=product.sku)
    booking = Booking(sku=product.sku, plan=told.plan, tax_included=told.includes_tax)
    version = _version(told, book, product, booking)
    if version is None:
        return booking
    if told.kind is OperationKind.SALE:
        _flag_unsellable(told, product, version, booking)
    if not is_commission and product.revenue_model is RevenueModel.COMMISSION:
        booking.flag(BookingProblem.PARTNER_SALE)
        return booking
    nature = Nature.COMMISSION if is_commission else Nature.REVENUE
    mapping = version.mappings.get(nature)
    if mapping is None:
        label = NATURE_LABELS[nature]
        booking.wait(BookingProblem.NOT_MAPPED, sku=product.sku, nature=label)
        return booking
    tax = _product_tax(told, book, product, version, mapping, booking)
    if tax is not None:
        booking.facts = _product_facts(told, book, product, version, mapping, tax)
        booking.shown = Shown(
            product_label=product.sku,
            partner_label=product.partner_label,
            cost_center=mapping.cost_center,
            tax_code=tax.code,
            journals={JournalKey(nature): mapping.journal},
        )
    return booking


def _version(
    told: Told, book: CompanyBook, product: KnownProduct, booking: Booking
) -> KnownVersion | None:
    """Find the version and the plan; a plan must be told where the version has any to choose."""
    number = told.contract.version
    version = product.version(_running(told, book), told.occurred_at)
    if version is None:
        problem = BookingProblem.VERSION_UNKNOWN if number else BookingProblem.NO_VERSION
        booking.wait(problem, "sku", sku=product.sku, number=number)
        return None
    booking.version_id = version.id
    booking.plan_id = version.plans.get(told.plan)
    if told.plan and booking.plan_id is None:
        booking.wait(BookingProblem.PLAN_UNKNOWN, "plan", plan=told.plan)
    elif not told.plan and version.plans and told.kind is not OperationKind.COMMISSION_REPORT:
        booking.wait(BookingProblem.PLAN_MISSING, "plan", sku=product.sku)
    return version


def _running(told: Told, book: CompanyBook) -> RunningContract:
    """Return what the contract says of itself: a date is its midnight, in the company's zone."""
    contract = told.contract
    return RunningContract(
        started_at=_instant(contract.started_on, book.timezone),
        version=contract.version,
        next_billing_at=_instant(contract.next_billing_at, book.timezone),
        renewal_at=_instant(contract.renewal_at, book.timezone),
    )


def _instant(value: date | datetime | None, zone: str) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return local_midnight(value, zone)


def _flag_unsellable(
    told: Told, product: KnownProduct, version: KnownVersion, booking: Booking
) -> None:
    """Flag a sale that should not have been: facts are booked all the same."""
    if not product.is_active:
        booking.flag(BookingProblem.NOT_ACTIVE, sku=product.sku)
    if not version.is_published(told.channel, told.occurred_at):
        booking.flag(BookingProblem.NOT_PUBLISHED, sku=product.sku)


def _product_tax(
    told: Told,
    book: CompanyBook,
    product: KnownProduct,
    version: KnownVersion,
    mapping: AccountSetting,
    booking: Booking,
) -> _Tax | None:
    """Find the VAT: of the price, else of the mapping; insurance commissions are exempt."""
    if told.kind is OperationKind.COMMISSION_REPORT:
        if product.is_insurance:
            return _Tax("", Decimal(0))
        codes = {mapping.tax_code} - {""}
        missing: Problem = MappingProblem.TAX_CODE_MISSING
    else:
        codes = version.price_tax_codes(booking.plan_id) or {mapping.tax_code} - {""}
        missing = BookingProblem.NO_TAX_CODE
    if len(codes) != 1:
        booking.wait(PricingProblem.MIXED_TERMS if codes else missing, sku=product.sku)
        return None
    return _tax(codes.pop(), book, book.day(told.occurred_at), booking)


def _tax(code: str, book: CompanyBook, on: date, booking: Booking) -> _Tax | None:
    try:
        return _Tax(code, book.rate(code, on))
    except Invalid as error:
        booking.reasons += error.reasons
        return None


def _product_facts(
    told: Told,
    book: CompanyBook,
    product: KnownProduct,
    version: KnownVersion,
    mapping: AccountSetting,
    tax: _Tax,
) -> Facts:
    collected = version.mappings.get(Nature.TAX) or book.setting(AccountKey.VAT_COLLECTED, tax.code)
    accounts = Accounts(
        revenue=mapping.account,
        commission=mapping.account,
        client=book.setting(AccountKey.CLIENT).account,
        partner=book.setting(AccountKey.PARTNER).account,
        vat_collected=collected.account,
        vat_pending=book.setting(AccountKey.VAT_PENDING, tax.code).account,
    )
    return Facts(
        kind=told.kind,
        amount=told.amount,
        currency=book.currency,
        tax_included=told.includes_tax,
        rate=tax.rate,
        accounts=accounts,
        subject=product.sku,
        revenue_model=product.revenue_model,
        vat_regime=book.vat_regime,
    )


def _fee(told: Told, book: CompanyBook, product: KnownProduct | None) -> Booking:
    """Resolve a fee: the account of its product's mapping, else the company's (F.4.3)."""
    booking = Booking(sku=told.sku, plan=told.plan, tax_included=told.includes_tax)
    version = product.version(_running(told, book), told.occurred_at) if product else None
    booking.version_id = version.id if version else None
    mapped = version.mappings.get(Nature.FEE) if version else None
    setting = mapped or book.fee()
    code = setting.tax_code or FEE_TAX_CODE
    tax = _tax(code, book, book.day(told.occurred_at), booking)
    if tax is None:
        return booking
    label = told.analytic_label or told.sku
    booking.facts = Facts(
        kind=told.kind,
        amount=told.amount,
        currency=book.currency,
        tax_included=told.includes_tax,
        rate=tax.rate,
        accounts=Accounts(
            fee=setting.account,
            supplier=book.setting(AccountKey.SUPPLIER).account,
            supplier_auxiliary=told.supplier_ref,
            vat_deductible=book.setting(AccountKey.VAT_DEDUCTIBLE, tax.code).account,
        ),
        subject=label,
    )
    booking.shown = Shown(
        product_label=label,
        cost_center=setting.cost_center,
        tax_code=tax.code,
        journals={JournalKey.FEE: setting.journal},
    )
    return booking


def _on_earlier(told: Told, book: CompanyBook, earlier: EarlierOperation) -> Booking:
    """Resolve a refund, cancellation or collection: the accounts and the VAT of the original."""
    _check_same_subject(told, earlier)
    booking = Booking(
        sku=earlier.sku,
        plan=earlier.plan,
        tax_included=told.kind is OperationKind.COLLECTION or earlier.tax_included,
        version_id=earlier.version_id,
        plan_id=earlier.plan_id,
    )
    check_original(_earlier_facts(told, book, earlier, already=earlier.told))
    if not earlier.is_booked or earlier.told != earlier.booked:
        booking.wait(BookingProblem.EARLIER_PARKED)
        return booking
    booking.facts = _earlier_facts(told, book, earlier, already=earlier.booked)
    main = earlier.main
    if main is not None:
        own = (JournalKey.REVENUE, JournalKey.COMMISSION, JournalKey.FEE)
        booking.shown = Shown(
            product_label=main.product_label,
            partner_label=main.partner_label,
            cost_center=main.cost_center,
            tax_code=main.tax_code,
            journals={
                **dict.fromkeys(own, main.journal),
                JournalKey.BANK: book.setting(AccountKey.BANK).journal,
            },
        )
    return booking


def _check_same_subject(told: Told, earlier: EarlierOperation) -> None:
    """Refuse a product, plan or tax base that is not the original's."""
    tells = [(told.sku, told.plan), *((line.sku, line.plan) for line in told.lines)]
    for sku, plan in tells:
        if sku not in ("", earlier.sku) or plan not in ("", earlier.plan):
            raise Invalid(BookingProblem.OTHER_PRODUCT, path="sku")
    reverses = told.kind is not OperationKind.COLLECTION
    if reverses and told.tax_included not in (None, earlier.tax_included):
        raise Invalid(BookingProblem.OTHER_TAX_BASE, path="tax_included")


def _earlier_facts(
    told: Told, book: CompanyBook, earlier: EarlierOperation, *, already: Decimal
) -> Facts:
    main, vat, third_party = (
        line.account if line else "" for line in (earlier.main, earlier.vat, earlier.third_party)
    )
    auxiliary = earlier.third_party.auxiliary if earlier.third_party else ""
    tax_code = earlier.main.tax_code if earlier.main else ""
    collects = told.kind is OperationKind.COLLECTION
    due = earlier.vat_account or book.setting(AccountKey.VAT_COLLECTED, tax_code).account
    accounts = Accounts(
        revenue=main,
        commission=main,
        fee=main,
        client=third_party,
        partner=third_party,
        supplier=third_party,
        # A reversal goes back to the very account; a collection moves pending VAT to the due one.
        vat_collected=due if collects else vat,
        vat_deductible=vat,
        vat_pending=vat,
        bank=book.setting(AccountKey.BANK).account,
        client_auxiliary=auxiliary,
        partner_auxiliary=auxiliary,
        supplier_auxiliary=auxiliary,
    )
    return Facts(
        kind=told.kind,
        amount=told.amount,
        currency=book.currency,
        tax_included=earlier.tax_included,
        rate=earlier.main.tax_rate if earlier.main else Decimal(0),
        accounts=accounts,
        subject=earlier.main.product_label if earlier.main else earlier.sku,
        # Without a line of its own, the original was a partner's sale: its reversal books nothing.
        revenue_model=RevenueModel.REVENUE if earlier.main else RevenueModel.COMMISSION,
        vat_regime=earlier.vat_regime,
        original=Original(earlier.kind, earlier.amount, already),
    )
