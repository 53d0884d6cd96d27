"""`POST pricing/quote`."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from catalog.domain.eligibility import Subject
from catalog.domain.extras import Due
from catalog.domain.offers import indices_of
from catalog.domain.pricing import PricedLine
from catalog.selectors.quote import Offer
from integrations.api.quote_at_once import BODY, at_once
from integrations.api.serializers import QuoteQuery, QuoteRequestSerializer, QuoteSerializer
from integrations.services.quote import (
    NEW,
    NOBODY,
    Contract,
    ManualQuote,
    Quote,
    QuoteRequest,
    quote_price,
)
from winvest.core.api.authentication import PreparedBearerAuthentication, SessionAuthentication
from winvest.core.api.renderers import JsonAnswer
from winvest.core.api.serializers import query_values
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.money import round_amount
from winvest.core.domain.roles import Action
from winvest.core.domain.vat import TaxSplit

EXAMPLE = OpenApiExample(
    "Offre TV, formule Essentiel",
    request_only=True,
    value={
        "sku": "MTV-OFFRE-001",
        "plan": "BASIC",
        "company_id": "33333333-3333-3333-3333-333333333333",
        "channel": "web",
        "at": "2026-12-01T10:00:00+01:00",
        "quantity": 1,
        "subject": {"age": 42, "postal_code": "75011", "customer_type": "personal"},
    },
)


QUERY = QuoteQuery()


class PricingQuote(ApiView):
    """The price of a product."""

    actions = {"POST": Action.QUOTE}  # noqa: RUF012 - one table per view
    company_field = "company_id"
    authentication_classes = (PreparedBearerAuthentication, SessionAuthentication)

    @classmethod
    def as_view(cls, **options: Any) -> Any:
        """Return the view, with its short way."""
        return at_once(super().as_view(**options), quote_request, quote_answer)

    @extend_schema(
        operation_id="pricing_quote",
        summary="Prix d'un produit",
        description=(
            "Le prix d'une formule à un instant, avec la TVA de ce jour et un jeton signé que la "
            "vente rapporte. Un produit qui ne peut pas être vendu donne 409 `not_sellable` avec "
            "toutes les raisons. Une publication « Caché » ne se vend qu'aux rôles qui voient tout le "
            "catalogue ; un prix non visible leur est donné, aux autres `source: manual` (« sur "
            "devis »). Les montants sont des chaînes."
        ),
        tags=["Prix"],
        parameters=[QuoteQuery],
        request=QuoteRequestSerializer,
        responses=QuoteSerializer,
        auth=[{"Jeton": []}, {"Session": []}],  # type: ignore[list-item]
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> JsonAnswer:
        """Return the quote; the right and the company are checked before the body."""
        explain = QUERY.run_validation(query_values(request.query_params)).get("explain", False)
        asked = BODY.run_validation(request.data)
        self.require_company(asked["company_id"])
        quote = quote_price(actor=self.user, asked=quote_request(asked))
        answer = quote_answer(quote)
        if explain:
            answer["steps"] = _steps(quote)
        return JsonAnswer(answer)


def quote_request(asked: dict[str, Any]) -> QuoteRequest:
    """Return what a checked body asks for."""
    return QuoteRequest(
        company_id=asked["company_id"],
        sku=asked["sku"],
        plan=asked["plan"],
        channel=asked["channel"],
        quantity=Decimal(asked["quantity"]),
        unit=asked["unit"],
        at=asked["at"] or now(),
        base_amount=asked["base_amount"],
        options=tuple(asked["options"] or ()),
        promo_code=asked["promo_code"],
        client_ref=asked["client_ref"],
        contract=Contract(**asked["contract"]) if asked["contract"] else NEW,
        subject=Subject(**asked["subject"]) if asked["subject"] else NOBODY,
    )


def quote_answer(quote: Quote | ManualQuote) -> dict[str, Any]:
    """Return the quote as the contract writes it."""
    if isinstance(quote, ManualQuote):
        return _manual(quote)
    offer, price = quote.offer, quote.price
    answer = {
        "source": "internal",
        "indicative": False,
        "currency": price.currency,
        "recurrence": quote.recurrence,
        "lines": [_line(line, price.currency) for line in price.lines],
        "totals": {
            "due_once": _amounts(price.total(Due.ONCE)),
            "recurring": _amounts(price.total(Due.RECURRING)),
        },
        "product": _product(offer),
        "valid_until": quote.valid_until,
        "quote_token": quote.token,
    }
    if used := indices_of(offer.price):
        answer["indices"] = [
            {"index": index, "on": value.on, "value": str(value.value)} for index, value in used
        ]
    return answer


def _manual(quote: ManualQuote) -> dict[str, Any]:
    """Return that there is no price yet: nothing to add up, nothing signed."""
    return {
        "source": "manual",
        "indicative": True,
        "currency": quote.currency,
        "recurrence": quote.recurrence,
        "lines": [],
        "totals": None,
        "product": _product(quote.offer),
        "valid_until": None,
        "quote_token": None,
    }


def _product(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.product_id,
        "sku": offer.sku,
        "version": offer.facts.version,
        "plan": offer.facts.plan,
    }


def _line(line: PricedLine, currency: str) -> dict[str, Any]:
    return {
        "code": line.code,
        "label": line.label,
        "kind": line.kind,
        "quantity": str(line.quantity),
        "unit_amount": str(line.unit_amount),
        "amount_excl_tax": str(line.excl),
        "tax_rate": f"{line.tax_rate:.2f}",
        "tax_amount": str(line.tax),
        "amount_incl_tax": str(line.incl),
        "taken_off": str(round_amount(line.taken_off, currency)),
        "due": line.due,
    }


def _amounts(total: TaxSplit) -> dict[str, str]:
    return {"excl_tax": str(total.excl), "tax": str(total.tax), "incl_tax": str(total.incl)}


def _steps(quote: Quote | ManualQuote) -> list[dict[str, Any]]:
    if isinstance(quote, ManualQuote):
        return []
    return [
        {
            "rule": step.rule,
            "version": step.version,
            "input": step.input,
            "output": str(step.output),
            "rounding": step.rounding,
        }
        for step in quote.price.steps
    ]
