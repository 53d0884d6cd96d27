"""Shapes of a quote, asked and answered (`design/api.md`)."""

from rest_framework import serializers

from catalog.choices import Channel, PriceIndex, Recurrence
from catalog.domain.steps import Rounding
from winvest.core.api.serializers import (
    OPTIONAL,
    DayField,
    IdField,
    InstantField,
    NumberField,
    OneOfField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)

CUSTOMER_TYPES = [("personal", "Particulier"), ("professional", "Professionnel")]


class QuoteQuery(StrictSerializer):
    """Query parameters of a quote."""

    explain = YesNoField(from_text=True, required=False, help_text="Ajoute les étapes du calcul.")


class QuoteSubjectSerializer(StrictSerializer):
    """For whom the price is asked."""

    age = WholeField(min_value=0, max_value=150, **OPTIONAL)
    postal_code = TextField(max_length=10, **OPTIONAL)
    customer_type = OneOfField(choices=CUSTOMER_TYPES, **OPTIONAL)


class QuoteContractSerializer(StrictSerializer):
    """A contract that runs already, priced by what each release does to such contracts."""

    ref = IdField(**OPTIONAL)
    started_on = DayField(help_text="Version d'origine, si elle n'est pas dite.", **OPTIONAL)
    version = WholeField(min_value=1, help_text="Version sous laquelle il court.", **OPTIONAL)
    next_billing_at = InstantField(**OPTIONAL)
    renewal_at = InstantField(**OPTIONAL)


class QuoteRequestSerializer(StrictSerializer):
    """What is asked."""

    sku = TextField(max_length=80)
    plan = TextField(max_length=60, **OPTIONAL)
    company_id = IdField()
    channel = OneOfField(choices=Channel.choices)
    at = InstantField(help_text="Maintenant par défaut.", **OPTIONAL)
    quantity = NumberField(required=False, default=1)
    unit = TextField(
        max_length=20,
        help_text="Unité de la quantité (kWh, MWh, Go, Mo, min, h…) ; à défaut, celle du prix.",
        **OPTIONAL,
    )
    base_amount = NumberField(min_value=0, **OPTIONAL)
    options = serializers.ListField(child=TextField(max_length=60), max_length=50, **OPTIONAL)
    promo_code = TextField(max_length=60, help_text="Code d'une promotion.", **OPTIONAL)
    client_ref = IdField(help_text="Client, s'il a un prix négocié.", **OPTIONAL)
    subject = QuoteSubjectSerializer(**OPTIONAL)
    contract = QuoteContractSerializer(**OPTIONAL)


class QuoteAmountsSerializer(serializers.Serializer[object]):
    """An amount in three, in the currency's decimals."""

    excl_tax = serializers.CharField()
    tax = serializers.CharField()
    incl_tax = serializers.CharField()


class QuoteTotalsSerializer(serializers.Serializer[object]):
    """What is due once, and at each period."""

    due_once = QuoteAmountsSerializer()
    recurring = QuoteAmountsSerializer()


class QuoteLineSerializer(serializers.Serializer[object]):
    """A line of the price; `unit_amount` has 4 decimals."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(
        choices=["base", "option", "surcharge", "discount", "promotion", "component", "fee"]
    )
    quantity = serializers.CharField()
    unit_amount = serializers.CharField()
    amount_excl_tax = serializers.CharField()
    tax_rate = serializers.CharField()
    tax_amount = serializers.CharField()
    amount_incl_tax = serializers.CharField()
    taken_off = serializers.CharField(
        help_text="Part des remises et promotions, sur laquelle la ligne n'a pas de TVA."
    )
    due = serializers.ChoiceField(choices=["once", "recurring"])


class QuotedProductSerializer(serializers.Serializer[object]):
    """What was priced."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    version = serializers.IntegerField()
    plan = serializers.CharField(allow_null=True)


class QuoteIndexSerializer(serializers.Serializer[object]):
    """The value of an index that the price was computed with."""

    index = serializers.ChoiceField(choices=PriceIndex.choices)
    on = serializers.DateField(help_text="Premier jour de la valeur.")
    value = serializers.CharField()


class QuoteStepSerializer(serializers.Serializer[object]):
    """A step of the computation."""

    rule = serializers.CharField()
    version = serializers.IntegerField()
    input = serializers.CharField()
    output = serializers.CharField()
    rounding = serializers.ChoiceField(
        choices=[one.value for one in Rounding],
        help_text="Ce qui est fait du résultat de `input`. Une part (`largest_remainder`) est "
        "tronquée ; ce qu'elle reçoit du reste est ajouté dans `input`.",
    )


class QuoteSerializer(serializers.Serializer[object]):
    """The answer."""

    source = serializers.ChoiceField(choices=["internal", "partner", "cache", "manual"])  # type: ignore[assignment]
    indicative = serializers.BooleanField()
    currency = serializers.CharField()
    recurrence = serializers.ChoiceField(choices=Recurrence.choices)
    lines = QuoteLineSerializer(many=True)
    totals = QuoteTotalsSerializer(
        allow_null=True,
        help_text="Nul quand une personne donne le prix (`manual`) : partenaire à interroger, ou prix non visible.",
    )
    product = QuotedProductSerializer()
    indices = QuoteIndexSerializer(
        many=True, required=False, help_text="Valeurs lues par un prix indexé."
    )
    valid_until = serializers.DateTimeField(allow_null=True)
    quote_token = serializers.CharField(
        allow_null=True, help_text="Aucun pour un prix indicatif : il ne devient pas un contrat."
    )
    steps = QuoteStepSerializer(many=True, required=False, help_text="Avec `explain=true`.")
