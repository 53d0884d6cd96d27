"""Exports: asked for, run by a worker, cancelled, handed over (Annexe F, F.6; 5-05)."""

from datetime import datetime
from uuid import UUID

from django.core.files.storage import Storage
from django.db.models import Max

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.domain import columns
from accounting.jobs import EXPORT, EXPORTS_QUEUE, PRICE_GRID
from accounting.models.export import ExportRun
from accounting.selectors.exports import RUN
from accounting.services.export_files import write_export
from winvest.core import files, permissions
from winvest.core.clock import now
from winvest.core.domain.periods import local_date, local_midnight, parse_day, parse_month
from winvest.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
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
    PROFILE = "export.profile", "Une grille de prix n'a qu'un profil : standard."
    CHANNEL = "export.channel", "Seule une grille de prix se demande pour un canal."
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
    channel: str = "",
) -> ExportRun:
    """Ask for the file of one company and one month `AAAA-MM`; a worker writes it.

    Right `RUN` of its kind. A price grid may be of a day `AAAA-MM-JJ` and of one channel: it tells
    the prices at that day's start in the company's time zone (a month's: its first day's), or now
    for the day that runs. The same file asked for again is the next revision. The request is
    journalised (F.6); an unknown company, or one the user holds no role in, is `NotFound`.
    """
    if company_id not in permissions.access_of(actor).all_companies:
        raise NotFound(ExportProblem.COMPANY_UNKNOWN, path="company_id")
    permissions.require(actor, RUN[kind], company_id)
    _check_wanted(kind, period, profile, channel)
    with transaction(actor, company_id):
        # The company's row gives the revisions one after the other; foreign keys do not wait.
        company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
        same = {
            "company": company,
            "kind": kind,
            "period": period,
            "profile": profile,
            "format": format,
            "channel": channel,
        }
        last = ExportRun.objects.filter(**same).aggregate(last=Max("revision"))["last"] or 0
        export = ExportRun(pk=new_id(), created_by=actor, revision=last + 1, **same)
        is_grid = kind == ExportKind.PRICE_GRID
        export.priced_at = _instant(company, period) if is_grid else None
        export.full_clean(exclude=["job"])
        export.job = enqueue_job(
            actor=actor,
            kind=PRICE_GRID if is_grid else EXPORT,
            object_id=export.pk,
            company_id=company_id,
            queue=EXPORTS_QUEUE,
        )
        export.save(force_insert=True)
        _journalise(export, "requested")
    return export


def cancel_export(*, actor: User, export: ExportRun) -> None:
    """Cancel an export that has not ended; right `RUN`, an ended one is a `Conflict`."""
    permissions.require(actor, RUN[export.kind], export.company_id)
    cancel_job(actor=actor, job=export.job)
    export.job.refresh_from_db()


def open_export(*, actor: User, export: ExportRun) -> files.Download:
    """Hand over a finished file and journalise who took it; right `RUN` of its kind.

    `Conflict` with the reason while there is no file.
    """
    permissions.require(actor, RUN[export.kind], export.company_id)
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
    name = _file_name(export)
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


def _check_wanted(kind: ExportKind, period: str, profile: ExportProfile, channel: str) -> None:
    if kind != ExportKind.PRICE_GRID:
        parse_month(period)
        if channel:
            raise Invalid(ExportProblem.CHANNEL, path="channel")
        return
    parse_day(period)
    if profile != ExportProfile.STANDARD:
        raise Invalid(ExportProblem.PROFILE, path="profile")


def _instant(company: Company, period: str) -> datetime:
    """Return the instant that the prices of a day or of a month are told at."""
    day, at = parse_day(period), now()
    if day == local_date(at, company.timezone):
        return at
    return local_midnight(day, company.timezone)


def _file_name(export: ExportRun) -> str:
    code, revision = export.company.code, export.revision
    if export.kind == ExportKind.PRICE_GRID:
        return columns.grid_name(
            code, export.period, export.format, channel=export.channel, revision=revision
        )
    vat = export.kind == ExportKind.VAT
    return columns.file_name(code, export.period, export.format, vat=vat, revision=revision)


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
            **({"channel": export.channel} if export.channel else {}),
            "revision": export.revision,
            "file_name": export.file_name,
            "sha256": export.sha256,
        },
    )
