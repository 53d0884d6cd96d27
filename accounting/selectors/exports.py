"""Export runs as the API and the back-office read them (F.6)."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from accounting.models.export import ExportRun

_FIELDS = (
    "id",
    "kind",
    "company_id",
    "period",
    "profile",
    "format",
    "revision",
    "rows",
    "file_name",
    "sha256",
    "total_debit",
    "total_credit",
    "created_at",
    "finished_at",
)


def list_exports(
    *,
    company: UUID | None = None,
    period: str | None = None,
    kind: str | None = None,
    state: str | None = None,
) -> QuerySet[Any, dict[str, Any]]:
    """Return the export runs in scope as rows, in one query; `state` is the job's."""
    given = {
        "company_id": company,
        "period": period,
        "kind": kind,
        "job__state": state,
    }
    runs = ExportRun.objects.filter(**{name: value for name, value in given.items() if value})
    return runs.values(
        *_FIELDS,
        company_code=F("company__code"),
        state=F("job__state"),
        progress=F("job__progress"),
        error=F("job__error"),
        author=F("created_by__email"),
    )
