"""The JSON columns of the catalogue as boxes: the same schema files as the API and the files."""

from pathlib import Path
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from catalog.choices import Channel, Recurrence, RevenueModel
from catalog.domain.geography import ZONE_LABELS
from winvest.core import json
from winvest.core.admin.schema_fields import SchemaField, object_in_words

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
# What the codes of the lists mean.
LABELS = {
    "channels": dict(Channel.choices),
    "revenue_models": dict(RevenueModel.choices),
    "recurrences": dict(Recurrence.choices),
    "partner": {"required": "Exigé", "forbidden": "Interdit"},
    "zones": ZONE_LABELS,
    "customer_types": {"personal": "Particuliers", "professional": "Professionnels"},
}
BADGE_STATES = [("", "Calculé"), ("true", "Toujours montré"), ("false", "Jamais montré")]


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_bytes())
    return schema


GEOGRAPHY = _schema("version/geography")
ELIGIBILITY = _schema("version/eligibility")
CONSTRAINTS = _schema("risk/constraints")
BADGES = _schema("product/badges")


def boxes(schema: dict[str, Any], label: str, **options: Any) -> SchemaField:
    """Return the field of an object that follows this schema."""
    return SchemaField(schema, labels=LABELS, label=label, **options)


def told(schema: dict[str, Any], value: Any) -> str:
    """Return such an object in words."""
    return object_in_words(schema, value, LABELS)


def channels_field(**options: Any) -> forms.MultipleChoiceField:
    """Return the field of a list of channels, ticked."""
    return ticks("Canaux", Channel.choices, **options)


def ticks(label: str, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    """Return the field of a list of codes, ticked."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        **options,
    )
