"""Rows for tests, valid by default."""

from datetime import UTC, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounting.choices import AccountPurpose, MappingState, Nature
from accounting.models import AccountingMapping, CompanyAccount
from catalog.choices import (
    Channel,
    CollectionCycle,
    Delivery,
    DiscountKind,
    LifecycleStatus,
    PaymentMethod,
    PricingType,
    Recurrence,
    RevenueModel,
)
from catalog.models import (
    BundleComponent,
    CqRule,
    ExternalMapping,
    Favorite,
    NegotiatedPrice,
    PlannedSale,
    PricingRule,
    Product,
    ProductPlan,
    ProductVersion,
    Promotion,
    Publication,
    Risk,
    SaleAgreement,
    SalesBan,
    SavedView,
    VersionBilling,
    VersionLogistics,
    WizardDraft,
)
from commissions.choices import Basis, Employment, Settlement, SplitKey, ValueType
from commissions.models import Beneficiary, CommissionScheme, CommissionTier
from documents.models import DocumentType, ProductDocument
from integrations.choices import WebhookEventType
from integrations.models import WebhookEndpoint, WebhookEvent
from partners.choices import AuthType, CredentialEnv, PartnerStatus, PartnerType
from partners.models import Partner, PartnerActivation, PartnerCredential, PartnerIbanChange
from winvest.core.models import Brand, Company, Membership, User
from winvest.core.models.base import new_id

START = datetime(2024, 12, 31, 23, 0, tzinfo=UTC)  # 1 January 2025 at midnight in Paris


class CompanyFactory(DjangoModelFactory[Company]):
    class Meta:
        model = Company

    code = factory.Sequence(lambda n: f"CO{n}")
    legal_name = factory.LazyAttribute(lambda o: f"Société {o.code}")
    brand_name = factory.LazyAttribute(lambda o: o.legal_name)
    siren = factory.Sequence(lambda n: f"{100_000_000 + n}")


class BrandFactory(DjangoModelFactory[Brand]):
    class Meta:
        model = Brand

    company = factory.SubFactory(CompanyFactory)
    name = factory.Sequence(lambda n: f"Marque {n}")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@winvest.example")
    name = factory.Sequence(lambda n: f"Personne {n}")
    password = factory.django.Password("mot-de-passe-de-test")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)


class PartnerFactory(DjangoModelFactory[Partner]):
    class Meta:
        model = Partner

    company = factory.SubFactory(CompanyFactory)
    type = PartnerType.INSURER
    name = factory.Sequence(lambda n: f"Assureur {n}")
    legal_name = factory.LazyAttribute(lambda o: o.name)
    is_insurance = True


class PartnerActivationFactory(DjangoModelFactory[PartnerActivation]):
    class Meta:
        model = PartnerActivation

    partner = factory.SubFactory(PartnerFactory)
    company = factory.SelfAttribute("partner.company")
    status = PartnerStatus.ACTIVE


class CredentialFactory(DjangoModelFactory[PartnerCredential]):
    class Meta:
        model = PartnerCredential

    partner = factory.SubFactory(PartnerFactory)
    company = factory.SelfAttribute("partner.company")
    env = CredentialEnv.SANDBOX
    auth_type = AuthType.API_KEY
    credentials = factory.LazyFunction(lambda: {"key": str(new_id()), "data": "A" * 40})


class IbanChangeFactory(DjangoModelFactory[PartnerIbanChange]):
    class Meta:
        model = PartnerIbanChange

    partner = factory.SubFactory(PartnerFactory)
    company = factory.SelfAttribute("partner.company")
    iban_masked = "FR76 •••• 0189"
    proposed_by = factory.SubFactory(UserFactory)


class RiskFactory(DjangoModelFactory[Risk]):
    class Meta:
        model = Risk

    company = factory.SubFactory(CompanyFactory)
    code = factory.Sequence(lambda n: f"RISQUE{n}")
    label = factory.Sequence(lambda n: f"Risque {n}")


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    company = factory.SubFactory(CompanyFactory)
    risk = factory.SubFactory(RiskFactory, company=factory.SelfAttribute("..company"))
    sku = factory.Sequence(lambda n: f"PRODUIT-{n:03d}")
    name = factory.Sequence(lambda n: f"Produit {n}")
    revenue_model = RevenueModel.REVENUE
    lifecycle_status = LifecycleStatus.ACTIVE


class VersionFactory(DjangoModelFactory[ProductVersion]):
    class Meta:
        model = ProductVersion

    product = factory.SubFactory(ProductFactory)
    company = factory.SelfAttribute("product.company")
    version = 1
    effective_from = START


