"""Celery tasks of the core: each opens nothing but one service, arguments are ids."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from winvest.core import jobs
from winvest.core.clock import now
from winvest.core.models import partitions
from winvest.core.services import audit_seal, audit_trail, idempotency, notifications
from winvest.core.services import jobs as services


@shared_task(name=jobs.RUN_JOB)
def run_job(job_id: str) -> None:
    """Run a job; a second message for the same job changes nothing."""
    services.run_job(job_id=UUID(job_id))


@shared_task(name=jobs.RESEND_JOBS)
def resend_jobs() -> None:
    """Nudge again the jobs that nobody took, every 15 seconds."""
    services.resend_jobs()


@shared_task(name=jobs.CREATE_PARTITIONS)
def create_partitions() -> None:
    """Create the partitions of the twelve months to come, every night."""
    partitions.create_partitions()


@shared_task(name=jobs.SEAL_AUDIT)
def seal_audit() -> None:
    """Seal the entries of the legal log that wait, every minute."""
    audit_seal.seal_entries()


@shared_task(name=jobs.KEEP_AUDIT_ROOT)
def keep_audit_root() -> None:
    """Keep the root of the day that has just ended (Paris), in the database and as a file."""
    audit_seal.keep_root(day=timezone.localdate(now()) - timedelta(days=1))


@shared_task(name=jobs.WRITE_AUDIT_TRAILS)
def write_audit_trails() -> None:
    """Write the audit trail of the month that has ended, once for each company."""
    audit_trail.write_trails()


@shared_task(name=jobs.PURGE_IDEMPOTENCY_KEYS)
def purge_idempotency_keys() -> None:
    """Forget the answers kept for repeated requests once they are of no more use."""
    idempotency.purge_idempotency_keys()


@shared_task(name=jobs.MAIL_NOTIFICATIONS)
def mail_notifications() -> None:
    """Send the e-mails that wait, after each commit that tells something and every minute."""
    notifications.mail_notifications()
