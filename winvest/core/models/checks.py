"""Validating the check constraints of a row in one statement."""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import BooleanField, CheckConstraint, Model, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.sql import Query
from django.db.models.sql.constants import SINGLE

TRUE = Value(value=True, output_field=BooleanField())


def every_check_holds(row: Model, exclude: Collection[str] | None) -> bool:
    """Whether PostgreSQL finds every check constraint of the row true, or unknown, at once.

    Django asks once for each constraint: a form of twenty would cost twenty statements. False
    says nothing about which one fails; those that name an excluded field are left out, as there.
    """
    against: dict[str, Any] = row._get_field_expression_map(  # type: ignore[attr-defined]
        meta=row._meta, exclude=exclude
    )
    conditions = [
        Q(constraint.condition)
        for constraint in row._meta.constraints
        if isinstance(constraint, CheckConstraint)
    ]
    query = Query(None)
    for name, value in against.items():
        expression = value if hasattr(value, "resolve_expression") else Value(value)
        query.add_annotation(expression, name, select=False)
    query.add_annotation(Value(1), "_check")
    for condition in conditions:
        if condition.referenced_base_fields <= against.keys():
            query.add_q(Q(Coalesce(condition, TRUE, output_field=BooleanField())))
    try:
        with transaction.atomic():
            return query.get_compiler(connection=connection).execute_sql(SINGLE) is not None
    except DatabaseError:  # one of them cannot be computed: each is asked by itself
        return False


def sentence_of(error: IntegrityError) -> tuple[str, str]:
    """Return the name of the constraint that refused and its French sentence; "" without one."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return name, str(constraint.get_violation_error_message())
    return name, ""
