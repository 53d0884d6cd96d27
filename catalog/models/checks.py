"""What several models check: JSON columns in the database, and rows that a foreign key names."""

from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import Channel, LifecycleStatus
from catalog.domain.integration import IntegrationProblem
from partners.models import PartnerCredential
from winvest.core.clock import now


class IsSetOf(models.Func):
    """`json_set_of(column, allowed)`: a JSON list whose items are all allowed, none twice."""

    function = "json_set_of"
    conditional = True

    def __init__(self, column: str, allowed: Iterable[str], **extra: Any) -> None:
        """Take the column and the values that it may hold."""
        self.column, self.allowed = column, list(allowed)
        values = models.Value(self.allowed, output_field=ArrayField(models.TextField()))
        super().__init__(models.F(column), values, output_field=models.BooleanField(), **extra)

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        return ("catalog.models.checks.IsSetOf", [self.column, self.allowed], {})


class IsPayload(models.Func):
    """`pricing_payload_ok(type, payload)`: the payload has the shape of its type (A.3.3)."""

    function = "pricing_payload_ok"
    conditional = True

    def __init__(self, **extra: Any) -> None:
        """Read the columns of `pricing_rule`."""
        super().__init__(
            models.F("type"), models.F("payload"), output_field=models.BooleanField(), **extra
        )

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        return ("catalog.models.checks.IsPayload", [], {})


def keep_started(columns: Iterable[str]) -> pgtrigger.Trigger:
    """Return the trigger that keeps what a row said once its `start_at` has come.

    Sales were priced with it: it is ended, never erased, and these columns change no more.
    """
    names = list(columns)
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="keep_started",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Condition("OLD.start_at <= now()"),
        func=(
            f"IF TG_OP = 'DELETE' OR ({old}) IS DISTINCT FROM ({new}) THEN "
            "RAISE EXCEPTION '% %: began, so it ends', TG_TABLE_NAME, OLD.id "
            "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
        ),
    )


def problem_of_period(row: Any) -> dict[str, ValidationError]:
    """Return what is wrong with `[start_at, end_at)`; the exclusions cannot even be asked then."""
    start, end = row.start_at, row.end_at
    if start is None or end is None or start < end:
        return {}
    return {"end_at": ValidationError("La fin doit suivre le début.", code="period")}


def problem_of_channels(channels: Any, version: Any) -> dict[str, str]:
    """Return what is wrong with a list of channels: unknown, none, or closed by the version."""
    listed = isinstance(channels, list) and set(map(str, channels)) <= set(Channel.values)
    if not listed or not channels or len(set(channels)) != len(channels):
        return {"channels": "Au moins un canal, chacun connu et une seule fois."}
    if version is not None and version.channels and not set(channels) <= set(version.channels):
        allowed = ", ".join(Channel(one).label for one in version.channels)
        return {"channels": f"La version n'autorise que ces canaux : {allowed}."}
    return {}


def api_problem(product: Any, path: str) -> dict[str, ValidationError]:
    """Return the error, under `path`, of a product linked to an API that nothing opens (C.2).

    What is sold needs a production key; what is prepared, a key of any environment (R-11).
    """
    sold = product.lifecycle_status == LifecycleStatus.ACTIVE
    live = sold and settings.PRODUCTION_CREDENTIALS
    if PartnerCredential.opens(product.partner_id, now(), live=live):
        return {}
    problem = IntegrationProblem.LIVE_CREDENTIAL if live else IntegrationProblem.CREDENTIAL
    return {path: ValidationError(problem.message, code=problem.value)}


def known(row: Any, key: str) -> Any:
    """Return the row that the foreign key `key` names, None when it names none in the scope.

    A form or the API may name a row that never was, or another company's: `clean_fields` refuses
    both alike, and `clean` must then say nothing about it.
    """
    field = row._meta.get_field(key)
    value = getattr(row, field.attname)
    if value is None or field.is_cached(row):
        return None if value is None else getattr(row, key)
    found = field.related_model.objects.filter(pk=value).first()
    if found is not None:
        setattr(row, key, found)
    return found


def names_closed_partner(row: Any) -> bool:
    """Whether the row's partner is closed to its company (M-01); one chosen before that goes on."""
    partner = known(row, "partner")
    if partner is None or row.company_id in partner.open_to:
        return False
    return not row.keeps("partner", "company")
