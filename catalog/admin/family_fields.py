"""The own fields of a family of risks, one row each; kept as the JSON Schema that drives products.

`schemas/risk/field_schema.json` says what such a schema may hold.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.records import RecordsField

MAX_FIELDS = 40
LENGTH = 200
KINDS = (
    ("text", "Texte"),
    ("choice", "Choix dans une liste"),
    ("list", "Plusieurs choix"),
    ("integer", "Nombre entier"),
    ("number", "Nombre"),
    ("boolean", "Oui ou non"),
    ("date", "Date"),
)
PARTS = {
    "key": "clé",
    "title": "libellé",
    "kind": "nature",
    "required": "obligatoire",
    "values": "valeurs",
    "low": "minimum",
    "high": "maximum",
    "description": "aide",
}
# The keywords of the bounds, by kind: of a text, they count its letters.
BOUNDS = {
    "text": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
}


class FamilyFields(RecordsField):
    """One row for each field; what does not go with its nature is refused."""

    def __init__(self, **options: Any) -> None:
        """Offer the natures of a field."""
        super().__init__(
            parts=PARTS,
            needed=("key", "title"),
            numbers=("low", "high"),
            flags=("required",),
            choices={"kind": KINDS},
            limit=MAX_FIELDS,
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        """Return a row for each field of a schema."""
        if not isinstance(value, Mapping):
            return value
        required = value.get("required", [])
        return [
            _row(key, field) | ({"required": True} if key in required else {})
            for key, field in value.get("properties", {}).items()
        ]

    def clean(self, value: Any) -> Any:
        """Return the schema; no row is no schema."""
        rows = super().clean(value)
        keys = [row["key"] for row in rows]
        errors = [
            ValidationError(f"Ligne {number} : {problem}", code="invalid")
            for number, row in enumerate(rows, start=1)
            if (problem := _problem(row, keys[: number - 1]))
        ]
        if errors:
            raise ValidationError(errors)
        if not rows:
            return {}
        required = [row["key"] for row in rows if row.get("required")]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {row["key"]: _field(row) for row in rows},
            **({"required": required} if required else {}),
        }

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the rows."""
        return super().has_changed(self.prepare_value(initial), data)

    def worded(self, error: ValidationError) -> ValidationError:
        """Leave the schema's own sentence: it names the field."""
        return error


def fields_in_words(schema: Mapping[str, Any]) -> str:
    """Return the fields of a family: « Plafond (nombre, obligatoire) »."""
    required = schema.get("required", [])
    names = dict(KINDS)
    told = [
        f"{field['title']} ({names[_kind(field)].lower()}"
        f"{', obligatoire' if key in required else ''})"
        for key, field in schema.get("properties", {}).items()
    ]
    return " ; ".join(told) or EMPTY


def _problem(row: Mapping[str, Any], before: list[str]) -> str:
    kind = row["kind"]
    if row["key"] in before:
        return f"la clé « {row['key']} » figure deux fois."
    if kind in ("choice", "list") and not row.get("values"):
        return "donnez les valeurs de la liste."
    if kind not in ("choice", "list") and row.get("values"):
        return "seule une liste a des valeurs."
    if kind not in BOUNDS and ("low" in row or "high" in row):
        return "seuls un texte et un nombre ont un minimum et un maximum."
    return ""


def _kind(field: Mapping[str, Any]) -> str:
    kind: str = field["type"]
    if kind == "array":
        return "list"
    if kind != "string":
        return kind
    if "enum" in field:
        return "choice"
    return "date" if field.get("format") == "date" else "text"


def _row(key: str, field: Mapping[str, Any]) -> dict[str, Any]:
    kind = _kind(field)
    low, high = BOUNDS.get(kind, ("", ""))
    values = field.get("enum") or field.get("items", {}).get("enum", [])
    row = {
        "key": key,
        "title": field["title"],
        "kind": kind,
        "values": " ; ".join(values),
        "low": field.get(low),
        "high": field.get(high),
        "description": field.get("description", ""),
    }
    return {part: value for part, value in row.items() if value not in (None, "")}


def _field(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = row["kind"]
    field: dict[str, Any] = {"title": row["title"]}
    if row.get("description"):
        field["description"] = row["description"]
    values = [one.strip() for one in str(row.get("values", "")).split(";") if one.strip()]
    match kind:
        case "choice":
            field |= {"type": "string", "enum": values}
        case "list":
            field |= {"type": "array", "items": {"enum": values}, "uniqueItems": True}
        case "date":
            field |= {"type": "string", "format": "date"}
        case "text":
            field |= {"type": "string", "maxLength": LENGTH}
        case _:
            field["type"] = kind
    for part, keyword in zip(("low", "high"), BOUNDS.get(kind, ()), strict=False):
        if part in row:
            field[keyword] = row[part]
    return field
