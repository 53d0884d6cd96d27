"""A row of each table that may change, and one of its columns."""

from datetime import timedelta
from decimal import Decimal

from catalog.models import IndexValue, Risk
from documents.models import DocumentRequirement, DocumentType
from tests import factories
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Job, Notification, VatRate
from winvest.core.models.base import new_id


def make_token():
    return ApiToken.draw(user=factories.UserFactory(), name="Jeton")[0]


def make_draft(model, **fields):
    """Return an unsaved row whose parents stand; saving it is the test's first change."""
    factory = {
        "Brand": factories.BrandFactory,
        "Company": factories.CompanyFactory,
        "Membership": factories.MembershipFactory,
        "User": factories.UserFactory,
        "Partner": factories.PartnerFactory,
        "PartnerActivation": factories.PartnerActivationFactory,
        "PartnerCredential": factories.CredentialFactory,
        "PartnerIbanChange": factories.IbanChangeFactory,
        "Risk": factories.RiskFactory,
        "Product": factories.ProductFactory,
        "ProductVersion": factories.VersionFactory,
        "ProductPlan": factories.PlanFactory,
        "PricingRule": factories.PricingRuleFactory,
        "Publication": factories.PublicationFactory,
        "Promotion": factories.PromotionFactory,
        "SaleAgreement": factories.SaleAgreementFactory,
        "SalesBan": factories.SalesBanFactory,
        "SavedView": factories.SavedViewFactory,
        "WizardDraft": factories.WizardDraftFactory,
        "PlannedSale": factories.PlannedSaleFactory,
        "BundleComponent": factories.BundleComponentFactory,
        "NegotiatedPrice": factories.NegotiatedPriceFactory,
        "CqRule": factories.CqRuleFactory,
        "VersionBilling": factories.BillingFactory,
        "VersionLogistics": factories.LogisticsFactory,
        "ExternalMapping": factories.ExternalMappingFactory,
        "AccountingMapping": factories.MappingFactory,
        "CompanyAccount": factories.CompanyAccountFactory,
        "WebhookEndpoint": factories.EndpointFactory,
        "WebhookEvent": factories.WebhookEventFactory,
        "ProductDocument": factories.DocumentFactory,
        "CommissionScheme": factories.SchemeFactory,
        "CommissionTier": factories.TierFactory,
        "Beneficiary": factories.BeneficiaryFactory,
    }[model]
    row = factory(**fields)
    type(row)._base_manager.filter(pk=row.pk).delete()
    row._state.adding = True
    return row


