"""What stands around a step: the progress bar, what the step still lacks, the ways out."""

from typing import Any

from django.contrib.admin import site
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from catalog import parts
from catalog.admin.told import told_of
from catalog.choices import WizardStep
from catalog.domain.publication import Finding
from catalog.models import ProductVersion, WizardDraft
from catalog.selectors.planned_sales import whole_sale
from catalog.services.wizard import (
    BUNDLE,
    TABLE,
    TABLED,
    accept_step,
    form_revision,
    form_writer,
    rows_kept,
)
from commissions.domain.publication import CASE
from commissions.models import CommissionScheme
from winvest.backoffice.wizard.finding import MOVED, has_moved
from winvest.backoffice.wizard.pages import (
    BundleStep,
    CommissionStep,
    GeneralStep,
    PricingStep,
)
from winvest.core import scoping
from winvest.core.admin.rights import person

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
# The page of its step tells it whole, whether it was left or not.
TOLD_THERE = frozenset({CASE.code})


def lacks(version: ProductVersion, asked: WizardStep) -> list[Finding]:
    """Return what keeps a step from being left: its own blocking problems."""
    checks = parts.checks()
    with scoping.everything():
        found = [one for key in CHECKS[asked] for one in checks[key](version, whole_sale(version))]
    return [one for one in found if one.rule.blocking and one.rule.code not in LATER]


def complete_until(version: ProductVersion) -> WizardStep:
    """Return the first step that the version's content does not fill, else the last."""
    order = list(WizardStep)
    return next((step for step in order[:-1] if lacks(version, step)), order[-1])


def step_address(draft: WizardDraft, asked: WizardStep, *, is_lacking: bool = False) -> str:
    """Return the address of a step of a draft; with `is_lacking`, of what it still lacks."""
    page = reverse("wizard-step", args=[draft.pk, asked.value])
    return f"{page}?{LACKING}=1" if is_lacking else page


def form_address(
    draft: WizardDraft, asked: WizardStep, row: str, *, is_lacking: bool = False
) -> str:
    """Return the address of one form of a step."""
    kind, _, scheme = row.partition(":") if row.startswith(TABLE) else ("", "", row)
    named: dict[str, Any] = {}
    if kind != TABLE and asked in TABLED:
        named["complet"] = 1
    if row == BUNDLE:
        named["bundle"] = 1
    if asked == WizardStep.COMMISSIONS:
        named |= {"bareme": scheme} if scheme else {"nouveau": 1}
    if is_lacking:
        named[LACKING] = 1
    page = step_address(draft, asked)
    return f"{page}?{urlencode(named)}" if named else page


def forms_kept(draft: WizardDraft, asked: WizardStep) -> list[str]:
    """Return the forms of a step that keep texts, unless their scheme is gone."""
    rows = rows_kept(draft, asked)
    if asked != WizardStep.COMMISSIONS or not rows:
        return rows
    schemes = CommissionScheme.objects.filter(product_version=draft.product_version)
    known = {"", *(str(key) for key in schemes.values_list("pk", flat=True))}
    return [row for row in rows if row.removeprefix(TABLE).removeprefix(":") in known]


def leave(
    request: HttpRequest, draft: WizardDraft, asked: WizardStep, row: str = "", shown: str = ""
) -> HttpResponse:
    """Note that a form is written, and go to the next step unless it lacks something, or one stays.

    `shown` is the form where one stays, this one by default. The first step gives the version it
    has made as `request.version`.
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
        row=row,
        reached=reached,
        version=getattr(request, "version", None),
    )
    if reached == asked:
        page = form_address(draft, asked, shown or row, is_lacking=is_lacking)
    else:
        page = step_address(draft, reached)
    return HttpResponseRedirect(page + WRITTEN)


def frame(
    request: HttpRequest, draft: WizardDraft, asked: WizardStep, row: str = ""
) -> dict[str, Any]:
    """Return the context of a step's page, for one of its forms."""
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
        "row": row,
        "here": form_address(draft, asked, row),
        "latest": form_revision(draft, asked, row),
        "keeper": _keeper(request, draft, asked, row, "a", "avez"),
        "keeper_had": _keeper(request, draft, asked, row, "avait", "aviez"),
        "before": step_address(draft, order[place - 1]) if place else "",
        "is_last": place == len(order) - 1,
        "keep": reverse("wizard-keep", args=[draft.pk, asked.value]),
        "sign_in": f"{reverse('admin:login')}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}",
        "lacking": [one.message for one in lacks(version, asked) if one.rule.code not in TOLD_THERE]
        if version is not None and LACKING in request.GET
        else [],
        "told": told_of(draft),
    }


def known_revision(request: HttpRequest) -> int | None:
    """Return the revision that the page that is sent knows, None where it names none."""
    text = request.POST.get("_revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def changed_since(request: HttpRequest, draft: WizardDraft, asked: WizardStep, row: str) -> str:
    """Say who wrote this form since the page that is sent was opened, or that it was another draft's;
    empty where nothing happened.

    Sent once more, the page knows of it and is written.
    """
    known = known_revision(request)
    if has_moved(request, draft):
        happened = f"{MOVED} depuis que cette page est ouverte."
    elif known is None or form_revision(draft, asked, row) <= known:
        return ""
    else:
        keeper = _keeper(request, draft, asked, row, "a", "avez")
        happened = f"{keeper[0].upper()}{keeper[1:]} changé ce brouillon depuis une autre page."
    return (
        f"{happened} Vos saisies sont ci-dessous et rien n'en est écrit : enregistrez de nouveau "
        "pour les garder, ou voyez d'abord l'étape telle qu'elle est."
    )


def changed_page(request: HttpRequest, draft: WizardDraft, asked: WizardStep, row: str) -> str:
    """Say who wrote a form since the page that goes on typing was opened."""
    keeper = _keeper(request, draft, asked, row, "a", "avez")
    where = ", dans une autre page ou un autre onglet" if keeper == "vous avez" else ""
    return f"{keeper[0].upper()}{keeper[1:]} modifié cette page entre-temps{where} : rien n'a été écrasé."


def _keeper(
    request: HttpRequest, draft: WizardDraft, asked: WizardStep, row: str, verb: str, own: str
) -> str:
    """Return who wrote a form last with the verb, `own` where it is the person."""
    writer = form_writer(draft, asked, row)
    return f"vous {own}" if writer.pk == person(request).pk else f"{writer} {verb}"


def _title(version: ProductVersion | None) -> str:
    """Return what is prepared: a product, or a later version of one."""
    if version is None:
        return "Nouveau produit"
    number = f", version {version.version}" if version.version > 1 else ""
    return f"{version.product.name}{number}"
