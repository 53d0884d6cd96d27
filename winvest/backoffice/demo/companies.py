"""Demo companies, their brands, their accounts and their partners (M-10, X-09)."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile

from accounting.models import CompanyAccount
from partners.models import Partner, PartnerActivation
from partners.services.credentials import add_credential
from partners.services.iban import confirm_iban, propose_iban
from winvest.backoffice.demo.files import read_bytes, read_json, read_rows
from winvest.backoffice.demo.people import People
from winvest.backoffice.demo.rows import add
from winvest.core.clock import now
from winvest.core.domain.logo import logo_name, redrawn
from winvest.core.domain.roles import Role
from winvest.core.models import Brand, Company
from winvest.core.transaction import transaction


def load_companies() -> dict[str, Company]:
    """Add the companies whose code is missing and return the companies of the demo by code."""
    rows = read_json("demo/companies.json")
    known = {company.code: company for company in Company.objects.all()}
    for row in rows:
        if row["code"] not in known:
            with transaction(None):
                known[row["code"]] = _add_company(row)
    return {row["code"]: known[row["code"]] for row in rows}


def load_partners(companies: Mapping[str, Company], people: People) -> None:
    """Add the missing partners and open them to the companies that sell them.

    The IBAN is proposed by the accountant and confirmed by the group, the credentials are IT's.
    """
    for row in read_json("demo/partners.json"):
        company = companies[row.pop("company")]
        activated_for, iban = row.pop("activated_for"), row.pop("iban")
        credentials = row.pop("credentials")
        if Partner.objects.filter(company=company, name=row["name"]).exists():
            continue
        with transaction(None):
            partner = add(Partner(company=company, **row))
            for code in activated_for:
                add(PartnerActivation(partner=partner, company=companies[code], activated_at=now()))
        change = propose_iban(
            actor=people[Role.ACCOUNTING, company.code], partner=partner, iban=iban
        )
        confirm_iban(actor=people[Role.GROUP_ADMIN, None], change=change)
        for one in credentials:
            add_credential(
                actor=people[Role.IT, company.code],
                partner=partner,
                env=one["env"],
                auth_type=one["auth_type"],
                # Drawn here: no secret stands in the repository, not even a false one.
                credentials={"api_key": one["prefix"] + secrets.token_urlsafe(24)},
            )


def _add_company(row: Mapping[str, Any]) -> Company:
    """Add a company; what we assumed about it stands among its contacts, where it is seen."""
    content, extension = redrawn(read_bytes(f"demo/logos/{row['code'].lower()}.png"))
    company = add(
        Company(
            id=row["id"],
            code=row["code"],
            legal_name=row["legal_name"],
            brand_name=row["brand_name"],
            siren=row["siren"],
            siret_default=row.get("siret_default"),
            vat_number=row.get("vat_number"),
            brand_theme={"color": row["color"], "secondary_color": row["secondary_color"]},
            logo=ContentFile(content, name=logo_name(content, extension)),
            addresses=row["addresses"],
            contacts=[
                *row["contacts"],
                *({"name": "Hypothèse", "note": note} for note in row["assumptions"]),
            ],
        )
    )
    for name in row["brands"]:
        add(Brand(company=company, name=name))
    for account in read_rows("demo/company_accounts.csv"):
        add(CompanyAccount(company=company, **account))
    return company