def drafts(company):
    """Return how to make a row of each table that may change, and a column to change."""
    return {
        "Brand": (lambda: make_draft("Brand", company=company), "name", "Autre"),
        "Company": (lambda: make_draft("Company", code="ZZ"), "brand_name", "Autre"),
        "Membership": (
            lambda: make_draft("Membership", company=company, role=Role.SALES),
            "role",
            "auditor",
        ),
        "User": (lambda: make_draft("User"), "name", "Autre"),
        "ApiToken": (make_token, "name", "Autre"),
        "VatRate": (
            lambda: VatRate(code="FRX", label="Essai", rate=Decimal(3), valid_from="2030-01-01"),
            "label",
            "Autre",
        ),
        "IndexValue": (
            lambda: IndexValue(index="cpi", valid_on="2030-01-01", value=Decimal(3)),
            "source",
            "Autre",
        ),
        "Job": (
            lambda: Job(company=company, kind="essai", object_id=new_id()),
            "state",
            "cancelled",
        ),
        "Notification": (
            lambda: Notification(
                user=factories.UserFactory(),
                company=company,
                kind="version_released",
                action="catalog.view",
                title="Annonce",
                target="core_company",
                target_id=company.pk,
                key=str(new_id()),
            ),
            "mail",
            "sent",
        ),
        "Partner": (lambda: make_draft("Partner", company=company), "name", "Autre"),
        "PartnerActivation": (
            lambda: make_draft("PartnerActivation", partner__company=company),
            "status",
            "test",
        ),
        "PartnerCredential": (
            lambda: make_draft("PartnerCredential", partner__company=company),
            "auth_type",
            "basic",
        ),
        "PartnerIbanChange": (
            lambda: make_draft("PartnerIbanChange", partner__company=company),
            "bic",
            "AGRIFRPPXXX",
        ),
        "Risk": (lambda: make_draft("Risk", company=company), "label", "Autre"),
        # Only a draft, and only a publication to come, may be deleted (A.4, M-18).
        "Product": (
            lambda: make_draft("Product", company=company, lifecycle_status="draft"),
            "name",
            "Autre",
        ),
        "ProductVersion": (
            lambda: make_draft("ProductVersion", product__company=company),
            "notes",
            "Autre",
        ),
        "ProductPlan": (
            lambda: make_draft("ProductPlan", product_version__product__company=company),
            "name",
            "Autre",
        ),
        "PricingRule": (
            lambda: make_draft("PricingRule", plan__product_version__product__company=company),
            "tax_included",
            False,
        ),
        "BundleComponent": (
            lambda: make_draft("BundleComponent", plan__product_version__product__company=company),
            "quantity",
            2,
        ),
        "NegotiatedPrice": (
            lambda: make_draft(
                "NegotiatedPrice",
                product__company=company,
                start_at=now() + timedelta(days=1),
            ),
            "note",
            "Autre",
        ),
        "SaleAgreement": (
            lambda: make_draft(
                "SaleAgreement", product__company=company, start_at=now() + timedelta(days=1)
            ),
            "terms",
            "Autre",
        ),
        "SavedView": (lambda: make_draft("SavedView", company=company), "name", "Autre"),
        "WizardDraft": (
            lambda: make_draft("WizardDraft", product_version__product__company=company),
            "step",
            "documents",
        ),
        "PlannedSale": (
            lambda: make_draft("PlannedSale", product_version__product__company=company),
            "last_day",
            "2031-01-01",
        ),
        "SalesBan": (
            lambda: make_draft("SalesBan", product__company=company),
            "reason",
            "Autre",
        ),
        "Promotion": (
            lambda: make_draft("Promotion", company=company, start_at=now() + timedelta(days=1)),
            "name",
            "Autre",
        ),
        "Publication": (
            lambda: make_draft(
                "Publication",
                product_version__product__company=company,
                start_at=now() + timedelta(days=1),
            ),
            "visibility",
            "hidden",
        ),
        "CqRule": (
            lambda: make_draft("CqRule", product_version__product__company=company),
            "notes",
            "Autre",
        ),
        "VersionBilling": (
            lambda: make_draft("VersionBilling", product_version__product__company=company),
            "collection_day",
            5,
        ),
        "VersionLogistics": (
            lambda: make_draft("VersionLogistics", product_version__product__company=company),
            "ticket_title",
            "Autre",
        ),
        "ExternalMapping": (
            lambda: make_draft("ExternalMapping", product__company=company),
            "external_code",
            "AUTRE-1",
        ),
        "AccountingMapping": (
            lambda: make_draft(
                "AccountingMapping",
                product_version__product__company=company,
                state="to_validate",
                validated_at=None,
            ),
            "gl_account",
            "706200",
        ),
        "DocumentType": (lambda: DocumentType(code="ESSAI", label="Essai"), "label", "Autre"),
        "DocumentRequirement": (
            lambda: DocumentRequirement(
                family=Risk.objects.get(code="SANTE"),
                document_type=DocumentType.objects.get(code="FAQ"),
            ),
            "note",
            "Autre",
        ),
        "WebhookEndpoint": (
            lambda: make_draft("WebhookEndpoint", partner__company=company),
            "status",
            "inactive",
        ),
        "WebhookEvent": (
            lambda: make_draft("WebhookEvent", endpoint__partner__company=company),
            "status",
            "ignored",
        ),
        "ProductDocument": (
            lambda: make_draft("ProductDocument", product_version__product__company=company),
            "title",
            "Autre",
        ),
        "CommissionScheme": (
            lambda: make_draft("CommissionScheme", product_version__product__company=company),
            "name",
            "Autre",
        ),
        "CommissionTier": (
            lambda: make_draft("CommissionTier", scheme__product_version__product__company=company),
            "value_type",
            "amount",
        ),
        "Beneficiary": (lambda: make_draft("Beneficiary", company=company), "name", "Autre"),
        "CompanyAccount": (
            lambda: make_draft("CompanyAccount", company=company),
            "account",
            "411100",
        ),
    }
