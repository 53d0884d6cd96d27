"""Prices of a version or of one of its plans (Annexe A.2.2, A.3.3; readings P-01 to P-10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import PricingType, TierMode
from catalog.domain import family, formula, tiers
from catalog.domain.bundles import BundleProblem
from catalog.domain.formula import FormulaProblem
from catalog.domain.offers import PricingProblem
from catalog.models.checks import IsPayload, known
from catalog.models.plan import ProductPlan
from catalog.models.version import ProductVersion, freeze_content, record_author
from winvest.core import schemas
from winvest.core.choices import Currency
from winvest.core.errors import Invalid, Problem, Reason
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import filled
from winvest.core.models.vat import VatRate

# Where a version keeps its rates while its prices are checked together.
READ_RATES = "read_rates"
SCHEMAS = Path(__file__).resolve().parents[1] / "schemas" / "pricing"

# In the currency of the company (several in V2), at a rate of the reference of its country (A.4, P-07); a country without any is not
# checked, so that rows may come before the reference data.
KNOWN_RATE = pgtrigger.Trigger(
    name="known_rate",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("currency", "tax_code", "tax_rate"),  # type: ignore[no-untyped-call]
    declare=[("home", "text"), ("money", "text")],
    func=(
        "SELECT country, currency INTO home, money FROM company JOIN product_version v ON v.company_id = company.id "
        "WHERE v.id = NEW.product_version_id; "
        "IF NEW.currency <> money THEN RAISE EXCEPTION 'pricing_rule %: prices are in %', NEW.id, "
        "money USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_rule_currency'; END IF; "
        "IF EXISTS (SELECT 1 FROM vat_rate WHERE country = home) AND NOT EXISTS (SELECT 1 "
        "FROM vat_rate WHERE country = home AND code = NEW.tax_code AND rate = NEW.tax_rate) THEN "
        "RAISE EXCEPTION 'pricing_rule %: % at % is no rate of %', NEW.id, NEW.tax_code, "
        "NEW.tax_rate, home USING ERRCODE = 'check_violation', "
        "CONSTRAINT = 'pricing_rule_known_rate'; END IF; RETURN NEW;"
    ),
)


class PricingRule(CompanyOwnedModel):
    """A price of a plan; the VAT rate is the one of `tax_code` at the tax point (P-07)."""

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.CASCADE,
        related_name="pricing_rules",
        verbose_name="version",
    )
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="pricing_rules",
        verbose_name="formule",
    )
    type = models.CharField("type", max_length=8, choices=PricingType)
    tier_mode = models.CharField(
        "mode des paliers", max_length=12, choices=TierMode, null=True, blank=True
    )
    currency = models.CharField("devise", max_length=3, default="EUR", db_default="EUR")
    payload = models.JSONField("tarif", encoder=DecimalEncoder, decoder=DecimalDecoder)
    tax_code = models.CharField("code TVA", max_length=10, default="FR20", db_default="FR20")
    tax_rate = models.DecimalField(
        "taux de TVA (%)", max_digits=5, decimal_places=2, default=20, db_default=20
    )
    tax_included = models.BooleanField("prix TTC", default=True, db_default=True)

    history = history()

    log_title = ("{product_version}", "{plan}", "{type}")

    class Meta:
        db_table = "pricing_rule"
        verbose_name = "règle de prix"
        verbose_name_plural = "règles de prix"
        ordering = ("product_version", "plan", "type")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
            KNOWN_RATE,
        )
        constraints = (
            one_of("type", PricingType),
            one_of("currency", Currency),
            filled("tax_code", "Code TVA"),
            one_of("tier_mode", TierMode, blank=True),
            models.CheckConstraint(
                condition=models.Q(type__in=PricingType.values),
                name="pricing_rule_type",
                violation_error_message="Ce type de prix n'existe pas.",
            ),
            models.CheckConstraint(
                condition=IsPayload(),
                name="pricing_rule_payload",
                violation_error_message="Le tarif n'a pas la forme de son type.",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(
                        type=PricingType.TIERED,
                        tier_mode__isnull=False,
                        tier_mode__in=TierMode.values,
                    )
                    | (~models.Q(type=PricingType.TIERED) & models.Q(tier_mode__isnull=True))
                ),
                name="pricing_rule_tier_mode",
                violation_error_message="Un prix par paliers, et lui seul, a un mode.",
            ),
        )
        indexes = (
            models.Index(fields=("product_version", "plan", "type"), name="pricing_rule_lookup"),
            # Which versions have a price of a form: some forms are rare.
            models.Index(fields=("type", "product_version"), name="pricing_rule_form"),
        )

    def __str__(self) -> str:
        return f"{self.get_type_display()} ({self.currency})"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Check the payload, the plan's version, the currency, the VAT rate and the family."""
        errors: dict[str, Any] = {}
        errors |= problems_of_price(self)
        plan = known(self, "plan")
        if "payload" not in errors and (problems := self._problems_of_base(plan)):
            errors["payload"] = problems
        if plan is not None and plan.product_version_id != self.product_version_id:
            errors["plan"] = "Cette formule est d'une autre version."
        elif plan is not None and plan.bundle_kind:
            errors["plan"] = ValidationError(
                BundleProblem.OWN_PRICE.message, code=BundleProblem.OWN_PRICE.value
            )
        elif known(self, "product_version") is not None and self._mixes_terms():
            problem = PricingProblem.MIXED_TERMS
            errors["tax_included"] = ValidationError(problem.message, code=problem.value)
        if known(self, "company") is not None and self.currency != self.company.currency:
            errors["currency"] = "La devise est celle de la société (multi-devises en V2)."
        if known(self, "product_version") is not None:
            self._check_tax(errors)
        if errors:
            raise ValidationError(errors)

    def _mixes_terms(self) -> bool:
        """Whether a new price has not the VAT code and the base of those it would add up with.

        Of the prices that are there, each may change in turn: the submission tells what is left.
        """
        if not self._state.adding:
            return False
        others = PricingRule._base_manager.filter(
            product_version=self.product_version_id, plan=self.plan_id
        )
        same = {"tax_code": self.tax_code, "tax_included": self.tax_included}
        return others.exclude(**same).exists()

    def _problems_of_base(self, plan: ProductPlan | None) -> list[ValidationError]:
        if self.type != PricingType.INDEXED:
            return []
        tree = formula.parse(self.payload["formula"])
        given = plan.parameters if plan else {}
        if "base" not in formula.names_of(tree):
            return []
        if "base" in given:
            fits = formula.can_give(tree, {"base": Decimal(given["base"])})
            return [] if fits else [_never(FormulaProblem.BASE)]
        return [
            ValidationError(
                "La formule lit « base » : donnez ce paramètre à la formule tarifaire.",
                code="formula.base",
            )
        ]

    def _check_tax(self, errors: dict[str, Any]) -> None:
        version = self.product_version
        rate = rate_in_force(self.tax_code, version)
        if rate is None:
            errors["tax_code"] = ValidationError(
                "Ce code TVA n'a pas de taux à la date d'effet.", code="vat.unknown"
            )
        elif rate != self.tax_rate and not self._keeps_its_rate():
            errors["tax_rate"] = ValidationError(
                f"Le taux de {self.tax_code} est de {rate.normalize():f} % à la date d'effet.",
                code="vat.rate",
            )
        facts = family.FamilyFacts(tax_codes=[self.tax_code])
        for reason in family.problems_of(version.product.risk.families(), facts):
            errors[reason.path] = ValidationError(reason.message, code=reason.code)

    def _keeps_its_rate(self) -> bool:
        """Whether the row already has this rate of its code, which was right for an earlier date.

        A return to an earlier content keeps it whole, rate included; a sale bears the rate of its
        own day, by the code, whatever the row says.
        """
        stored = PricingRule._base_manager.filter(
            pk=self.pk, tax_code=self.tax_code, tax_rate=self.tax_rate
        )
        return not self._state.adding and stored.exists()


