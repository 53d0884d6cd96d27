"""Celery tasks of the catalogue: each opens nothing but one service."""

from celery import shared_task

from catalog.services.sweep import apply_due_moves


@shared_task(name="catalog.tasks.apply_due_moves")
def apply_moves() -> None:
    """Apply the moves of products whose date has come, every minute."""
    apply_due_moves()
