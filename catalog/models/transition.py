"""Moves of products from one status to the next: made, planned, cancelled, failed (M-06)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.db import models

from catalog.choices import LifecycleStatus, TransitionState
from catalog.domain.transitions import TRANSITION_STEPS
from catalog.models.product import Product
from winvest.core.models.access import User
from winvest.core.models.base import CompanyOwnedModel, audit, no_truncate, one_of, owner_from
from winvest.core.models.columns import kinds, steps

# What was decided is a fact: only what becomes of it is written afterwards.
KEEP_DECIDED = pgtrigger.Trigger(
    name="keep_decided",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=(
        "IF TG_OP = 'DELETE' OR OLD.state <> 'planned' OR "
        "(OLD.product_id, OLD.company_id, OLD.to_status, OLD.due_at, OLD.reason, OLD.decided_by, "
        "OLD.replacement_id, OLD.renewals_allowed, OLD.exit_note) IS DISTINCT FROM "
        "(NEW.product_id, NEW.company_id, NEW.to_status, NEW.due_at, NEW.reason, NEW.decided_by, "
        "NEW.replacement_id, NEW.renewals_allowed, NEW.exit_note) THEN "
        "RAISE EXCEPTION 'product_transition %: what was decided is kept', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)


class ProductTransition(CompanyOwnedModel):
    """A change of a product's status: `due_at` is its own date, `settled_at` when it was done.

    A retirement carries its exit plan: what replaces the product, whether contracts in force are
    renewed (M-07: no, unless it says so), and what is told.
    """

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="transitions", verbose_name="produit"
    )
    from_status = models.CharField(
        "de", max_length=8, choices=LifecycleStatus, blank=True, default="", db_default=""
    )
    to_status = models.CharField("vers", max_length=8, choices=LifecycleStatus)
    due_at = models.DateTimeField("date")
    reason = models.CharField("motif", max_length=300, blank=True, default="", db_default="")
    state = models.CharField("état", max_length=9, choices=TransitionState)
    settled_at = models.DateTimeField("fait le", null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_column="decided_by",
        verbose_name="décidé par",
    )
    cancelled_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_column="cancelled_by",
        verbose_name="annulé par",
    )
    problems = models.JSONField(
        "raisons de l'échec",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
    )
    replacement = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="produit de remplacement",
    )
    renewals_allowed = models.BooleanField(
        "renouvellements permis", default=False, db_default=False
    )
    exit_note = models.TextField(
        "plan de sortie", max_length=2000, blank=True, default="", db_default=""
    )

    family_path = "product__risk"

    log_title = ("{product}", "{to_status}")

    class Meta:
        db_table = "product_transition"
        verbose_name = "transition"
        verbose_name_plural = "transitions"
        ordering = ("-due_at", "-id")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product", "product_id"),
            steps("state", TRANSITION_STEPS, "product_transition_state_steps"),
            KEEP_DECIDED,
        )
        constraints = (
            one_of("from_status", LifecycleStatus, blank=True),
            one_of("to_status", LifecycleStatus),
            one_of("state", TransitionState),
            *kinds(problems=list),
            models.CheckConstraint(
                condition=models.Q(state=TransitionState.PLANNED, settled_at__isnull=True)
                | (~models.Q(state=TransitionState.PLANNED) & models.Q(settled_at__isnull=False)),
                name="product_transition_settled",
                violation_error_message="Une transition faite, annulée ou en échec est datée.",
            ),
            models.CheckConstraint(
                condition=~models.Q(to_status__in=["frozen", "retired"])
                | models.Q(reason__regex=r"\S"),
                name="product_transition_reason",
                violation_error_message="Un gel ou un retrait dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=models.Q(to_status="retired")
                | models.Q(replacement__isnull=True, renewals_allowed=False, exit_note=""),
                name="product_transition_exit_plan",
                violation_error_message="Le plan de sortie ne se dit que pour un retrait.",
            ),
            models.CheckConstraint(
                condition=models.Q(replacement__isnull=True)
                | ~models.Q(replacement=models.F("product")),
                name="product_transition_replacement",
                violation_error_message="Un produit ne se remplace pas par lui-même.",
            ),
            models.UniqueConstraint(
                fields=("product", "due_at"),
                condition=models.Q(state=TransitionState.PLANNED),
                name="product_transition_once",
                violation_error_message="Une autre transition est déjà prévue à cet instant.",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                condition=models.Q(state=TransitionState.PLANNED),
                name="product_transition_due",
            ),
            models.Index(fields=("company", "-due_at", "-id"), name="product_transition_company"),
            models.Index(fields=("product", "-due_at"), name="product_transition_product"),
        )

    def __str__(self) -> str:
        return f"{self.product} : {self.get_to_status_display()}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product")

    def shown_problems(self) -> str:
        """Return why it failed, in words."""
        told: list[dict[str, Any]] = self.problems
        return " ".join(str(one.get("message", "")) for one in told)
