"""Who wrote a version, and what reviewers say of its content (`design/domain.md` §1)."""

from uuid import UUID

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import ApprovalDomain, Decision
from catalog.models.version import ProductVersion
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, no_truncate, one_of, owner_from

REFUSAL = "Un refus dit pourquoi."


def append_only() -> pgtrigger.Trigger:
    """Return the trigger that refuses any change of what was said."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        ),
    )


# Four eyes rest on it: who wrote is forgotten only with a draft that is deleted whole.
KEEP_AUTHORS = pgtrigger.Trigger(
    name="keep_authors",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=(
        "IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM product_version "
        "WHERE id = OLD.product_version_id AND state <> 'draft') THEN "
        "RAISE EXCEPTION 'version_author %: who wrote is kept', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD;"
    ),
)


class VersionAuthor(CompanyOwnedModel):
    """A person who changed a version's content after its submission number `round`.

    Written by the database with each change, read by nobody but the approval.
    """

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.CASCADE, related_name="authors", verbose_name="version"
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="auteur"
    )
    round = models.PositiveSmallIntegerField("après la soumission")

    log_title = ("{product_version}", "{user}")

    class Meta:
        db_table = "version_author"
        verbose_name = "auteur d'une version"
        verbose_name_plural = "auteurs de versions"
        triggers = (audit(), no_truncate(), KEEP_AUTHORS)
        constraints = (
            models.UniqueConstraint(
                fields=("product_version", "round", "user"), name="version_author_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_version} : {self.user}"


class VersionApproval(CompanyOwnedModel):
    """What a reviewer said of a content: given to its hash, so that any edit voids it."""

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.PROTECT, related_name="approvals", verbose_name="version"
    )
    domain = models.CharField("domaine", max_length=12, choices=ApprovalDomain)
    decision = models.CharField("décision", max_length=8, choices=Decision)
    comment = models.TextField("commentaire", max_length=2000, blank=True, default="")
    content_hash = models.CharField("empreinte du contenu", max_length=71)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="par")

    log_title = ("{product_version}", "{domain}", "{decision}")

    class Meta:
        db_table = "version_approval"
        verbose_name = "approbation"
        verbose_name_plural = "approbations"
        ordering = ("product_version", "created_at")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            append_only(),
        )
        constraints = (
            one_of("domain", ApprovalDomain),
            one_of("decision", Decision),
            models.CheckConstraint(
                condition=~models.Q(decision=Decision.REFUSED) | ~models.Q(comment=""),
                name="version_approval_refusal_says_why",
                violation_error_message=REFUSAL,
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_version} : {self.get_decision_display()}"

    def clean(self) -> None:
        """Tell beside the comment what the constraint refuses."""
        if self.decision == Decision.REFUSED and not self.comment:
            told = ValidationError(REFUSAL, code="approval.comment")
            raise ValidationError({"comment": told})

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")
