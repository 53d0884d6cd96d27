"""« Essayer un prix » on a product's sheet: a quote, with every step that led to it (screens.md 2).

The quote is the one of the API: same rules, same refusals. Nothing is written. Of a version that is
still written, whoever writes its prices tries them, and nobody else; of one that is released and not
published yet, whoever reads the whole catalogue and quotes.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from catalog.admin.sheet import read_question
from catalog.admin.sheet_blocks import Block, Drawing
from catalog.admin.sheet_tabs import Asked, sheet_address, standing_of
from catalog.choices import COUNTED, Channel, PricingType, VersionState
from catalog.domain.eligibility import CUSTOMER_LABELS, Subject
from catalog.domain.lifecycle import VersionStanding
from catalog.models import Product
from catalog.selectors.sheet import sheet_product
from integrations.admin.quote_cures import refusals_of
from integrations.admin.quote_words import answer_in_words, trial_in_words
from integrations.services.quote import NOBODY, QuoteRequest, quote_price
from integrations.services.trial import try_version
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_page
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.models import Company
from winvest.core.permissions import access_of

CUSTOMERS = [(code, label.capitalize()) for code, label in CUSTOMER_LABELS.items()]
WHOLE = "Ce produit se compte à l'unité : donnez un nombre entier."
ANSWER = "sheet-quote-answer"
# The versions that are still written.
WRITTEN = {VersionState.DRAFT, VersionState.IN_REVIEW}
DRAFT, UNPUBLISHED = "essai sur brouillon", "essai, pas encore publié"


class QuoteForm(forms.Form):
    """What is asked of the price; each box is named as the API's field."""

    company = forms.ChoiceField(label="Société vendeuse")
    plan = forms.ChoiceField(label="Formule", required=False)
    channel = forms.ChoiceField(label="Canal", choices=Channel.choices)
    quantity = forms.DecimalField(
        label="Quantité", initial=1, min_value=0, max_digits=14, decimal_places=4, localize=True
    )
    day = forms.DateField(
        label="Au",
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 12, 31))],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    options = forms.MultipleChoiceField(
        label="Options", required=False, widget=forms.CheckboxSelectMultiple
    )
    promo_code = forms.CharField(label="Code promo", max_length=60, required=False)
    base_amount = forms.DecimalField(
        label="Montant de base", required=False, min_value=0, max_digits=18, localize=True
    )
    age = forms.IntegerField(label="Âge", required=False, min_value=0, max_value=150)
    postal_code = forms.CharField(label="Code postal", max_length=10, required=False)
    customer_type = forms.ChoiceField(
        label="Clientèle", choices=[("", "Non dite"), *CUSTOMERS], required=False
    )

    def __init__(self, asked: Asked, *args: Any, **options: Any) -> None:
        """Offer the plans and options of the version shown; ask only what it needs."""
        super().__init__(*args, **options)
        self.label_suffix = ""
        version, boxes = asked.parts, self.fields
        plans, eligibility = version["plans"], version["eligibility"]
        sellers = sellers_of(asked)
        boxes["company"].choices = [(str(one.pk), one.brand_name) for one in sellers]  # type: ignore[attr-defined]
        boxes["plan"].choices = [(row["code"], row["name"]) for row in plans]  # type: ignore[attr-defined]
        chosen = {row["code"]: row["name"] for plan in plans for row in plan["options"]}
        boxes["options"].choices = list(chosen.items())  # type: ignore[attr-defined]
        if version["channels"]:
            kept = [one for one in Channel.choices if one[0] in version["channels"]]
            boxes["channel"].choices = kept  # type: ignore[attr-defined]
        if asked.product.unit in COUNTED and not _is_metered(version["pricing_rules"]):
            boxes["quantity"].validators.append(_check_whole)
        asked_for = {
            "plan": bool(plans),
            "options": bool(chosen),
            "base_amount": _asks_base(version["pricing_rules"]),
            "age": bool({"age_min", "age_max"} & eligibility.keys()),
            "customer_type": "customer_types" in eligibility,
            "postal_code": bool(version["geography"]),
        }
        for name, needed in asked_for.items():
            if not needed:
                del boxes[name]
        if len(sellers) == 1:
            boxes["company"].widget = forms.HiddenInput()
        boxes["company"].initial = str(sellers[0].pk) if sellers else ""
        starts = version["effective_from"] if tries(asked) else asked.at
        boxes["day"].initial = timezone.localtime(max(asked.at, starts)).date()

    def question(self, product: Product) -> QuoteRequest:
        """Return what the filled form asks for."""
        data = self.cleaned_data
        told = {name: data.get(name) or None for name in ("age", "postal_code", "customer_type")}
        return QuoteRequest(
            company_id=UUID(data["company"]),
            sku=product.sku,
            plan=data.get("plan") or None,
            channel=data["channel"],
            quantity=Decimal(data["quantity"]),
            at=_instant(data["day"]),
            base_amount=data.get("base_amount"),
            options=tuple(data.get("options") or ()),
            promo_code=data["promo_code"] or None,
            subject=Subject(**told) if any(told.values()) else NOBODY,
        )


