"""Buttons of a version's page: review, release at a date, withdrawal, copies (3.1-07 to 3.1-10)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.admin.about import about_version
from catalog.admin.approvals import ApprovalSteps
from catalog.admin.badges import standing
from catalog.admin.checklist import checklist_page
from catalog.admin.foreseen import warnings_of
from catalog.admin.sheet_diff import shown_parts
from catalog.admin.sheet_tabs import sheet_address
from catalog.choices import InforcePolicy, VersionState
from catalog.models import ProductVersion
from catalog.services.approval_states import decidable
from catalog.services.comparison import compare_versions
from catalog.services.copies import duplicate_version, proposed_start, roll_back
from catalog.services.publication_checks import findings_of_succession
from catalog.services.versions import release_version, submit_version, withdraw_version
from winvest.core.admin.asking import form_step
from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.confirm import address, found, step
from winvest.core.admin.display import action
from winvest.core.admin.fields import LocalInstantField
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_page, zone_in_words
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.permissions import access_of

# The state from which each step leaves (None: any), and the right that it asks for.
STEPS = {
    "sheet": (None, Action.CATALOG_VIEW_ALL),
    "submit": (VersionState.DRAFT, Action.VERSION_SUBMIT),
    "review": (None, Action.CATALOG_VIEW_ALL),
    "release": (VersionState.IN_REVIEW, Action.VERSION_RELEASE),
    "withdraw": (VersionState.RELEASED, Action.VERSION_WITHDRAW),
    "duplicate": (None, Action.CATALOG_EDIT),
    "roll_back": (VersionState.RELEASED, Action.CATALOG_EDIT),
    "compare": (None, Action.CATALOG_VIEW_ALL),
    "checklist": (None, Action.CATALOG_VIEW_ALL),
    "contract_pack": (None, Action.CATALOG_VIEW_ALL),
}


class StartForm(forms.Form):
    """When a version takes effect, on the wall of its company's time zone."""

    effective_from = LocalInstantField(
        label="Date d'effet", required=False, widget=UnfoldAdminSplitDateTimeWidget()
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the zone of the page."""
        super().__init__(*args, **options)
        zone = zone_in_words(timezone.get_current_timezone_name())
        self.fields["effective_from"].help_text = f"{capfirst(zone)}."


class ReleaseForm(StartForm):
    """A start, what the release does to contracts in force, and why."""

    applies_to_inforce = forms.ChoiceField(
        label="Contrats en cours",
        choices=InforcePolicy.choices,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        required=False,
        help_text="Exigé pour une date passée, que seul l'Admin Groupe peut choisir.",
        widget=UnfoldAdminTextInputWidget(),
    )


class VersionSteps(ApprovalSteps, BaseAdmin):
    """Mixin of the version's page."""

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the buttons that the version's state and the user's rights open."""
        version = self.get_object(request, str(object_id))
        opened = _opened_steps(request, version) if version else set()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        buttons = super().get_actions_detail(request, object_id)
        return [one for one in buttons if one.action_name.removeprefix(prefix) in opened]

    @action(description="Fiche", icon="description", url_path="sheet")
    def sheet(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the product's sheet, on this version."""
        version = self._opened(request, object_id, "sheet")
        return redirect(sheet_address(version.product_id, version=version.version))

    @action(description="Soumettre à validation", icon="send", url_path="submit")
    def submit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send a draft to review."""
        version = self._opened(request, object_id, "submit")
        return step(
            self,
            request,
            version,
            title="Soumettre à validation",
            about=about_version(version),
            question=" ".join(
                [
                    f"Soumettre {version} à validation ?",
                    *warnings_of(version, person(request)),
                ]
            ),
            done=f"{version} est en validation.",
            run=lambda: submit_version(actor=person(request), version=version),
        )

    @action(description="Mettre en production", icon="rocket_launch", url_path="release")
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Release a reviewed version at a date; several future versions may wait."""
        version = self._opened(request, object_id, "release")
        planned = version.effective_from if version.effective_from > now() else None
        return self._asked(
            request,
            version,
            title="Mettre en production",
            text=" ".join(
                [
                    f"Mettre {version} en production ? Son contenu sera figé. Sans date d'effet, "
                    "c'est la date prévue, ou maintenant si elle est passée.",
                    *(one.message for one in findings_of_succession(version)),
                ]
            ),
            done=f"{version} est en production.",
            form=ReleaseForm,
            initial={
                "effective_from": planned,
                "applies_to_inforce": version.applies_to_inforce,
            },
            run=lambda data: self._release(request, version, data),
        )

    @action(description="Retirer avant effet", icon="undo", url_path="withdraw")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take back a released version that has not yet taken effect."""
        version = self._opened(request, object_id, "withdraw")
        reason = request.POST.get("reason", "")[:300]
        return step(
            self,
            request,
            version,
            title="Retirer avant effet",
            about=about_version(version),
            question=f"Retirer {version} avant sa date d'effet ? La version précédente continue.",
            with_reason="Motif",
            done=f"{version} est retirée.",
            run=lambda: withdraw_version(actor=person(request), version=version, reason=reason),
        )

    @action(description="Dupliquer", icon="content_copy", url_path="duplicate")
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a draft of the same product with the same content, and show it."""
        version = self._opened(request, object_id, "duplicate")
        return self._asked(
            request,
            version,
            title="Dupliquer",
            text=f"Un brouillon du même contenu que {version} : formules, prix, barèmes, "
            "documents, règles ADV et conditions.",
            done="Brouillon créé.",
            form=StartForm,
            initial={"effective_from": proposed_start(version.company)},
            follow=address,
            run=lambda data: duplicate_version(actor=person(request), version=version, **data),
        )

    @action(description="Revenir à cette version", icon="history", url_path="rollback")
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a draft of exactly this content, whose approvals stay, and show it."""
        version = self._opened(request, object_id, "roll_back")
        return self._asked(
            request,
            version,
            title=f"Revenir à la version {version.version}",
            text=f"Un brouillon au contenu exact de {version}, dont les approbations restent "
            f"acquises. Rien d'autre ne change avant sa mise en production.{_other_drafts(version)}",
            done=f"Brouillon créé, au contenu exact de {version}.",
            form=StartForm,
            initial={"effective_from": proposed_start(version.company)},
            follow=lambda draft: sheet_address(draft.product_id, version=draft.version),
            run=lambda data: roll_back(
                actor=person(request), product=version.product, version=version.version, **data
            ),
        )

    @action(description="Comparer", icon="difference", url_path="compare")
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what differs from another version of the product, by default the one before."""
        version = self._opened(request, object_id, "compare")
        return TemplateResponse(
            request,
            "admin/catalog/productversion/compare.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"Comparer {version}",
                "back": address(version),
                **_compared(person(request), version, request.GET.get("with", "")),
            },
        )

    @action(description="Contrôle avant publication", icon="checklist", url_path="checklist")
    def checklist(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what stands against a publication, and what to do about it."""
        return checklist_page(self, request, self._opened(request, object_id, "checklist"))

    @action(description="Pièces du contrat", icon="attach_file", url_path="contract-pack")
    def contract_pack(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the documents to join to a contract of this version, by channel."""
        version = self._opened(request, object_id, "contract_pack")
        return redirect("admin:documents_productdocument_pack", pk=version.pk)

    def _release(
        self, request: HttpRequest, version: ProductVersion, data: dict[str, Any]
    ) -> ProductVersion:
        """Release the version, and tell where that stops the sales."""
        released = release_version(actor=person(request), version=version, **data)
        for finding in findings_of_succession(released):
            messages.warning(request, f"{finding.message} {finding.rule.cure}")
        return released

    def _asked(self, request: HttpRequest, version: ProductVersion, **asked: Any) -> HttpResponse:
        respond: Callable[[], HttpResponse] = lambda: form_step(  # noqa: E731
            self, request, version, about=about_version(version), **asked
        )
        return local_page(version.company, respond)

    def _opened(self, request: HttpRequest, object_id: str, name: str) -> Any:
        """Return the version if the user may take this step with it."""
        version = found(self, request, object_id)
        access = access_of(request.user)
        if not access.allowed_on(STEPS[name][1], version, version.company_id):
            raise PermissionDenied
        return version


def _other_drafts(version: ProductVersion) -> str:
    """Tell the versions of the product that are being prepared: the return adds one to them."""
    rows = ProductVersion.objects.filter(product=version.product_id, released_at__isnull=True)
    names = [
        f"v{row.version} ({row.get_state_display().lower()})" for row in rows.order_by("version")
    ]
    return f" Déjà en préparation : {', '.join(names)}." if names else ""


def _compared(actor: User, version: ProductVersion, wanted: str) -> dict[str, Any]:
    """Return the two numbers, the older first, and the differences by part."""
    rows = ProductVersion.objects.filter(product=version.product_id).exclude(pk=version.pk)
    others = {
        row.version: f"Version {row.version} — {standing(row)[1]}"
        for row in rows.order_by("-version")
    }
    if not others:
        return {"others": []}
    number = version.version
    earlier = next((other for other in others if other < number), max(others))
    other = int(wanted) if wanted.isdecimal() and int(wanted) in others else earlier
    before, after = sorted((number, other))
    changes = compare_versions(actor=actor, product=version.product, before=before, after=after)
    return {
        "others": list(others.items()),
        "other": other,
        "before": f"Version {before}",
        "after": f"Version {after}",
        "parts": shown_parts(changes),
    }


def _opened_steps(request: HttpRequest, version: ProductVersion) -> set[str]:
    access = access_of(request.user)
    opened = {
        name
        for name, (state, right) in STEPS.items()
        if state in (None, version.state) and access.allowed_on(right, version, version.company_id)
    }
    if not decidable(person(request), version):
        opened.discard("review")
    # What applies is not withdrawn; what waits, or is the last, is no earlier content.
    if version.effective_from <= now():
        opened.discard("withdraw")
    if version.effective_from > now() or version.effective_to is None:
        opened.discard("roll_back")
    return opened
