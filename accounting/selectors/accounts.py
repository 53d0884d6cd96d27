"""The books of a company, as booking reads them."""

from uuid import UUID

from accounting.domain.books import AccountSetting, CompanyBook
from accounting.domain.operation import AccountKey, VatRegime
from accounting.models import CompanyAccount
from winvest.core.domain.periods import Period
from winvest.core.domain.vat import VatRate as DatedRate
from winvest.core.models import Company, VatRate


def read_book(company_id: UUID) -> CompanyBook:
    """Return the accounts and the VAT rates of a company in scope (3 queries)."""
    company = Company.objects.get(pk=company_id)
    accounts = {
        (AccountKey(row.purpose), row.tax_code or ""): AccountSetting(
            row.account, row.journal, row.cost_center, row.tax_code or ""
        )
        for row in CompanyAccount.objects.filter(company=company_id).order_by("purpose", "tax_code")
    }
    rates = tuple(
        DatedRate(row.code, row.country, row.rate, Period(row.valid_from, row.valid_to))
        for row in VatRate.objects.filter(country=company.country)
    )
    return CompanyBook(
        company_id=company.pk,
        currency=company.currency,
        timezone=company.timezone,
        country=company.country,
        vat_regime=VatRegime(company.vat_regime),
        accounts=accounts,
        rates=rates,
    )
