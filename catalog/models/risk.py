"""Risks: the taxonomy of what is sold (§2.1, Annexe A.2.1; readings M-02, M-17)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Cast, Lower, Upper

from catalog.choices import RiskIcon, RiskScope
from catalog.domain import family
from catalog.models.checks import known
from winvest.core import scoping
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.base import (
    DatedModel,
    ScopedHistory,
    ScopedModel,
    audit,
    history,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import filled, kinds
from winvest.core.models.sorting import SortLabel
from winvest.core.models.validators import SchemaValidator, seen_text, validate_seen

MAX_DEPTH = 6
CODE_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]*"

# A parent is the group's or of the same company, and nothing is its own ancestor. One lock for
# every move in the tree, so that two moves at once never close a circle.
TREE = pgtrigger.Trigger(
    name="tree",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare=[("refused", "text")],
    func=(
        "IF TG_OP = 'UPDATE' AND (OLD.parent_id, OLD.company_id) IS NOT DISTINCT FROM "
        "(NEW.parent_id, NEW.company_id) THEN RETURN NEW; END IF; "
        "PERFORM pg_advisory_xact_lock(7230011); "
        "IF EXISTS (SELECT 1 FROM risk WHERE id = NEW.parent_id AND company_id IS NOT NULL "
        "AND company_id IS DISTINCT FROM NEW.company_id) OR EXISTS (SELECT 1 FROM risk "
        "WHERE parent_id = NEW.id AND NEW.company_id IS NOT NULL "
        "AND company_id IS DISTINCT FROM NEW.company_id) "
        "THEN refused := 'owner of the parent'; "
        "ELSIF EXISTS (WITH RECURSIVE above(id, depth) AS (SELECT NEW.parent_id, 1 UNION ALL "
        "SELECT risk.parent_id, depth + 1 FROM risk JOIN above ON risk.id = above.id "
        f"WHERE depth <= {MAX_DEPTH}) SELECT 1 FROM above WHERE id = NEW.id "
        f"OR (id IS NOT NULL AND depth >= {MAX_DEPTH})) THEN refused := 'circle or depth'; END IF; "
        "IF refused IS NOT NULL THEN RAISE EXCEPTION 'risk %: %', NEW.id, refused "
        "USING ERRCODE = 'check_violation', CONSTRAINT = 'risk_tree'; END IF; RETURN NEW;"
    ),
)


class RiskHistory(ScopedHistory):
    """Old states of risks, read like the risks."""

    class Meta:
        abstract = True

    @classmethod
    def readable(cls) -> Any:
        """Global, or of a company in scope."""
        return scoping.InScope("company") | models.Q(is_global=True)


class Risk(ScopedModel, DatedModel):
    """A family of products; a global one belongs to the group and has no company (M-02)."""

    company = models.ForeignKey(
        "core.Company",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="société",
        related_name="+",
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="famille parente",
        help_text="Ses contraintes et ses champs valent aussi ici.",
    )
    code = models.CharField(
        "code",
        max_length=60,
        validators=[
            RegexValidator(
                rf"\A{CODE_PATTERN}\Z",
                "Lettres sans accent, chiffres, point, tiret ; ni espace ni signe invisible.",
                code="code",
            )
        ],
    )
    label = models.CharField("libellé", max_length=120, validators=[validate_seen])
    icon = models.CharField("icône", max_length=120, null=True, blank=True, choices=RiskIcon)
    scope = models.CharField(
        "clientèle",
        max_length=12,
        choices=RiskScope,
        default=RiskScope.PERSONAL,
        db_default=RiskScope.PERSONAL,
    )
    is_global = models.BooleanField("commun au groupe", default=False, db_default=False)
    constraints = models.JSONField(
        "contraintes",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/risk/constraints.json")],
    )
    field_schema = models.JSONField(
        "champs propres",
        encoder=DecimalEncoder,
        decoder=DecimalDecoder,
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[SchemaValidator("catalog/schemas/risk/field_schema.json")],
    )
    sort_label = SortLabel("label")

    family_path = "pk"
    _family_read: tuple[UUID | None, ...] = ()

    history = history(bases=[RiskHistory], excluded_fields=["sort_label"])

    class Meta:
        db_table = "risk"
        verbose_name = "risque"
        verbose_name_plural = "risques"
        ordering = ("sort_label",)
        triggers = (audit(ignored=("sort_label",)), no_truncate(), TREE)
        constraints = (
            one_of("icon", RiskIcon, blank=True),
            one_of("scope", RiskScope),
            *kinds(constraints=dict, field_schema=dict),
            filled("label", "Libellé"),
            models.UniqueConstraint(
                "company",
                Lower("code"),
                name="risk_company_code",
                violation_error_message="Cette société a déjà un risque de ce code.",
            ),
            models.UniqueConstraint(
                Lower("code"),
                condition=models.Q(is_global=True),
                name="risk_global_code",
                violation_error_message="Un risque du groupe a déjà ce code.",
            ),
            # Same code, one the group's and the other not (M-02).
            ExclusionConstraint(
                name="risk_local_code_is_not_global",
                expressions=[
                    (Upper("code"), RangeOperators.EQUAL),
                    (Cast("is_global", models.IntegerField()), RangeOperators.NOT_EQUAL),
                ],
                violation_error_message="Ce code est pris, par le groupe ou par une société.",
            ),
            models.CheckConstraint(
                condition=models.Q(is_global=True, company__isnull=True)
                | models.Q(is_global=False, company__isnull=False),
                name="risk_global_has_no_company",
                violation_error_message="Un risque est du groupe ou d'une société, pas des deux.",
            ),
            models.CheckConstraint(
                condition=models.Q(code__regex=f"^{CODE_PATTERN}$"),
                name="risk_code_signs",
                violation_error_message="Un code n'a ni espace, ni accent, ni signe invisible.",
            ),
            models.CheckConstraint(
                condition=models.Q(scope__in=RiskScope.values),
                name="risk_scope",
                violation_error_message="Cette clientèle n'existe pas.",
            ),
            seen_text("risk", "label"),
        )
        indexes = (GinIndex(OpClass("sort_label", "gin_trgm_ops"), name="risk_search"),)

    def __str__(self) -> str:
        return self.label

    @classmethod
    def readable(cls) -> Any:
        """Global, or of a company in scope."""
        return scoping.InScope("company") | models.Q(is_global=True)

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "Risk":
        """Note the family under which the risk was read, to know when it moves."""
        risk = super().from_db(*args, **kwargs)
        if "parent_id" in risk.__dict__:
            risk._family_read = (risk.parent_id,)
        return risk

    def family_risk(self) -> UUID | None:
        """Return the risk itself: whoever has its family writes it (N-02).

        Of one that is new, or that moves, the parent: only into a family of the writer's.
        """
        moves = bool(self._family_read) and self._family_read != (self.parent_id,)
        return self.parent_id if self._state.adding or moves else self.pk

    def lineage(self) -> Iterator["Risk"]:
        """Yield the risk, then its parents up to the root."""
        risk: Risk | None = self
        for _ in range(MAX_DEPTH):
            if risk is None:
                return
            yield risk
            risk = risk.parent

    def families(self) -> list[family.Family]:
        """Return the rules that bind the products of this risk: its own and its parents'."""
        return [
            family.Family(risk.label, risk.constraints or {}, family.customers_of(risk.scope))
            for risk in self.lineage()
        ]

    def fields(self) -> dict[str, Any]:
        """Return one schema for `attributes`: the risk's fields and its parents', its own first."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        for risk in self.lineage():
            schema = risk.field_schema or {}
            for name, field in schema.get("properties", {}).items():
                if name not in properties:
                    properties[name] = field
                    required += [name] if name in schema.get("required", []) else []
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def clean(self) -> None:
        """Check the place in the tree, the constraints and the fields of the family."""
        errors: dict[str, Any] = {}
        if problem := self._problem_of_parent():
            errors["parent"] = problem
        low, high = (self.constraints.get(key) for key in ("age_min", "age_max"))
        if low is not None and high is not None and low > high:
            errors["constraints"] = "L'âge minimum dépasse l'âge maximum."
        unknown = set(self.field_schema.get("required", [])) - set(
            self.field_schema.get("properties", {})
        )
        if unknown:
            errors["field_schema"] = f"Champs obligatoires inconnus : {', '.join(sorted(unknown))}."
        if errors:
            raise ValidationError(errors)

    def _problem_of_parent(self) -> str:
        parent: Risk | None = known(self, "parent")
        if parent is None:
            return ""
        if parent.company_id is not None and parent.company_id != self.company_id:
            return "La famille parente est du groupe ou de la même société."
        if not family.customers_of(self.scope) <= family.customers_of(parent.scope):
            return "La clientèle de la famille parente est plus étroite."
        above = list(parent.lineage())
        if self.pk in {risk.pk for risk in above}:
            return "Une famille ne descend pas d'elle-même."
        return "Pas plus de cinq niveaux de familles." if len(above) >= MAX_DEPTH - 1 else ""
