"""Imports: which file, checked by whom, what it changes, when it was imported (§9, 1-23)."""

from django.db import models

from winvest.core.choices import ImportState, ImportTarget, JobState
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, no_truncate, one_of
from winvest.core.models.columns import kinds
from winvest.core.models.job import Job


class ImportRun(CompanyOwnedModel):
    """One file of rows of one company: checked first, then imported whole or not at all."""

    target = models.CharField("contenu", max_length=10, choices=ImportTarget)
    state = models.CharField(
        "état",
        max_length=10,
        choices=ImportState,
        default=ImportState.CHECKING,
        db_default=ImportState.CHECKING,
    )
    check_job = models.OneToOneField(
        Job, on_delete=models.PROTECT, related_name="+", verbose_name="vérification"
    )
    import_job = models.OneToOneField(
        Job,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="import",
    )
    file = models.FileField("fichier", upload_to="imports", max_length=200)
    file_name = models.CharField("nom du fichier", max_length=120)
    size = models.PositiveBigIntegerField("taille (octets)")
    sha256 = models.CharField("SHA-256", max_length=64)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="déposé par"
    )
    rows = models.PositiveIntegerField("lignes", null=True, blank=True)
    to_create = models.PositiveIntegerField("à créer", null=True, blank=True)
    to_change = models.PositiveIntegerField("à modifier", null=True, blank=True)
    unchanged = models.PositiveIntegerField("inchangées", null=True, blank=True)
    refused = models.PositiveIntegerField("lignes refusées", null=True, blank=True)
    # The first errors, for the page; all of them stand in the report.
    problems = models.JSONField("premières erreurs", default=list, blank=True)
    # The first changes of an import that tells them one by one, old value and new.
    changes = models.JSONField(
        "premiers changements",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
    )
    change_count = models.PositiveIntegerField("changements", default=0, db_default=0)
    error_count = models.PositiveIntegerField("erreurs", default=0, db_default=0)
    report = models.FileField(
        "rapport", upload_to="imports", blank=True, default="", max_length=200
    )
    imported_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="importé par",
    )
    imported_at = models.DateTimeField("importé le", null=True, blank=True)

    class Meta:
        db_table = "import_run"
        verbose_name = "import"
        verbose_name_plural = "imports"
        ordering = ("-created_at", "-id")
        triggers = (audit(ignored=("problems", "changes", "updated_at")), no_truncate())
        constraints = (
            one_of("target", ImportTarget),
            one_of("state", ImportState),
            *kinds(problems=list, changes=list),
            # What is said to be imported tells who did it, when and by which job.
            models.CheckConstraint(
                condition=~models.Q(state=ImportState.IMPORTED)
                | models.Q(
                    import_job__isnull=False,
                    imported_by__isnull=False,
                    imported_at__isnull=False,
                    error_count=0,
                ),
                name="import_run_imported",
            ),
        )
        indexes = (models.Index(fields=("-created_at", "-id"), name="import_run_recent"),)

    def __str__(self) -> str:
        return self.file_name

    @property
    def job(self) -> Job:
        """The job that runs, or ran last."""
        return self.import_job or self.check_job

    @property
    def is_running(self) -> bool:
        """Whether its job has not ended."""
        return self.job.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def is_ready(self) -> bool:
        """Whether the file may be imported now."""
        return self.state == ImportState.READY and not self.is_running
