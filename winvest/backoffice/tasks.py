"""Celery tasks of the back-office."""

from celery import shared_task

from winvest.backoffice.dashboard.kept import count_figures


@shared_task(name="winvest.backoffice.tasks.count_figures")
def count() -> None:
    """Count the figures of the dashboard, every ten minutes."""
    count_figures()
