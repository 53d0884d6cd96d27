"""The monthly audit trail: one CSV file for each company, written once (3.8-09)."""

from django.core.files.storage import Storage

from winvest.core import files, permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.periods import in_zone, local_date, parse_month
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Problem
from winvest.core.models.access import User
from winvest.core.models.audit import AuditTrail
from winvest.core.models.base import new_id
from winvest.core.models.company import Company
from winvest.core.selectors import audit
from winvest.core.services.audit import record_export
from winvest.core.services.audit_export import csv_blocks
from winvest.core.transaction import transaction


class TrailProblem(Problem):
    """Why a trail is not handed over."""

    FILE_MISSING = (
        "audit_trail.file_missing",
        "Le fichier n'est plus dans l'espace de stockage.",
    )


def write_trails() -> int:
    """Write the trail of the month that has ended for each company that lacks it; return how many.

    The month is the last whole one in the company's time zone. Running twice changes nothing.
    """
    written = 0
    with scoping.everything():
        companies = list(Company.objects.order_by("code"))
    for company in companies:
        day = local_date(now(), company.timezone)
        year, month = divmod(day.year * 12 + day.month - 2, 12)
        written += write_trail(company=company, month=f"{year:04d}-{month + 1:02d}")
    return written


def write_trail(*, company: Company, month: str) -> bool:
    """Write the trail of a company for the month `AAAA-MM`; False when it has one already."""
    with scoping.scope({company.pk}):
        if AuditTrail.objects.filter(company=company, month=month).exists():
            return False
        trail = AuditTrail(pk=new_id(), company=company, month=month)
        trail.file_name = f"PISTE_AUDIT_{company.code}_{month}.csv"
        storage: Storage = trail.file.storage
        folder = f"audit/trails/{company.pk}/{month}"
        files.empty_folder(storage, folder)
        with files.staging(storage, f"trail-{company.pk}-{month}", 1) as place:
            path = place / trail.file_name
            with path.open("wb") as file:
                for block in csv_blocks(_rows(company, month), {company.pk}):
                    file.write(block)
            trail.sha256 = files.sha256_of(path)
            trail.file.name = files.store(storage, f"{folder}/{trail.file_name}", path)
        with transaction(None, company.pk):
            trail.rows = _rows(company, month).count()
            trail.full_clean()
            trail.save(force_insert=True)
            _journalise(trail, "created")
    return True


def open_trail(*, actor: User, trail: AuditTrail) -> files.Download:
    """Hand over a trail's file and journalise who took it; right `audit.export`."""
    permissions.require(actor, Action.AUDIT_EXPORT, trail.company_id)
    with transaction(actor, trail.company_id):
        _journalise(trail, "downloaded")
        try:
            content = trail.file.storage.open(str(trail.file))
        except FileNotFoundError as error:
            raise Conflict(TrailProblem.FILE_MISSING) from error
    return files.Download(content, trail.file_name, trail.sha256, "text/csv; charset=utf-8")


def _rows(company: Company, month: str) -> audit.Rows:
    """Return the company's entries of the month, in its time zone."""
    instants = in_zone(parse_month(month), company.timezone)
    return audit.audit_entries({company.pk}, group=False).filter(
        at__gte=instants.start, at__lt=instants.end
    )


def _journalise(trail: AuditTrail, event: str) -> None:
    record_export(
        table=AuditTrail._meta.db_table,
        record_id=trail.pk,
        company_id=trail.company_id,
        details={
            "event": event,
            "period": trail.month,
            "file_name": trail.file_name,
            "sha256": trail.sha256,
            "rows": trail.rows,
        },
    )
