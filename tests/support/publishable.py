"""What a publication asks of a version, given by the people whose it is."""

from accounting.choices import MappingState, Nature
from accounting.models import AccountingMapping
from accounting.services.publication import NATURES
from catalog.choices import (
    ApprovalDomain,
    Channel,
    LifecycleStatus,
    RevenueModel,
    VersionState,
)
from catalog.models import Product, ProductVersion, VersionApproval
from catalog.parts import content_hash
from catalog.services.approval_states import digest_of, required_of
from documents.choices import DocumentState
from documents.models import ProductDocument
from documents.selectors.requirements import requirements_of
from tests.factories import (
    START,
    DocumentFactory,
    MappingFactory,
    MembershipFactory,
    PlanFactory,
    PricingRuleFactory,
    SaleAgreementFactory,
    UserFactory,
)
from tests.support.pdf import kept_pdf
from winvest.core.domain.roles import Role
from winvest.core.models import Company, Membership

REVIEWERS = {
    ApprovalDomain.PRODUCT: Role.COMPANY_ADMIN,
    ApprovalDomain.ACCOUNTING: Role.ACCOUNTING,
    ApprovalDomain.COMPLIANCE: Role.LEGAL,
    ApprovalDomain.INTEGRATION: Role.IT,
}


def make_publishable(
    version: ProductVersion, *, seller: Company | None = None, agreed: bool = True
) -> ProductVersion:
    """Give a version what its publication by `seller` lacks, its release included.

    Unless `agreed`, the owner has not agreed to it.
    """
    company = seller or version.company
    if version.state == VersionState.DRAFT:
        release(version)
    if not Membership.objects.filter(company=company).exists():
        MembershipFactory(user=UserFactory(), company=company, role=Role.ADV)
    if agreed and company != version.company:
        SaleAgreementFactory(product=version.product, seller=company)
    for nature in NATURES[RevenueModel(version.product.revenue_model)]:
        own = {"product_version": version, "company": company, "nature": nature}
        if not AccountingMapping.objects.filter(**own, state=MappingState.VALIDATED).exists():
            partner = version.product.partner
            exempt = nature == Nature.COMMISSION and partner is not None and partner.is_insurance
            MappingFactory(**own, tax_code=None if exempt else "FR20")
    for need in [row.document_type.code for row in requirements_of(version)] or ["CGV"]:
        add_document(version, need)
    for domain in required_of(version):
        reviewer = UserFactory()
        MembershipFactory(user=reviewer, company=version.company, role=REVIEWERS[domain])
        VersionApproval.objects.create(
            product_version=version,
            company=version.company,
            domain=domain,
            decision="approved",
            content_hash=digest_of(version),
            user=reviewer,
        )
    return version


def release(version: ProductVersion) -> None:
    """Release a draft whose every plan has a price, one at least; its product is active."""
    plans = version.plans.all() or [PlanFactory(product_version=version, code="A")]
    for plan in plans:
        if not plan.pricing_rules.exists():
            PricingRuleFactory(plan=plan)
    product = Product.objects.filter(pk=version.product_id)
    for before, after in (("draft", "test"), ("test", LifecycleStatus.ACTIVE)):
        product.filter(lifecycle_status=before).update(lifecycle_status=after)
    version.refresh_from_db()
    version.content_hash = content_hash(version)
    version.state, version.released_at = VersionState.RELEASED, START
    version.save()


def add_document(version: ProductVersion, code: str, **columns) -> ProductDocument:
    """Add a published PDF/A document whose file is in the storage."""
    url, digest = kept_pdf(f"{code}-{version.pk}")
    return DocumentFactory(
        **{
            "product_version": version,
            "type_id": code,
            "file_url": url,
            "file_hash": digest,
            "pdfa": "2B",
            "state": DocumentState.PUBLISHED,
            "published_at": START,
            "channels": list(Channel.values),
            **columns,
        }
    )
