"""What booking an operation needs to know: its facts and the accounts resolved for it.

The rules that make entries of them are in `accounting.domain.entry`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.domain.pricing import RevenueModel
from winvest.core.errors import Invalid, Problem, Reason


class AccountsProblem(Problem):
    """Which accounts an operation lacks."""

    ACCOUNTS_MISSING = "accounting.accounts_missing", "Des comptes ne sont pas paramétrés."
    ACCOUNT_MISSING = (
        "accounting.account_missing",
        "Le compte « {account} » n'est pas paramétré.",
    )


class OperationKind(StrEnum):
    """Kinds of facts that other modules and partners send (`POST operations`)."""

    SALE = "sale"
    BILLING = "billing"
    COLLECTION = "collection"
    RENEWAL = "renewal"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    FEE = "fee"
    COMMISSION_REPORT = "commission_report"
    BONUS = "bonus"
    MALUS = "malus"


KIND_LABELS = {
    OperationKind.SALE: "Vente",
    OperationKind.BILLING: "Échéance",
    OperationKind.COLLECTION: "Encaissement",
    OperationKind.RENEWAL: "Renouvellement",
    OperationKind.CANCELLATION: "Annulation",
    OperationKind.REFUND: "Avoir",
    OperationKind.FEE: "Frais",
    OperationKind.COMMISSION_REPORT: "Bordereau de commission",
    OperationKind.BONUS: "Prime",
    OperationKind.MALUS: "Malus",
}


class VatRegime(StrEnum):
    """When the VAT of a sale falls due: at the invoice, or as money comes in."""

    DEBITS = "debits"
    COLLECTIONS = "collections"


class AccountKey(StrEnum):
    """The accounts an entry may need; the values are the fields of `Accounts`."""

    REVENUE = "revenue"
    COMMISSION = "commission"
    FEE = "fee"
    CLIENT = "client"
    PARTNER = "partner"
    SUPPLIER = "supplier"
    VAT_COLLECTED = "vat_collected"
    VAT_DEDUCTIBLE = "vat_deductible"
    VAT_PENDING = "vat_pending"
    BANK = "bank"


ACCOUNT_LABELS = {
    AccountKey.REVENUE: "Chiffre d'affaires",
    AccountKey.COMMISSION: "Commissions",
    AccountKey.FEE: "Frais",
    AccountKey.CLIENT: "Client",
    AccountKey.PARTNER: "Partenaire",
    AccountKey.SUPPLIER: "Fournisseur",
    AccountKey.VAT_COLLECTED: "TVA collectée",
    AccountKey.VAT_DEDUCTIBLE: "TVA déductible",
    AccountKey.VAT_PENDING: "TVA en attente d'encaissement",
    AccountKey.BANK: "Banque",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts resolved for one operation: its version's mapping, then company defaults.

    VAT accounts are those of the operation's rate. Empty = not set, refused only where needed.
    """

    revenue: str = ""
    commission: str = ""
    fee: str = ""
    client: str = ""
    partner: str = ""
    supplier: str = ""
    vat_collected: str = ""
    vat_deductible: str = ""
    vat_pending: str = ""
    bank: str = ""
    client_auxiliary: str = ""
    partner_auxiliary: str = ""
    supplier_auxiliary: str = ""

    def require(self, keys: Iterable[AccountKey]) -> None:
        """Refuse, all at once, the accounts of `keys` that are not set."""
        problem = AccountsProblem.ACCOUNT_MISSING
        missing = [
            Reason(
                problem.value,
                problem.message.format(account=ACCOUNT_LABELS[key]),
                f"accounts.{key}",
            )
            for key in keys
            if not getattr(self, key)
        ]
        if missing:
            raise Invalid.several(AccountsProblem.ACCOUNTS_MISSING, missing)

    def auxiliary(self, key: AccountKey) -> str:
        """Return the auxiliary account of a third party, empty for any other account."""
        return {
            AccountKey.CLIENT: self.client_auxiliary,
            AccountKey.PARTNER: self.partner_auxiliary,
            AccountKey.SUPPLIER: self.supplier_auxiliary,
        }.get(key, "")


@dataclass(frozen=True, slots=True)
class Original:
    """The operation that a refund, cancellation or collection bears on.

    `already` is what earlier operations of the same kind have taken: refunds in the original's
    base (TTC or HT), collections in money received.
    """

    kind: OperationKind
    amount: Decimal
    already: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What booking an operation needs to know.

    `amount` is the operation's total in `currency`, tax included or not; `rate` is in percent, 0
    where exempt. For a refund, cancellation or collection, `tax_included`, `rate`, `revenue_model`
    and `vat_regime` are the original's. `subject` completes the labels (the SKU, say).
    """

    kind: OperationKind
    amount: Decimal
    currency: str
    tax_included: bool
    rate: Decimal
    accounts: Accounts
    subject: str
    revenue_model: RevenueModel = RevenueModel.REVENUE
    vat_regime: VatRegime = VatRegime.DEBITS
    original: Original | None = None
