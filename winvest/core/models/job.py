"""Background jobs: the row is the queue of record, Celery only nudges (`quality.md`, queue)."""

from django.db import models
from django.utils.timezone import localtime

from winvest.core.choices import JobState
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    no_truncate,
    one_of,
)


class Job(CompanyOwnedModel):
    """Work to do after the commit, taken under a lease so that a killed worker's job comes back."""

    kind = models.CharField("nature", max_length=40)
    object_id = models.UUIDField("objet")
    state = models.CharField(
        "état", max_length=10, choices=JobState, default=JobState.QUEUED, db_default=JobState.QUEUED
    )
    queue = models.CharField(max_length=20, default="default")
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    progress = models.PositiveSmallIntegerField("avancement (%)", default=0)
    error = models.CharField("erreur", max_length=300, default="", blank=True)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="demandé par"
    )

    log_title = ("{kind}",)

    class Meta:
        db_table = "job"
        verbose_name = "travail"
        verbose_name_plural = "travaux"
        ordering = ("-created_at", "-id")
        triggers = (
            audit(ignored=("progress", "lease_until", "updated_at")),
            no_truncate(),
        )
        constraints = (
            one_of("state", JobState),
            models.UniqueConstraint(
                fields=("kind", "object_id"),
                condition=models.Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="job_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(progress__range=(0, 100)), name="job_progress"
            ),
        )
        indexes = (
            models.Index(
                fields=("lease_until",),
                condition=models.Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="job_waiting",
            ),
            models.Index(fields=("-created_at", "-id"), name="job_recent"),
        )

    def __str__(self) -> str:
        return f"Travail du {localtime(self.created_at):%d/%m/%Y à %H:%M}"
