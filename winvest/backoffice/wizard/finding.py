"""Which draft an address of the wizard names: the one that is open, or the one that followed it (E.2.3)."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import site
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from catalog import choices as catalog_choices
from catalog.admin.sheet_tabs import sheet_address
from catalog.choices import Recurrence
from catalog.models import ProductVersion, WizardDraft
from catalog.selectors.visibility import visible_versions
from commissions import choices as commission_choices
from winvest.backoffice.wizard.models import METHODS, MODELS
from winvest.core.admin.rights import companies_allowing
from winvest.core.choices import AuditAction
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models.audit import AuditEntry
from winvest.core.permissions import access_of

# Which draft the page that is sent was opened for.
DRAFT = "_draft"
LINE = re.compile(r"[a-z_]+-\d+-")
# What the lists of the steps say, by the code that they send.
CHOICES = {
    code: str(label)
    for module in (catalog_choices, commission_choices)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, TextChoices)
    for code, label in one.choices
} | {**{one.value: one.label for one in MODELS}, **dict(METHODS), **dict(Recurrence.choices)}
MOVED = "Ce brouillon a été envoyé en validation puis rouvert"
GONE = (
    "Ce brouillon n'est plus ouvert : sa version a été envoyée en validation, ou il a été retiré."
)


class DraftGone(Http404):
    """The draft is closed, and its version, which the person sees, has no other one."""

    def __init__(self, version: ProductVersion) -> None:
        """Keep the version, to lead to it."""
        super().__init__(GONE)
        self.version = version


def find_draft(request: HttpRequest, draft_id: UUID) -> WizardDraft:
    """Return a draft of a company where the person writes the catalogue; any other does not exist.

    Of a closed one, return the draft that its version has now; `DraftGone` without one.
    """
    if (draft := _open(request, pk=draft_id)) is not None:
        return draft
    version_id = _version_of(draft_id)
    if version_id is None:
        raise Http404
    if (draft := _open(request, product_version=version_id)) is not None:
        return draft
    seen = visible_versions(access_of(request.user), at=now()).filter(pk=version_id)
    if (version := seen.first()) is not None:
        raise DraftGone(version)
    raise Http404


def has_moved(request: HttpRequest, draft: WizardDraft) -> bool:
    """Tell whether the address names a draft that this one followed, unless its page knows it."""
    match = request.resolver_match
    named = match.kwargs.get("draft_id") if match else None
    return named != draft.pk and request.POST.get(DRAFT) != str(draft.pk)


def gone_page(request: HttpRequest, version: ProductVersion) -> HttpResponse:
    """Lead to the sheet of a closed draft's version; what was typed is first shown, to be copied."""
    sheet = sheet_address(version.product_id, version=version.version)
    if request.method != "POST":
        messages.info(request, GONE)
        return HttpResponseRedirect(sheet)
    context = {
        **site.each_context(request),
        "title": "Brouillon fermé",
        "told": GONE,
        "typed": _words(request),
        "sheet": sheet,
    }
    return TemplateResponse(request, "admin/wizard/gone.html", context, status=409)


def _words(request: HttpRequest) -> list[str]:
    """Return what a person typed, a line of a table on one line, without what pages fill by themselves."""
    lines: dict[str, list[str]] = {}
    typed: set[str] = set()
    for name, texts in request.POST.lists():
        line = LINE.match(name)
        place = line[0] if line else name
        for text in texts:
            if text.strip() and not _is_ours(name, text):
                lines.setdefault(place, []).append(CHOICES.get(text, text))
                if line is None or not (text in CHOICES or name.endswith("-tax_code")):
                    typed.add(place)
    return [" ; ".join(told) for place, told in lines.items() if place in typed]


def _is_ours(name: str, text: str) -> bool:
    """Whether a box says nothing to people: the page's own, a tick, the key of a row."""
    if name.startswith("_") or name == "csrfmiddlewaretoken" or name.endswith("_FORMS"):
        return True
    try:
        return text == "on" or bool(UUID(text))
    except ValueError:
        return False


def _open(request: HttpRequest, **named: Any) -> WizardDraft | None:
    companies = companies_allowing(request, Action.CATALOG_EDIT)
    rows = WizardDraft.objects.filter(company__in=companies, **named)
    # What the checks of a step read of the version.
    above = ("company", "product__company", "product__partner", "product__risk__parent__parent")
    known = rows.select_related("user", "company", *(f"product_version__{one}" for one in above))
    found: WizardDraft | None = known.first()
    return found


def _version_of(draft_id: UUID) -> str | None:
    """Return the version of a closed draft, as the log of its deletion keeps it."""
    lines = AuditEntry.objects.filter(
        record_id=draft_id, table=WizardDraft._meta.db_table, action=AuditAction.DELETE
    )
    closed = lines.values_list("before__product_version_id", flat=True).first()
    return str(closed) if closed else None
