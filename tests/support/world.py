"""One row of every kind for a company, with names that betray it wherever they leak."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounting.models import EntryCounter, ExportRun, PriceGridExport
from catalog.models import ProductTransition, VersionApproval, VersionAuthor
from documents.models import DocumentType
from integrations.models import WebhookReceipt
from partners.choices import PartnerType
from tests.factories import (
    BeneficiaryFactory,
    BillingFactory,
    BrandFactory,
    BundleComponentFactory,
    CompanyAccountFactory,
    CqRuleFactory,
    CredentialFactory,
    DocumentFactory,
    ExternalMappingFactory,
    FavoriteFactory,
    IbanChangeFactory,
    LogisticsFactory,
    MappingFactory,
    NegotiatedPriceFactory,
    PartnerActivationFactory,
    PartnerFactory,
    PlanFactory,
    PlannedSaleFactory,
    PricingRuleFactory,
    PromotionFactory,
    RiskFactory,
    SaleAgreementFactory,
    SalesBanFactory,
    SavedViewFactory,
    TierFactory,
    UserFactory,
    VersionFactory,
    WebhookEventFactory,
    WizardDraftFactory,
)
from tests.support.ledger import book
from tests.support.offers import make_released
from winvest.core.choices import ImportTarget
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import (
    ApiToken,
    AuditEntry,
    AuditTrail,
    Company,
    ImportRun,
    Job,
    Membership,
    MembershipRisk,
    Notification,
    User,
)
from winvest.core.models.base import new_id


def make_world(company: Company) -> dict[str, Any]:
    """Return the rows by the name of their admin page; every label holds « canari-CODE »."""
    canary = f"canari-{company.code}"
    partner = PartnerFactory(company=company, name=canary, type=PartnerType.INSURER)
    PartnerActivationFactory(partner=partner, company=company)
    risk = RiskFactory(company=company, code=f"R-{company.code}", label=canary)
    version = make_released(
        company=company,
        sku=f"{canary}-001",
        plans={"BASE": "29.90"},
        name=canary,
        risk=risk,
        partner=partner,
    )
    user = UserFactory.create(name=canary, email=f"{canary}@winvest.example".lower())
    Membership.objects.create(user=user, company=company, role=Role.SALES)
    token, _ = ApiToken.draw(user=user, name=canary)
    token.save()
    line = book(
        company,
        credit=Decimal("24.92"),
        tax_amount=Decimal("4.98"),
        account="706100",
        product_label=canary,
    )
    run = make_run(company)
    event = WebhookEventFactory(endpoint__partner=partner, external_event_id=canary)
    draft = VersionFactory(product=version.product, version=2)
    return {
        "core_company": company,
        "core_brand": BrandFactory(company=company, name=canary),
        "core_user": user,
        "core_apitoken": token,
        "core_auditentry": AuditEntry.objects.filter(company_id=company.pk).first(),
        "core_audittrail": make_trail(company),
        "core_job": run.job,
        "core_importrun": make_import(company, file_name=f"{canary}.csv"),
        "partners_partner": partner,
        "partners_partnercredential": CredentialFactory(partner=partner),
        "catalog_risk": risk,
        "catalog_product": version.product,
        "catalog_productversion": version,
        "catalog_negotiatedprice": NegotiatedPriceFactory(product=version.product),
        "catalog_salesban": SalesBanFactory(
            product=version.product, channel="partner", reason=canary
        ),
        "catalog_saleagreement": SaleAgreementFactory(product=version.product, terms=canary),
        "catalog_promotion": PromotionFactory(
            company=company, name=canary, product=version.product
        ),
        "catalog_publication": version.publications.get(),
        "catalog_cqrule": CqRuleFactory(product_version=draft, notes=canary),
        "catalog_externalmapping": ExternalMappingFactory(
            product=version.product, external_code=canary
        ),
        "integrations_webhookendpoint": event.endpoint,
        "integrations_webhookevent": event,
        "documents_productdocument": DocumentFactory(product_version=draft, title=canary),
        "commissions_commissionscheme": TierFactory(scheme__product_version=draft).scheme,
        "commissions_beneficiary": BeneficiaryFactory(company=company, name=canary),
        "accounting_accountingmapping": MappingFactory(product_version=version),
        "accounting_companyaccount": CompanyAccountFactory(company=company),
        "accounting_operation": line.entry.operation,
        "accounting_entry": line.entry,
        "accounting_exportrun": run,
        "accounting_pricegridexport": make_grid(company, file_name=canary),
    }


def make_parts(world: dict[str, Any]) -> dict[str, Any]:
    """Return a row of every other kind, by model: what has no page of its own."""
    company, partner = world["core_company"], world["partners_partner"]
    document = world["documents_productdocument"]
    canary, draft = f"canari-{company.code}", document.product_version
    plan = PlanFactory(product_version=draft, name=canary)
    member = Membership.objects.get(user=world["core_user"])
    return {
        "core_membership": member,
        "core_notification": make_notification(company, world["core_user"], title=canary),
        "core_membershiprisk": MembershipRisk.objects.create(
            membership=member, company=company, risk_id=world["catalog_risk"].pk
        ),
        "partners_partneractivation": partner.activations.get(),
        "partners_partneribanchange": IbanChangeFactory(partner=partner),
        "catalog_productplan": plan,
        "catalog_savedview": SavedViewFactory(
            user=world["core_user"], company=company, name=canary
        ),
        "catalog_wizarddraft": WizardDraftFactory(
            user=world["core_user"],
            product_version=draft,
            typed={"general/": {"texts": {"name": [canary]}}},
        ),
        "catalog_plannedsale": PlannedSaleFactory(product_version=draft),
        "catalog_favorite": FavoriteFactory(
            user=world["core_user"], product=world["catalog_product"]
        ),
        "catalog_bundlecomponent": BundleComponentFactory(
            plan=PlanFactory(product_version=draft, bundle_kind="fixed", bundle_value=30)
        ),
        "catalog_versionbilling": BillingFactory(product_version=draft, fee_label=canary),
        "catalog_versionlogistics": LogisticsFactory(product_version=draft, ticket_title=canary),
        "catalog_versionauthor": VersionAuthor.objects.create(
            product_version=draft, company=company, user=world["core_user"], round=1
        ),
        "catalog_versionapproval": VersionApproval.objects.create(
            product_version=draft,
            company=company,
            domain="product",
            decision="approved",
            content_hash=canary,
            user=world["core_user"],
        ),
        "catalog_producttransition": ProductTransition.objects.create(
            product=world["catalog_product"],
            company=company,
            to_status="frozen",
            reason=canary,
            due_at=now() + timedelta(days=9),
            state="planned",
            decided_by=world["core_user"],
        ),
        "catalog_pricingrule": PricingRuleFactory(plan=plan),
        "commissions_commissiontier": world["commissions_commissionscheme"].tiers.get(),
        "accounting_entrycounter": EntryCounter.objects.create(
            company=company, journal=canary, year=2025
        ),
        "integrations_webhookreceipt": WebhookReceipt.objects.create(
            endpoint=world["integrations_webhookendpoint"],
            company=company,
            external_event_id=canary,
            event_id=world["integrations_webhookevent"].pk,
            body_hash="0" * 64,
        ),
        "accounting_line": world["accounting_entry"].lines.first(),
        "documents_script": DocumentFactory(
            product_version=draft, title=canary, type=DocumentType.objects.get(code="SCRIPT")
        ),
    }


def make_run(company: Company, **fields: Any) -> ExportRun:
    """Return an export of September 2025, queued."""
    job = Job.objects.create(kind="accounting.export", object_id=new_id(), company=company)
    user = UserFactory()
    return ExportRun.objects.create(
        company=company, job=job, period="2025-09", created_by=user, **fields
    )


def make_grid(company: Company, **fields: Any) -> PriceGridExport:
    """Return a price grid of 1 September 2025, queued."""
    job = Job.objects.create(kind="accounting.price_grid", object_id=new_id(), company=company)
    given = {"kind": "price_grid", "period": "2025-09-01", "priced_at": now(), **fields}
    return PriceGridExport.objects.create(
        company=company, job=job, created_by=UserFactory(), **given
    )


def make_import(company: Company, **fields: Any) -> ImportRun:
    """Return an import of products whose file is gone, for pages that read the row only."""
    job = Job.objects.create(kind="core.import.product", object_id=new_id(), company=company)
    given = {"file_name": "produits.csv", "target": ImportTarget.PRODUCT, **fields}
    return ImportRun.objects.create(
        company=company,
        check_job=job,
        created_by=UserFactory(),
        file="absent.csv",
        size=1,
        sha256="0" * 64,
        **given,
    )


def make_notification(company: Company, user: User, **fields: Any) -> Notification:
    """Return something told to a person, of his company itself."""
    given = {"kind": "version_released", "action": "catalog.view", "title": "Annonce", **fields}
    return Notification.objects.create(
        user=user,
        company=company,
        target="core_company",
        target_id=company.pk,
        key=new_id(),
        **given,
    )


def make_trail(company: Company, **fields: Any) -> AuditTrail:
    """Return a monthly trail whose file is gone, for pages that read the row only."""
    given = {"month": "2025-09", "file_name": f"canari-{company.code}", **fields}
    return AuditTrail.objects.create(
        company=company, file="absent.csv", rows=0, sha256="0" * 64, **given
    )
