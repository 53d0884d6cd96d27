"""What an accounting mapping may say: accounts by nature, VAT code, default journals (§2.2, F.4).

Checks return every problem, never only the first. Worked tables: `docs/rules/ecritures.md`.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from winvest.core.domain.money import rate_label
from winvest.core.errors import Problem, Reason

DEFAULT_ACCOUNT_LENGTH = 6


class Nature(StrEnum):
    """What an account of a mapping receives (A.2.2)."""

    REVENUE = "revenue"
    COMMISSION = "commission"
    FEE = "fee"
    TAX = "tax"


class JournalKey(StrEnum):
    """Which journal an entry goes to, before the company names it."""

    REVENUE = "revenue"
    COMMISSION = "commission"
    FEE = "fee"
    BANK = "bank"
    MISCELLANEOUS = "miscellaneous"


class MappingProblem(Problem):
    """What can be wrong with a mapping."""

    NOT_DIGITS = (
        "accounting.account_not_digits",
        "Le compte « {account} » n'a pas que des chiffres.",
    )
    LENGTH = (
        "accounting.account_length",
        "Le compte « {account} » doit avoir {length} chiffres dans cette société.",
    )
    PREFIX = (
        "accounting.account_prefix",
        "Le compte « {account} » ne commence pas par {prefixes}, attendu pour cette nature.",
    )
    TAX_CODE_UNKNOWN = (
        "accounting.tax_code_unknown",
        "Le code TVA « {code} » n'a aucun taux en vigueur à cette date.",
    )
    TAX_CODE_MISMATCH = (
        "accounting.tax_code_mismatch",
        "Le code TVA « {code} » vaut {code_rate} mais le tarif porte {price_rate}.",
    )
    TAX_CODE_MISSING = (
        "accounting.tax_code_missing",
        "Hors assurance, une commission porte un code TVA.",
    )
    INSURANCE_EXEMPT = (
        "accounting.insurance_exempt",
        "Une commission d'assurance est exonérée de TVA (CGI, art. 261 C 2°) : "
        "le code « {code} » vaut {code_rate}.",
    )


# Reading X-01: the list by nature is a default that a company may replace.
DEFAULT_PREFIXES: Mapping[Nature, tuple[str, ...]] = {
    Nature.REVENUE: ("701", "706"),
    Nature.COMMISSION: ("709", "756"),
    Nature.FEE: ("627", "628"),
    Nature.TAX: ("445",),
}

DEFAULT_JOURNALS: Mapping[JournalKey, str] = {
    JournalKey.REVENUE: "VENTE",
    JournalKey.COMMISSION: "VENTE",
    JournalKey.FEE: "ACHAT",
    JournalKey.BANK: "BANQUE",
    JournalKey.MISCELLANEOUS: "OD",
}


def account_problems(
    nature: Nature,
    account: str,
    *,
    length: int = DEFAULT_ACCOUNT_LENGTH,
    prefixes: Mapping[Nature, tuple[str, ...]] = DEFAULT_PREFIXES,
) -> list[Reason]:
    """Return what is wrong with the account of a mapping: digits, company's length, prefix."""
    problems = []
    if not (account.isascii() and account.isdigit()):
        problems.append(_reason(MappingProblem.NOT_DIGITS, "gl_account", account=account))
    if len(account) != length:
        problems.append(
            _reason(MappingProblem.LENGTH, "gl_account", account=account, length=length)
        )
    if not account.startswith(prefixes[nature]):
        allowed = " ou ".join(prefixes[nature])
        problems.append(
            _reason(MappingProblem.PREFIX, "gl_account", account=account, prefixes=allowed)
        )
    return problems


def tax_code_problems(
    nature: Nature,
    tax_code: str,
    *,
    code_rate: Decimal | None,
    price_rate: Decimal | None = None,
    insurance: bool = False,
) -> list[Reason]:
    """Return what is wrong with the VAT code of a mapping (empty: no code).

    `code_rate` is the code's rate in percent in force at the date, None where there is none;
    `price_rate` the rate that the price carries, None where nothing is priced here. A code must
    be in force and agree with the price (P-07). Commissions: exempt in insurance brokerage
    (CGI 261 C 2°), with a mandatory code elsewhere.
    """
    if not tax_code:
        missing = nature is Nature.COMMISSION and not insurance
        return [_reason(MappingProblem.TAX_CODE_MISSING, "tax_code")] if missing else []
    if code_rate is None:
        return [_reason(MappingProblem.TAX_CODE_UNKNOWN, "tax_code", code=tax_code)]
    problems = []
    if nature is Nature.REVENUE and price_rate is not None and price_rate != code_rate:
        problems.append(
            _reason(
                MappingProblem.TAX_CODE_MISMATCH,
                "tax_code",
                code=tax_code,
                code_rate=rate_label(code_rate),
                price_rate=rate_label(price_rate),
            )
        )
    if nature is Nature.COMMISSION and insurance and code_rate != 0:
        problems.append(
            _reason(
                MappingProblem.INSURANCE_EXEMPT,
                "tax_code",
                code=tax_code,
                code_rate=rate_label(code_rate),
            )
        )
    return problems


def _reason(problem: Problem, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(**params), path)
