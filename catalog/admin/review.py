"""The page where a version is approved or refused: what changes, what others said, the decision.

Whoever decides has everything in view (§1, R-02, R-03): the difference from the version in force
in business words, the checklist, the other approvals; a comment and two buttons stand below.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from catalog.admin.about import about_version
from catalog.admin.checklist import cure_address, cure_name
from catalog.admin.readings import readings_of
from catalog.admin.sheet_diff import diff_address, shown_parts, summary_of
from catalog.admin.sheet_tabs import sheet_address
from catalog.choices import ApprovalDomain, Decision
from catalog.domain.publication import PART_LABELS, Part, checklist
from catalog.domain.publication_rules import NOT_RELEASED
from catalog.models import ProductVersion
from catalog.selectors.planned_sales import planned_sales, sale_in_words, sales_asked
from catalog.selectors.versions import version_before
from catalog.services.approval_states import digest_of
from catalog.services.approvals import ApprovalProblem, decide
from catalog.services.comparison import compare_versions
from catalog.services.publication import publication_checklist
from winvest.core.admin.asking import add_refusal
from winvest.core.admin.rights import person
from winvest.core.admin.ways_back import asked_way
from winvest.core.admin.zones import local_page
from winvest.core.clock import now
from winvest.core.errors import DomainError, Forbidden

TEMPLATE = "admin/catalog/productversion/review.html"
# Where the page sends back once it is decided, if that is the tasks.
BACK, TASKS = "retour", "taches"
DONE = {Decision.APPROVED: "Version approuvée.", Decision.REFUSED: "Version refusée."}


class ReviewForm(forms.Form):
    """What the reviewer says, of which domain; the decision is the button."""

    domain = forms.ChoiceField(
        label="Domaine", choices=ApprovalDomain.choices, widget=UnfoldAdminSelectWidget()
    )
    decision = forms.ChoiceField(choices=Decision.choices)
    comment = forms.CharField(
        label="Commentaire",
        max_length=2000,
        required=False,
        help_text="Exigé pour un refus, qui rend à son auteur une version en validation.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    seen = forms.CharField(required=False, max_length=71, widget=forms.HiddenInput())

    def __init__(self, *args: Any, domains: list[Any], takes_back: bool, **options: Any) -> None:
        """Offer these domains only, and no approval to who asks for it (R-02)."""
        super().__init__(*args, **options)
        offered = [(one.value, ApprovalDomain(one).label) for one in domains]
        self.fields["domain"].choices = offered  # type: ignore[attr-defined]
        if len(offered) == 1:
            self.fields["domain"].widget = forms.HiddenInput()
        if takes_back:
            decisions: Any = self.fields["decision"]
            decisions.choices = [(Decision.REFUSED.value, Decision.REFUSED.label)]


def review_address(version_id: Any, *, from_tasks: bool = False) -> str:
    """Return the address of the page."""
    base = reverse("admin:catalog_productversion_review", args=[version_id])
    return f"{base}?{BACK}={TASKS}" if from_tasks else base


def review_page(
    page: Any, request: HttpRequest, version: ProductVersion, domains: list[Any], states: Any
) -> HttpResponse:
    """Show the page, or decide; `states` are the rows of the approvals, in words."""
    return local_page(version.company, lambda: _respond(page, request, version, domains, states))


def _respond(
    page: Any, request: HttpRequest, version: ProductVersion, domains: list[Any], states: Any
) -> HttpResponse:
    takes_back = person(request).pk == version.submitted_by_id
    fresh = {"seen": digest_of(version), "domain": domains[0]}
    typed = request.POST if request.method == "POST" else None
    form = ReviewForm(typed, label_suffix="", initial=fresh, domains=domains, takes_back=takes_back)
    if form.is_valid() and _decided(request, version, form):
        messages.success(request, DONE[Decision(form.cleaned_data["decision"])])
        return HttpResponseRedirect(_back(request, version))
    if form.is_bound:
        # What is shown again is the content of now: the next decision is about that one.
        form.data = {**form.data.dict(), "seen": fresh["seen"]}  # type: ignore[attr-defined]
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"{'Refuser' if takes_back else 'Approuver ou refuser'} — {version.product.name}",
        "version": version,
        "about": about_version(version),
        "form": form,
        "domain": ApprovalDomain(domains[0]).label if len(domains) == 1 else "",
        "takes_back": ApprovalProblem.REQUESTER.message if takes_back else "",
        "states": states,
        "sheet": sheet_address(version.product_id, version=version.version),
        "back": _back(request, version),
        "readings": readings_of(request, version),
        "planned": [sale_in_words(row) for row in planned_sales(version)],
        "checks": _checks(version),
        "checklist": reverse("admin:catalog_productversion_checklist", args=[version.pk]),
        **_compared(request, version),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _decided(request: HttpRequest, version: ProductVersion, form: ReviewForm) -> bool:
    """Decide, or say in the form why not, beside the field where there is one."""
    try:
        decide(actor=person(request), version=version, **form.cleaned_data)
    except Forbidden as error:
        raise PermissionDenied from error
    except (DomainError, ValidationError) as error:
        add_refusal(form, error)
        return False
    return True


def _back(request: HttpRequest, version: ProductVersion) -> str:
    """Return to the tasks, to the page that led here, else to the version's sheet."""
    if request.GET.get(BACK) == TASKS:
        return reverse("my-work")
    return asked_way(request) or sheet_address(version.product_id, version=version.version)


def _compared(request: HttpRequest, version: ProductVersion) -> dict[str, Any]:
    """Return what differs from the version in force; from nothing for a product's first."""
    before = version_before(version, at=now())
    found = compare_versions(
        actor=person(request),
        product=version.product,
        before=before.version if before else None,
        after=version.version,
    )
    return {
        "earlier": before,
        "in_force": before is not None and before.effective_from <= now(),
        "summary": summary_of(found),
        "parts": shown_parts(found),
        "before": f"Version {before.version}" if before else "Avant",
        "after": f"Version {version.version}",
        "other": diff_address(version.product_id, before.version, version.version)
        if before
        else "",
    }


def _checks(version: ProductVersion) -> list[dict[str, Any]]:
    """Return the problems of the sales that the version is prepared for, by part.

    Left out is what every review waits for: the approvals themselves, then the release.
    """
    found = checklist(
        one
        for sale in sales_asked(version)
        for one in publication_checklist(version=version, sale=sale).findings
    )
    parts = [
        {
            "label": PART_LABELS[part],
            "findings": [
                {
                    "message": one.message,
                    "blocks": one.rule.blocking,
                    "link": cure_address(one, version),
                    "opens": cure_name(one),
                }
                for one in findings
                if one.rule is not NOT_RELEASED
            ],
        }
        for part, findings in found.by_part().items()
        if part is not Part.APPROVALS
    ]
    return [part for part in parts if part["findings"]]
