"""Drafts of the creation wizard: what was typed and is not accepted yet (§3.1, E.2.3)."""

from uuid import UUID

from django.db import models

from catalog.choices import WizardStep
from catalog.models.version import ProductVersion
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, no_truncate, one_of
from winvest.core.models.columns import kinds


class WizardDraft(CompanyOwnedModel):
    """A product on its way, for whoever began it; it goes when its version is submitted.

    What a step accepts is written on the product and its version at once. `typed` keeps, by form of
    a step (`<step>/<form>`), what is not accepted yet (`texts`: its boxes), with who wrote it last
    (`by`) and when (`revision`). Each write adds one to the draft's `revision`: a page that knows an
    older one than its form's is told.
    """

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="wizard_drafts", verbose_name="auteur"
    )
    product_version = models.OneToOneField(
        ProductVersion,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="wizard_draft",
        verbose_name="version",
    )
    step = models.CharField(
        "étape",
        max_length=12,
        choices=WizardStep,
        default=WizardStep.GENERAL,
        db_default=WizardStep.GENERAL,
    )
    typed = models.JSONField(
        "saisies",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
    )
    revision = models.PositiveIntegerField("révision", default=1, db_default=1)
    changed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="changed_by",
        verbose_name="dernière saisie de",
    )

    log_title = ("{product_version}", "{step}")

    class Meta:
        db_table = "wizard_draft"
        verbose_name = "brouillon de l'assistant"
        verbose_name_plural = "brouillons de l'assistant"
        ordering = ("-updated_at", "id")
        # What was typed and never accepted is nobody's act: the log says only that it changed.
        triggers = (audit(masked=("typed",)), no_truncate())
        constraints = (one_of("step", WizardStep), *kinds(typed=dict))
        indexes = (models.Index(fields=("user", "-updated_at"), name="wizard_draft_mine"),)

    def __str__(self) -> str:
        return str(self.product_version) if self.product_version_id else "Nouveau produit"

    def family_risk(self) -> UUID | None:
        """Return the product's risk, None before there is one (N-02)."""
        return self.family_of("product_version") if self.product_version_id else None