def problems_of_price(row: Any) -> dict[str, Any]:
    """Return what is wrong with the type, payload and mode of a row that carries a price."""
    errors: dict[str, Any] = {}
    if row.type in PricingType.values and (found := problems_of_payload(row.type, row.payload)):
        errors["payload"] = found
    if row.type == PricingType.TIERED and not row.tier_mode:
        errors["tier_mode"] = "Choisissez comment les paliers comptent."
    if row.type != PricingType.TIERED and row.tier_mode:
        errors["tier_mode"] = "Seul un prix par paliers a un mode."
    return errors


def problems_of_payload(kind: str, payload: Any) -> list[ValidationError]:
    """Return what is wrong with a payload: its schema first, then what a schema cannot say."""
    compiled = schemas.validator(SCHEMAS / f"{kind}.json")
    if found := schemas.errors_of(compiled, payload):
        return found
    if kind == PricingType.TIERED:
        return [
            ValidationError(reason.message, code=reason.code)
            for reason in tiers.problems_of(payload)
        ]
    if kind == PricingType.INDEXED:
        try:
            tree = formula.parse(payload["formula"])
        except Invalid as error:
            return [ValidationError(str(error), code=error.code)]
        if not formula.can_give(tree, {}):
            return [_never(FormulaProblem.ZERO)]
    return []


def _never(problem: Problem) -> ValidationError:
    return ValidationError(problem.message, code=problem.value)


def rate_in_force(code: str, version: ProductVersion) -> Decimal | None:
    """Return the rate of a VAT code on the local day when the version takes effect."""
    read: dict[str, Decimal] | None = getattr(version, READ_RATES, None)
    if read is not None:
        return read.get(code)
    return rates_at_effect(version).filter(code=code).values_list("rate", flat=True).first()


@contextmanager
def rates_read_once(version: ProductVersion) -> Iterator[None]:
    """Read the rates of a version once for all its prices, while they are checked together."""
    setattr(version, READ_RATES, dict(rates_at_effect(version).values_list("code", "rate")))
    try:
        yield
    finally:
        delattr(version, READ_RATES)


def rates_at_effect(version: ProductVersion) -> models.QuerySet[VatRate]:
    """Return the rates of the company's country on the local day when the version takes effect."""
    company = version.company
    day = version.effective_from.astimezone(ZoneInfo(company.timezone)).date()
    rates = VatRate.objects.filter(country=company.country, valid_from__lte=day)
    return rates.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day))


def moved_rates(version: ProductVersion) -> dict[UUID, Reason]:
    """Return the warning of each price of a draft that keeps the VAT rate of an earlier date of
    effect.

    A return keeps it on purpose, and a sale bears the rate of its own day: nothing is refused.
    """
    if version.released_at is not None:
        return {}
    rates = dict(rates_at_effect(version).values_list("code", "rate"))
    prices = PricingRule.objects.filter(product_version=version)
    return {
        key: _moved(code, stored, rates[code])
        for key, code, stored in prices.values_list("pk", "tax_code", "tax_rate")
        if rates.get(code, stored) != stored
    }


def _moved(code: str, stored: Decimal, rate: Decimal) -> Reason:
    then, day = (f"{one.normalize():f}".replace(".", ",") for one in (stored, rate))
    message = (
        f"Taux enregistré : {then} % ; {code} est de {day} % à la date d'effet. Une vente porte "
        "le taux de son jour."
    )
    return Reason("vat.moved", message, "tax_rate")
