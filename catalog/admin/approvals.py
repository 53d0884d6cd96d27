"""Approvals on a version's page: where each stands, and the button of whoever gives one (§1)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from catalog.choices import ApprovalDomain, Decision, VersionState
from catalog.domain.approvals import STANDING_LABELS, Standing
from catalog.models import ProductVersion
from catalog.selectors.approvals import ACTIONS, people_asked
from catalog.services.approval_states import (
    approval_states,
    authors_of,
    decidable,
    digest_of,
    not_asked,
    publication_clock,
)
from catalog.services.approvals import ApprovalProblem, decide
from winvest.core.admin.asking import form_step
from winvest.core.admin.confirm import address, found
from winvest.core.admin.display import action, display
from winvest.core.admin.formatting import EMPTY, badge
from winvest.core.admin.rights import person
from winvest.core.permissions import access_of

COLOURS = {
    Standing.APPROVED: "success",
    Standing.REFUSED: "danger",
    Standing.VOID: "warning",
    Standing.MISSING: "info",
}


class ReviewForm(forms.Form):
    """What the reviewer says, of which domain."""

    domain = forms.ChoiceField(
        label="Domaine", choices=ApprovalDomain.choices, widget=UnfoldAdminSelectWidget()
    )
    decision = forms.ChoiceField(
        label="Décision", choices=Decision.choices, widget=UnfoldAdminSelectWidget()
    )
    comment = forms.CharField(
        label="Commentaire",
        max_length=2000,
        required=False,
        help_text="Exigé pour un refus, qui rend à son auteur une version en validation.",
        widget=UnfoldAdminTextareaWidget(),
    )
    seen = forms.CharField(required=False, max_length=71, widget=forms.HiddenInput())


class ApprovalSteps:
    """Mixin of the version's page."""

    @display(description="approbations")
    def shown_approval(self, obj: ProductVersion) -> str | SafeString:
        """Show each approval that a publication waits for, and who may give it."""
        if obj._state.adding:
            return EMPTY
        barred, states = not_asked(obj), approval_states(obj)
        return render_to_string(
            "admin/catalog/productversion/approvals.html",
            {
                "version": obj,
                "clock": publication_clock(obj, states),
                "rows": [
                    {
                        "domain": ApprovalDomain(one.domain).label,
                        "standing": badge(STANDING_LABELS[one.standing], COLOURS[one.standing]),
                        "said": one.said,
                        "decision": one.said and Decision(one.said.decision).label,
                        "waits": one.standing != Standing.APPROVED,
                        "asked": list(people_asked(one.domain, obj, barred).values()),
                    }
                    for one in states
                ],
            },
        )

    @action(description="Approuver ou refuser", icon="fact_check", url_path="review")
    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Approve the content, or send it back with a reason; its authors may not."""
        version = found(self, request, object_id)
        if not reviewing(request, version):
            raise PermissionDenied
        domains = decidable(person(request), version)
        if not domains and version.state == VersionState.IN_REVIEW:
            raise PermissionDenied
        if not domains:
            messages.error(request, ApprovalProblem.NOT_IN_REVIEW.message)
            return HttpResponseRedirect(address(version))
        if person(request).pk in authors_of(version):
            messages.error(request, ApprovalProblem.OWN.message)
            return HttpResponseRedirect(address(version))
        takes_back = person(request).pk == version.submitted_by_id
        return form_step(
            self,
            request,
            version,
            title="Refuser" if takes_back else "Approuver ou refuser",
            text=f"Refuser le contenu de {version} que vous avez soumis ?"
            if takes_back
            else f"Approuver le contenu de {version} tel qu'il est : tout changement ensuite "
            "demandera une nouvelle approbation.",
            done="Décision enregistrée.",
            form=_form_of(domains, takes_back=takes_back),
            initial={"seen": digest_of(version), "domain": domains[0]},
            run=lambda data: decide(actor=person(request), version=version, **data),
        )


def reviewing(request: HttpRequest, version: ProductVersion) -> bool:
    """Whether the user gives one of the approvals of this version."""
    access = access_of(request.user)
    return any(access.allowed_on(one, version, version.company_id) for one in ACTIONS.values())


def _form_of(domains: list[Any], *, takes_back: bool) -> type[ReviewForm]:
    """Return the form that offers these domains only, and no approval to who asks for it (R-02)."""
    offered = [(one.value, ApprovalDomain(one).label) for one in domains]
    decisions = [one for one in Decision.choices if not takes_back or one[0] == Decision.REFUSED]
    told = ApprovalProblem.REQUESTER.message if takes_back else ""

    class OfferedForm(ReviewForm):
        """The form, with the domains that are the reviewer's."""

        domain = forms.ChoiceField(
            label="Domaine", choices=offered, widget=UnfoldAdminSelectWidget()
        )
        decision = forms.ChoiceField(
            label="Décision", choices=decisions, help_text=told, widget=UnfoldAdminSelectWidget()
        )

    return OfferedForm
