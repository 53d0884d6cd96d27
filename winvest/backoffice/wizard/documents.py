"""Step 4: the documents that the family asks for on the version's channels (3.1-05, E.2.3-04)."""

from datetime import date
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.choices import Channel, WizardStep
from catalog.models import ProductVersion, WizardDraft
from catalog.selectors.planned_sales import whole_sale
from documents.admin.document import LABELS, STANDINGS, UNFIT
from documents.choices import DocumentState
from documents.domain.requirements import FLOOR, WEB
from documents.domain.state import DocumentState as State
from documents.domain.state import standing
from documents.models import DocumentType, ProductDocument
from documents.models.document import PDF
from documents.selectors.requirements import required_documents
from documents.services.upload import upload_document
from winvest.backoffice.wizard.frame import frame, leave, step_address
from winvest.core.admin.formatting import badge
from winvest.core.admin.rights import person
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.permissions import access_of


class UploadForm(forms.Form):
    """A file of a type; what it is called is its type's name, unless it is said."""

    type = forms.ModelChoiceField(queryset=DocumentType.objects.all(), label="Type")
    title = forms.CharField(label="Titre", max_length=160, required=False)
    valid_until = forms.DateField(label="Valide jusqu'au", required=False)
    file = forms.FileField(label="Fichier")
    replaces = forms.ModelChoiceField(queryset=ProductDocument.objects.none(), required=False)

    def __init__(self, version: ProductVersion, *args: Any, **options: Any) -> None:
        """Let a file take the place of what the version has."""
        super().__init__(*args, **options)
        self.fields["replaces"].queryset = _brought(version)  # type: ignore[attr-defined]


