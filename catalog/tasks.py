"""Celery tasks of the catalogue: each opens nothing but one service."""

from celery import shared_task

from catalog.services.reminders import remind
from catalog.services.sweep import apply_due_moves


@shared_task(name="catalog.tasks.apply_due_moves")
def apply_moves() -> None:
    """Apply the moves of products whose date has come, every minute."""
    apply_due_moves()


@shared_task(name="catalog.tasks.remind")
def remind_people() -> None:
    """Ask void approvals anew and tell of late publications, every five minutes."""
    remind()
