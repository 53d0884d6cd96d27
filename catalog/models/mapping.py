"""External codes of products and plans (Annexe A.2.2, C.2; readings M-08, M-13)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Upper

from catalog.choices import IntegrationStatus
from catalog.models.checks import api_problem, known
from catalog.models.plan import ProductPlan
from catalog.models.product import Product
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import PRINTED, matches, shaped

UNPRINTED = "Ni espace autour, ni signe invisible."
# One alphabet: a name spelled with another's look-alikes, or with wide letters, would pass for it.
SYSTEM_SIGNS = r"A-Za-zÀ-ÖØ-öø-ÿŒœŸ0-9"
SYSTEM = RegexValidator(
    rf"\A[{SYSTEM_SIGNS}]([{SYSTEM_SIGNS} '&()+,./:_-]*[{SYSTEM_SIGNS})])?\Z",
    "Lettres latines, chiffres, espace et ponctuation courante.",
    code="system",
)


NEW_TRIAL = pgtrigger.Trigger(
    name="new_trial",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "((OLD.product_id, OLD.plan_id, OLD.system, OLD.external_code) IS DISTINCT FROM "
        "(NEW.product_id, NEW.plan_id, NEW.system, NEW.external_code))"
    ),
    func="NEW.sandbox_passed_at = NULL; NEW.sandbox_passed_by = NULL; RETURN NEW;",
)

# No foreign key says that a plan is of a version of the product.
PLAN_OF_PRODUCT = pgtrigger.Trigger(
    name="plan_of_product",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("plan_id", "product_id"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Condition("NEW.plan_id IS NOT NULL"),
    func=(
        "IF NOT EXISTS (SELECT 1 FROM product_plan AS p JOIN product_version AS v "
        "ON v.id = p.product_version_id WHERE p.id = NEW.plan_id "
        "AND v.product_id = NEW.product_id) THEN "
        "RAISE EXCEPTION 'external_mapping %: plan of another product', NEW.id USING "
        "ERRCODE = 'check_violation', CONSTRAINT = 'external_mapping_plan_of_product'; "
        "END IF; RETURN NEW;"
    ),
)

# A code by which an API prices the product decides of its publication, which waits for the commit.
HOLD_PRODUCT = pgtrigger.Trigger(
    name="hold_product",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func=(
        "IF 'api' IN (OLD.integration_status, NEW.integration_status) THEN "
        "PERFORM 1 FROM product WHERE id IN (OLD.product_id, NEW.product_id) "
        "ORDER BY id FOR NO KEY UPDATE; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    ),
)


class ExternalMapping(CompanyOwnedModel):
    """How an external system names a product, or one of its plans, and how far it is linked."""

    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="external_mappings",
        verbose_name="produit",
    )
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="external_mappings",
        verbose_name="formule",
    )
    system = models.CharField(
        "système",
        max_length=60,
        validators=[SYSTEM],
        help_text="Le partenaire, l'assureur ou le logiciel qui emploie ce code.",
    )
    external_code = models.CharField("code externe", max_length=120)
    integration_status = models.CharField(
        "intégration",
        max_length=10,
        choices=IntegrationStatus,
        default=IntegrationStatus.NONE,
        db_default=IntegrationStatus.NONE,
    )

    # What IT saw of the code in the partner's sandbox; another code is another trial.
    sandbox_passed_at = models.DateTimeField(
        "essai en sandbox réussi le", null=True, blank=True, editable=False
    )
    sandbox_passed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_column="sandbox_passed_by",
        verbose_name="essai fait par",
    )

    history = history()

    log_title = ("{product}", "{system}", "{external_code}")

    class Meta:
        db_table = "external_mapping"
        verbose_name = "code externe"
        verbose_name_plural = "codes externes"
        ordering = ("system", "external_code")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product", "product_id"),
            PLAN_OF_PRODUCT,
            NEW_TRIAL,
            HOLD_PRODUCT,
        )
        indexes = (
            # The index of A.6: a code as it is spelled.
            models.Index(fields=("system", "external_code"), name="external_mapping_spelled"),
            models.Index(
                OpClass(Upper("external_code"), "text_pattern_ops"),
                name="external_mapping_code_prefix",
            ),
        )
        constraints = (
            one_of("integration_status", IntegrationStatus),
            # A system is one however its capitals are typed.
            models.UniqueConstraint(
                "product",
                Lower("system"),
                condition=models.Q(plan__isnull=True),
                name="external_mapping_product_system",
                violation_error_message="Ce produit a déjà un code dans ce système.",
            ),
            models.UniqueConstraint(
                "plan",
                Lower("system"),
                name="external_mapping_plan_system",
                violation_error_message="Cette formule a déjà un code dans ce système.",
            ),
            models.UniqueConstraint(
                Lower("system"),
                Lower("external_code"),
                name="external_mapping_code",
                violation_error_message="Ce code externe est déjà pris dans ce système.",
            ),
            models.CheckConstraint(
                condition=models.Q(integration_status__in=IntegrationStatus.values),
                name="external_mapping_status",
                violation_error_message="Ce statut d'intégration n'existe pas.",
            ),
            models.CheckConstraint(
                condition=models.Q(sandbox_passed_at=None)
                | models.Q(sandbox_passed_by__isnull=False),
                name="external_mapping_trial",
                violation_error_message="Un essai réussi dit qui l'a fait.",
            ),
            matches("system", SYSTEM),
            shaped("external_code", PRINTED, UNPRINTED),
        )

    def __str__(self) -> str:
        return f"{self.system} : {self.external_code}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product")

    def clean(self) -> None:
        """Refuse another product's plan, spaces around what must be equal to be found, and a link
        to an API that nothing opens (C.2).
        """
        errors: dict[str, Any] = {}
        code = self.external_code
        if code != code.strip() or not code.isprintable():
            errors["external_code"] = UNPRINTED
        plan = known(self, "plan")
        if plan is not None and plan.product_version.product_id != self.product_id:
            errors["plan"] = "Cette formule est d'un autre produit."
        product = known(self, "product")
        # An unknown product is refused by its own field.
        if product is not None and self._becomes_linked():
            errors |= api_problem(product, "integration_status")
        if errors:
            raise ValidationError(errors)

    def _becomes_linked(self) -> bool:
        """Whether the row is newly said to be linked: a credential that ends blocks no other
        change of a row that was.
        """
        if self.integration_status != IntegrationStatus.API:
            return False
        linked = type(self)._base_manager.filter(
            pk=self.pk, product=self.product_id, integration_status=IntegrationStatus.API
        )
        return self._state.adding or not linked.exists()
