"""Export runs as the API and the back-office read them (F.6), and who may do what with which."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounting.choices import ExportKind
from accounting.models.export import ExportRun
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

# Who follows an export, and who asks for it, takes its file or cancels it, by what it holds: the
# ledger is the accountants', the prices are those of whoever reads the whole catalogue.
VIEW: Mapping[str, Action] = {
    ExportKind.ACCOUNTING: Action.ACCOUNTING_VIEW,
    ExportKind.VAT: Action.ACCOUNTING_VIEW,
    ExportKind.PRICE_GRID: Action.CATALOG_VIEW_ALL,
}
RUN: Mapping[str, Action] = {
    **VIEW,
    ExportKind.ACCOUNTING: Action.EXPORT_RUN,
    ExportKind.VAT: Action.EXPORT_RUN,
}

_FIELDS = (
    "id",
    "kind",
    "company_id",
    "period",
    "profile",
    "format",
    "channel",
    "priced_at",
    "revision",
    "rows",
    "file_name",
    "sha256",
    "total_debit",
    "total_credit",
    "created_at",
    "finished_at",
)


def exports_open_to(
    access: Access, rights: Mapping[str, Action]
) -> "QuerySet[ExportRun, ExportRun]":
    """Return the runs in scope for which `rights` (`VIEW` or `RUN`) open what they hold."""
    open_to = Q()
    for action in set(rights.values()):
        kinds = [kind for kind, asked in rights.items() if asked is action]
        open_to |= Q(kind__in=kinds, company__in=access.companies(action))
    return ExportRun.objects.filter(open_to)


def list_exports(
    runs: "QuerySet[ExportRun, ExportRun]",
    *,
    company: UUID | None = None,
    period: str | None = None,
    kind: str | None = None,
    state: str | None = None,
) -> QuerySet[Any, dict[str, Any]]:
    """Return these runs as rows, in one query; `state` is the job's."""
    given = {
        "company_id": company,
        "period": period,
        "kind": kind,
        "job__state": state,
    }
    found = runs.filter(**{name: value for name, value in given.items() if value})
    rows: QuerySet[Any, dict[str, Any]] = found.values(
        *_FIELDS,
        company_code=F("company__code"),
        state=F("job__state"),
        progress=F("job__progress"),
        error=F("job__error"),
        author=F("created_by__email"),
    )
    return rows
