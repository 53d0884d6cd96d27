"""The pages of the creation wizard (§3.1, E.2.3): five steps, a draft that loses nothing."""

from collections.abc import Collection
from copy import copy
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from catalog.admin.told import refused_in_short
from catalog.choices import WizardStep
from catalog.models import Product, ProductVersion, WizardDraft
from catalog.services.wizard import (
    BUNDLE,
    DraftProblem,
    close_draft,
    forget_typed,
    keep_typed,
    open_draft,
    start_draft,
    typed_of,
    version_to_prepare,
)
from commissions.models import CommissionScheme
from winvest.backoffice.wizard import cases, closing, commissions, documents, pricing
from winvest.backoffice.wizard.finding import (
    DRAFT,
    MOVED,
    DraftGone,
    find_draft,
    gone_page,
    has_moved,
)
from winvest.backoffice.wizard.frame import (
    ROW,
    STEPS,
    WRITTEN,
    changed_page,
    changed_since,
    complete_until,
    form_address,
    frame,
    known_revision,
    leave,
    step_address,
)
from winvest.backoffice.wizard.later import ask_version
from winvest.backoffice.wizard.pages import (
    BundleStep,
    CommissionStep,
    GeneralStep,
    PricingStep,
    is_later,
)
from winvest.core.admin.base import SEEN
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.admin.zones import local_page
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict
from winvest.core.models.company import Company
from winvest.core.permissions import access_of
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction

TITLE = "Assistant de création"
PREVIEWS = {
    WizardStep.PRICING: pricing.preview,
    WizardStep.COMMISSIONS: commissions.preview,
    WizardStep.PUBLICATION: closing.preview,
}
SHOWN = 100
# Boxes that say nothing of what was typed.
SILENT = ("csrfmiddlewaretoken", "_seen", "_revision", "_next", "_stay", ROW, DRAFT)


@site.admin_view
@require_http_methods(["GET", "POST"])
def wizard(request: HttpRequest) -> HttpResponse:
    """Show one's drafts, then the team's; a POST begins a new product in a company (`company`).

    The address may name the company, the risk and the partner to begin with.
    """
    companies = companies_allowing(request, Action.CATALOG_EDIT)
    if not companies:
        raise PermissionDenied
    known = {str(key): key for key in companies}
    if request.method == "POST":
        chosen = known.get(request.POST.get("company", ""))
        if chosen is None and len(companies) > 1:
            messages.error(request, "Choisissez la société du produit.")
            return HttpResponseRedirect(reverse("wizard"))
        draft = start_draft(actor=person(request), company_id=chosen or next(iter(companies)))
        return HttpResponseRedirect(step_address(draft, WizardStep.GENERAL) + _begun(request))
    only = known.get(request.GET.get("company", ""))
    context = {
        **site.each_context(request),
        "title": TITLE,
        "drafts": _drafts(person(request).pk, companies),
        "choices": Company.objects.filter(pk__in=[only] if only else companies).order_by(
            "brand_name"
        ),
    }
    return TemplateResponse(request, "admin/wizard/drafts.html", context)


def _drafts(me: UUID, companies: Collection[UUID]) -> list[dict[str, Any]]:
    """Return one's own drafts, then those of the team; a refused one says why."""
    rows = WizardDraft.objects.filter(company__in=companies)
    rows = rows.order_by(Case(When(user=me, then=0), default=1), "-updated_at")
    shown = list(rows.select_related("product_version__product", "company", "user")[:SHOWN])
    refusals = refused_in_short(shown)
    return [
        {
            "link": step_address(one, WizardStep(one.step)),
            "name": str(one.product_version.product.name)
            if one.product_version
            else "Nouveau produit",
            "detail": one.get_step_display(),
            "company": one.company,
            "changed": one.updated_at,
            "author": "" if one.user_id == me else str(one.user),
            "pk": one.pk,
            "refused": refusals.get(one.pk, ""),
        }
        for one in shown
    ]


def _begun(request: HttpRequest) -> str:
    """Return what the address gives the first step to begin with."""
    given = {name: request.GET[name] for name in ("risk", "partner") if request.GET.get(name)}
    return f"?{urlencode(given)}" if given else ""


