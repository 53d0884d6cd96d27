"""Celery tasks of the documents: each opens nothing but one service."""

from celery import shared_task

from documents.services.integrity import sweep_files
from documents.services.reminders import sweep_documents


@shared_task(name="documents.tasks.sweep")
def sweep() -> None:
    """Expire, archive and tell of documents, every quarter of an hour."""
    sweep_documents()


@shared_task(name="documents.tasks.verify")
def verify() -> None:
    """Compare every file with its hash, every night (B.7-03)."""
    sweep_files()
