"""Operations and entries in the API's contract; bodies are read by `domain.operation_body`."""

from rest_framework import serializers

from accounting.choices import EntryType, LineRole, OperationKind, OperationState
from accounting.domain.operation_body import BENEFICIARIES
from catalog.choices import Channel, Delivery
from winvest.core.api.serializers import (
    OPTIONAL,
    DayField,
    IdField,
    InstantField,
    ListQuery,
    NumberField,
    OneOfField,
    TextField,
    WholeField,
    YesNoField,
)

_MONTH_HELP = "Mois, AAAA-MM."


class ContractSerializer(serializers.Serializer[object]):
    """What the contract says of itself."""

    started_on = DayField(**OPTIONAL)
    version = WholeField(**OPTIONAL, help_text="Version du produit dont le contrat relève.")
    next_billing_at = TextField(**OPTIONAL, help_text="Date, ou instant avec son décalage.")
    renewal_at = TextField(**OPTIONAL, help_text="Date, ou instant avec son décalage.")


class RefundLineSerializer(serializers.Serializer[object]):
    """A line of a refund; all of one product."""

    sku = TextField(max_length=80)
    plan = TextField(**OPTIONAL, max_length=60)
    quantity = NumberField(**OPTIONAL)
    amount = NumberField()


class OperationBody(serializers.Serializer[object]):
    """A fact. Absent means null; unknown fields and those of another kind are refused."""

    source = TextField(max_length=60)  # type: ignore[assignment]
    external_id = TextField(max_length=120, help_text="Unique pour la société et la source.")
    kind = OneOfField(choices=OperationKind.choices)
    company_id = IdField()
    sku = TextField(**OPTIONAL, max_length=80, help_text="Vente, échéance, commission.")
    plan = TextField(**OPTIONAL, max_length=60)
    occurred_at = InstantField(help_text="Avec décalage ; un jour dans le futur au plus.")
    quantity = NumberField(**OPTIONAL)
    amount = NumberField(help_text="Total, dans la devise de la société.")
    tax_included = YesNoField(
        **OPTIONAL, help_text="TTC ; à défaut oui, sauf pour des frais ou une commission."
    )
    contract_ref = IdField(**OPTIONAL)
    client_ref = IdField(**OPTIONAL)
    channel = OneOfField(choices=Channel.choices, **OPTIONAL)
    beneficiaries = serializers.DictField(
        child=TextField(max_length=120), **OPTIONAL, help_text=", ".join(BENEFICIARIES)
    )
    contract = ContractSerializer(**OPTIONAL)
    quote_token = TextField(**OPTIONAL, help_text="Vente, échéance.")
    reverses = TextField(**OPTIONAL, max_length=120, help_text="Avoir, annulation.")
    collects = TextField(**OPTIONAL, max_length=120, help_text="Encaissement.")
    effective_on = DayField(**OPTIONAL, help_text="Avoir, annulation.")
    lines = RefundLineSerializer(many=True, **OPTIONAL, help_text="Avoir, annulation.")
    period = serializers.DictField(**OPTIONAL, help_text="{index, from, to}.")
    premium_excl_tax = NumberField(**OPTIONAL, help_text="Prime nette de taxe d'assurance.")
    cost_excl_tax = NumberField(**OPTIONAL, help_text="Vente, échéance.")
    supplier_ref = TextField(**OPTIONAL, max_length=120, help_text="Frais.")
    analytic_label = TextField(**OPTIONAL, max_length=80, help_text="Frais.")


class OperationQuery(ListQuery):
    """Filters of the operations."""

    company = IdField(required=False, help_text="Société.")
    period = TextField(required=False, max_length=7, help_text=_MONTH_HELP)
    state = OneOfField(choices=OperationState.choices, required=False)
    kind = OneOfField(choices=OperationKind.choices, required=False)
    sku = TextField(required=False, max_length=80)
    source = TextField(required=False, max_length=60)  # type: ignore[assignment]
    external_id = TextField(required=False, max_length=120)


