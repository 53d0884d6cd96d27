"""Buttons of a partner's page by which two people change its IBAN."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminTextInputWidget

from partners.choices import IbanChangeState
from partners.models import Partner, PartnerIbanChange
from partners.services.iban import confirm_iban, propose_iban, refuse_iban
from winvest.core.admin.asking import form_step
from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.confirm import found, step
from winvest.core.admin.display import action
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of


class IbanForm(forms.Form):
    """The new bank details."""

    iban = forms.CharField(
        label="IBAN",
        max_length=50,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    bic = forms.CharField(
        label="BIC",
        max_length=20,
        required=False,
        help_text="Laissé vide, il est déduit de la banque quand elle est connue.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


class IbanButtons(BaseAdmin):
    """Mixin of the partner's page: propose, confirm, drop."""

    def iban_buttons(self, request: HttpRequest, partner: Partner) -> set[str]:
        """Return the names of the buttons that the state and the user's rights open."""
        if not access_of(request.user).allowed(Action.PARTNER_IBAN, partner.company_id):
            return set()
        change = pending_change(partner)
        if change is None:
            return {"propose_iban"}
        own = change.proposed_by_id == person(request).pk
        return {"drop_iban"} if own else {"drop_iban", "confirm_iban"}

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show those buttons only."""
        partner = self.get_object(request, str(object_id))
        opened = self.iban_buttons(request, partner) if partner else set()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        buttons = super().get_actions_detail(request, object_id)
        return [one for one in buttons if one.action_name.removeprefix(prefix) in opened]

    @action(description="Proposer un IBAN", icon="account_balance", url_path="propose-iban")
    def propose_iban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the new IBAN (GET), then keep it until another person confirms it (POST)."""
        partner = self._with_right(request, object_id)
        return form_step(
            self,
            request,
            partner,
            title="Proposer un IBAN",
            text=f"Nouvel IBAN de « {partner} ». Une autre personne devra le confirmer.",
            done="IBAN proposé : une autre personne doit le confirmer.",
            form=IbanForm,
            run=lambda data: propose_iban(actor=person(request), partner=partner, **data),
        )

    @action(description="Confirmer l'IBAN", icon="task_alt", url_path="confirm-iban")
    def confirm_iban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then put the proposed IBAN into force (POST)."""
        partner = self._with_right(request, object_id)
        change = _pending_or_404(partner)
        return step(
            self,
            request,
            partner,
            title="Confirmer l'IBAN",
            question=f"Confirmer l'IBAN {change.iban_masked} de « {partner} », "
            f"proposé par {change.proposed_by} ?",
            done="IBAN en vigueur.",
            run=lambda: confirm_iban(actor=person(request), change=change),
        )

    @action(description="Abandonner l'IBAN proposé", icon="undo", url_path="drop-iban")
    def drop_iban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why (GET), then drop the proposed IBAN (POST)."""
        partner = self._with_right(request, object_id)
        change = _pending_or_404(partner)
        reason = request.POST.get("reason", "")
        return step(
            self,
            request,
            partner,
            title="Abandonner l'IBAN proposé",
            question=f"Abandonner l'IBAN {change.iban_masked} proposé pour « {partner} » ?",
            with_reason="Motif",
            done="IBAN abandonné.",
            run=lambda: refuse_iban(actor=person(request), change=change, reason=reason),
        )

    def _with_right(self, request: HttpRequest, object_id: str) -> Partner:
        partner: Partner = found(self, request, object_id)
        if not access_of(request.user).allowed(Action.PARTNER_IBAN, partner.company_id):
            raise PermissionDenied
        return partner


def pending_change(partner: Partner) -> PartnerIbanChange | None:
    """Return the change of IBAN that waits, if any."""
    changes = PartnerIbanChange.objects.filter(partner=partner, state=IbanChangeState.PENDING)
    return changes.select_related("proposed_by").first()


def _pending_or_404(partner: Partner) -> PartnerIbanChange:
    change = pending_change(partner)
    if change is None:
        raise Http404
    return change
