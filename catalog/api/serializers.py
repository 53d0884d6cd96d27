"""Shapes of the catalogue's answers and of its query parameters (names of Annexe A)."""

from typing import Any

from rest_framework import serializers

from catalog.api.moments import DatedListQuery, KnownQuery
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
    PricingModel,
    PricingType,
    Recurrence,
    RevenueModel,
    RiskScope,
    TierMode,
    Unit,
    VersionState,
    Visibility,
)
from catalog.domain.badges import BADGE_LABELS
from catalog.domain.facets import FACETS, INTERNAL
from winvest.core.api.serializers import (
    IdField,
    InstantField,
    ListQuery,
    OneOfField,
    TextField,
    YesNoField,
)
from winvest.core.api.warned import WarningSerializer

BADGES = [(badge.value, label) for badge, label in BADGE_LABELS.items()]


class PartnerField(IdField):
    """The key of a partner, or « internal » for products without one (M-15)."""

    def to_internal_value(self, data: Any) -> Any:
        """Accept the word too."""
        return data if data == INTERNAL else super().to_internal_value(data)


class ProductFilters(KnownQuery):
    """Filters of the products."""

    company = IdField(required=False, help_text="Société qui détient ou vend le produit.")
    risk = IdField(required=False, help_text="Risque, avec ceux qu'il contient.")
    partner = PartnerField(
        required=False, help_text="Partenaire, ou `internal` : les produits sans partenaire."
    )
    status = OneOfField(choices=LifecycleStatus.choices, required=False, help_text="Statut.")
    channel = OneOfField(
        choices=Channel.choices, required=False, help_text="Publié maintenant sur ce canal."
    )
    as_of = InstantField(required=False, help_text="Instant des filtres de publication et de prix.")
    integrated = YesNoField(from_text=True, required=False, help_text="Intégré API ou import.")
    published = YesNoField(from_text=True, required=False, help_text="Publié en ce moment.")
    pricing = OneOfField(
        choices=PricingModel.choices,
        required=False,
        help_text="Type de tarification d'une version en vigueur ou à venir : la forme d'un "
        "prix, `recurring` (une formule due plus d'une fois) ou `bundle`.",
    )
    search = TextField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Mots du nom ou de l'assureur (accents, pluriels et fautes de frappe pardonnés), le "
        "dernier même inachevé ; ou début du code produit.",
    )


class ProductQuery(ListQuery, ProductFilters):
    """Filters and pages of the products."""


