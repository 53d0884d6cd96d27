"""Step 5: the four mappings, the checklist, and the way to validation (3.1-06, E.2.3-05, R-03)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounting.models import AccountingMapping
from catalog.admin.checklist import cure_address
from catalog.admin.sheet_description import channels_in_words
from catalog.choices import WizardStep
from catalog.domain.publication import PART_LABELS, Part
from catalog.models import CqRule, ExternalMapping, ProductVersion, VersionLogistics, WizardDraft
from catalog.services.publication import publication_checklist
from catalog.services.versions import submit_version
from catalog.services.wizard import close_draft, typed_of
from documents.domain.requirements import MISSING
from winvest.backoffice.wizard.frame import frame, lacks, sale_of, step_address
from winvest.core.admin.formatting import instant_text
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.permissions import access_of

# The part of the page that holds the checklist, and what asks for it without a script.
CHECKLIST, CHECKS = "wizard-checklist", "controle"
# Where the wizard itself mends what a part lacks.
MENDED_IN = {
    Part.PRICING: WizardStep.PRICING,
    Part.DOCUMENTS: WizardStep.DOCUMENTS,
    Part.COMMISSIONS: WizardStep.COMMISSIONS,
    Part.CHANNEL: WizardStep.GENERAL,
    Part.RISK: WizardStep.GENERAL,
    Part.PARTNER: WizardStep.GENERAL,
}


def show(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show what is left to do and who does it; a POST sends the version to validation."""
    version: Any = draft.product_version
    if request.method == "POST":
        if (left := _left_open(request, draft)) is not None:
            return HttpResponseRedirect(left)
        try:
            submit_version(actor=person(request), version=version)
        except DomainError as error:
            for reason in error.reasons:
                messages.error(request, reason.message)
            return HttpResponseRedirect(step_address(draft, WizardStep.PUBLICATION))
        close_draft(actor=person(request), draft=draft)
        messages.success(request, f"{version} est en validation : les approbateurs sont prévenus.")
        return HttpResponseRedirect(reverse("product-sheet", args=[version.product_id]))
    here = step_address(draft, WizardStep.PUBLICATION)
    if request.htmx.target == CHECKLIST:  # type: ignore[attr-defined]
        context = _checklist(request, draft)
        return TemplateResponse(request, "admin/wizard/_checklist.html", context)
    context = frame(request, draft, WizardStep.PUBLICATION) | {
        "sale": _sale(version),
        "mappings": _mappings(request, version),
        "checks": f"{here}?{CHECKS}=1",
        "may_submit": access_of(request.user).allowed_on(
            Action.VERSION_SUBMIT, version, version.company_id
        ),
    }
    if CHECKS in request.GET:
        context |= _checklist(request, draft)
    return TemplateResponse(request, "admin/wizard/publication.html", context)


def _left_open(request: HttpRequest, draft: WizardDraft) -> str | None:
    """Return the page of the first step that keeps texts nobody wrote, or lacks something."""
    version: Any = draft.product_version
    for one in list(WizardStep)[:-1]:
        if keeps := bool(typed_of(draft, one)):
            told = f"L'étape {one.label} garde des saisies : enregistrez-les d'abord."
            messages.error(request, told)
        is_lacking = bool(lacks(version, one))
        if keeps or is_lacking:
            return step_address(draft, one, is_lacking=is_lacking)
    return None


def _checklist(request: HttpRequest, draft: WizardDraft) -> dict[str, Any]:
    """Return what is left to do, by part; the page asks for it once it stands (htmx)."""
    version: Any = draft.product_version
    found = publication_checklist(version=version, sale=sale_of(version))
    parts = [
        {
            "label": PART_LABELS[part],
            "findings": [
                {
                    "message": one.message,
                    "rule": one.rule,
                    "link": _cure(request, draft, part, one),
                    "verb": "Corriger" if _is_mended_here(part, one) else "Ouvrir",
                }
                for one in findings
            ],
            "blocks": any(one.rule.blocking for one in findings),
        }
        for part, findings in found.by_part().items()
        if findings
    ]
    return {"is_checked": True, "parts": parts, "blocking": len(found.blocking)}


def _is_mended_here(part: Part, finding: Any) -> bool:
    """Whether a step mends it: a document is deposited here, and published on its own page."""
    return part in MENDED_IN and (part is not Part.DOCUMENTS or finding.rule.code == MISSING.code)


def _cure(request: HttpRequest, draft: WizardDraft, part: Part, finding: Any) -> str:
    """Return where it is mended: in the wizard, else on a page; an account, by Compta alone."""
    version: Any = draft.product_version
    if _is_mended_here(part, finding):
        return step_address(draft, MENDED_IN[part])
    if part is Part.ACCOUNTING and finding.target_id is None:
        access = access_of(request.user)
        if not access.allowed_on(Action.MAPPING_EDIT, version, version.company_id):
            return ""
        add = reverse("admin:accounting_accountingmapping_add")
        return f"{add}?product_version={version.pk}"
    return cure_address(finding, version)


def _sale(version: ProductVersion) -> list[dict[str, Any]]:
    """Return who sells, where and from when: what the first step said, which the sale begins with."""
    company = version.company
    start = timezone.localtime(version.effective_from, ZoneInfo(company.timezone))
    return [
        {"label": "Société", "text": company.brand_name},
        {"label": "Canaux", "text": channels_in_words(version.channels)},
        {"label": "Effet prévu", "text": instant_text(start)},
    ]


def _mappings(request: HttpRequest, version: ProductVersion) -> list[dict[str, Any]]:
    """Return the four mappings of §3.1: accounts (read here, R-03), ADV, logistics, export.

    Each leads where the person writes it, or reads what is there.
    """
    accounts = AccountingMapping._base_manager.filter(product_version=version)
    states = [
        f"{row.get_nature_display()} : {row.gl_account} ({row.get_state_display().lower()})"
        for row in accounts.exclude(state="replaced").order_by("nature", "pk")
    ]
    rules = CqRule.objects.filter(product_version=version).count()
    logistics = VersionLogistics.objects.filter(product_version=version).exists()
    codes = ExternalMapping.objects.filter(product=version.product).count()
    base = reverse("admin:catalog_productversion_change", args=[version.pk])
    return [
        {
            "label": "Comptabilité",
            "text": ", ".join(states)
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
