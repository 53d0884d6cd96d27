"""What may be written of products, versions and their parts (Annexe A.3, `design/api.md`)."""

from typing import Any

from rest_framework import serializers

from catalog.api.payloads import PayloadField
from catalog.choices import (
    Availability,
    BundleKind,
    Channel,
    CollectionCycle,
    Delivery,
    DiscountKind,
    InforcePolicy,
    IntegrationStatus,
    LifecycleStatus,
    PaymentMethod,
    PricingType,
    Recurrence,
    RequiredField,
    RevenueModel,
    RiskScope,
    RuleSet,
    TierMode,
    Unit,
    Visibility,
)
from winvest.core.api.serializers import (
    IdField,
    InstantField,
    NumberField,
    OneOfField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)

NULLABLE: dict[str, Any] = {"required": False, "allow_null": True}
BUNDLE = "Vide : la formule n'est pas un bundle. Sinon, comment son prix se fait de ses composants."
PAYLOAD: dict[str, Any] = {"required": False}


class RiskBody(StrictSerializer):
    """What may be written of a risk; without a company it belongs to the group (M-02)."""

    company_id = IdField(**NULLABLE)
    parent_id = IdField(**NULLABLE)
    code = TextField(max_length=60)
    label = TextField(max_length=120)  # type: ignore[assignment]
    icon = TextField(max_length=120, **NULLABLE)
    scope = OneOfField(choices=RiskScope.choices, required=False)
    is_global = YesNoField(required=False)
    constraints = PayloadField("risk/constraints", **PAYLOAD)
    field_schema = PayloadField("risk/field_schema", **PAYLOAD)


class ProductBody(StrictSerializer):
    """A product (A.3.1); it is created as a draft, whatever comes later has its own route."""

    sku = TextField(max_length=80)
    name = TextField(max_length=160)
    short_name = TextField(max_length=80, **NULLABLE)
    company_id = IdField()
    partner_id = IdField(**NULLABLE)
    risk_id = IdField()
    brand_id = IdField(**NULLABLE)
    revenue_model = OneOfField(choices=RevenueModel.choices)
    lifecycle_status = OneOfField(
        choices=LifecycleStatus.choices, required=False, help_text="`draft` à la création."
    )
    unit = OneOfField(choices=Unit.choices, required=False)
    carrier = TextField(max_length=160, **NULLABLE)
    forced_badges = PayloadField("product/badges", **PAYLOAD)
    attributes = PayloadField(required=False, help_text="Selon `field_schema` du risque.")

    def validate_lifecycle_status(self, value: str) -> str:
        """Refuse another status than the draft's: a status changes by its own steps."""
        if value != LifecycleStatus.DRAFT:
            raise serializers.ValidationError(
                "Un produit se crée en brouillon ; son statut change ensuite par étapes.",
                code="lifecycle.draft_only",
            )
        return value


class VersionBody(StrictSerializer):
    """A version (A.3.2)."""

    effective_from = InstantField()
    effective_to = InstantField(
        help_text="Indicatif : la mise en production la remplace par le début de la suivante.",
        **NULLABLE,
    )
    notes = TextField(max_length=10000, **NULLABLE)
    breaking_changes = YesNoField(required=False)
    applies_to_inforce = OneOfField(choices=InforcePolicy.choices, required=False)
    channels = serializers.ListField(child=OneOfField(choices=Channel.choices), required=False)
    geography = PayloadField("version/geography", **PAYLOAD)
    eligibility = PayloadField("version/eligibility", **PAYLOAD)


class PlanBody(StrictSerializer):
    """A plan of a version."""

    code = TextField(max_length=60)
    name = TextField(max_length=120)
    recurrence = OneOfField(choices=Recurrence.choices)
    billing_cycle_days = WholeField(min_value=1, max_value=3660, **NULLABLE)
    position = WholeField(min_value=0, max_value=32767, required=False)
    valid_from = InstantField(**NULLABLE)
    valid_to = InstantField(**NULLABLE)
    parameters = PayloadField("plan/parameters", **PAYLOAD)
    options = PayloadField("plan/options", **PAYLOAD)
    surcharges = PayloadField("plan/surcharges", **PAYLOAD)
    discounts = PayloadField("plan/discounts", **PAYLOAD)
    bundle_kind = OneOfField(
        choices=BundleKind.choices, allow_blank=True, help_text=BUNDLE, required=False
    )
    bundle_value = NumberField(min_value=0, **NULLABLE)
    bundle_tax_included = YesNoField(required=False)


class BundleComponentBody(StrictSerializer):
    """What a plan that is a bundle holds: a product of the company, or one of its plans."""

    plan_id = IdField(help_text="La formule du bundle.")
    product_id = IdField(help_text="Le produit contenu.")
    plan_code = TextField(
        max_length=60, required=False, allow_blank=True, help_text="Sa formule, s'il en a."
    )
    quantity = WholeField(min_value=1, max_value=1_000, required=False)
    position = WholeField(min_value=0, max_value=32767, required=False)


