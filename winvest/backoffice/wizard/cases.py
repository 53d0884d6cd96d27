"""The test cases of schemes that fail, at step 3: what each expects, what comes out, and the cure (§3.3)."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.choices import WizardStep
from catalog.models import WizardDraft
from catalog.selectors.wording import money
from commissions.choices import SplitKey
from commissions.domain.publication import CASE
from commissions.domain.simulation import Recount
from commissions.models import CommissionScheme
from commissions.services.simulate import failing_recounts, update_cases
from winvest.backoffice.wizard.frame import form_address
from winvest.core.admin.rights import person
from winvest.core.admin.ways_back import with_way
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

# Names the scheme whose test cases are to expect what comes out.
RECOUNT = "_recount"


def failing(
    request: HttpRequest, draft: WizardDraft, schemes: list[CommissionScheme], row: str
) -> list[dict[str, Any]]:
    """Return each scheme whose test cases fail; the amounts, for who reads commissions."""
    access, version = access_of(request.user), draft.product_version
    company = draft.company_id
    back = form_address(draft, WizardStep.COMMISSIONS, row)
    told = []
    for scheme in schemes:
        found = failing_recounts(scheme)
        if not found:
            continue
        reads = access.allowed_on(Action.COMMISSION_VIEW, version, company)
        may = access.allowed_on(Action.COMMISSION_EDIT, version, company)
        form = reverse("admin:commissions_commissionscheme_change", args=[scheme.pk])
        told.append(
            {
                "pk": scheme.pk,
                "name": scheme.name or scheme.get_direction_display(),
                "lines": list(_lines(found, scheme)) if reads else list(_plain(found, scheme)),
                "form": with_way(form, back) if reads else "",
                "updates": may and any(one.now for one in found),
            }
        )
    return told


def recount(
    request: HttpRequest, draft: WizardDraft, schemes: list[CommissionScheme], row: str
) -> HttpResponse:
    """Let the test cases of the scheme that is named expect what comes out, and show the form again."""
    version: Any = draft.product_version
    if not access_of(request.user).allowed_on(Action.COMMISSION_EDIT, version, draft.company_id):
        raise PermissionDenied
    named = request.POST.get(RECOUNT)
    for scheme in schemes:
        if str(scheme.pk) == named:
            update_cases(actor=person(request), scheme=scheme)
            messages.success(request, "Les cas d'essai attendent désormais ce que donne le barème.")
    return HttpResponseRedirect(form_address(draft, WizardStep.COMMISSIONS, row))


def _lines(found: list[Recount], scheme: CommissionScheme) -> Iterator[str]:
    """Give « Cas d'essai n° 2, « 150 ventes » : attendu 148,50 €, obtenu 160,88 € (Société : …). »."""
    currency = scheme.company.currency
    for one in found:
        name = f"Cas d'essai n° {one.index + 1}, « {one.case['name']} »"
        if one.now is None:
            yield f"{name} : {one.problem}"
            continue
        shares = [
            f"{key.label} : {_both(one, key.value, currency)}"
            for key in SplitKey
            if one.case.get(key.value) != one.now.get(key.value)
        ]
        told = f"{name} : {_both(one, 'expected', currency)}"
        yield f"{told} ({' ; '.join(shares)})." if shares else f"{told}."


def _both(one: Recount, part: str, currency: str) -> str:
    now: Any = one.now
    return f"attendu {money(one.case[part], currency)}, obtenu {money(now[part], currency)}"


def _plain(found: list[Recount], scheme: CommissionScheme) -> Iterator[str]:
    for one in found:
        yield CASE.message.format(name=scheme, rank=one.index + 1)
