"""What ADV and quality control ask for when a version is sold (§3.6, Annexe A.2.2)."""

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import RequiredField, RuleSet
from catalog.models.checks import IsSetOf
from catalog.models.version import ProductVersion, freeze_content, record_author
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    owner_from,
)
from winvest.core.models.columns import kinds
from winvest.core.models.validators import SchemaValidator

# Whether a company has such a call script: documents, above, tell.
IsScript = Callable[[UUID, UUID], bool]
_is_script: list[IsScript] = []


def register_scripts(is_script: IsScript) -> None:
    """Take the question « does the company have this script », in `AppConfig.ready()`."""
    _is_script[:] = [is_script]


class CqRule(CompanyOwnedModel):
    """Fields and documents required, sets of checks, call script.

    The script is a document of the company, of type SCRIPT: the documents' migration adds the
    foreign key and the trigger that say so.
    """

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.CASCADE, related_name="cq_rules", verbose_name="version"
    )
    required_fields = models.JSONField(
        "champs et pièces exigés",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/cq_rule/required_fields.json")],
    )
    rule_sets = models.JSONField(
        "jeux de règles",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/cq_rule/rule_sets.json")],
    )
    call_script_id = models.UUIDField("script d'appel", null=True, blank=True)
    notes = models.TextField("notes", null=True, blank=True)

    history = history()

    log_title = ("{product_version}",)
    keys_above = {"call_script_id": "product_document"}  # noqa: RUF012 - one per model

    class Meta:
        db_table = "cq_rule"
        verbose_name = "règle ADV / qualité"
        verbose_name_plural = "règles ADV / qualité"
        ordering = ("product_version", "id")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
        )
        constraints = (
            *kinds(required_fields=list, rule_sets=list),
            models.CheckConstraint(
                condition=IsSetOf("required_fields", RequiredField.values),
                name="cq_rule_required_fields",
                violation_error_message="Un champ exigé est inconnu, ou figure deux fois.",
            ),
            models.CheckConstraint(
                condition=IsSetOf("rule_sets", RuleSet.values),
                name="cq_rule_rule_sets",
                violation_error_message="Un jeu de règles est inconnu, ou figure deux fois.",
            ),
        )

    def __str__(self) -> str:
        return f"Règle de {self.product_version}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Refuse a script that is no document of the company, or of another type."""
        script = self.call_script_id
        if script is None or self.keeps("call_script_id", "company"):
            return
        if not all(is_script(script, self.company_id) for is_script in _is_script):
            unknown = ValidationError("Cet objet n'existe pas.", code="unknown")
            raise ValidationError({"call_script_id": unknown})