class FacetValueSerializer(serializers.Serializer[object]):
    """A value of a filter, and how many products it would leave."""

    value = serializers.CharField(help_text="À donner au filtre.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class FacetSerializer(serializers.Serializer[object]):
    """A filter with its values."""

    name = serializers.ChoiceField(choices=FACETS)
    exact = serializers.BooleanField(help_text="Faux : les nombres sont des minimums.")
    values = FacetValueSerializer(many=True)


class FacetsSerializer(serializers.Serializer[object]):
    """The filters of the products with their counts."""

    facets = FacetSerializer(many=True)


class RiskSerializer(serializers.Serializer[object]):
    """A family of products."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField(allow_null=True)
    parent_id = serializers.UUIDField(allow_null=True)
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    icon = serializers.CharField(allow_null=True)
    scope = serializers.ChoiceField(choices=RiskScope.choices)
    is_global = serializers.BooleanField()
    constraints = PayloadField("risk/constraints")
    field_schema = PayloadField(help_text="JSON Schema des champs de la famille, ou vide.")


class ProductSerializer(serializers.Serializer[object]):
    """A product."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField(allow_null=True)
    company_id = serializers.UUIDField()
    company_code = serializers.CharField()
    risk_id = serializers.UUIDField()
    risk_code = serializers.CharField()
    risk_label = serializers.CharField()
    partner_id = serializers.UUIDField(allow_null=True)
    partner_name = serializers.CharField(allow_null=True)
    brand_id = serializers.UUIDField(allow_null=True)
    brand_name = serializers.CharField(allow_null=True)
    revenue_model = serializers.ChoiceField(choices=RevenueModel.choices)
    unit = serializers.ChoiceField(choices=Unit.choices)
    carrier = serializers.CharField(allow_null=True)
    attributes = PayloadField(help_text="Selon les champs du risque.")
    forced_badges = PayloadField("product/badges")
    badges = serializers.ListField(child=serializers.ChoiceField(choices=BADGES))
    integration_status = serializers.ChoiceField(choices=IntegrationStatus.choices)
    lifecycle_status = serializers.ChoiceField(choices=LifecycleStatus.choices)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PlanSerializer(serializers.Serializer[object]):
    """A plan of a version."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    recurrence = serializers.ChoiceField(choices=Recurrence.choices)
    billing_cycle_days = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField()
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_to = serializers.DateTimeField(allow_null=True)
    parameters = PayloadField("plan/parameters")
    options = PayloadField("plan/options")
    surcharges = PayloadField("plan/surcharges")
    discounts = PayloadField("plan/discounts")
    bundle_kind = serializers.ChoiceField(choices=BundleKind.choices, allow_blank=True)
    bundle_value = serializers.CharField(allow_null=True)
    bundle_tax_included = serializers.BooleanField()


class BundleComponentSerializer(serializers.Serializer[object]):
    """A component of a plan that is a bundle."""

    id = serializers.UUIDField()
    plan_id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    sku = serializers.CharField()
    plan_code = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    position = serializers.IntegerField()


_INVERSIONS = "D'un tarif seul : les paliers où acheter plus coûte moins en tout."
_DOUBTS = f"{_INVERSIONS[:-1]} ; un taux de TVA qui n'est pas celui de la date d'effet."


class PricingRuleSerializer(serializers.Serializer[object]):
    """A price of a version; `payload` as in A.3.3."""

    id = serializers.UUIDField()
    plan_id = serializers.UUIDField(allow_null=True)
    type = serializers.ChoiceField(choices=PricingType.choices)
    tier_mode = serializers.ChoiceField(choices=TierMode.choices, allow_null=True)
    currency = serializers.CharField()
    payload = PayloadField("pricing/fixed", "pricing/tiered", "pricing/indexed", "pricing/usage")
    tax_code = serializers.CharField()
    tax_rate = serializers.CharField()
    tax_included = serializers.BooleanField()
    warnings = WarningSerializer(many=True, required=False, help_text=_DOUBTS)


class PublicationSerializer(serializers.Serializer[object]):
    """Where a version is sold."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    availability = serializers.ChoiceField(choices=Availability.choices)
    price_visible = serializers.BooleanField()
    conditions = serializers.CharField(allow_null=True)
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)
    is_pilot = serializers.BooleanField()
    reason = serializers.CharField()


class PromotionQuery(DatedListQuery):
    """Filters of the promotions."""

    company = IdField(required=False, help_text="Société.")
    product = IdField(required=False, help_text="Produit visé.")
    at = InstantField(required=False, help_text="En cours à cet instant, comme `as_of`.")


class PromotionSerializer(serializers.Serializer[object]):
    """A promotion; without a product, on all those of the company."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    on_code = serializers.BooleanField()
    kind = serializers.ChoiceField(choices=DiscountKind.choices)
    value = serializers.CharField()
    priority = serializers.IntegerField()
    cumulative = serializers.BooleanField()
    product_id = serializers.UUIDField(allow_null=True)
    plan_code = serializers.CharField(allow_blank=True)
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)


class NegotiatedPriceQuery(DatedListQuery):
    """Filters of the negotiated prices."""

    product = IdField(required=False, help_text="Produit.")
    client_ref = IdField(required=False, help_text="Client.")
    contract_ref = IdField(required=False, help_text="Contrat.")


class NegotiatedPriceSerializer(serializers.Serializer[object]):
    """A price of a client or a contract; `payload` as in A.3.3."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    plan_code = serializers.CharField(allow_blank=True)
    client_ref = serializers.UUIDField(allow_null=True)
    contract_ref = serializers.UUIDField(allow_null=True)
    type = serializers.ChoiceField(choices=PricingType.choices)
    tier_mode = serializers.ChoiceField(choices=TierMode.choices, allow_null=True)
    payload = PayloadField("pricing/fixed", "pricing/tiered", "pricing/indexed", "pricing/usage")
    tax_included = serializers.BooleanField()
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    warnings = WarningSerializer(many=True, required=False, help_text=_INVERSIONS)


