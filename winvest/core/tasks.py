"""Celery tasks of the core: each opens nothing but one service, arguments are ids."""

from uuid import UUID

from celery import shared_task
from django.db import connection

from winvest.core import jobs
from winvest.core.services import jobs as services


@shared_task(name=jobs.RUN_JOB)
def run_job(job_id: str) -> None:
    """Run a job; a second message for the same job changes nothing."""
    services.run_job(job_id=UUID(job_id))


@shared_task(name=jobs.RESEND_JOBS)
def resend_jobs() -> None:
    """Nudge again the jobs that nobody took, every 15 seconds."""
    services.resend_jobs()


@shared_task(name=jobs.CREATE_AUDIT_PARTITIONS)
def create_audit_partitions() -> None:
    """Create the log's partitions of the twelve months to come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_create_partitions(12)")
