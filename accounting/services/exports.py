"""Accounting exports: asked for, run by a worker, cancelled, handed over (Annexe F, F.6)."""

from uuid import UUID

from django.core.files.storage import Storage
from django.db.models import Max

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.domain import columns
from accounting.jobs import EXPORT, EXPORTS_QUEUE
from accounting.models.export import ExportRun
from accounting.services.export_files import write_export
from winvest.core import files, permissions
from winvest.core.clock import now
from winvest.core.domain.periods import parse_month
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Forbidden, NotFound, Problem
from winvest.core.jobs import Attempt, JobStopped
from winvest.core.models.access import User
from winvest.core.models.base import new_id
from winvest.core.models.company import Company
from winvest.core.services.audit import record_export
from winvest.core.services.jobs import cancel_job, enqueue_job
from winvest.core.transaction import transaction


class ExportProblem(Problem):
    """Why an export is refused."""

    COMPANY_UNKNOWN = "export.company_unknown", "Cette société n'existe pas."
    NOT_DONE = "export.not_done", "Le fichier n'est pas disponible : {state}."
    FILE_MISSING = (
        "export.file_missing",
        "Le fichier n'est plus dans l'espace de stockage : relancez l'export.",
    )


CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def request_export(
    *,
    actor: User,
    company_id: UUID,
    kind: ExportKind,
    period: str,
    profile: ExportProfile,
    format: ExportFormat,  # noqa: A002 - the contract's name
) -> ExportRun:
    """Ask for the file of one company and one month `AAAA-MM`; a worker writes it.

    Right `export.run`. The same file asked for again is the next revision. The request is
    journalised (F.6); an unknown company, or one the user holds no role in, is `NotFound`.
    """
    if company_id not in permissions.access_of(actor).all_companies:
        raise NotFound(ExportProblem.COMPANY_UNKNOWN, path="company_id")
    permissions.require(actor, Action.EXPORT_RUN, company_id)
    parse_month(period)
    with transaction(actor, company_id):
        # The company's row gives the revisions one after the other; foreign keys do not wait.
        company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
        same = {
            "company": company,
            "kind": kind,
            "period": period,
            "profile": profile,
            "format": format,
        }
        last = ExportRun.objects.filter(**same).aggregate(last=Max("revision"))["last"] or 0
        export = ExportRun(pk=new_id(), created_by=actor, revision=last + 1, **same)
        export.full_clean(exclude=["job"])
        export.job = enqueue_job(
            actor=actor,
            kind=EXPORT,
            object_id=export.pk,
            company_id=company_id,
            queue=EXPORTS_QUEUE,
        )
        export.save(force_insert=True)
        _journalise(export, "requested")
    return export


def cancel_export(*, actor: User, export: ExportRun) -> None:
    """Cancel an export that has not ended; right `export.run`, an ended one is a `Conflict`."""
    permissions.require(actor, Action.EXPORT_RUN, export.company_id)
    cancel_job(actor=actor, job=export.job)
    export.job.refresh_from_db()


def open_export(*, actor: User, export: ExportRun) -> files.Download:
    """Hand over a finished file and journalise who took it; right `export.run`.

    `Conflict` with the reason while there is no file.
    """
    permissions.require(actor, Action.EXPORT_RUN, export.company_id)
    if not export.file:
        state = export.job.error or export.job.get_state_display().lower()
        raise Conflict(ExportProblem.NOT_DONE, state=state)
    with transaction(actor, export.company_id):
        _journalise(export, "downloaded")
        try:
            content = export.file.storage.open(str(export.file))
        except FileNotFoundError as error:
            raise Conflict(ExportProblem.FILE_MISSING) from error
    content_type = CONTENT_TYPES[ExportFormat(export.format)]
    return files.Download(content, export.file_name, export.sha256, content_type)


def run_export(attempt: Attempt) -> None:
    """Write the file aside, move it whole into the storage, and offer it, all by one worker.

    A killed attempt leaves nothing that anyone is offered, and the next removes what it left.
    """
    export = ExportRun.objects.select_related("company").get(pk=attempt.object_id)
    name = columns.file_name(
        export.company.code,
        export.period,
        export.format,
        vat=export.kind == ExportKind.VAT,
        revision=export.revision,
    )
    storage: Storage = export.file.storage
    folder = f"exports/{export.pk}"
    files.empty_folder(storage, folder)
    with files.staging(storage, str(export.pk), attempt.number) as place:
        written = write_export(export, place / name, attempt.advance)
        attempt.hold()
        stored = files.store(storage, f"{folder}/{name}", place / name)
    try:
        with attempt.completing():
            export.file.name = stored
            export.file_name, export.sha256, export.rows = name, written.sha256, written.rows
            export.total_debit, export.total_credit = written.debit, written.credit
            export.finished_at = now()
            export.full_clean(exclude=["job"])
            export.save()
    except (JobStopped, Forbidden):
        storage.delete(stored)
        raise


def _journalise(export: ExportRun, event: str) -> None:
    record_export(
        table=ExportRun._meta.db_table,
        record_id=export.pk,
        company_id=export.company_id,
        details={
            "event": event,
            "kind": export.kind,
            "period": export.period,
            "profile": export.profile,
            "format": export.format,
            "revision": export.revision,
            "file_name": export.file_name,
            "sha256": export.sha256,
        },
    )
