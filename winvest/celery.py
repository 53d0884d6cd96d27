"""Celery application: a message only nudges, the queue of record is the `job` table."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "winvest.settings.development")

app = Celery("winvest")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
