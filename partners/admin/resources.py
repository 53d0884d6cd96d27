"""Columns of the files of partners (§9; reading M-01)."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from partners.choices import PartnerStatus, PartnerType
from partners.models import Partner
from winvest.core.choices import ImportTarget
from winvest.core.domain.roles import Action
from winvest.core.resources import Choice, Column, Json, Number, RowResource, YesNo, company_column


class PartnerResource(RowResource):
    """Partners that the company manages, named by their name; their secrets never go by file."""

    target = ImportTarget.PARTNER
    edit_action = Action.PARTNER_EDIT
    model = Partner

    company = company_column()
    name = Column("name", "Nom", key=True)
    legal_name = Column("legal_name", "Raison sociale")
    type = Column("type", "Type", Choice(PartnerType.choices))
    siren = Column("siren", "SIREN")
    is_insurance = Column("is_insurance", "Assurance", YesNo())
    export_label = Column("export_label", "Libellé dans les exports")
    addresses = Column("addresses", "Adresses", Json())
    bic = Column("bic", "BIC", action=Action.PARTNER_IBAN)
    payment_terms = Column("payment_terms", "Conditions de règlement")
    sla_availability = Column("sla_availability", "Disponibilité garantie (%)", Number())
    sla_response_hours = Column(
        "sla_response_hours", "Prise en charge (heures)", Number(whole=True)
    )
    sla_resolution_hours = Column("sla_resolution_hours", "Résolution (heures)", Number(whole=True))
    sla_notes = Column("sla_notes", "Précisions du SLA")
    status = Column("status", "Statut", Choice(PartnerStatus.choices))

    class Meta:
        model = Partner
        name = "Partenaires"
        fields = export_order = (
            "company",
            "name",
            "legal_name",
            "type",
            "siren",
            "is_insurance",
            "export_label",
            "addresses",
            "bic",
            "payment_terms",
            "sla_availability",
            "sla_response_hours",
            "sla_resolution_hours",
            "sla_notes",
            "status",
        )

    def load(self) -> None:
        """Know the import's company only."""
        self.know("company", {self.owner.code: self.owner})

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """A partner is named by its name in the company that manages it."""
        owner = cells.get("Société", "").strip() or self.owner.code
        return owner, cells.get("Nom", "").strip()

    def find(self, keys: Collection[tuple[str, ...]]) -> QuerySet[Any]:
        """Return the partners of these names in scope."""
        return Partner.objects.filter(name__in={name for _, name in keys})
