"""The lists that forms and tables offer are those that the rules know."""

from collections.abc import Mapping
from enum import StrEnum

import pytest
from django.db.models import TextChoices

from accounting import choices as accounting
from accounting.domain import columns, entry, mapping_rules, operation
from catalog import choices as catalog
from catalog.domain import approvals, integration, lifecycle, pricing, tiers, transitions
from catalog.domain import rules as price_rules
from commissions import choices as commissions
from commissions.domain import scheme
from documents import choices as documents
from documents.domain import state as document_state
from winvest.core import choices as core
from winvest.core.domain import money


@pytest.mark.parametrize(
    ("choices", "rules"),
    [
        (accounting.OperationKind, operation.OperationKind),
        (accounting.AccountPurpose, operation.AccountKey),
        (accounting.Nature, mapping_rules.Nature),
        (accounting.EntryType, entry.EntryType),
        (accounting.LineRole, entry.LineRole),
        (documents.DocumentState, document_state.DocumentState),
        (commissions.Direction, scheme.Direction),
        (commissions.AppliesTo, scheme.AppliesTo),
        (commissions.Basis, scheme.Basis),
        (commissions.ValueType, scheme.ValueType),
        (commissions.SplitKey, scheme.SplitKey),
        (catalog.RevenueModel, pricing.RevenueModel),
        (catalog.PricingType, price_rules.RuleType),
        (catalog.TierMode, tiers.TierMode),
        (catalog.LifecycleStatus, lifecycle.LifecycleStatus),
        (catalog.VersionState, lifecycle.VersionState),
        (catalog.ApprovalDomain, approvals.ApprovalDomain),
        (catalog.TransitionState, transitions.TransitionState),
        (catalog.IntegrationStatus, integration.IntegrationStatus),
    ],
    ids=lambda enum: f"{enum.__module__}.{enum.__name__}",
)
def test_choices_are_those_of_the_rules(choices: type[TextChoices], rules: type[StrEnum]) -> None:
    assert set(choices.values) == set(rules)


@pytest.mark.parametrize(
    ("choices", "labels"),
    [
        (accounting.OperationKind, operation.KIND_LABELS),
        (catalog.LifecycleStatus, lifecycle.STATUS_LABELS),
        (catalog.VersionState, lifecycle.STATE_LABELS),
        (catalog.ApprovalDomain, approvals.DOMAIN_LABELS),
        (catalog.TransitionState, transitions.TRANSITION_LABELS),
    ],
    ids=["OperationKind", "LifecycleStatus", "VersionState", "ApprovalDomain", "TransitionState"],
)
def test_messages_say_what_screens_say(
    choices: type[TextChoices], labels: Mapping[StrEnum, str]
) -> None:
    assert dict(choices.choices) == labels


@pytest.mark.requirement("2.1-company-03")
def test_a_company_keeps_its_books_in_a_currency_that_is_known() -> None:
    assert set(core.Currency.values) == set(money.CURRENCY_EXPONENTS)


@pytest.mark.requirement("F.1-02")
def test_every_profile_on_offer_has_its_columns() -> None:
    assert set(accounting.ExportProfile.values) == set(columns.PROFILES)
