"""The legal log, written by the database itself (Annexe A.2.3, §3.8, G.3)."""

from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.db.models.functions import Now

from winvest.core import scoping
from winvest.core.choices import AuditAction
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    no_truncate,
    one_of,
)


class AuditEntry(models.Model):
    """One change of one row: append-only, partitioned by month on `at`."""

    id = models.BigIntegerField(primary_key=True)
    table = models.CharField("table", max_length=60)
    record_id = models.UUIDField("enregistrement")
    company_id = models.UUIDField("société", null=True)
    actor_id = models.UUIDField("auteur", null=True)
    actor_role = models.CharField("rôle", max_length=120)
    session_user_name = models.CharField("compte de base de données", max_length=63)
    request_id = models.CharField("requête", max_length=64)
    action = models.CharField("action", max_length=10, choices=AuditAction)
    before = models.JSONField("avant", null=True)
    after = models.JSONField("après", null=True)
    at = models.DateTimeField("le")

    objects: ClassVar[models.Manager[Any]] = scoping.ScopedManager()

    class Meta:
        db_table = "audit_log"
        verbose_name = "ligne du journal"
        verbose_name_plural = "lignes du journal"
        ordering = ("-at", "-id")
        constraints = (one_of("action", AuditAction),)

    def __str__(self) -> str:
        models_of = {model._meta.db_table: model for model in apps.get_models()}
        named = models_of.get(self.table)
        kind = str(named._meta.verbose_name) if named else self.table
        return f"{self.get_action_display()} : {kind}"

    @classmethod
    def readable(cls) -> Any:
        """The changed row's company is in scope; rows of the group need the scope of everything."""
        return scoping.InScope("company_id")


class AuditSeal(models.Model):
    """The seal of one entry: its place in the chain of hashes, append-only."""

    number = models.BigIntegerField("numéro", primary_key=True)
    entry_id = models.BigIntegerField("entrée")
    entry_at = models.DateTimeField("date de l'entrée")
    digest = models.BinaryField("empreinte de l'entrée")
    chain = models.BinaryField("empreinte de la chaîne")

    class Meta:
        db_table = "audit_seal"
        verbose_name = "sceau du journal"
        verbose_name_plural = "sceaux du journal"

    def __str__(self) -> str:
        return str(self.number)


class AuditRoot(models.Model):
    """Where the chain stood at the end of a day; a copy leaves the database as a file."""

    day = models.DateField("jour", primary_key=True)
    number = models.BigIntegerField("dernier numéro")
    chain = models.BinaryField("empreinte de la chaîne")
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        db_table = "audit_root"
        verbose_name = "racine du journal"
        verbose_name_plural = "racines du journal"

    def __str__(self) -> str:
        return self.day.isoformat()


class AuditHead(models.Model):
    """Where the chain stands now, apart from the seals; one row, which only moves forward."""

    id = models.SmallIntegerField(primary_key=True, default=1, db_default=1)
    number = models.BigIntegerField("dernier numéro")
    chain = models.BinaryField("empreinte de la chaîne")
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        db_table = "audit_head"
        verbose_name = "tête des sceaux du journal"
        verbose_name_plural = "têtes des sceaux du journal"

    def __str__(self) -> str:
        return str(self.number)


class AuditTrail(CompanyOwnedModel):
    """The log of a company for one month of its time zone, as a CSV file (3.8-09)."""

    month = models.CharField("mois", max_length=7)
    file = models.FileField("fichier", upload_to="audit/trails", max_length=200)
    file_name = models.CharField("nom du fichier", max_length=120)
    rows = models.PositiveIntegerField("lignes")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)

    class Meta:
        db_table = "audit_trail"
        verbose_name = "piste d'audit"
        verbose_name_plural = "pistes d'audit mensuelles"
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("company", "month"),
                name="audit_trail_once",
                violation_error_message="La piste d'audit de ce mois existe déjà.",
            ),
        )
        indexes = (models.Index(fields=("-month", "-id"), name="audit_trail_month"),)

    def __str__(self) -> str:
        return self.file_name
