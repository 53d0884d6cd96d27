"""Versions whole: released and on sale, with every part, or approved."""

from decimal import Decimal

from django.db import transaction

from catalog.choices import VersionState
from catalog.models import ProductVersion
from catalog.services.approvals import decide
from documents.models import DocumentType
from tests.factories import (
    START,
    BillingFactory,
    CqRuleFactory,
    DocumentFactory,
    LogisticsFactory,
    MembershipFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    SchemeFactory,
    TierFactory,
    UserFactory,
    VersionFactory,
)
from winvest.core.domain.roles import Role
from winvest.core.models import Company


def make_released(
    *,
    company: Company,
    sku: str,
    plans: dict[str, str],
    offer: dict | None = None,
    extras: dict | None = None,
    prices: list[dict] | None = None,
    **product,
) -> ProductVersion:
    """Make an active product, released and published on every channel since 2025-01-01.

    `plans` gives the price including 20 % VAT by plan code, `offer` more columns of the version,
    `extras` more columns of the plans, `prices` the rules of each plan instead of its amount.
    """
    version = VersionFactory.create(
        product=ProductFactory.create(company=company, sku=sku, **product),
        company=company,
        **(offer or {}),
    )
    for code, amount in plans.items():
        plan = PlanFactory.create(
            product_version=version, code=code, name=code.title(), **(extras or {})
        )
        for price in prices or [{"payload": {"amount": Decimal(amount)}}]:
            PricingRuleFactory.create(plan=plan, **price)
    version.state = VersionState.RELEASED
    version.released_at = START
    version.content_hash = "sha256:test"
    version.save()
    PublicationFactory.create(product_version=version)
    return version


def make_whole(company: Company, **product) -> ProductVersion:
    """Make a draft that has every part of a version: two plans, schemes, documents, CQ rules,
    billing, logistics."""
    version = VersionFactory.create(
        product=ProductFactory.create(company=company, **product),
        channels=["web", "telesales"],
        geography={"excluded_departments": ["2A"]},
        eligibility={"age_min": 18},
    )
    own = {"product_version": version}
    for position, (code, amount) in enumerate((("BASIC", "9.90"), ("CONFORT", "19.90"))):
        plan = PlanFactory.create(**own, code=code, name=code.title(), position=position)
        PricingRuleFactory.create(plan=plan, payload={"amount": Decimal(amount)})
    scheme = SchemeFactory.create(**own, plan=plan, name="Réseau")
    with transaction.atomic():  # a grid is whole when it is committed
        for low, high, value in ((0, 100, 10), (100, None, 12)):
            TierFactory.create(scheme=scheme, min=Decimal(low), max=high, value=Decimal(value))
    script = DocumentFactory.create(
        **own, type=DocumentType.objects.get(code="SCRIPT"), title="Script", mandatory=True
    )
    DocumentFactory.create(**own, title="Questions")
    CqRuleFactory.create(**own, call_script_id=script.pk)
    BillingFactory.create(**own, collection_day=5)
    LogisticsFactory.create(**own, delivery_days=3)
    return version


def approve(version: ProductVersion) -> ProductVersion:
    """Have a version in review approved by someone of its company who did not write it."""
    reviewer = UserFactory.create()
    MembershipFactory(user=reviewer, company=version.company, role=Role.COMPANY_ADMIN)
    decide(actor=reviewer, version=version, decision="approved")
    return version
