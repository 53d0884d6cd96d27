"""Export runs: who made which file when, with its hash (F.6, 5-05; readings X-14, X-15)."""

from django.db import models

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from catalog.choices import Channel
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    no_truncate,
    one_of,
)
from winvest.core.models.job import Job


class ExportRun(CompanyOwnedModel):
    """One file of one company; `job` carries its state and progress.

    Files of the ledger are of a month. A price grid is of a day, or of a month's first: it tells
    the prices at the instant `priced_at`, on `channel` or on all.
    """

    job = models.OneToOneField(
        Job, on_delete=models.PROTECT, related_name="+", verbose_name="travail"
    )
    kind = models.CharField(
        "contenu", max_length=12, choices=ExportKind, default=ExportKind.ACCOUNTING
    )
    period = models.CharField("mois", max_length=10)
    profile = models.CharField(
        "profil", max_length=12, choices=ExportProfile, default=ExportProfile.STANDARD
    )
    format = models.CharField(
        "format", max_length=4, choices=ExportFormat, default=ExportFormat.CSV
    )
    channel = models.CharField(
        "canal", max_length=12, choices=Channel, blank=True, default="", db_default=""
    )
    priced_at = models.DateTimeField("prix à l'instant", null=True, blank=True)
    revision = models.PositiveSmallIntegerField("révision", default=1)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="demandé par"
    )
    file = models.FileField("fichier", upload_to="exports", blank=True, default="", max_length=200)
    file_name = models.CharField("nom du fichier", max_length=120, blank=True, default="")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, default="")
    rows = models.PositiveIntegerField("lignes", null=True, blank=True)
    total_debit = models.DecimalField(
        "total débit", max_digits=20, decimal_places=4, null=True, blank=True
    )
    total_credit = models.DecimalField(
        "total crédit", max_digits=20, decimal_places=4, null=True, blank=True
    )
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)

    log_title = ("{kind}", "{period}", "{file_name}")

    class Meta:
        db_table = "export_run"
        verbose_name = "export comptable"
        verbose_name_plural = "exports comptables"
        ordering = ("-created_at", "-id")
        triggers = (
            audit(),
            no_truncate(),
        )
        indexes = (models.Index(fields=("-created_at", "-id"), name="export_run_recent"),)
        constraints = (
            one_of("kind", ExportKind),
            one_of("profile", ExportProfile),
            one_of("format", ExportFormat),
            one_of("channel", Channel, blank=True),
            models.UniqueConstraint(
                fields=("company", "period", "kind", "profile", "format", "channel", "revision"),
                name="export_run_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind=ExportKind.PRICE_GRID,
                    priced_at__isnull=False,
                    profile=ExportProfile.STANDARD,
                    period__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])(-[0-3][0-9])?$",
                )
                | (
                    ~models.Q(kind=ExportKind.PRICE_GRID)
                    & models.Q(
                        priced_at__isnull=True,
                        channel="",
                        period__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
                    )
                ),
                name="export_run_period",
                violation_error_message="Un mois s'écrit AAAA-MM ; le jour d'une grille de prix, "
                "AAAA-MM-JJ.",
            ),
            # Half a file is never offered: a file goes with its hash and its date.
            models.CheckConstraint(
                condition=models.Q(file="", sha256="", finished_at__isnull=True)
                | (~models.Q(file="") & ~models.Q(sha256="") & models.Q(finished_at__isnull=False)),
                name="export_run_file_is_whole",
            ),
        )

    def __str__(self) -> str:
        return self.file_name or f"{self.company.code} {self.period}"


class PriceGridExport(ExportRun):
    """The price grids among the exports: other people ask for them, on a page of their own."""

    class Meta:
        proxy = True
        verbose_name = "grille de prix"
        verbose_name_plural = "grilles de prix"