def show(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show the required list and what is there; a POST brings a file, or goes on."""
    version: Any = draft.product_version
    here = step_address(draft, WizardStep.DOCUMENTS)
    if request.method == "POST" and "_next" in request.POST:
        return leave(request, draft, WizardStep.DOCUMENTS)
    if request.method == "POST":
        form = UploadForm(version, request.POST, request.FILES)
        if form.is_valid() and _bring(request, version, form):
            return HttpResponseRedirect(here)
        return _page(request, draft, version, refused=form)
    return _page(request, draft, version)


def _bring(request: HttpRequest, version: ProductVersion, form: UploadForm) -> bool:
    """Keep the file; a refusal is told beside it."""
    given = form.cleaned_data
    try:
        row = upload_document(
            actor=person(request),
            version=version,
            type=given["type"],
            title=given["title"] or getattr(given["replaces"], "title", given["type"].label),
            replaces=given["replaces"],
            content=given["file"],
            file_name=given["file"].name,
            valid_until=given["valid_until"],
        )
    except DomainError as error:
        form.add_error("file", str(error))
        return False
    messages.success(request, f"« {row.title} » est déposé.")
    return True


def _page(
    request: HttpRequest,
    draft: WizardDraft,
    version: ProductVersion,
    *,
    refused: UploadForm | None = None,
) -> HttpResponse:
    """Show the list, with what is lacking or refused beside what it is about."""
    rows = list(_brought(version))
    today = local_date(now(), version.company.timezone)
    needs = _needs(version, rows, today)
    context = frame(request, draft, WizardStep.DOCUMENTS)
    beside = {**_lacking(context["lacking"], needs), **_refused(refused)}
    for line in needs.values():
        line["problems"] = beside.pop(line["type_pk"], [])
    context |= {
        "needs": list(needs.values()),
        "others": [_shown(row, today) for row in rows if row.type_id not in needs],
        "types": DocumentType.objects.order_by("position", "code"),
        "problems": [message for told in beside.values() for message in told],
        "may_upload": access_of(request.user).allowed_on(
            Action.DOCUMENT_EDIT, version, version.company_id
        ),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return TemplateResponse(request, "admin/wizard/documents.html", context, status=status)


def _brought(version: ProductVersion) -> QuerySet[ProductDocument]:
    """Return the documents of the version that nothing has taken the place of."""
    rows = ProductDocument._base_manager.filter(product_version=version, replaced_by__isnull=True)
    kept = rows.exclude(state=DocumentState.ARCHIVED).select_related("type")
    return kept.order_by("type__position", "pk")


def _needs(
    version: ProductVersion, rows: list[ProductDocument], today: date
) -> dict[str, dict[str, Any]]:
    """Return what the family asks for by type, with what was brought of each."""
    needs: dict[str, dict[str, Any]] = {}
    sold = whole_sale(version).channels
    for need in required_documents(version, rows):
        line = needs.setdefault(
            need.type,
            {
                "type": need.type,
                "label": need.label,
                "channels": [],
                "why": need.why,
                "is_asked": False,
            },
        )
        line["channels"].append(str(Channel(need.channel).label) if need.channel else "")
        line["is_asked"] |= need.channel is None or need.channel in sold
    kinds = {kind.code: kind.pk for kind in DocumentType.objects.all()}
    for line in needs.values():
        line["type_pk"] = str(kinds[line["type"]])
        line["channels"] = ", ".join(line["channels"]) if all(line["channels"]) else "tous"
        brought = [row for row in rows if row.type_id == line["type"]]
        line["documents"] = [_shown(row, today) for row in brought]
        line["state"] = _state(brought) or _unbrought(line)
        is_fit = any(not row.lacks_pdfa for row in brought)
        is_floor = is_fit and not line["is_asked"] and WEB in sold and line["type"] in FLOOR
        line["suits"] = badge("Convient pour le web", "info") if is_floor else ""
    return needs


def _lacking(messages_: list[str], needs: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return what the step lacks by the type that each message names, under "" for the others."""
    told: dict[str, list[str]] = {}
    for message in messages_:
        named = (one["type_pk"] for one in needs.values() if f"« {one['label']} »" in message)
        told.setdefault(next(named, ""), []).append(message)
    return told


def _refused(form: UploadForm | None) -> dict[str, list[str]]:
    """Return why a file is refused, by its type."""
    if form is None:
        return {}
    errors = [str(error) for told in form.errors.values() for error in told]
    return {form.data.get("type", ""): errors}


def _state(rows: list[ProductDocument]) -> Any:
    """Return how far a document that was brought has come; nothing for none."""
    if not rows:
        return ""
    if all(row.lacks_pdfa for row in rows):
        return badge(UNFIT, "danger")
    if all(row.state == DocumentState.DRAFT for row in rows):
        return badge("Déposé, à publier", "warning")
    return badge("Déposé", "success")


def _unbrought(line: dict[str, Any]) -> Any:
    """Return how much a document that nobody brought is asked for on the version's channels."""
    if line["is_asked"]:
        return badge("Manquant", "danger")
    return badge("Facultatif ici", "neutral")


def _shown(row: ProductDocument, today: Any) -> dict[str, Any]:
    stands = standing(State(row.state), row.valid_until, on=today)
    return {
        "pk": row.pk,
        "title": row.title,
        "link": reverse("admin:documents_productdocument_change", args=[row.pk]),
        "state": badge(LABELS[stands], STANDINGS[stands]),
        "detail": f"Version {row.version}, {row.file_name}, {-(-(row.size or 0) // 1024)} ko",
        "hash": row.file_hash.removeprefix("sha256:"),
        "warned": _unpublishable(row),
    }


def _unpublishable(row: ProductDocument) -> str:
    """Say why a file that is deposited could not be published: a legal document is a PDF/A (D-07)."""
    if not row.lacks_pdfa:
        return ""
    what = "ce PDF n'est pas un PDF/A" if row.content_type == PDF else "ce fichier n'est pas un PDF"
    return f"{what}. Remplacez-le par un PDF/A : sans cela, il ne pourra pas être publié."
