"""Secrets at rest: the data keys, and the column that holds an encrypted value (G.2-07, 3.8-12)."""

from typing import Any, ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models

from winvest.core.models.base import (
    DatedModel,
    audit,
    no_truncate,
)

ENVELOPE = {"key", "data"}


class DataKey(DatedModel):
    """A key that encrypts values, itself encrypted under a master key; one is current.

    Re-wrapping changes `wrapped` and `master_id`, never the key: no value is encrypted again.
    """

    wrapped = models.BinaryField("clé enveloppée")
    master_id = models.CharField("clé maître", max_length=120)
    is_current = models.BooleanField("en service", default=True, db_default=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    log_title = ("{master_id}",)

    class Meta:
        db_table = "data_key"
        verbose_name = "clé de chiffrement"
        verbose_name_plural = "clés de chiffrement"
        ordering = ("created_at",)
        triggers = (
            audit(masked=("wrapped",)),
            no_truncate(),
            # Whatever it encrypted would be lost.
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("is_current",),
                condition=models.Q(is_current=True),
                name="data_key_one_current",
                violation_error_message="Une clé de chiffrement est déjà en service.",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class SealedField(models.JSONField):
    """A JSON value encrypted at rest: `{"key": id of the data key, "data": base64}`, or NULL.

    `winvest.core.services.secrets` seals and reveals it. A form never shows it, a dump, a history
    or an export only meets the encrypted text; name the column in `audit(masked=…)` and in
    `history(excluded_fields=…)`, and its table gets `sealed_check(…)`.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Keep the column out of every form."""
        super().__init__(*args, **{**options, "editable": False})

    def validate(self, value: Any, model_instance: Any) -> None:
        """Refuse what is not sealed, without repeating it."""
        if not isinstance(value, dict) or set(value) != ENVELOPE:
            raise ValidationError("Cette valeur n'est pas chiffrée.", code="sealed")


class IsSealed(models.Func):
    """`is_sealed(column)`: an envelope, whole, and nothing beside."""

    function = "is_sealed"
    conditional = True

    def __init__(self, column: str, **extra: Any) -> None:
        """Take the column."""
        self.column = column
        super().__init__(models.F(column), output_field=models.BooleanField(), **extra)

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        return ("winvest.core.models.secret.IsSealed", [self.column], {})


def sealed_check(table: str, column: str) -> models.CheckConstraint:
    """Return the constraint by which the database refuses a value in clear."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__isnull": True}) | models.Q(IsSealed(column)),
        name=f"{table}_{column}_sealed",
        violation_error_message="Cette valeur n'est pas chiffrée.",
    )
