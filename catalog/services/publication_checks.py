"""The catalogue's own checks of a publication (`design/domain.md` §2)."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from catalog.choices import Channel, PriceIndex, VersionState
from catalog.domain import approvals, formula
from catalog.domain import publication_rules as rules
from catalog.domain.eligibility import SellableProblem
from catalog.domain.lifecycle import STATUS_LABELS, LifecycleStatus
from catalog.domain.publication import Finding, Part, Sale, failed
from catalog.models import BundleComponent, CqRule, ProductPlan, ProductVersion
from catalog.selectors import publication as facts
from catalog.selectors.agreements import is_agreed
from catalog.selectors.bans import bans_of
from catalog.selectors.quote import reasons_of_bundle
from catalog.selectors.wording import number_in_words
from catalog.services.approval_states import approval_states
from catalog.services.audience import local_time
from catalog.services.checks import content_reasons
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.errors import Invalid
from winvest.core.models import Company
from winvest.core.selectors.holders import holders


def check_life(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """The product is active at the start of the sale, and the version is released (M-03)."""
    status = facts.status_then(version.product, sale.start)
    if status is not LifecycleStatus.ACTIVE:
        label = STATUS_LABELS[status]
        yield failed(rules.NOT_ACTIVE, target="product", key=version.product_id, status=label)
    if version.state != VersionState.RELEASED:
        state = version.get_state_display().lower()
        yield failed(rules.NOT_RELEASED, version=version.version, state=state)


def check_succession(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Where the version before it is on sale, this one stops the sales unless it is published."""
    yield from findings_of_succession(version)


def findings_of_succession(version: ProductVersion) -> Iterator[Finding]:
    """Tell each company that sells no more once the version takes effect, and where."""
    over = version.effective_to is not None and version.effective_to <= now()
    if over or version.state == VersionState.WITHDRAWN:
        return
    stopped = facts.sales_that_stop(version, version.effective_from)
    rule = rules.STOPS_SALES if version.effective_from > now() else rules.STOPPED_SALES
    for company in Company._base_manager.filter(pk__in=stopped).order_by("brand_name"):
        channels = ", ".join(one.label for one in Channel if one.value in stopped[company.pk])
        told: dict[str, Any] = {"company": company.brand_name, "channels": channels}
        told["day"] = local_time(version.effective_from, version.company)
        yield failed(rule, **told)