class CqRuleSerializer(serializers.Serializer[object]):
    """What ADV asks for."""

    id = serializers.UUIDField()
    required_fields = PayloadField("cq_rule/required_fields")
    rule_sets = PayloadField("cq_rule/rule_sets")
    call_script_id = serializers.UUIDField(allow_null=True)
    notes = serializers.CharField(allow_null=True)


class BillingSerializer(serializers.Serializer[object]):
    """How a plan, or the whole version, is invoiced and collected."""

    id = serializers.UUIDField()
    plan_id = serializers.UUIDField(allow_null=True)
    plan_code = serializers.CharField(allow_null=True)
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    collection_cycle = serializers.ChoiceField(choices=CollectionCycle.choices)
    collection_day = serializers.IntegerField(allow_null=True)
    invoice_template = serializers.CharField(allow_null=True)
    mandate_template = serializers.CharField(allow_null=True)
    fee_amount = serializers.CharField(
        allow_null=True, help_text="Null aussi pour qui ne voit pas les prix."
    )
    fee_label = serializers.CharField()
    fee_tax_code = serializers.CharField()
    fee_tax_included = serializers.BooleanField()


class LogisticsSerializer(serializers.Serializer[object]):
    """What a sale asks of logistics."""

    id = serializers.UUIDField()
    delivery = serializers.ChoiceField(choices=Delivery.choices, allow_blank=True)
    delivery_days = serializers.IntegerField(allow_null=True)
    stock_managed = serializers.BooleanField()
    stock_reference = serializers.CharField(allow_blank=True)
    ticket_title = serializers.CharField(allow_blank=True)
    ticket_body = serializers.CharField(allow_blank=True)


class ExternalMappingSerializer(serializers.Serializer[object]):
    """An external code."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    plan_id = serializers.UUIDField(allow_null=True)
    system = serializers.CharField()
    external_code = serializers.CharField()
    integration_status = serializers.ChoiceField(choices=IntegrationStatus.choices)
    sandbox_passed_at = serializers.DateTimeField(allow_null=True)


class VersionRowSerializer(serializers.Serializer[object]):
    """A version of a product."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    effective_from = serializers.DateTimeField()
    effective_to = serializers.DateTimeField(allow_null=True)
    applies_to_inforce = serializers.ChoiceField(choices=InforcePolicy.choices)
    breaking_changes = serializers.BooleanField()
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    geography = PayloadField("version/geography")
    eligibility = PayloadField("version/eligibility")
    content_hash = serializers.CharField()
    released_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    never_applied = serializers.BooleanField(help_text="Retirée avant d'avoir pris effet.")
    notes = serializers.CharField(allow_null=True)


class VersionSerializer(VersionRowSerializer):
    """A version of a product, with what it holds."""

    plans = PlanSerializer(many=True)
    pricing_rules = PricingRuleSerializer(many=True)
    publications = PublicationSerializer(many=True)


class ReleasedSerializer(VersionSerializer):
    """A version that was just released, and what its release stops."""

    warnings = WarningSerializer(many=True)


class ProductDetailSerializer(ProductSerializer):
    """A product with its versions."""

    versions = VersionSerializer(many=True)
    warnings = WarningSerializer(many=True)
