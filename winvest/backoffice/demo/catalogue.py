"""Demo products: made by the catalogue manager, approved by the company's administrator, released by
the group, published by ADV (R-02).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from accounting.models import AccountingMapping
from accounting.services.mapping import validate_mapping
from catalog.choices import (
    ApprovalDomain,
    Channel,
    Decision,
    IntegrationStatus,
    PricingType,
    Visibility,
)
from catalog.models import (
    ExternalMapping,
    PricingRule,
    Product,
    ProductPlan,
    ProductVersion,
    Publication,
    Risk,
    VersionBilling,
    VersionLogistics,
)
from catalog.services.approvals import decide
from catalog.services.publication import publish_version, record_trial
from catalog.services.versions import release_version, submit_version
from commissions.models import CommissionScheme, CommissionTier
from documents.models import ProductDocument
from partners.models import Partner
from winvest.backoffice.demo.documents import add_documents
from winvest.backoffice.demo.files import read_json
from winvest.backoffice.demo.people import People
from winvest.backoffice.demo.rows import add
from winvest.core.domain.roles import Role
from winvest.core.models import Brand, Company, User
from winvest.core.transaction import transaction

IN_FORCE_SINCE = (2025, 1, 1)
REVIEWERS = {
    ApprovalDomain.PRODUCT: Role.COMPANY_ADMIN,
    ApprovalDomain.ACCOUNTING: Role.ACCOUNTING,
    ApprovalDomain.COMPLIANCE: Role.LEGAL,
}
REASON = "Reprise de l'existant (données de démonstration)."


def load_products(*, companies: Mapping[str, Company], people: People) -> None:
    """Add the products whose SKU is missing, each with all it needs in one transaction.

    Versions take effect on 2025-01-01 at midnight in the company's time zone.
    """
    rows = read_json("demo/products.json")
    known = set(
        Product.objects.filter(sku__in=[row["sku"] for row in rows]).values_list("sku", flat=True)
    )
    for row in rows:
        if row["sku"] not in known:
            company = companies[row["company"]]
            with transaction(None):
                _add_product(row, company, people)


def lacking_products() -> list[str]:
    """Return the SKUs that an older demo released without the schemes or documents of today's.

    Their content is frozen (decision 4): what they lack needs a new version.
    """
    lacking = []
    for row in read_json("demo/products.json"):
        version = ProductVersion.objects.filter(pk=_id("version", row["sku"])).first()
        if version is None:
            continue  # somebody else's product of that code
        schemes = CommissionScheme.objects.filter(product_version=version)
        documents = ProductDocument.objects.filter(product_version=version)
        if (row.get("schemes") and not schemes.exists()) or not documents.exists():
            lacking.append(row["sku"])
    return lacking


def _add_product(row: Mapping[str, Any], company: Company, people: People) -> None:
    start = datetime(*IN_FORCE_SINCE, tzinfo=ZoneInfo(company.timezone))
    author = people[Role.CATALOG_MANAGER, company.code]
    with transaction(author, company.pk):
        version = _draft(row, company, author, start)
        for scheme in row.get("schemes", ()):
            _add_scheme(version, scheme)
    add_documents(version, row["documents"], people)
    with transaction(author, company.pk):
        submit_version(actor=author, version=version)
    _review(row, version, people)
    release_version(
        actor=people[Role.GROUP_ADMIN, None],
        version=version,
        effective_from=start,
        reason=REASON,
    )
    for mapping in row["mappings"]:
        _map(mapping, version, company, people[Role.ACCOUNTING, company.code])
    if row["published"]:
        publish_version(
            actor=people[Role.ADV, company.code],
            publication=Publication(
                id=_id("publication", row["sku"]),
                product_version=version,
                owner_company=company,
                product=version.product,
                company=company,
                channels=list(Channel.values),
                visibility=Visibility.PUBLIC,
                start_at=start,
            ),
        )


def _review(row: Mapping[str, Any], version: ProductVersion, people: People) -> None:
    """Link the product where an API prices it, and have each domain approved by its reviewer."""
    company = version.company
    author = people[Role.CATALOG_MANAGER, company.code]
    reviewers = dict(REVIEWERS)
    if _link(row, version, author, people[Role.IT, company.code]):
        reviewers[ApprovalDomain.INTEGRATION] = Role.IT
    for domain, role in reviewers.items():
        decide(
            actor=people[role, company.code],
            version=version,
            domain=domain,
            decision=Decision.APPROVED,
            comment=REASON,
        )


def _draft(
    row: Mapping[str, Any], company: Company, author: User, start: datetime
) -> ProductVersion:
    partner = row.get("partner")
    product = add(
        Product(
            id=_id("product", row["sku"]),
            company=company,
            sku=row["sku"],
            name=row["name"],
            short_name=row.get("short_name"),
            risk=Risk.objects.get(code=row["risk"], is_global=True),
            brand=Brand.objects.get(company=company, name=row["brand"]),
            partner=Partner.objects.get(company=company, name=partner) if partner else None,
            revenue_model=row["revenue_model"],
            lifecycle_status=row["lifecycle_status"],
            created_by=author,
        )
    )
    version = add(
        ProductVersion(
            id=_id("version", row["sku"]),
            product=product,
            company=company,
            version=1,
            effective_from=start,
            notes=row["notes"],
            channels=row.get("channels", []),
        )
    )
    for position, plan in enumerate(row["plans"], start=1):
        _add_plan(version, position, row["sku"], plan)
    for model, name in ((VersionBilling, "billing"), (VersionLogistics, "logistics")):
        if name in row:
            add(model(product_version=version, company=company, **row[name]))
    return version


def _add_plan(version: ProductVersion, position: int, sku: str, row: Mapping[str, Any]) -> None:
    plan = add(
        ProductPlan(
            id=_id("plan", f"{sku}/{row['code']}"),
            product_version=version,
            company=version.company,
            code=row["code"],
            name=row["name"],
            recurrence=row["recurrence"],
            position=position,
        )
    )
    add(
        PricingRule(
            product_version=version,
            plan=plan,
            company=version.company,
            type=row.get("type", PricingType.FIXED),
            tier_mode=row.get("tier_mode"),
            payload=row.get("payload") or {"amount": row["amount"]},
            tax_code=row["tax_code"],
        )
    )


def _add_scheme(version: ProductVersion, row: Mapping[str, Any]) -> None:
    """Add a commission scheme with its tiers; only a draft takes one (decision 4)."""
    fields = {name: value for name, value in row.items() if name != "tiers"}
    owner = {"product_version": version, "company": version.company}
    scheme = add(CommissionScheme(**owner, **fields))
    for tier in row["tiers"]:
        add(CommissionTier(scheme=scheme, **owner, **tier))


def _link(row: Mapping[str, Any], version: ProductVersion, author: User, tester: User) -> bool:
    """Name the product in the systems whose API prices it; return whether IT tried every code.

    A code that is not tried is left for IT to try, and then to approve, in the product (C.2).
    """
    codes = row.get("codes", ())
    for code in codes:
        columns = {name: value for name, value in code.items() if name != "tried"}
        with transaction(author, version.company_id):
            mapping = add(
                ExternalMapping(
                    product=version.product,
                    company=version.company,
                    integration_status=IntegrationStatus.API,
                    **columns,
                )
            )
        if code["tried"]:
            record_trial(actor=tester, mapping=mapping)
    return bool(codes) and all(code["tried"] for code in codes)


def _map(
    row: Mapping[str, Any], version: ProductVersion, company: Company, accountant: User
) -> None:
    with transaction(accountant, company.pk):
        mapping = add(
            AccountingMapping(
                product_version=version, product=version.product, company=company, **row
            )
        )
    validate_mapping(actor=accountant, mapping=mapping)


def _id(kind: str, key: str) -> Any:
    """Return the same id on every machine, so that examples and links hold everywhere (M-11)."""
    return uuid5(NAMESPACE_URL, f"https://winvest.example/demo/{kind}/{key}")
