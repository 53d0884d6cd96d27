"""What client portals read: `public/offers` (C.3, `design/api.md`)."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.payloads import PayloadField
from catalog.choices import Availability, PricingType, Recurrence, TierMode
from catalog.selectors.offers import company_of, public_offers, with_plans
from winvest.core.api.problems import ApiProblem
from winvest.core.api.public import PublicView
from winvest.core.api.renderers import exact
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery, TextField
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound


class OfferQuery(ListQuery):
    """Whose offers."""

    company = TextField(required=False, max_length=32, help_text="Code de la société qui vend.")


class OfferPriceSerializer(serializers.Serializer[object]):
    """A price; `payload` as in A.3.3."""

    type = serializers.ChoiceField(choices=PricingType.choices)
    tier_mode = serializers.ChoiceField(choices=TierMode.choices, allow_null=True)
    currency = serializers.CharField()
    payload = PayloadField("pricing/fixed", "pricing/tiered", "pricing/indexed", "pricing/usage")
    tax_code = serializers.CharField()
    tax_rate = serializers.CharField()
    tax_included = serializers.BooleanField()


class OfferPlanSerializer(serializers.Serializer[object]):
    """A plan that is sold now."""

    code = serializers.CharField()
    name = serializers.CharField()
    recurrence = serializers.ChoiceField(choices=Recurrence.choices)
    prices = OfferPriceSerializer(many=True)


class OfferSerializer(serializers.Serializer[object]):
    """A product that a company sells to anybody on the web."""

    id = serializers.UUIDField()
    company_code = serializers.CharField()
    company_name = serializers.CharField()
    sku = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField(allow_null=True)
    brand_name = serializers.CharField(allow_null=True)
    risk_code = serializers.CharField()
    risk_label = serializers.CharField()
    version = serializers.IntegerField()
    availability = serializers.ChoiceField(choices=Availability.choices)
    price_visible = serializers.BooleanField(help_text="Faux : « sur devis », sans prix.")
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)
    plans = OfferPlanSerializer(many=True)


class OfferList(PublicView):
    """Offers shown to anybody."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012

    @extend_schema(
        operation_id="public_offers_list",
        summary="Offres publiques",
        description=(
            "Ce que les portails clients montrent, sans session ni jeton : les publications "
            "« Public » du canal web, en cours et vendables, les plus récentes d'abord. Une "
            "publication cachée ou interne n'y est jamais (C.3)."
        ),
        tags=["Public"],
        auth=[],
        parameters=[OfferQuery],
        responses=page_of(OfferSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; an unknown company is 404."""
        asked, at = self.parameters(OfferQuery), now()
        company = None
        if code := asked.get("company"):
            company = company_of(code)
            if company is None:
                raise NotFound(ApiProblem.NOT_FOUND, path="company")
        page = self.page(public_offers(at=at, company=company), ("-start_at", "-id"))
        offers = with_plans(page.data["results"], at=at)
        for offer in offers:
            for plan in offer["plans"]:
                for price in plan["prices"]:
                    price["payload"] = exact(price["payload"])
        page.data["results"] = offers
        return page
