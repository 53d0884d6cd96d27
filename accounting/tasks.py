"""Celery tasks of accounting: each opens nothing but one service."""

from celery import shared_task

from accounting.services.booking import book_all_parked


@shared_task(name="accounting.tasks.book_parked")
def book_parked() -> None:
    """Book the parked operations that lack nothing any more, every minute."""
    book_all_parked()
