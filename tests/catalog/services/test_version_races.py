"""Two people at once, on two connections: releases, edits, codes (decisions 4 and 5, A.5-01)."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import ProductVersion
from catalog.services.approval_states import approval_states, authors_of, digest_of
from catalog.services.approvals import decide
from catalog.services.copies import duplicate_version
from catalog.services.sku import take_sku
from catalog.services.versions import release_version, submit_version
from tests.factories import CompanyFactory
from tests.support.offers import approve, make_whole
from tests.support.races import at_once, meanwhile, person
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.transaction import transaction as audited


@pytest.mark.requirement("1-14", "3.1-09", "A.5-01", "3.1-11")
@pytest.mark.django_db(transaction=True)
def test_people_at_once_neither_overlap_nor_lose_a_change():
    with scoping.everything():
        company = CompanyFactory(code="AP")
        first, second = (person(company, Role.CATALOG_MANAGER) for _ in range(2))
        one = make_whole(company, sku="AP-1")
        versions = [one, *(duplicate_version(actor=first, version=one) for _ in range(4))]
        for version in versions:
            submit_version(actor=first, version=version)
        approve(one)
        _release_at_once(versions, first, second)
        _edit_meanwhile(company, one, first, second)
        risk = one.product.risk
        codes = at_once(
            *(lambda: take_sku(actor=first, company=company, risk=risk) for _ in range(4))
        )
        assert len(set(codes)) == 4, codes
        assert [code.rpartition("-")[2] for code in sorted(codes)] == ["001", "002", "003", "004"]


def _release_at_once(versions, first, second):
    """The same version, the same start, and two starts in either order."""
    start = now() + timedelta(days=30)

    def release(actor, version, at):
        return lambda: release_version(actor=actor, version=version, effective_from=at).version

    same = at_once(release(first, versions[0], start), release(second, versions[0], start))
    assert sorted(map(str, same)) == ["1", "lifecycle.version_transition"]
    later = start + timedelta(days=10)
    twins = at_once(release(first, versions[1], later), release(second, versions[2], later))
    assert "version.same_start" in twins
    earlier, last = start + timedelta(days=5), start + timedelta(days=15)
    both = at_once(release(first, versions[3], last), release(second, versions[4], earlier))
    assert both == [4, 5]
    rows = ProductVersion.objects.filter(product=versions[0].product, state="released")
    periods = list(rows.order_by("effective_from").values_list("effective_from", "effective_to"))
    assert [begin for begin, _ in periods] == [start, earlier, later, last]
    assert [end for _, end in periods] == [earlier, later, last, None]


def _edit_meanwhile(company, one, first, second):
    """An edit that waits for a submission is of the next round; one that waits for a release fails."""
    draft = duplicate_version(actor=first, version=one)

    def edit():
        with audited(second):
            return draft.plans.filter(code="BASIC").update(name="Pendant")

    def submit():
        submit_version(actor=first, version=draft)

    assert meanwhile(submit, edit) == 1
    draft.refresh_from_db()
    assert (draft.state, authors_of(draft)) == ("in_review", {first.pk, second.pk})
    _approve_meanwhile(company, draft, second)
    approve(draft)
    start = datetime(2030, 1, 1, tzinfo=UTC)

    def release():
        release_version(actor=first, version=draft, effective_from=start)

    # An edit that comes first voids the approval: the release that waits for it is refused.
    assert meanwhile(edit, release) == "approvals.product"
    approve(draft)
    assert meanwhile(release, edit) == "frozen"
    assert draft.plans.get(code="BASIC").name == "Pendant"


def _approve_meanwhile(company, draft, editor):
    """Nobody approves what he has not read; an edit that comes after voids the approval."""
    reviewer = person(company, Role.COMPANY_ADMIN)
    read = digest_of(draft)

    def edit(name):
        with audited(editor):
            return draft.plans.filter(code="BASIC").update(name=name)

    def decide_on(seen):
        return decide(actor=reviewer, version=draft, decision="approved", seen=seen).content_hash

    assert meanwhile(lambda: edit("Glissé"), lambda: decide_on(read)) == "approval.content_changed"
    seen = digest_of(draft)
    assert meanwhile(lambda: decide_on(seen), lambda: edit("Après")) == 1
    (state, *_) = approval_states(draft)
    assert (state.standing, state.said.content_hash) == ("void", seen)
