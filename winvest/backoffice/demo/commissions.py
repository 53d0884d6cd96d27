"""Demo beneficiaries: who receives the shares of the commissions that a company pays (K-07)."""

from collections.abc import Mapping

from commissions.models import Beneficiary
from winvest.backoffice.demo.files import read_json
from winvest.backoffice.demo.rows import add
from winvest.core.models import Company
from winvest.core.transaction import transaction


def load_beneficiaries(companies: Mapping[str, Company]) -> None:
    """Add the beneficiaries whose auxiliary account is missing in their company."""
    known = set(Beneficiary.objects.values_list("company__code", "auxiliary_account"))
    for row in read_json("demo/beneficiaries.json"):
        code = row.pop("company")
        if (code, row["auxiliary_account"]) not in known:
            with transaction(None):
                add(Beneficiary(company=companies[code], **row))
