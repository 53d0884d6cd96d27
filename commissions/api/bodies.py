"""Shapes of schemes, tiers and beneficiaries, written and shown (names of Annexe A)."""

from rest_framework import serializers

from catalog.api.bodies import NULLABLE
from catalog.api.payloads import PayloadField
from catalog.choices import Channel, TierMode
from commissions.choices import (
    AppliesTo,
    Base,
    Basis,
    CountingPeriod,
    CountingScope,
    Direction,
    EarnedBasis,
    Employment,
    Flow,
    Mode,
    Recognition,
    Settlement,
    SplitKey,
    Trigger,
    ValueType,
)
from winvest.core.api.serializers import (
    IdField,
    ListQuery,
    NumberField,
    OneOfField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)
from winvest.core.api.warned import WarningSerializer

MONTHS = 1200


class TierBody(StrictSerializer):
    """A tier: from `min` up to `max` (null: without end), a percentage or an amount per sale."""

    basis = OneOfField(choices=Basis.choices)
    month_from = WholeField(min_value=1, max_value=MONTHS, **NULLABLE)
    month_to = WholeField(min_value=1, max_value=MONTHS, **NULLABLE)
    min = NumberField(min_value=0)
    max = NumberField(min_value=0, **NULLABLE)
    value_type = OneOfField(choices=ValueType.choices)
    value = NumberField(min_value=0)


class SchemeBody(StrictSerializer):
    """A scheme; `tiers` replace those it had."""

    name = TextField(max_length=120, required=False)
    direction = OneOfField(choices=Direction.choices, required=False)
    applies_to = OneOfField(choices=AppliesTo.choices, required=False)
    plan_id = IdField(**NULLABLE)
    channel = OneOfField(choices=Channel.choices, **NULLABLE)
    seller_id = IdField(help_text="Société dont les ventes sont commissionnées.", **NULLABLE)
    partner_id = IdField(**NULLABLE)
    valid_from = serializers.DateField(**NULLABLE)
    valid_to = serializers.DateField(**NULLABLE)
    settlement = OneOfField(choices=Settlement.choices)
    trigger = OneOfField(choices=Trigger.choices, required=False)
    offset_months = WholeField(min_value=0, max_value=MONTHS, required=False)
    offset_day = WholeField(min_value=1, max_value=31, **NULLABLE)
    mode = OneOfField(choices=Mode.choices, required=False)
    flow = OneOfField(choices=Flow.choices, required=False)
    base = OneOfField(choices=Base.choices, required=False)
    split = PayloadField(help_text='Parts dont la somme est 1 : `{"company": 0.6, …}`.')
    tier_mode = OneOfField(choices=TierMode.choices, required=False)
    counting_scope = OneOfField(choices=CountingScope.choices, required=False)
    counting_period = OneOfField(choices=CountingPeriod.choices, required=False)
    min_amount = NumberField(min_value=0, **NULLABLE)
    max_amount = NumberField(min_value=0, **NULLABLE)
    bonus = NumberField(min_value=0, **NULLABLE)
    malus = NumberField(min_value=0, **NULLABLE)
    clawback_months = WholeField(min_value=0, max_value=MONTHS, **NULLABLE)
    earned_basis = OneOfField(choices=EarnedBasis.choices, required=False)
    advance_months = WholeField(min_value=1, max_value=MONTHS, **NULLABLE)
    advance_percent = NumberField(min_value=0, max_value=100, **NULLABLE)
    recognition = OneOfField(choices=Recognition.choices, required=False)
    tiers = serializers.ListField(child=TierBody(), max_length=100, required=False)
    test_cases = PayloadField(
        required=False,
        help_text="Ventes et commission attendue : `/api/schema/json/commission_scheme/test_cases`.",
    )


class TierSerializer(serializers.Serializer[object]):
    """A tier; numbers are strings."""

    basis = serializers.ChoiceField(choices=Basis.choices)
    month_from = serializers.IntegerField(allow_null=True)
    month_to = serializers.IntegerField(allow_null=True)
    min = serializers.CharField()
    max = serializers.CharField(allow_null=True)
    value_type = serializers.ChoiceField(choices=ValueType.choices)
    value = serializers.CharField()


class SchemeSerializer(serializers.Serializer[object]):
    """A scheme with its tiers; amounts are strings in the company's currency."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    direction = serializers.ChoiceField(choices=Direction.choices)
    applies_to = serializers.ChoiceField(choices=AppliesTo.choices)
    plan_id = serializers.UUIDField(allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, allow_null=True)
    seller_id = serializers.UUIDField(allow_null=True)
    partner_id = serializers.UUIDField(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    settlement = serializers.ChoiceField(choices=Settlement.choices)
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    offset_months = serializers.IntegerField()
    offset_day = serializers.IntegerField(allow_null=True)
    mode = serializers.ChoiceField(choices=Mode.choices)
    flow = serializers.ChoiceField(choices=Flow.choices)
    base = serializers.ChoiceField(choices=Base.choices)
    split = PayloadField()
    tier_mode = serializers.ChoiceField(choices=TierMode.choices)
    counting_scope = serializers.ChoiceField(choices=CountingScope.choices)
    counting_period = serializers.ChoiceField(choices=CountingPeriod.choices)
    min_amount = serializers.CharField(allow_null=True)
    max_amount = serializers.CharField(allow_null=True)
    bonus = serializers.CharField(allow_null=True)
    malus = serializers.CharField(allow_null=True)
    clawback_months = serializers.IntegerField(allow_null=True)
    earned_basis = serializers.ChoiceField(choices=EarnedBasis.choices)
    advance_months = serializers.IntegerField(allow_null=True)
    advance_percent = serializers.CharField(allow_null=True)
    recognition = serializers.ChoiceField(choices=Recognition.choices)
    tiers = TierSerializer(many=True)
    test_cases = PayloadField()
    warnings = WarningSerializer(many=True, required=False, help_text="Cas d'essai en échec.")


class BeneficiaryQuery(ListQuery):
    """Filters of the list."""

    company = IdField(required=False)
    active = YesNoField(from_text=True, required=False)


class BeneficiaryBody(StrictSerializer):
    """A person (with an account of ours or not) or a partner, under one key of the split."""

    company_id = IdField()
    split_key = OneOfField(choices=SplitKey.choices)
    name = TextField(max_length=160)
    employment = OneOfField(choices=Employment.choices)
    user_id = IdField(**NULLABLE)
    partner_id = IdField(**NULLABLE)
    auxiliary_account = TextField(max_length=20)
    tax_code = TextField(max_length=10, **NULLABLE)
    is_active = YesNoField(required=False)


class BeneficiarySerializer(serializers.Serializer[object]):
    """A beneficiary."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    split_key = serializers.ChoiceField(choices=SplitKey.choices)
    name = serializers.CharField()
    employment = serializers.ChoiceField(choices=Employment.choices)
    user_id = serializers.UUIDField(allow_null=True)
    partner_id = serializers.UUIDField(allow_null=True)
    auxiliary_account = serializers.CharField()
    tax_code = serializers.CharField(allow_null=True)
    is_active = serializers.BooleanField()