class PlanFactory(DjangoModelFactory[ProductPlan]):
    class Meta:
        model = ProductPlan

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    code = factory.Sequence(lambda n: f"FORMULE{n}")
    name = factory.Sequence(lambda n: f"Formule {n}")
    recurrence = Recurrence.MONTHLY


class PricingRuleFactory(DjangoModelFactory[PricingRule]):
    class Meta:
        model = PricingRule

    plan = factory.SubFactory(PlanFactory)
    product_version = factory.SelfAttribute("plan.product_version")
    company = factory.SelfAttribute("plan.company")
    type = PricingType.FIXED
    payload = factory.LazyFunction(lambda: {"amount": Decimal("29.90")})


class PublicationFactory(DjangoModelFactory[Publication]):
    class Meta:
        model = Publication

    product_version = factory.SubFactory(VersionFactory)
    owner_company = factory.SelfAttribute("product_version.company")
    product = factory.SelfAttribute("product_version.product")
    company = factory.SelfAttribute("product_version.company")
    channels = factory.LazyFunction(lambda: list(Channel.values))
    start_at = START


class SaleAgreementFactory(DjangoModelFactory[SaleAgreement]):
    class Meta:
        model = SaleAgreement

    product = factory.SubFactory(ProductFactory)
    company = factory.SelfAttribute("product.company")
    seller = factory.SubFactory(CompanyFactory)
    start_at = START


class SalesBanFactory(DjangoModelFactory[SalesBan]):
    class Meta:
        model = SalesBan

    product = factory.SubFactory(ProductFactory)
    company = factory.SelfAttribute("product.company")
    reason = "Fin de partenariat"
    start_at = START


class SavedViewFactory(DjangoModelFactory[SavedView]):
    class Meta:
        model = SavedView

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Vue {n}")


class WizardDraftFactory(DjangoModelFactory[WizardDraft]):
    class Meta:
        model = WizardDraft

    user = factory.SubFactory(UserFactory)
    changed_by = factory.SelfAttribute("user")
    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")


class PlannedSaleFactory(DjangoModelFactory[PlannedSale]):
    class Meta:
        model = PlannedSale

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    seller = factory.SelfAttribute("product_version.company")
    channels = factory.LazyFunction(lambda: [Channel.WEB.value])


class FavoriteFactory(DjangoModelFactory[Favorite]):
    class Meta:
        model = Favorite

    user = factory.SubFactory(UserFactory)
    product = factory.SubFactory(ProductFactory)
    company = factory.SelfAttribute("product.company")


class PromotionFactory(DjangoModelFactory[Promotion]):
    class Meta:
        model = Promotion

    company = factory.SubFactory(CompanyFactory)
    code = factory.Sequence(lambda n: f"PROMO{n}")
    name = factory.Sequence(lambda n: f"Promotion {n}")
    kind = DiscountKind.PERCENT
    value = Decimal(10)
    start_at = START


class BundleComponentFactory(DjangoModelFactory[BundleComponent]):
    class Meta:
        model = BundleComponent

    plan = factory.SubFactory(PlanFactory, bundle_kind="fixed", bundle_value=Decimal(30))
    product_version = factory.SelfAttribute("plan.product_version")
    company = factory.SelfAttribute("plan.company")
    product = factory.SubFactory(ProductFactory, company=factory.SelfAttribute("..company"))


class NegotiatedPriceFactory(DjangoModelFactory[NegotiatedPrice]):
    class Meta:
        model = NegotiatedPrice

    product = factory.SubFactory(ProductFactory)
    company = factory.SelfAttribute("product.company")
    client_ref = factory.LazyFunction(new_id)
    type = PricingType.FIXED
    payload = factory.LazyFunction(lambda: {"amount": Decimal("19.90")})
    start_at = START


class BillingFactory(DjangoModelFactory[VersionBilling]):
    class Meta:
        model = VersionBilling

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    payment_method = PaymentMethod.SEPA
    collection_cycle = CollectionCycle.MONTHLY


class LogisticsFactory(DjangoModelFactory[VersionLogistics]):
    class Meta:
        model = VersionLogistics

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    delivery = Delivery.HOME


class ExternalMappingFactory(DjangoModelFactory[ExternalMapping]):
    class Meta:
        model = ExternalMapping

    product = factory.SubFactory(ProductFactory)
    company = factory.SelfAttribute("product.company")
    system = "OggoData"
    external_code = factory.Sequence(lambda n: f"OGGO-{n}")


