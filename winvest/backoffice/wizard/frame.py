"""What stands around a step: the progress bar, what the step still lacks, the ways out."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import site
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from catalog import parts
from catalog.admin.told import told_of
from catalog.choices import Channel, WizardStep
from catalog.domain.publication import Finding, Sale
from catalog.models import ProductVersion, WizardDraft
from catalog.services.wizard import accept_step
from winvest.backoffice.wizard.pages import (
    BundleStep,
    CommissionStep,
    GeneralStep,
    PricingStep,
)
from winvest.core import scoping
from winvest.core.admin.rights import person
from winvest.core.clock import now

STEPS: dict[type, WizardStep] = {
    GeneralStep: WizardStep.GENERAL,
    PricingStep: WizardStep.PRICING,
    BundleStep: WizardStep.PRICING,
    CommissionStep: WizardStep.COMMISSIONS,
}
# Which form of a step the kept texts are of: the key of its row, nothing for a new one.
ROW = "_row"
# Tells the page that comes that what was sent is written: the tab forgets its copy.
WRITTEN = "#ecrit"
# In the address of a step that could not be left: its page tells what it lacks, where it is filled.
LACKING = "manque"
# What each step answers for, by the key of the publication's checks; the last step shows them all.
CHECKS = {
    WizardStep.GENERAL: (),
    WizardStep.PRICING: ("content", "prices", "formulas"),
    WizardStep.COMMISSIONS: ("commissions",),
    WizardStep.DOCUMENTS: ("documents",),
    WizardStep.PUBLICATION: (),
}
# A document waits for the jurist: it is asked here, and published in its time.
LATER = frozenset({"documents.not_published"})


def sale_of(version: ProductVersion) -> Sale:
    """Return the sale that the wizard prepares: by the owner, on all the version's channels."""
    return Sale(
        seller=version.company_id,
        channels=frozenset(version.channels or Channel.values),
        start=max(now(), version.effective_from),
    )


def lacks(version: ProductVersion, asked: WizardStep) -> list[Finding]:
    """Return what keeps a step from being left: its own blocking problems."""
    checks = parts.checks()
    with scoping.everything():
        found = [one for key in CHECKS[asked] for one in checks[key](version, sale_of(version))]
    return [one for one in found if one.rule.blocking and one.rule.code not in LATER]


def complete_until(version: ProductVersion) -> WizardStep:
    """Return the first step that the version's content does not fill, else the last."""
    order = list(WizardStep)
    return next((step for step in order[:-1] if lacks(version, step)), order[-1])


def step_address(draft: WizardDraft, asked: WizardStep, *, is_lacking: bool = False) -> str:
    """Return the address of a step of a draft; with `is_lacking`, of what it still lacks."""
    page = reverse("wizard-step", args=[draft.pk, asked.value])
    return f"{page}?{LACKING}=1" if is_lacking else page


def leave(request: HttpRequest, draft: WizardDraft, asked: WizardStep) -> HttpResponse:
    """Note that a step is written, and go to the next unless it lacks something, or one stays.

    The first step gives the version it has made as `request.version`.
    """
    order = list(WizardStep)
    following = order[min(order.index(asked) + 1, len(order) - 1)]
    version = draft.product_version
    goes_on = "_stay" not in request.POST
    is_lacking = goes_on and version is not None and bool(lacks(version, asked))
    reached = following if goes_on and not is_lacking else asked
    accept_step(
        actor=person(request),
        draft=draft,
        step=asked,
        reached=reached,
        version=getattr(request, "version", None),
    )
    return HttpResponseRedirect(step_address(draft, reached, is_lacking=is_lacking) + WRITTEN)


def frame(
    request: HttpRequest,
    draft: WizardDraft,
    asked: WizardStep,
    findings: Iterable[Finding] = (),
) -> dict[str, Any]:
    """Return the context of a step's page."""
    order = list(WizardStep)
    reached, place = order.index(WizardStep(draft.step)), order.index(asked)
    version = draft.product_version
    return {
        **site.each_context(request),
        "title": _title(version),
        "draft": draft,
        "asked": asked,
        "number": place + 1,
        "steps": [
            {
                "number": number + 1,
                "label": step.label,
                "link": step_address(draft, step) if number <= reached else "",
                "is_done": number < reached,
                "is_current": step == asked,
            }
            for number, step in enumerate(order)
        ],
        "before": step_address(draft, order[place - 1]) if place else "",
        "is_last": place == len(order) - 1,
        "keep": reverse("wizard-keep", args=[draft.pk, asked.value]),
        "sign_in": f"{reverse('admin:login')}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}",
        "lacking": [one.message for one in lacks(version, asked)]
        if version is not None and LACKING in request.GET
        else [],
        "findings": list(findings),
        "told": told_of(draft),
    }


def changed_since(request: HttpRequest, draft: WizardDraft) -> str:
    """Say who wrote since the page that is sent was opened; an empty text where nobody did.

    Sent once more, the page knows of it and is written.
    """
    known = request.POST.get("_revision", "")
    if known in ("", str(draft.revision)):
        return ""
    who = "Vous avez" if draft.changed_by_id == person(request).pk else f"{draft.changed_by} a"
    return (
        f"{who} changé ce brouillon depuis une autre page. Vos saisies sont ci-dessous et rien n'en "
        "est écrit : enregistrez de nouveau pour les garder, ou voyez d'abord l'étape telle "
        "qu'elle est."
    )


def _title(version: ProductVersion | None) -> str:
    """Return what is prepared: a product, or a later version of one."""
    if version is None:
        return "Nouveau produit"
    number = f", version {version.version}" if version.version > 1 else ""
    return f"{version.product.name}{number}"
