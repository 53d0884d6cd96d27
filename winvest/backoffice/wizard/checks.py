"""The checklist of step 5: what still stands against each planned sale, and where it is mended."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.admin.checklist import cure_address
from catalog.admin.foreseen import asked_of, warned
from catalog.choices import LifecycleStatus, WizardStep
from catalog.domain.publication import PART_LABELS, Finding, Part, checklist
from catalog.domain.publication_rules import APPROVALS
from catalog.models import PlannedSale, ProductVersion, WizardDraft
from catalog.selectors.planned_sales import sale_planned
from catalog.services.foreseen import foreseen_approvals
from catalog.services.publication import publication_checklist
from documents.domain.requirements import MISSING, TO_REPLACE
from winvest.backoffice.wizard.frame import step_address
from winvest.core.admin.rights import person
from winvest.core.admin.ways_back import with_way
from winvest.core.domain.roles import Action
from winvest.core.models import Company
from winvest.core.permissions import access_of

# What a file that is deposited mends.
DEPOSITED = frozenset({MISSING.code, TO_REPLACE.code})
# Where the wizard itself mends what a part lacks.
MENDED_IN = {
    Part.PRICING: WizardStep.PRICING,
    Part.DOCUMENTS: WizardStep.DOCUMENTS,
    Part.COMMISSIONS: WizardStep.COMMISSIONS,
    Part.CHANNEL: WizardStep.GENERAL,
    Part.RISK: WizardStep.GENERAL,
    Part.PARTNER: WizardStep.GENERAL,
}


def shown_checklist(
    request: HttpRequest, draft: WizardDraft, sales: Sequence[PlannedSale]
) -> dict[str, Any]:
    """Return what is left to do for the sales, by part: what is mended in the wizard, then what
    comes once the version is sent. What only some sales lack names them.
    """
    version: Any = draft.product_version
    lacked: dict[Finding, list[Company]] = {}
    for one in sales:
        for finding in publication_checklist(version=version, sale=sale_planned(one)).findings:
            lacked.setdefault(finding, []).append(one.seller)
    foreseen = foreseen_approvals(version, asking=person(request).pk)
    cures = {APPROVALS[one.domain].code: asked_of(one) for one in foreseen}
    found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for part, findings in checklist(lacked).by_part().items():
        for is_here in found:
            shown = [
                {
                    "message": one.message,
                    "rule": one.rule,
                    "cure": cures.get(one.rule.code, one.rule.cure_on(is_draft=True)),
                    "link": _cure(request, draft, one),
                    "verb": "Corriger" if is_here else "Ouvrir",
                    "sellers": _some(one, lacked[one], sales),
                }
                for one in findings
                if _is_mended_here(one) is is_here
            ]
            if shown:
                found[is_here].append({"label": PART_LABELS[part], "findings": shown})
    return {
        "is_checked": True,
        "is_retired": version.product.lifecycle_status == LifecycleStatus.RETIRED,
        "here": found[True],
        "later": found[False],
        "warned": warned(foreseen),
    }


def _some(finding: Finding, sellers: list[Company], sales: Sequence[PlannedSale]) -> list[str]:
    """Return the companies that something concerns: none where it concerns them all, or names them."""
    if len(sellers) == len(sales):
        return []
    return [one.brand_name for one in sellers if one.brand_name not in finding.message]


def _is_mended_here(finding: Finding) -> bool:
    """Whether a step mends it: a document is deposited here, and published on its own page."""
    part = finding.rule.part
    if not finding.rule.blocking or part not in MENDED_IN:
        return False
    return part is not Part.DOCUMENTS or finding.rule.code in DEPOSITED


def _cure(request: HttpRequest, draft: WizardDraft, finding: Finding) -> str:
    """Return where it is mended: in the wizard, else on a page; an account, by Compta alone."""
    version: ProductVersion | Any = draft.product_version
    part, back = finding.rule.part, step_address(draft, WizardStep.PUBLICATION)
    if _is_mended_here(finding):
        return step_address(draft, MENDED_IN[part])
    if part is Part.ACCOUNTING and finding.target_id is None:
        access = access_of(request.user)
        if not access.allowed_on(Action.MAPPING_EDIT, version, version.company_id):
            return ""
        add = reverse("admin:accounting_accountingmapping_add")
        return with_way(f"{add}?product_version={version.pk}", back)
    return with_way(cure_address(finding, version), back)