class TicketQuery(ListQuery):
    """Filters of the tickets that sales ask for."""

    company = IdField(required=False, help_text="Société qui vend.")
    sku = TextField(required=False, max_length=80)
    since = InstantField(required=False, help_text="Ventes reçues depuis cet instant.")


class TicketSerializer(serializers.Serializer[object]):
    """What a sale asks of logistics; `id` is the operation's."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    version_id = serializers.UUIDField()
    sku = serializers.CharField()
    quantity = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices, allow_blank=True)
    contract_ref = serializers.UUIDField(allow_null=True)
    client_ref = serializers.UUIDField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    delivery = serializers.ChoiceField(choices=Delivery.choices, allow_blank=True)
    delivery_days = serializers.IntegerField(allow_null=True)
    stock_managed = serializers.BooleanField()
    stock_reference = serializers.CharField(allow_blank=True)
    cancelled = serializers.BooleanField()


class EntryQuery(ListQuery):
    """Filters of the entries."""

    company = IdField(required=False, help_text="Société.")
    period = TextField(required=False, max_length=7, help_text=_MONTH_HELP)
    journal = TextField(required=False, max_length=20)
    account = TextField(required=False, max_length=20)
    sku = TextField(required=False, max_length=80)


class LineSerializer(serializers.Serializer[object]):
    """A line: two columns, never negative."""

    account = serializers.CharField()
    auxiliary = serializers.CharField()
    role = serializers.ChoiceField(choices=LineRole.choices)
    debit = serializers.CharField()
    credit = serializers.CharField()
    product_label = serializers.CharField()
    partner_label = serializers.CharField()
    cost_center = serializers.CharField()
    tax_code = serializers.CharField()
    tax_rate = serializers.CharField()
    tax_amount = serializers.CharField()


class OperationEntrySerializer(serializers.Serializer[object]):
    """An entry of an operation."""

    id = serializers.UUIDField()
    journal = serializers.CharField()
    number = serializers.IntegerField()
    date = serializers.DateField()
    type = serializers.ChoiceField(choices=EntryType.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    lines = LineSerializer(many=True)


class EntrySerializer(OperationEntrySerializer):
    """An entry of the journal, with what it comes from."""

    company_id = serializers.UUIDField()
    operation_id = serializers.UUIDField()
    year = serializers.IntegerField()
    sku = serializers.CharField()
    version_id = serializers.UUIDField(allow_null=True)


class ReasonSerializer(serializers.Serializer[object]):
    """Why an operation waits, or what was odd about it."""

    code = serializers.CharField()
    message = serializers.CharField()
    path = serializers.CharField()


class OperationSerializer(serializers.Serializer[object]):
    """An operation with its entries; amounts with the currency's decimals."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=OperationKind.choices)
    state = serializers.ChoiceField(choices=OperationState.choices)
    reasons = ReasonSerializer(many=True)
    flags = ReasonSerializer(many=True)
    sku = serializers.CharField()
    plan_code = serializers.CharField()
    channel = serializers.CharField()
    quantity = serializers.CharField()
    amount = serializers.CharField()
    tax_included = serializers.BooleanField()
    currency = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    accounting_date = serializers.DateField()
    contract_ref = serializers.UUIDField(allow_null=True)
    client_ref = serializers.UUIDField(allow_null=True)
    supplier_ref = serializers.CharField()
    analytic_label = serializers.CharField()
    booked_at = serializers.DateTimeField(allow_null=True)
    reverses_external_id = serializers.CharField(allow_null=True)
    collects_external_id = serializers.CharField(allow_null=True)
    entries = OperationEntrySerializer(many=True)
    commission_lines = serializers.ListField(child=serializers.DictField())


class FateErrorSerializer(serializers.Serializer[object]):
    """Why a line was refused."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ReasonSerializer(many=True)  # type: ignore[assignment]


class FateSerializer(serializers.Serializer[object]):
    """What became of a line of a batch: an operation, or an error."""

    index = serializers.IntegerField()
    status = serializers.IntegerField()
    operation = OperationSerializer(required=False)
    error = FateErrorSerializer(required=False)


class BatchSerializer(serializers.Serializer[object]):
    """The fate of each line, in order."""

    results = FateSerializer(many=True)