class CqRuleFactory(DjangoModelFactory[CqRule]):
    class Meta:
        model = CqRule

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    required_fields = factory.LazyFunction(lambda: ["CNI", "RIB"])


ACCOUNTS = {
    Nature.REVENUE: "706100",
    Nature.COMMISSION: "756200",
    Nature.FEE: "627100",
    Nature.TAX: "445710",
}


class MappingFactory(DjangoModelFactory[AccountingMapping]):
    class Meta:
        model = AccountingMapping

    product_version = factory.SubFactory(VersionFactory)
    product = factory.SelfAttribute("product_version.product")
    company = factory.SelfAttribute("product_version.company")
    nature = Nature.REVENUE
    gl_account = factory.LazyAttribute(lambda row: ACCOUNTS[Nature(row.nature)])
    tax_code = "FR20"
    state = MappingState.VALIDATED
    validated_at = START


class SchemeFactory(DjangoModelFactory[CommissionScheme]):
    class Meta:
        model = CommissionScheme

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    settlement = Settlement.UPFRONT
    split = factory.LazyFunction(lambda: {"company": Decimal("0.6"), "commercial": Decimal("0.4")})


class TierFactory(DjangoModelFactory[CommissionTier]):
    class Meta:
        model = CommissionTier

    scheme = factory.SubFactory(SchemeFactory)
    company = factory.SelfAttribute("scheme.company")
    product_version = factory.SelfAttribute("scheme.product_version")
    basis = Basis.VOLUME
    min = Decimal(0)
    value_type = ValueType.PERCENT
    value = Decimal(10)


class BeneficiaryFactory(DjangoModelFactory[Beneficiary]):
    class Meta:
        model = Beneficiary

    company = factory.SubFactory(CompanyFactory)
    split_key = SplitKey.COMMERCIAL
    name = factory.Sequence(lambda n: f"Commercial {n}")
    employment = Employment.INDEPENDENT
    auxiliary_account = factory.Sequence(lambda n: f"V{n:05d}")


class DocumentFactory(DjangoModelFactory[ProductDocument]):
    class Meta:
        model = ProductDocument

    product_version = factory.SubFactory(VersionFactory)
    company = factory.SelfAttribute("product_version.company")
    type = factory.LazyFunction(lambda: DocumentType.objects.get(code="FAQ"))
    title = factory.Sequence(lambda n: f"Document {n}")
    file_url = factory.Sequence(lambda n: f"documents/test/{n}.pdf")
    file_hash = "sha256:" + "0" * 64
    file_name = "document.pdf"
    content_type = "application/pdf"
    size = 1024


class EndpointFactory(DjangoModelFactory[WebhookEndpoint]):
    class Meta:
        model = WebhookEndpoint

    partner = factory.SubFactory(PartnerFactory)
    company = factory.SelfAttribute("partner.company")
    event = WebhookEventType.QUOTE
    secret = factory.LazyFunction(lambda: {"key": str(new_id()), "data": "A" * 40})
    target_url = "https://winvest.example/api/catalog/webhooks/1"


class WebhookEventFactory(DjangoModelFactory[WebhookEvent]):
    class Meta:
        model = WebhookEvent

    endpoint = factory.SubFactory(EndpointFactory)
    company = factory.SelfAttribute("endpoint.company")
    external_event_id = factory.Sequence(lambda n: f"evt-{n}")
    payload = factory.LazyFunction(lambda: {"reference": "C-1"})
    signature = "a" * 64


class CompanyAccountFactory(DjangoModelFactory[CompanyAccount]):
    class Meta:
        model = CompanyAccount

    company = factory.SubFactory(CompanyFactory)
    purpose = AccountPurpose.CLIENT
    account = "411000"


ACCOUNTS = {
    AccountPurpose.REVENUE: "706100",
    AccountPurpose.COMMISSION: "756200",
    AccountPurpose.FEE: "627100",
    AccountPurpose.CLIENT: "411000",
    AccountPurpose.PARTNER: "411000",
    AccountPurpose.SUPPLIER: "401000",
    AccountPurpose.BANK: "512000",
    AccountPurpose.VAT_COLLECTED: "445710",
    AccountPurpose.VAT_DEDUCTIBLE: "445660",
    AccountPurpose.VAT_PENDING: "445800",
}


def make_accounts(company: Company) -> None:
    """Give a company its default accounts."""
    for purpose, account in ACCOUNTS.items():
        CompanyAccountFactory.create(company=company, purpose=purpose, account=account)
