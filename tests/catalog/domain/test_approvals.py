"""What an approval is worth: the last word on the very content (`design/domain.md` §1, §2)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from catalog.domain.approvals import (
    ApprovalDomain,
    Said,
    approval_states,
    lacking,
    missing_approvals,
    required_domains,
    why_nobody,
)

PRODUCT, ACCOUNTING, COMPLIANCE, INTEGRATION = ApprovalDomain
START = datetime(2026, 1, 1, tzinfo=UTC)


def said(*words):
    return [
        Said(domain, decision, digest, UUID(int=1), "Ana", START + timedelta(hours=hour))
        for hour, (domain, decision, digest) in enumerate(words)
    ]


@pytest.mark.requirement("4-05")
def test_it_answers_only_for_a_product_priced_by_an_api():
    assert required_domains(priced_by_api=False) == (PRODUCT, ACCOUNTING, COMPLIANCE)
    assert required_domains(priced_by_api=True) == tuple(ApprovalDomain)


@pytest.mark.requirement("1-14", "4-05")
@pytest.mark.parametrize(
    ("held", "authors", "why"),
    [
        ({1, 2}, {1}, None),
        ({1, 2}, {1, 2}, "wrote"),
        ({1, 3}, {1}, "asks"),  # 3 submits
        ({3}, set(), "asks"),
        ({3}, {3}, "wrote"),
        (set(), {1}, "no_holder"),
    ],
)
def test_an_approval_is_asked_of_nobody_where_all_wrote_or_submit(held, authors, why):
    assert why_nobody(held, authors=authors, asking=3) == why


@pytest.mark.requirement("1-14", "4-05")
@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ([], "missing"),
        ([("product", "approved", "now")], "approved"),
        ([("accounting", "approved", "now")], "missing"),
        ([("product", "approved", "before")], "void"),
        ([("product", "refused", "before")], "missing"),
        ([("product", "refused", "now")], "refused"),
        ([("product", "approved", "now"), ("product", "refused", "now")], "refused"),
        ([("product", "refused", "now"), ("product", "approved", "now")], "approved"),
        # A return to a content finds its approval, whatever was said of others since.
        ([("product", "approved", "now"), ("product", "refused", "between")], "approved"),
    ],
)
def test_the_last_word_on_the_content_counts(words, standing):
    (state,) = approval_states([PRODUCT], said(*words), "now")
    assert state.standing == standing


@pytest.mark.requirement("4-05")
def test_each_approval_that_lacks_is_one_problem_with_its_code():
    words = said(("product", "approved", "now"), ("compliance", "approved", "before"))
    missing = missing_approvals(required_domains(priced_by_api=True), words, "now")
    assert [domain for domain, _ in lacking(missing)] == [
        *("accounting", "compliance", "integration")
    ]
    assert "caduque" in lacking(missing)[1][1]
    assert not lacking(approval_states([PRODUCT], words, "now"))
