"""Types of documents, and which ones a family must have (readings D-01, D-02): data, not code."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from catalog.choices import Channel
from catalog.models.risk import Risk
from documents.choices import Stage
from winvest.core.models.base import (
    DatedModel,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import filled, matches

CODE = RegexValidator(r"\A[A-Z][A-Z_]*\Z", "Majuscules sans accent et « _ ».")


class DocumentType(DatedModel):
    """A kind of document: A.2.2's codes and those that §1, §3.5 and Annexe B add."""

    code = models.CharField(
        "code",
        max_length=20,
        unique=True,
        validators=[CODE],
        error_messages={"unique": "Ce code existe déjà."},
    )
    label = models.CharField("libellé", max_length=120)
    is_legal = models.BooleanField("document légal", default=False, db_default=False)
    pdfa_required = models.BooleanField(
        "PDF/A exigé",
        default=False,
        db_default=False,
        help_text="Contrôlé à la publication, jamais au dépôt.",
    )
    position = models.PositiveSmallIntegerField("ordre", default=0, db_default=0)

    history = history(scoped=False)

    class Meta:
        db_table = "document_type"
        verbose_name = "type de document"
        verbose_name_plural = "types de documents"
        ordering = ("position", "code")
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(pdfa_required=False) | models.Q(is_legal=True),
                name="document_type_pdfa_is_legal",
                violation_error_message="Le PDF/A n'est exigé que des documents légaux.",
            ),
            matches("code", CODE),
            filled("label", "Libellé"),
        )

    def __str__(self) -> str:
        return f"{self.code} — {self.label}"


class DocumentRequirement(DatedModel):
    """A document that the products of a family of the group must have on a channel (None: all).

    An inactive line is a condition that the law leaves to the case (FIP, notice d'information).
    """

    family = models.ForeignKey(
        Risk, on_delete=models.PROTECT, related_name="document_requirements", verbose_name="famille"
    )
    channel = models.CharField("canal", max_length=10, choices=Channel, null=True, blank=True)
    document_type = models.ForeignKey(
        DocumentType,
        on_delete=models.PROTECT,
        related_name="requirements",
        verbose_name="type de document",
    )
    stage = models.CharField(
        "contrôle",
        max_length=12,
        choices=Stage,
        default=Stage.PUBLICATION,
        db_default=Stage.PUBLICATION,
    )
    is_active = models.BooleanField("exigé", default=True, db_default=True)
    note = models.CharField(
        "origine ou condition", max_length=200, blank=True, default="", db_default=""
    )

    history = history(scoped=False)

    log_title = ("{family}", "{document_type}", "{channel}")

    class Meta:
        db_table = "document_requirement"
        verbose_name = "exigence documentaire"
        verbose_name_plural = "exigences documentaires"
        ordering = ("family", "document_type", "channel")
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            one_of("channel", Channel),
            one_of("stage", Stage),
            models.UniqueConstraint(
                fields=("family", "document_type", "channel", "stage"),
                nulls_distinct=False,
                name="document_requirement_once",
                violation_error_message="Cette exigence existe déjà.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.family} : {self.document_type.code}"

    def clean(self) -> None:
        """Require of the families of the group only: a company's own ones stand below them."""
        family = Risk._base_manager.filter(pk=self.family_id, is_global=False)
        if family.exists():
            raise ValidationError({"family": "Choisissez une famille du groupe."})