@site.admin_view
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Take up a draft version of an existing product, or a new one with the content of another."""
    found = ProductVersion.objects.filter(pk=version_id).select_related("product", "company")
    version = found.first()
    if version is None:
        raise Http404
    if not access_of(request.user).allowed_on(Action.CATALOG_EDIT, version, version.company_id):
        raise PermissionDenied
    if request.method == "GET":
        return local_page(version.company, lambda: ask_version(request, version))
    with transaction(person(request), version.company_id):
        prepared = version_to_prepare(actor=person(request), version=version)
        draft = open_draft(
            actor=person(request), version=prepared, reached=complete_until(prepared)
        )
    return HttpResponseRedirect(step_address(draft, WizardStep.GENERAL))


@site.admin_view
@require_http_methods(["GET", "POST"])
def put_away(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Ask, then forget a draft's own texts; its product and version stay."""
    draft = find_draft(request, draft_id)
    if has_moved(request, draft):
        return HttpResponseRedirect(reverse("wizard"))
    if request.method == "GET":
        return TemplateResponse(request, "admin/confirm.html", _asked_away(request, draft))
    close_draft(actor=person(request), draft=draft)
    messages.success(request, "Brouillon retiré de l'assistant.")
    return HttpResponseRedirect(reverse("wizard"))


def _asked_away(request: HttpRequest, draft: WizardDraft) -> dict[str, Any]:
    """Return what the page says before a draft is forgotten."""
    lost = "Ce qui y est tapé et pas enregistré sera perdu."
    version = draft.product_version
    kept = f" {version.product} et sa version restent." if version else " Aucun produit n'existe."
    return {
        **site.each_context(request),
        "title": "Retirer le brouillon",
        "question": f"Retirer ce brouillon de l'assistant ? {lost}{kept}",
        "back": reverse("wizard"),
    }


