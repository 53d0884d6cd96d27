"""Bodies, answers and filters of the partners (names of Annexe A); no secret is ever answered."""

from typing import Any

from rest_framework import serializers

from partners.choices import (
    AuthType,
    CredentialEnv,
    IbanChangeState,
    PartnerStatus,
    PartnerType,
)
from winvest.core.api.companies import AddressBody
from winvest.core.api.serializers import (
    IdField,
    InstantField,
    ListQuery,
    NumberField,
    OneOfField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)
from winvest.core.api.warned import WarningSerializer

ABSENT: dict[str, Any] = {"required": False, "allow_null": True}


class PartnerQuery(ListQuery):
    """Filters of the partners."""

    company = IdField(required=False, help_text="Société qui gère le partenaire.")
    activated_for = IdField(required=False, help_text="Société pour laquelle il est actif.")
    type = OneOfField(choices=PartnerType.choices, required=False, help_text="Type.")
    status = OneOfField(choices=PartnerStatus.choices, required=False, help_text="Statut.")
    siren = TextField(required=False, max_length=9, help_text="SIREN.")
    search = TextField(
        required=False, max_length=100, help_text="Mots du nom, sans accents ni majuscules."
    )


class ExtranetBody(StrictSerializer):
    """An extranet of the partner; `code` is kept encrypted and never answered."""

    label = TextField(max_length=60, required=False)  # type: ignore[assignment]
    url = TextField(max_length=300, required=False)
    login = TextField(max_length=120, required=False)
    code = TextField(max_length=200)


class PartnerBody(StrictSerializer):
    """What may be written of a partner; its IBAN changes by two people (`iban-changes`)."""

    company_id = IdField()
    type = OneOfField(choices=PartnerType.choices)
    name = TextField(max_length=160)
    legal_name = TextField(max_length=160)
    export_label = TextField(max_length=160, required=False, allow_blank=True)
    siren = TextField(max_length=9, **ABSENT)
    is_insurance = YesNoField(required=False)
    addresses = AddressBody(many=True, **ABSENT)
    bic = TextField(max_length=20, **ABSENT)
    payment_terms = TextField(max_length=60, **ABSENT)
    extranet_codes = ExtranetBody(many=True, **ABSENT)
    sla_availability = NumberField(min_value=0, max_value=100, **ABSENT)
    sla_response_hours = WholeField(min_value=0, max_value=8760, **ABSENT)
    sla_resolution_hours = WholeField(min_value=0, max_value=8760, **ABSENT)
    sla_notes = TextField(max_length=300, required=False, allow_blank=True)
    status = OneOfField(choices=PartnerStatus.choices, required=False)


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
    addresses = AddressBody(many=True, allow_null=True)
    iban_masked = serializers.CharField(allow_null=True)
    bic = serializers.CharField(allow_null=True)
    payment_terms = serializers.CharField(allow_null=True)
    has_extranet_codes = serializers.BooleanField(allow_null=True)
    sla_availability = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    sla_response_hours = serializers.IntegerField(allow_null=True)
    sla_resolution_hours = serializers.IntegerField(allow_null=True)
    sla_notes = serializers.CharField()
    status = serializers.ChoiceField(choices=PartnerStatus.choices)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PartnerAnswer(PartnerSerializer):
    """A partner with what is doubtful about it: SIREN's key, likely twins."""

    warnings = WarningSerializer(many=True)


class ActivationBody(StrictSerializer):
    """A company for which the partner is open (M-01)."""

    company_id = IdField()
    status = OneOfField(choices=PartnerStatus.choices, required=False)
    activated_at = InstantField(**ABSENT)


class ActivationSerializer(serializers.Serializer[object]):
    """An activation."""

    id = serializers.UUIDField()
    partner_id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    company_code = serializers.CharField()
    status = serializers.ChoiceField(choices=PartnerStatus.choices)
    activated_at = serializers.DateTimeField(allow_null=True)


class SecretsBody(StrictSerializer):
    """The parts of a credential; which ones go together depends on `auth_type`."""

    api_key = TextField(max_length=500, required=False)
    header = TextField(max_length=60, required=False)
    client_id = TextField(max_length=200, required=False)
    client_secret = TextField(max_length=500, required=False)
    token_url = TextField(max_length=300, required=False)
    scope = TextField(max_length=300, required=False)
    username = TextField(max_length=200, required=False)
    password = TextField(max_length=500, required=False)


class CredentialBody(StrictSerializer):
    """A credential of an environment that has none."""

    env = OneOfField(choices=CredentialEnv.choices)
    auth_type = OneOfField(choices=AuthType.choices)
    credentials = SecretsBody()


class RotationBody(StrictSerializer):
    """What takes the place of a credential; `overlap_until` lets the old one open until then."""

    auth_type = OneOfField(choices=AuthType.choices, required=False)
    credentials = SecretsBody()
    overlap_until = InstantField(**ABSENT)


class EndBody(StrictSerializer):
    """When a credential ends."""

    valid_to = InstantField()


class CredentialSerializer(serializers.Serializer[object]):
    """A credential without what it holds: dots and the four last signs of a long secret."""

    id = serializers.UUIDField()
    partner_id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    env = serializers.ChoiceField(choices=CredentialEnv.choices)
    auth_type = serializers.ChoiceField(choices=AuthType.choices)
    credentials = serializers.CharField(help_text="Masqué : « •••• 4f2a ».")
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    rotated_by = serializers.UUIDField(allow_null=True)


class CredentialAnswer(CredentialSerializer):
    """A credential with what its end stops."""

    warnings = WarningSerializer(many=True)


class IbanBody(StrictSerializer):
    """A proposed IBAN; without a BIC, the bank's own where it is known."""

    iban = TextField(max_length=50)
    bic = TextField(max_length=20, required=False)


class RefusalBody(StrictSerializer):
    """Why a proposed IBAN is dropped."""

    reason = TextField(max_length=300, required=False, allow_blank=True)


class IbanChangeSerializer(serializers.Serializer[object]):
    """A change of IBAN, masked."""

    id = serializers.UUIDField()
    partner_id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    iban_masked = serializers.CharField()
    bic = serializers.CharField()
    state = serializers.ChoiceField(choices=IbanChangeState.choices)
    proposed_by = serializers.UUIDField()
    decided_by = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
