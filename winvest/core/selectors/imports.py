"""Imports as the API reads them (§9)."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from winvest.core.models.imports import ImportRun

_FIELDS = (
    *("id", "target", "company_id", "state", "file_name", "size", "sha256", "rows"),
    *("to_create", "to_change", "unchanged", "refused", "created_at", "imported_at"),
)
_DETAIL = ("problems", "error_count", "changes", "change_count")


def list_imports(
    *, company: UUID | None = None, target: str | None = None, state: str | None = None
) -> QuerySet[Any, dict[str, Any]]:
    """Return the imports in scope as rows, in one query, without what each file holds."""
    given = {"company_id": company, "target": target, "state": state}
    runs = ImportRun.objects.filter(**{name: value for name, value in given.items() if value})
    return _rows(runs, *_FIELDS)


def read_import(pk: UUID) -> dict[str, Any] | None:
    """Return one import of the scope with its first errors and changes, None without."""
    return _rows(ImportRun.objects.filter(pk=pk), *_FIELDS, *_DETAIL).first()


def _rows(runs: QuerySet[ImportRun, Any], *fields: str) -> QuerySet[Any, dict[str, Any]]:
    rows: QuerySet[Any, dict[str, Any]] = runs.values(
        *fields,
        company_code=F("company__code"),
        job_state=Coalesce("import_job__state", "check_job__state"),
        progress=Coalesce("import_job__progress", "check_job__progress"),
        error=Coalesce("import_job__error", "check_job__error"),
        created_by_email=F("created_by__email"),
        imported_by_email=F("imported_by__email"),
    )
    return rows
