"""Shapes of the catalogue's answers and of its query parameters (names of Annexe A)."""

from rest_framework import serializers

from catalog.choices import (
    Channel,
    InforcePolicy,
    LifecycleStatus,
    PricingType,
    Recurrence,
    RevenueModel,
    RiskScope,
    VersionState,
    Visibility,
)
from partners.choices import PartnerStatus, PartnerType
from winvest.core.api.serializers import IdField, ListQuery, OneOfField, TextField
from winvest.core.choices import VatRegime


class ProductQuery(ListQuery):
    """Filters of the products."""

    company = IdField(required=False, help_text="Société qui détient ou vend le produit.")
    risk = IdField(required=False, help_text="Risque.")
    partner = IdField(required=False, help_text="Partenaire.")
    status = OneOfField(choices=LifecycleStatus.choices, required=False, help_text="Statut.")
    channel = OneOfField(
        choices=Channel.choices, required=False, help_text="Publié maintenant sur ce canal."
    )
    search = TextField(
        required=False,
        max_length=100,
        help_text="Mots du nom, sans accents ni majuscules, ou début du code produit.",
    )


class CompanySerializer(serializers.Serializer[object]):
    """A company of the group."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    legal_name = serializers.CharField()
    brand_name = serializers.CharField()
    siren = serializers.CharField()
    siret_default = serializers.CharField(allow_null=True)
    vat_number = serializers.CharField(allow_null=True)
    country = serializers.CharField()
    currency = serializers.CharField()
    timezone = serializers.CharField()
    vat_regime = serializers.ChoiceField(choices=VatRegime.choices)
    is_active = serializers.BooleanField()


class RiskSerializer(serializers.Serializer[object]):
    """A family of products."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField(allow_null=True)
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    icon = serializers.CharField(allow_null=True)
    scope = serializers.ChoiceField(choices=RiskScope.choices)
    is_global = serializers.BooleanField()


class PartnerSerializer(serializers.Serializer[object]):
    """A partner."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=PartnerType.choices)
    name = serializers.CharField()
    legal_name = serializers.CharField()
    export_label = serializers.CharField()
    siren = serializers.CharField(allow_null=True)
    is_insurance = serializers.BooleanField()
    status = serializers.ChoiceField(choices=PartnerStatus.choices)


class ProductSerializer(serializers.Serializer[object]):
    """A product."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField(allow_null=True)
    company_id = serializers.UUIDField()
    company_code = serializers.CharField()
    risk_id = serializers.UUIDField()
    risk_label = serializers.CharField()
    partner_id = serializers.UUIDField(allow_null=True)
    partner_name = serializers.CharField(allow_null=True)
    brand_name = serializers.CharField(allow_null=True)
    revenue_model = serializers.ChoiceField(choices=RevenueModel.choices)
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


class PricingRuleSerializer(serializers.Serializer[object]):
    """A price of a version; `payload` as in A.3.3."""

    id = serializers.UUIDField()
    plan_id = serializers.UUIDField(allow_null=True)
    type = serializers.ChoiceField(choices=PricingType.choices)
    currency = serializers.CharField()
    payload = serializers.DictField(child=serializers.FloatField())
    tax_code = serializers.CharField()
    tax_included = serializers.BooleanField()


class PublicationSerializer(serializers.Serializer[object]):
    """Where a version is sold."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)


class VersionSerializer(serializers.Serializer[object]):
    """A version of a product, with what it holds."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    effective_from = serializers.DateTimeField()
    effective_to = serializers.DateTimeField(allow_null=True)
    applies_to_inforce = serializers.ChoiceField(choices=InforcePolicy.choices)
    breaking_changes = serializers.BooleanField()
    content_hash = serializers.CharField()
    notes = serializers.CharField(allow_null=True)
    plans = PlanSerializer(many=True)
    pricing_rules = PricingRuleSerializer(many=True)
    publications = PublicationSerializer(many=True)


class ProductDetailSerializer(ProductSerializer):
    """A product with its versions."""

    versions = VersionSerializer(many=True)
