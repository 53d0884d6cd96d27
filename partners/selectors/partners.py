"""Read models of the partners (§2.1, Annexe A.2.1), and the twins of one (E.3-01)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from partners.choices import PartnerStatus
from partners.models import Partner, PartnerActivation, PartnerCredential, PartnerIbanChange
from winvest.core.domain.typing_errors import one_slip_apart
from winvest.core.models.sorting import FrenchSort

Rows = QuerySet[Any, Any]

MAX_WORDS = 8
MAX_TWINS = 5
# As alike as « Oggo Data » and « OggoData » are, and « AXA France » and « AXA Banque » are not.
LIKENESS = 0.5
# Names at least so alike, the closest of them, are compared letter by letter.
COMPARED = 0.3
MAX_COMPARED = 50


def list_partners(**filters: Any) -> Rows:
    """Return the partners in scope: managed by, or activated for, a company of it.

    Filters: company (managing), activated_for, type, status, siren, search (words of the name,
    accents and case left out).
    """
    names = {"company": "company_id", "type": "type", "status": "status", "siren": "siren"}
    partners = Partner.objects.filter(
        **{column: filters[name] for name, column in names.items() if name in filters}
    )
    if company := filters.get("activated_for"):
        active = PartnerActivation.objects.filter(
            partner=OuterRef("pk"), company_id=company, status=PartnerStatus.ACTIVE
        )
        partners = partners.filter(Exists(active))
    for word in filters.get("search", "").split()[:MAX_WORDS]:
        partners = partners.filter(sort_label__contains=FrenchSort(Value(word)))
    return partners.values(
        "id",
        "company_id",
        "type",
        "name",
        "legal_name",
        "export_label",
        "siren",
        "is_insurance",
        "addresses",
        "iban_masked",
        "bic",
        "payment_terms",
        "sla_availability",
        "sla_response_hours",
        "sla_resolution_hours",
        "sla_notes",
        "status",
        "sort_label",
        "created_at",
        "updated_at",
        has_extranet_codes=Q(extranet_codes__isnull=False),
    )


def list_activations() -> Rows:
    """Return the activations in scope (M-01)."""
    return PartnerActivation.objects.values(
        "id", "partner_id", "company_id", "status", "activated_at", company_code=F("company__code")
    )


def list_credentials() -> Rows:
    """Return the credentials in scope, without what they hold."""
    return PartnerCredential.objects.values(
        "id",
        "partner_id",
        "company_id",
        "env",
        "auth_type",
        "secret_hint",
        "valid_from",
        "valid_to",
        "rotated_by_id",
    )


def list_iban_changes() -> Rows:
    """Return the changes of IBAN in scope, masked."""
    return PartnerIbanChange.objects.values(
        "id",
        "partner_id",
        "company_id",
        "iban_masked",
        "bic",
        "state",
        "proposed_by_id",
        "decided_by_id",
        "created_at",
        "decided_at",
        "reason",
    )


def similar_partners(*, name: str, siren: str | None, but: UUID | None = None) -> list[Partner]:
    """Return the partners in scope with this SIREN, then those of nearly this name, the closest first.

    Accents and case count for nothing; `but` leaves one partner out, itself.
    """
    label = FrenchSort(Value(name.replace("\x00", " ").strip()[:160]))
    others = Partner.objects.exclude(pk=but).select_related("company")
    near = (
        others.annotate(likeness=TrigramSimilarity("sort_label", label), typed=label)  # type: ignore[arg-type]
        .filter(likeness__gte=COMPARED)
        .order_by("-likeness", "pk")[:MAX_COMPARED]
    )
    same = others.filter(siren=siren).order_by("sort_label", "pk")[:MAX_TWINS] if siren else []
    found = [
        *same,
        *(
            one
            for one in near
            if one.likeness >= LIKENESS or one_slip_apart(one.typed, one.sort_label)
        ),
    ]
    return list(dict.fromkeys(found))[:MAX_TWINS]
