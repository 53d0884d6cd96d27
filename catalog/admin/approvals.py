"""Approvals on a version's page: where each stands, and the button of whoever gives one (§1)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog.admin.foreseen import asked_of_nobody
from catalog.admin.review import review_address, review_page
from catalog.admin.told import resume_addresses
from catalog.choices import ApprovalDomain, Decision, VersionState
from catalog.domain import approvals
from catalog.domain.approvals import STANDING_LABELS, Standing
from catalog.models import ProductVersion
from catalog.selectors.approvals import ACTIONS, people_asked
from catalog.services.approval_states import (
    approval_states,
    authors_of,
    decidable,
    publication_clock,
)
from catalog.services.approvals import ApprovalProblem
from catalog.services.foreseen import foresee
from winvest.core.admin.confirm import address, found
from winvest.core.admin.display import action, display
from winvest.core.admin.formatting import EMPTY, badge
from winvest.core.admin.rights import person
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

NOT_ASKED = "Aucune approbation de cette version n'est attendue de vous."
COLOURS = {
    Standing.APPROVED: "success",
    Standing.REFUSED: "danger",
    Standing.VOID: "warning",
    Standing.MISSING: "info",
}


class ApprovalSteps:
    """Mixin of the version's page."""

    @display(description="approbations")
    def shown_approval(self, obj: ProductVersion) -> str | SafeString:
        """Show each approval that a publication waits for, and who may give it."""
        if obj._state.adding:
            return EMPTY
        return render_to_string("admin/catalog/productversion/approvals.html", states_of(obj))

    @action(description="Approuver ou refuser", icon="fact_check", url_path="review")
    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Approve the content, or send it back with a reason; its authors may not."""
        version = found(self, request, object_id)
        if not reviewing(request, version):
            raise PermissionDenied
        domains = decidable(person(request), version)
        if not domains:
            if version.state == VersionState.IN_REVIEW:
                raise PermissionDenied
            messages.error(request, why_nothing(version))
            return HttpResponseRedirect(address(version))
        if person(request).pk in authors_of(version):
            messages.error(request, ApprovalProblem.OWN.message)
            return HttpResponseRedirect(address(version))
        return review_page(self, request, version, domains, states_of(version))

    def told_address(self, request: HttpRequest, obj: ProductVersion, kind: str) -> str:
        """Lead whoever is asked for an approval to where it is given, and the refused to the wizard."""
        asked = kind == NotificationKind.APPROVAL_ASKED and decidable(person(request), obj)
        if asked and person(request).pk not in authors_of(obj):
            return review_address(obj.pk, from_tasks=True)
        sent_back = kind == NotificationKind.APPROVAL_REFUSED and obj.state == VersionState.DRAFT
        if sent_back and _writes(request, obj):
            return resume_addresses([obj.pk])[obj.pk]
        return address(obj)


def _writes(request: HttpRequest, version: ProductVersion) -> bool:
    return access_of(request.user).allowed_on(Action.CATALOG_EDIT, version, version.company_id)


def why_nothing(version: ProductVersion) -> str:
    """Return why nothing of a version that is not in review is asked of the person."""
    if version.state != VersionState.RELEASED:
        return ApprovalProblem.NOT_IN_REVIEW.message
    waits = any(one.standing != Standing.APPROVED for one in approval_states(version))
    return NOT_ASKED if waits else ApprovalProblem.DONE.message


def reviewing(request: HttpRequest, version: ProductVersion) -> bool:
    """Whether the user gives one of the approvals of this version."""
    access = access_of(request.user)
    return any(access.allowed_on(one, version, version.company_id) for one in ACTIONS.values())


def states_of(version: ProductVersion) -> dict[str, Any]:
    """Return where each approval stands, who decided it and who is asked, as the template shows it."""
    authors, states = authors_of(version), approval_states(version)
    asking = version.submitted_by_id
    barred = authors if asking is None else authors | {asking}

    def asked(domain: approvals.ApprovalDomain) -> str:
        people = people_asked(domain, version, barred)
        if people:
            return f"Demandée à {', '.join(map(str, people.values()))}."
        found = foresee(domain, version, authors=authors, asking=asking)
        return f"Demandée à personne. {asked_of_nobody(found)}"

    return {
        "version": version,
        "clock": publication_clock(version, states),
        "rows": [
            {
                "domain": ApprovalDomain(one.domain).label,
                "standing": badge(STANDING_LABELS[one.standing], COLOURS[one.standing]),
                "said": one.said,
                "decision": one.said and Decision(one.said.decision).label,
                "asked": "" if one.standing == Standing.APPROVED else asked(one.domain),
            }
            for one in states
        ],
    }
