"""Step 5: who sells, the four mappings, the checklist, and the way to validation (3.1-06, E.2.3-05).

Readings E-05 and R-03.
"""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounting.models import AccountingMapping
from catalog.choices import LifecycleStatus, WizardStep
from catalog.models import CqRule, ExternalMapping, ProductVersion, VersionLogistics, WizardDraft
from catalog.services.planned_sales import plan_sales
from catalog.services.versions import submit_version
from catalog.services.wizard import accept_step, typed_of
from winvest.backoffice.wizard.checks import shown_checklist
from winvest.backoffice.wizard.effect import late_start
from winvest.backoffice.wizard.frame import (
    WRITTEN,
    changed_since,
    form_address,
    forms_kept,
    frame,
    lacks,
    leave,
    step_address,
)
from winvest.backoffice.wizard.sellers import SellerGrid
from winvest.core.admin.formatting import day_text
from winvest.core.admin.rights import person
from winvest.core.admin.ways_back import with_way
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.permissions import access_of

# What asks for the checklist without a script, and what names the step's form.
CHECKS, SALES = "controle", "ventes"


def show(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show who sells and what is left to do; a POST plans the sales, or sends all to validation."""
    version: Any = draft.product_version
    if request.method == "GET":
        kept = typed_of(draft, WizardStep.PUBLICATION, SALES)
        return _page(request, draft, SellerGrid(version, kept), shown_again=bool(kept))
    grid = _typed(request, version)
    is_right = grid.is_valid()
    if changed := changed_since(request, draft, WizardStep.PUBLICATION, SALES):
        return _page(request, draft, grid, changed=changed)
    try:
        if is_right:
            plan_sales(actor=person(request), version=version, sales=grid.sales())
    except DomainError as error:
        is_right = False
        messages.error(request, str(error))
    if not is_right:
        return _page(request, draft, grid)
    if "_stay" in request.POST:
        return leave(request, draft, WizardStep.PUBLICATION, SALES)
    return _send(request, draft)


def preview(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Check the sales as they are ticked now; nothing is written."""
    grid = _typed(request, draft.product_version)
    is_right = grid.is_valid()
    context = shown_checklist(request, draft, grid.sales()) if is_right else {"is_wrong": True}
    return TemplateResponse(request, "admin/wizard/_checklist.html", context)


def _typed(request: HttpRequest, version: Any) -> SellerGrid:
    return SellerGrid(version, {name: request.POST.getlist(name) for name in request.POST})


def _send(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Send the version to validation, or lead to what keeps it here."""
    version: Any = draft.product_version
    step = WizardStep.PUBLICATION
    accept_step(actor=person(request), draft=draft, step=step, row=SALES, reached=step)
    if (left := _left_open(request, draft)) is not None:
        return HttpResponseRedirect(left + WRITTEN)
    try:
        submit_version(actor=person(request), version=version)
    except DomainError as error:
        for reason in error.reasons:
            messages.error(request, reason.message)
        return HttpResponseRedirect(step_address(draft, step) + WRITTEN)
    messages.success(request, f"{version} est en validation : les approbateurs sont prévenus.")
    return HttpResponseRedirect(reverse("product-sheet", args=[version.product_id]))


def _page(
    request: HttpRequest,
    draft: WizardDraft,
    grid: SellerGrid,
    *,
    shown_again: bool = False,
    changed: str = "",
) -> HttpResponse:
    version: Any = draft.product_version
    context = frame(request, draft, WizardStep.PUBLICATION, SALES) | {
        "grid": grid,
        "shown_again": shown_again,
        "changed": changed,
        "effect": day_text(local_date(version.effective_from, version.company.timezone)),
        "late": late_start(version.effective_from, version.company),
        "general": step_address(draft, WizardStep.GENERAL),
        "mappings": [
            one | {"link": with_way(one["link"], step_address(draft, WizardStep.PUBLICATION))}
            for one in _mappings(request, version)
        ],
        "checks": f"{step_address(draft, WizardStep.PUBLICATION)}?{CHECKS}=1",
        "preview": reverse("wizard-preview", args=[draft.pk, WizardStep.PUBLICATION.value]),
        "may_submit": version.product.lifecycle_status != LifecycleStatus.RETIRED
        and access_of(request.user).allowed_on(Action.VERSION_SUBMIT, version, version.company_id),
    }
    if CHECKS in request.GET:
        context |= shown_checklist(request, draft, grid.begun)
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    return TemplateResponse(request, "admin/wizard/publication.html", context, status=status)


def _left_open(request: HttpRequest, draft: WizardDraft) -> str | None:
    """Return the page of the first step that keeps texts nobody wrote, or lacks something."""
    version: Any = draft.product_version
    for one in list(WizardStep)[:-1]:
        is_lacking = bool(lacks(version, one))
        if kept := forms_kept(draft, one):
            told = f"L'étape {one.label} garde des saisies : enregistrez-les ou abandonnez-les."
            messages.error(request, told)
            return form_address(draft, one, kept[-1], is_lacking=is_lacking)
        if is_lacking:
            return step_address(draft, one, is_lacking=True)
    return None


def _mappings(request: HttpRequest, version: ProductVersion) -> list[dict[str, Any]]:
    """Return the four mappings of §3.1: accounts (read here, R-03), ADV, logistics, export.

    Each leads where the person writes it, or reads what is there.
    """
    accounts = AccountingMapping._base_manager.filter(product_version=version)
    states = [
        f"{row.company.brand_name}, {row.get_nature_display()} : {row.gl_account} "
        f"({row.get_state_display().lower()})"
        for row in accounts.exclude(state="replaced")
        .select_related("company")
        .order_by("company__brand_name", "nature", "pk")
    ]
    rules = CqRule.objects.filter(product_version=version).count()
    logistics = VersionLogistics.objects.filter(product_version=version).exists()
    codes = ExternalMapping.objects.filter(product=version.product).count()
    base = reverse("admin:catalog_productversion_change", args=[version.pk])
    return [
        {
            "label": "Comptabilité",
            "text": " ; ".join(states)
            or "Aucun compte : la comptabilité en est chargée à l'envoi en validation.",
            "link": "",
        },
        {
            "label": "ADV et qualité",
            "text": f"{rules} règle{'s' if rules > 1 else ''}" if rules else "Aucune règle",
            "link": _rules_address(request, version, rules),
        },
        {
            "label": "Logistique",
            "text": "Renseignée" if logistics else "Rien à livrer",
            "link": base,
        },
        {
            "label": "Export et codes externes",
            "text": f"{codes} code{'s' if codes > 1 else ''}" if codes else "Aucun code externe",
            "link": reverse("admin:catalog_product_change", args=[version.product_id]),
        },
    ]


def _rules_address(request: HttpRequest, version: ProductVersion, rules: int) -> str:
    """Return where the person adds a rule of quality, or reads those there are."""
    if access_of(request.user).allowed_on(Action.CQ_EDIT, version, version.company_id):
        return f"{reverse('admin:catalog_cqrule_add')}?product_version={version.pk}"
    listed = reverse("admin:catalog_cqrule_changelist")
    return f"{listed}?q={version.product.sku}" if rules else ""