@site.admin_view
@require_POST
def keep(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """Keep what is typed; the answer is the new revision, or who was faster (409)."""
    try:
        draft = find_draft(request, draft_id)
    except DraftGone as gone:
        return JsonResponse({"message": str(gone), "code": "draft.gone"}, status=409)
    if has_moved(request, draft):
        told = f"{MOVED} : enregistrez l'étape pour l'y retrouver."
        return JsonResponse({"message": told, "code": "draft.moved"}, status=409)
    try:
        kept = keep_typed(
            actor=person(request),
            draft=draft,
            step=_step(step),
            row=request.POST.get(ROW, ""),
            typed=_typed(request.POST),
            revision=known_revision(request) or 0,
        )
    except Conflict as error:
        draft.refresh_from_db()
        code, message = error.reasons[0].code, str(error)
        if code == DraftProblem.CHANGED:
            message = changed_page(request, draft, _step(step), request.POST.get(ROW, ""))
        refused = {"message": message, "code": code, "revision": draft.revision}
        return JsonResponse(refused, status=409)
    return JsonResponse({"revision": kept.revision})


@site.admin_view
@require_POST
def preview(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """Show what is typed in a step as it would count; nothing is written or kept."""
    draft = find_draft(request, draft_id)
    show = PREVIEWS.get(_step(step))
    if show is None or draft.product_version is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    answer: HttpResponse = show(request, draft)
    return answer


@site.admin_view
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """Show a step or accept what was typed in it."""
    asked = _step(step)
    try:
        draft = find_draft(request, draft_id)
    except DraftGone as gone:
        return gone_page(request, gone.version)
    if has_moved(request, draft) and (request.method == "GET" or "_forget" in request.POST):
        return _at_its_address(request, draft, asked)
    if draft.product_version is None and asked != WizardStep.GENERAL:
        messages.error(request, "Remplissez d'abord l'étape Général.")
        return HttpResponseRedirect(step_address(draft, WizardStep.GENERAL))
    order, reached = list(WizardStep), WizardStep(draft.step)
    if order.index(asked) > order.index(reached):
        messages.error(request, f"Terminez d'abord l'étape {reached.label}.")
        return HttpResponseRedirect(step_address(draft, reached))
    show = {
        WizardStep.GENERAL: _general,
        WizardStep.PRICING: _pricing,
        WizardStep.COMMISSIONS: _commissions,
        WizardStep.DOCUMENTS: documents.show,
        WizardStep.PUBLICATION: closing.show,
    }[asked]
    # One at a time: a second click waits, and finds the product of the first.
    with transaction(person(request), draft.company_id):
        if request.method == "POST":
            draft = lock_row(draft)
            if "_forget" in request.POST:
                return _forgotten(request, draft, asked)
        request.draft = draft  # type: ignore[attr-defined]
        return local_page(draft.company, lambda: show(request, draft))


def _at_its_address(request: HttpRequest, draft: WizardDraft, asked: WizardStep) -> HttpResponse:
    """Lead from the address of a closed draft to the same step of the one that followed it."""
    query = request.GET.urlencode()
    return HttpResponseRedirect(step_address(draft, asked) + (f"?{query}" if query else ""))


def _forgotten(request: HttpRequest, draft: WizardDraft, asked: WizardStep) -> HttpResponse:
    """Give up what a form keeps, and show what is written."""
    row = request.POST.get(ROW, "")
    forget_typed(actor=person(request), draft=draft, step=asked, row=row)
    messages.success(request, "Vos saisies sont abandonnées : voici ce qui est enregistré.")
    return HttpResponseRedirect(form_address(draft, asked, row) + WRITTEN)


def _general(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    version = draft.product_version
    page = GeneralStep(Product, site)
    if request.method == "POST" and version is not None and SEEN not in request.POST:
        return _sent_twice(request, draft, page, version.product)
    extra = {"is_later": is_later(draft)}
    return _form(request, draft, page, version.product_id if version else None, extra)


def _sent_twice(
    request: HttpRequest, draft: WizardDraft, page: GeneralStep, product: Product
) -> HttpResponse:
    """Answer a form of before the product was made: a second click goes on, other texts are shown."""
    if request.POST.get("name", "").strip() == product.name:
        return HttpResponseRedirect(step_address(draft, WizardStep.PRICING) + WRITTEN)
    messages.warning(
        request, f"{product} vient d'être créé : vos saisies ne sont pas enregistrées."
    )
    if is_later(draft):  # Its form has none of these boxes any more.
        return HttpResponseRedirect(step_address(draft, WizardStep.GENERAL))
    typed = _typed(request.POST) | {"sku": [product.sku]}
    typed.pop("company", None)
    context = frame(request, draft, WizardStep.GENERAL) | {"shown_again": True}
    shown = _again(request, typed)
    answer: HttpResponse = page.changeform_view(shown, str(product.pk), "", context)
    return answer


def _pricing(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    if "complet" not in request.GET:
        return pricing.show(request, draft)
    is_bundle = "bundle" in request.GET
    page = (BundleStep if is_bundle else PricingStep)(ProductVersion, site)
    extra = {**pricing.links(draft), "is_bundle": is_bundle}
    row = BUNDLE if is_bundle else ""
    return _form(request, draft, page, draft.product_version_id, extra, row)


def _commissions(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    asked = commissions.asked_of(request, draft)
    if request.method == "POST" and cases.RECOUNT in request.POST:
        return cases.recount(request, draft, asked.schemes, asked.row)
    if asked.is_table:
        return commissions.show(request, draft, asked)
    page = CommissionStep(CommissionScheme, site)
    key = asked.chosen.pk if asked.chosen else None
    return _form(request, draft, page, key, commissions.links(request, draft, asked), asked.row)


def _form(
    request: HttpRequest,
    draft: WizardDraft,
    page: Any,
    key: UUID | None,
    extra: dict[str, Any] | None = None,
    row: str = "",
) -> HttpResponse:
    """Show a form of a step with what was kept, or write it and go on."""
    asked = STEPS[type(page)]
    request.accepted = lambda made: leave(  # type: ignore[attr-defined]
        request, draft, asked, row, str(made.pk) if asked == WizardStep.COMMISSIONS else ""
    )
    if request.method == "POST":
        changed = changed_since(request, draft, asked, row)
        typed = _typed(request.POST) if changed else {}
    else:
        changed, typed = "", typed_of(draft, asked, row)
    shown = _again(request, typed) if typed else request
    context = frame(request, draft, asked, row) | (extra or {})
    context |= {"shown_again": bool(typed) and not changed, "changed": changed}
    if key is not None and request.resolver_match is not None:
        # The rows of these pages look for theirs in the address, as on the usual page.
        request.resolver_match.kwargs["object_id"] = str(key)
    given: HttpResponse = page.changeform_view(shown, str(key) if key else None, "", context)
    if changed:
        given.status_code = HTTPStatus.CONFLICT
    return given


def _again(request: HttpRequest, typed: dict[str, list[str]]) -> HttpRequest:
    """Return the request as if the kept texts had just been sent, to be shown and not written."""
    shown = copy(request)
    boxes = QueryDict(mutable=True)
    for name, texts in typed.items():
        boxes.setlist(name, texts)
    shown.FILES  # noqa: B018 - asked for later, it would read the body again and empty the boxes
    shown.method, shown.POST = "POST", boxes  # type: ignore[assignment]
    shown.shown_again = True  # type: ignore[attr-defined]
    return shown


def _step(name: str) -> WizardStep:
    if name not in WizardStep.values:
        raise Http404
    return WizardStep(name)


def _typed(boxes: QueryDict) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in boxes.lists() if name not in SILENT}
