"""Imports asked for: a file is deposited, its import started, cancelled, its report taken (§9).

The work itself is `winvest.core.services.import_work`'s.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from winvest.core import files, jobs, permissions, resources
from winvest.core.choices import ImportTarget
from winvest.core.domain.roles import Action
from winvest.core.domain.tables import ImportProblem, TableProblem
from winvest.core.errors import Conflict, Invalid, NotFound
from winvest.core.jobs import Attempt
from winvest.core.models.access import User
from winvest.core.models.base import new_id
from winvest.core.models.company import Company
from winvest.core.models.imports import ImportRun
from winvest.core.models.job import Job
from winvest.core.resources import RowResource
from winvest.core.services.audit import record_export
from winvest.core.services.import_work import run_import
from winvest.core.services.jobs import cancel_job, enqueue_job
from winvest.core.transaction import transaction

QUEUE = "default"
MAX_SIZE = 50 * 1024 * 1024
MEGABYTE = 1024 * 1024

_actions: dict[ImportTarget, Action] = {}


def job_kind(target: str) -> str:
    """Return the kind of the jobs of a target."""
    return f"core.import.{target}"


def register_import(resource: type[RowResource]) -> None:
    """Declare rows that may be imported, and the job that does it, in `AppConfig.ready()`."""
    resources.register(resource)
    declare_import(resource.target, action=resource.edit_action, run=run_import)


def declare_import(target: ImportTarget, *, action: Action, run: Callable[[Attempt], None]) -> None:
    """Declare a target with the job that checks and imports its files, and the right it asks."""
    _actions[target] = action
    label = f"Import : {target.label.lower()}"
    jobs.register(job_kind(target), run=run, action=action, label=label)


def action_of(target: str) -> Action:
    """Return the right that the import of a target asks for."""
    return _actions[ImportTarget(target)]


def request_import(
    *, actor: User, company_id: UUID, target: str, upload: "UploadedFile[Any]"
) -> ImportRun:
    """Keep the file and queue its check; nothing else is written before `start_import`.

    Right: the target's action in the company, in some risk family at least. An unknown
    company, or one where the user holds no role, is `NotFound`; a file too large is `Invalid`.
    """
    access = permissions.access_of(actor)
    if company_id not in access.all_companies:
        raise NotFound(ImportProblem.COMPANY_UNKNOWN, path="company_id")
    _require(actor, target, company_id)
    if not upload.size:
        raise Invalid(TableProblem.EMPTY, path="file")
    if upload.size > MAX_SIZE:
        raise Invalid(TableProblem.TOO_LARGE, path="file", limit=f"{MAX_SIZE // MEGABYTE} Mo")
    run = ImportRun(
        pk=new_id(),
        company=Company.objects.get(pk=company_id),
        target=target,
        created_by=actor,
        file_name=_clean_name(upload.name or ""),
        size=upload.size,
        sha256=_sha256(upload),
    )
    stored = default_storage.save(f"imports/{run.pk}/depot", upload)
    try:
        with transaction(actor, company_id):
            run.file.name = stored
            run.check_job = _enqueue(run, actor)
            run.full_clean(exclude=["check_job"])
            run.save(force_insert=True)
    except BaseException:
        default_storage.delete(stored)
        raise
    return run


def start_import(*, actor: User, run: ImportRun) -> None:
    """Queue the import of a file whose check found nothing wrong; `Conflict` otherwise."""
    _require(actor, run.target, run.company_id)
    with transaction(actor, run.company_id):
        locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if not locked.is_ready:
            raise Conflict(ImportProblem.NOT_READY, state=_told(locked))
        locked.import_job = _enqueue(locked, actor)
        locked.imported_by = actor
        locked.save(update_fields=["import_job", "imported_by", "updated_at"])
    run.refresh_from_db()


def cancel_import(*, actor: User, run: ImportRun) -> None:
    """Cancel what runs; an import that has ended is a `Conflict` and stays as it is."""
    _require(actor, run.target, run.company_id)
    cancel_job(actor=actor, job=run.job)


def open_report(*, actor: User, run: ImportRun) -> files.Download:
    """Hand over the report and journalise who took it; `Conflict` while there is none."""
    _require(actor, run.target, run.company_id)
    if not run.report:
        raise Conflict(ImportProblem.NO_REPORT)
    try:
        content = run.report.storage.open(str(run.report))
    except FileNotFoundError as found:
        raise Conflict(ImportProblem.FILE_MISSING) from found
    with transaction(actor, run.company_id):
        record_export(
            table=ImportRun._meta.db_table,
            record_id=run.pk,
            company_id=run.company_id,
            details={"event": "report_downloaded", "file_name": run.file_name},
        )
    name = f"rapport-{Path(run.file_name).stem}.csv"
    return files.Download(content, name, "", "text/csv; charset=utf-8")


def _require(actor: User, target: str, company_id: UUID) -> None:
    action = action_of(target)
    if company_id not in permissions.access_of(actor).companies(action):
        permissions.require(actor, action, company_id)


def _enqueue(run: ImportRun, actor: User) -> Job:
    return enqueue_job(
        actor=actor,
        kind=job_kind(run.target),
        object_id=run.pk,
        company_id=run.company_id,
        queue=QUEUE,
    )


def _told(run: ImportRun) -> str:
    state = run.job.get_state_display() if run.is_running else run.get_state_display()
    return str(state).lower()


def _clean_name(name: str) -> str:
    """Return the file's name as people gave it, without a path or signs that do not show."""
    plain = "".join(sign for sign in Path(name).name if sign.isprintable())
    return re.sub(r"[\\/]", "_", plain)[-120:] or "fichier"


def _sha256(upload: "UploadedFile[Any]") -> str:
    digest = hashlib.sha256()
    for block in upload.chunks():
        digest.update(block)
    upload.seek(0)
    return digest.hexdigest()