def _asks_base(rules: list[dict[str, Any]]) -> bool:
    """Whether a price is a percentage of an amount that is told."""
    tiers = [tier for rule in rules if rule["type"] == "tiered" for tier in rule["payload"]]
    return any(tier.get("base") == "percent" for tier in tiers)


def _is_metered(rules: list[dict[str, Any]]) -> bool:
    """Whether a price is told in a unit of its own, which has fractions."""
    return any(rule["type"] == PricingType.USAGE for rule in rules)


def _check_whole(quantity: Decimal) -> None:
    if quantity != quantity.to_integral_value():
        raise ValidationError(WHOLE)


def _instant(day: date) -> datetime:
    """Return now for today, else the first instant of the day in the page's time zone."""
    if day == timezone.localtime(now()).date():
        return now()
    return timezone.make_aware(datetime.combine(day, time.min))


def quoting(asked: Asked) -> frozenset[UUID]:
    """Return where the person quotes the product: its own company, and those that sell the version."""
    selling = {row["company_id"] for row in asked.parts["publications"]}
    return asked.access.companies(Action.QUOTE) & (selling | {asked.product.company_id})


def sellers_of(asked: Asked) -> list[Company]:
    """Return the companies where the person quotes the product, its own first; of a trial, it alone."""
    if tries(asked):
        return [asked.product.company]
    rows = Company.objects.filter(pk__in=quoting(asked)).order_by("brand_name")
    return sorted(rows, key=lambda one: one.pk != asked.product.company_id)


def is_open(asked: Asked) -> bool:
    """Whether the person may ask for a price of the product somewhere."""
    return asked.version is not None and (bool(tries(asked)) or bool(quoting(asked)))


def tries(asked: Asked) -> str:
    """Return as what the person tries the version shown, nothing where its price is that of a sale."""
    version = asked.version
    if version is None:
        return ""
    if version["state"] in WRITTEN:
        return DRAFT if asked.allows(Action.PRICING_EDIT) else ""
    quotes = asked.sees_all and asked.allows(Action.QUOTE)
    return UNPUBLISHED if quotes and _is_to_be_published(asked, version) else ""


def _is_to_be_published(asked: Asked, version: dict[str, Any]) -> bool:
    """Whether a released version is published nowhere, and not over either."""
    kept = standing_of(version, at=asked.now) in {
        VersionStanding.PLANNED,
        VersionStanding.IN_FORCE,
    }
    return kept and asked.moment is None and not asked.parts["publications"]


def tried(asked: Asked) -> list[Block]:
    """Give the form of a quote; its answer comes below."""
    title = " — ".join(filter(None, ("Essayer un prix", tries(asked))))
    return [Drawing(title, "admin/integrations/sheet/_form.html", _form(asked))]


def _form(asked: Asked, form: QuoteForm | None = None) -> dict[str, Any]:
    return {
        "form": form or QuoteForm(asked),
        "address": reverse("product-quote", args=[asked.product.pk]),
        "version": (asked.version or {}).get("version"),
        "trial": tries(asked),
    }


@site.admin_view
@require_GET
def sheet_quote(request: Any, pk: UUID) -> HttpResponse:
    """Show what the price is and how it was reached, or every reason why there is none."""
    product = sheet_product(access_of(request.user), pk, at=now())
    if product is None:
        raise Http404
    return local_page(product.company, lambda: _page(request, product))


def _page(request: Any, product: Product) -> HttpResponse:
    asked, _ = read_question(request, product)
    if not is_open(asked):
        raise PermissionDenied
    form = QuoteForm(asked, request.GET)
    part = request.htmx.target == ANSWER
    context = {
        **({} if part else site.each_context(request)),
        "title": f"Essayer un prix — {product.name}",
        "drawing": _form(asked, form),
        "answer": _answer(request, form, asked) if form.is_valid() else None,
        "back": sheet_address(product.pk, onglet="tarification"),
    }
    name = "_answer" if part else "quote"
    return TemplateResponse(request, f"admin/integrations/sheet/{name}.html", context)


def _answer(request: HttpRequest, form: QuoteForm, asked: Asked) -> dict[str, Any]:
    product, version = asked.product, asked.version
    question = form.question(product)
    try:
        if version is not None and (kind := tries(asked)):
            number = version["version"]
            trial = try_version(
                actor=person(request), product=product, version=number, asked=question
            )
            return {"trial": kind, "is_draft": kind == DRAFT, **trial_in_words(trial)}
        return answer_in_words(quote_price(actor=person(request), asked=question))
    except DomainError as error:
        return {"reasons": refusals_of(error, asked, question.company_id)}