class PricingRuleBody(StrictSerializer):
    """A price of a plan, or of a version without plans; `payload` as in A.3.3, by `type`."""

    plan_id = IdField(**NULLABLE)
    type = OneOfField(choices=PricingType.choices)
    tier_mode = OneOfField(choices=TierMode.choices, **NULLABLE)
    currency = TextField(max_length=3, required=False)
    payload = PayloadField("pricing/fixed", "pricing/tiered", "pricing/indexed", "pricing/usage")
    tax_code = TextField(max_length=10, required=False, help_text="`FR20` par défaut.")
    tax_rate = NumberField(
        min_value=0, max_value=100, required=False, help_text="Par défaut, celui du code."
    )
    tax_included = YesNoField(required=False, help_text="Vrai par défaut.")


class PublicationBody(StrictSerializer):
    """Who sells the version, where and when (A.3.5); the path names the version."""

    company_id = IdField()
    product_version_id = IdField(required=False, help_text="Celle du chemin.")
    channels = serializers.ListField(child=OneOfField(choices=Channel.choices), min_length=1)
    visibility = OneOfField(choices=Visibility.choices, required=False)
    availability = OneOfField(choices=Availability.choices, required=False)
    price_visible = YesNoField(required=False)
    conditions = TextField(max_length=2000, **NULLABLE)
    start_at = InstantField()
    end_at = InstantField(**NULLABLE)
    is_pilot = YesNoField(
        required=False, help_text="Un essai avant la vente : interne, sur un seul canal."
    )
    reason = TextField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="Exigé d'un administrateur, qui publie en l'absence de l'ADV.",
    )


class PromotionBody(StrictSerializer):
    """A promotion: on a product or all of the company's, during `[start_at, end_at)`."""

    company_id = IdField()
    code = TextField(max_length=60)
    name = TextField(max_length=120)
    on_code = YesNoField(required=False, help_text="Vrai : pour qui donne le code seulement.")
    kind = OneOfField(choices=DiscountKind.choices)
    value = NumberField(min_value=0, help_text="Montant (HT ou TTC comme le prix), ou pourcentage.")
    priority = WholeField(min_value=1, max_value=32767, required=False)
    cumulative = YesNoField(required=False)
    product_id = IdField(help_text="Aucun : tous les produits de la société.", **NULLABLE)
    plan_code = TextField(max_length=60, required=False, allow_blank=True)
    channels = serializers.ListField(child=OneOfField(choices=Channel.choices), required=False)
    start_at = InstantField()
    end_at = InstantField(**NULLABLE)


class NegotiatedPriceBody(StrictSerializer):
    """A price of a client or a contract, `payload` as in A.3.3; VAT and currency are the plan's."""

    product_id = IdField()
    plan_code = TextField(max_length=60, required=False, allow_blank=True)
    client_ref = IdField(help_text="Le client, ou bien le contrat.", **NULLABLE)
    contract_ref = IdField(**NULLABLE)
    type = OneOfField(choices=PricingType.choices)
    tier_mode = OneOfField(choices=TierMode.choices, **NULLABLE)
    payload = PayloadField("pricing/fixed", "pricing/tiered", "pricing/indexed", "pricing/usage")
    tax_included = YesNoField(required=False, help_text="Vrai par défaut ; comme la formule.")
    start_at = InstantField()
    end_at = InstantField(**NULLABLE)
    note = TextField(max_length=300, required=False, allow_blank=True)


class CqRuleBody(StrictSerializer):
    """What ADV asks for when the version is sold."""

    required_fields = serializers.ListField(
        child=OneOfField(choices=RequiredField.choices), required=False
    )
    rule_sets = serializers.ListField(child=OneOfField(choices=RuleSet.choices), required=False)
    call_script_id = IdField(help_text="Un document de type SCRIPT.", **NULLABLE)
    notes = TextField(max_length=10000, **NULLABLE)


class BillingBody(StrictSerializer):
    """How a plan, or the whole version, is invoiced and collected, and its initial fees."""

    plan_id = IdField(help_text="Aucune : toute la version.", **NULLABLE)
    payment_method = OneOfField(choices=PaymentMethod.choices)
    collection_cycle = OneOfField(choices=CollectionCycle.choices)
    collection_day = WholeField(min_value=1, max_value=28, **NULLABLE)
    invoice_template = TextField(
        max_length=20, help_text="Type de document : FACTURE ou FACTURE_…", **NULLABLE
    )
    mandate_template = TextField(
        max_length=20, help_text="Type de document : MANDAT ou MANDAT_…", **NULLABLE
    )
    fee_amount = NumberField(
        min_value=0, help_text="Dus une fois, sur une vente nouvelle, sans remise.", **NULLABLE
    )
    fee_label = TextField(max_length=120, required=False)
    fee_tax_code = TextField(max_length=10, required=False)
    fee_tax_included = YesNoField(required=False)


class LogisticsBody(StrictSerializer):
    """What a sale asks of logistics: delivery, stock, ticket."""

    delivery = OneOfField(choices=Delivery.choices, allow_blank=True, required=False)
    delivery_days = WholeField(min_value=1, max_value=365, **NULLABLE)
    stock_managed = YesNoField(required=False)
    stock_reference = TextField(max_length=60, required=False, allow_blank=True)
    ticket_title = TextField(max_length=160, required=False, allow_blank=True)
    ticket_body = TextField(max_length=2000, required=False, allow_blank=True)


class ExternalMappingBody(StrictSerializer):
    """How an external system names the product, or one of its plans."""

    plan_id = IdField(**NULLABLE)
    system = TextField(max_length=60)
    external_code = TextField(max_length=120)
    integration_status = OneOfField(choices=IntegrationStatus.choices, required=False)