def check_content(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """What the content breaks of its own rules today: tiers, rates, family (3.1, 2.1-risk-03)."""
    for reason in content_reasons(version):
        family = reason.code.startswith("risk.")
        part = Part.RISK if family else Part.PRICING
        code = reason.code if "." in reason.code else rules.CONTENT.code
        rule = replace(rules.CONTENT, code=code, part=part)
        yield failed(rule, reason=reason.message)


def check_prices(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Every plan has a price whose VAT is in force, unless a partner's API prices it (3.4-05)."""
    plans = facts.plans_of(version)
    codes = facts.tax_codes_of(version)
    # A code of the whole product prices every plan; a plan's own code, that plan.
    linked = {code.plan_id for code in facts.api_mappings(version.product_id)}
    if not linked and not plans and not codes:
        yield failed(rules.NO_PRICE)
    for plan in plans:
        if not linked & {plan.pk, None} and not plan.priced:  # type: ignore[attr-defined]
            yield failed(rules.PLAN_WITHOUT_PRICE, plan=plan.code)
    offered = [
        plan
        for plan in plans
        if (plan.valid_from is None or plan.valid_from <= sale.start)
        and (plan.valid_to is None or sale.start < plan.valid_to)
    ]
    if plans and not offered:
        yield failed(rules.NO_PLAN_IN_DATES)
    seller = _company(sale)
    day = sale.start.astimezone(ZoneInfo(seller.timezone)).date()
    for code in facts.codes_without_rate(codes | facts.fee_codes_of(version), seller, day):
        told: dict[str, Any] = {"code": code, "day": f"{day:%d/%m/%Y}", "country": seller.country}
        yield failed(rules.VAT, target="core.vatrate", **told)


def check_bundles(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Each component of a bundle has a price when the sale begins: the bundle has none without."""
    bundles = ProductPlan._base_manager.filter(product_version=version).exclude(bundle_kind="")
    for plan in bundles.select_related("product_version").order_by("position", "code"):
        held = BundleComponent._base_manager.filter(plan=plan).select_related("product")
        products = [one.product for one in held.order_by("position", "pk")]
        for reason in reasons_of_bundle(plan, company_id=sale.seller, at=sale.start):
            rank = reason.path.removeprefix("components.")
            planned = reason.code == SellableProblem.PRODUCT_STATUS.value and (
                facts.status_then(products[int(rank)], sale.start) is LifecycleStatus.ACTIVE
            )
            if not planned:
                yield failed(rules.BUNDLE, plan=plan.code, reason=reason.message)


def check_formulas(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """An indexed price has an amount at each value of its index that is known (P-05)."""
    day = sale.start.astimezone(ZoneInfo(_company(sale).timezone)).date()
    for price in facts.indexed_prices(version):
        try:
            tree = formula.parse(price.payload["formula"])
        except Invalid:
            continue  # the content's own rules tell it
        plan, index = price.plan, PriceIndex(price.payload["index"])
        told: dict[str, Any] = {"plan": f"« {plan.code} »" if plan else "la version"}
        told |= {"index": f"« {index.label} »", "day": f"{day:%d/%m/%Y}"}
        given = plan.parameters.get("base") if plan else None
        known = {} if given is None else {"base": Decimal(given)}
        reads_index = "index" in formula.names_of(tree)
        values = facts.values_of_index(index, day) if reads_index else []
        if reads_index and not any(one.valid_on <= day for one in values):
            yield failed(rules.NO_INDEX, **told)
        for one in values:
            if not formula.can_give(tree, {**known, "index": one.value}, least=Decimal(0)):
                told |= {"formula": price.payload["formula"], "day": f"{one.valid_on:%d/%m/%Y}"}
                yield failed(rules.FORMULA, value=number_in_words(one.value), **told)


def check_place(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """The version is sold on each channel, and the seller's people have its family (N-02)."""
    closed = sale.channels - set(version.channels) if version.channels else set()
    if closed:
        names = ", ".join(one.label for one in Channel if one.value in closed)
        yield failed(rules.CHANNEL, channels=names)
    risk = version.product.risk
    seller = _company(sale)
    of_seller = holders(set(Role), sale.seller, risk.pk, group=False)
    if not of_seller:
        told: dict[str, Any] = {"company": seller.brand_name, "family": risk.label}
        yield failed(rules.COMPANY_FAMILY, target="core.user", **told)


def check_agreement(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Another company than the owner sells with the owner's agreement (R-10)."""
    if sale.seller != version.company_id and not is_agreed(sale, version.product_id):
        told: dict[str, Any] = {"owner": version.company.brand_name}
        told["seller"] = _company(sale).brand_name
        yield failed(rules.AGREEMENT, target="catalog.saleagreement", **told)


def check_bans(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Nothing of the sale is on the seller's black list (8-05)."""
    for ban in bans_of(sale, version.product_id):
        told: dict[str, Any] = {"ban": str(ban), "reason": ban.reason}
        yield failed(rules.BANNED, target="catalog.salesban", key=ban.pk, **told)


def check_partner(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """The partner is active for the seller; its API was tried where it prices the product."""
    product = version.product
    partner = product.partner
    if partner is not None and not facts.partner_is_active(partner, sale.seller):
        told = {"partner": partner.name, "company": _company(sale).brand_name}
        yield failed(rules.PARTNER, target="partners.partner", key=partner.pk, **told)
    for code in facts.api_mappings(product.pk):
        if code.sandbox_passed_at is None:
            told = {"code": code.external_code, "system": code.system}
            yield failed(rules.SANDBOX, target="catalog.externalmapping", key=code.pk, **told)


def check_quality(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """ADV's rules and the call script: told, not demanded (§3.6)."""
    quality = list(CqRule._base_manager.filter(product_version=version))
    if not quality:
        yield failed(rules.NO_CQ_RULE)
    elif Channel.TELESALES in sale.channels and not any(one.call_script_id for one in quality):
        yield failed(rules.NO_SCRIPT)


def check_approvals(version: ProductVersion, sale: Sale) -> Iterator[Finding]:
    """Produit, Compta, Conformité, and Intégration where a partner's API prices it (4-05)."""
    for domain, what in approvals.lacking(approval_states(version)):
        yield failed(rules.APPROVALS[domain], what=what)


CHECKS = {
    "life": check_life,
    "succession": check_succession,
    "content": check_content,
    "prices": check_prices,
    "bundles": check_bundles,
    "formulas": check_formulas,
    "place": check_place,
    "agreement": check_agreement,
    "bans": check_bans,
    "partner": check_partner,
    "quality": check_quality,
    "approvals": check_approvals,
}


def _company(sale: Sale) -> Company:
    company: Company = Company._base_manager.get(pk=sale.seller)
    return company
