"""The fields of a flat JSON Schema as boxes of a form: what a family of risks or a version tells."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, SELECT_CLASSES

from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.numbers import as_number, as_text
from winvest.core.selectors.wording import structured

Labels = Mapping[str, Mapping[str, str]]
Choices = list[tuple[str, str]]
MANY = 10
FLAG: Choices = [("", "—"), ("true", "Oui"), ("false", "Non")]


@dataclass(frozen=True, slots=True)
class Box:
    """One property: `kind` is text, number, date, choice, flag, ticks or codes."""

    key: str
    title: str
    kind: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    length: int = 0

    def read(self, data: Any, name: str) -> Any:
        """Return what was typed, None when the box is empty; the schema tells what is wrong."""
        if self.kind == "ticks":
            return _all_of(data, name) or None
        text = str(data.get(name, "")).strip()
        if not text:
            return None
        match self.kind:
            case "number":
                return as_number(text)
            case "flag":
                return {"true": True, "false": False}.get(text, text)
            case "codes":
                return [code for code in re.split(r"[\s,;]+", text) if code]
        return text


class SchemaWidget(forms.Widget):
    """One box for each property of a schema, named `field-property`.

    A box `field-` says that the page showed them: nothing ticked is sent as nothing.
    """

    template_name = "admin/widgets/boxes.html"
    use_fieldset = True

    def __init__(self, boxes: tuple[Box, ...] = ()) -> None:
        """Take the boxes, in order."""
        super().__init__()
        self.boxes = boxes

    def id_for_label(self, id_: str) -> str:
        """Return none: the group has a legend, each box its own name."""
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the boxes with their values."""
        context = super().get_context(name, value, attrs)
        known = value if isinstance(value, dict) else {}
        context["widget"]["boxes"] = [
            self._box(name, box, known.get(box.key)) for box in self.boxes
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        """Return the properties that are filled in."""
        read = {box.key: box.read(data, f"{name}-{box.key}") for box in self.boxes}
        return {key: value for key, value in read.items() if value is not None}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the page did not show the boxes at all."""
        return not any(key.startswith(f"{name}-") for key in data)

    def _box(self, name: str, box: Box, value: Any) -> dict[str, Any]:
        classes = {"ticks": CHECKBOX_CLASSES, "choice": SELECT_CLASSES, "flag": SELECT_CLASSES}
        ticked = {str(one) for one in value} if isinstance(value, list) else set()
        if box.kind == "flag":
            shown = {True: "true", False: "false"}.get(value, "") if value is not None else ""
        else:
            shown = ", ".join(map(str, value)) if ticked else as_text(value)
        is_long = box.kind == "ticks" and len(box.choices) > MANY
        if box.kind == "ticks":
            # Of a long list, which stays closed, what is ticked is told beside it.
            names = [text for code, text in box.choices if code in ticked]
            shown = ", ".join(names) if is_long else ""
        return {
            "is_long": is_long,
            "name": f"{name}-{box.key}",
            "id": f"id_{name}-{box.key}",
            "kind": box.kind,
            "label": box.title,
            "help": box.help,
            "required": box.required,
            "length": box.length,
            "value": shown,
            "choices": [
                (code, text, code in ticked or code == shown) for code, text in box.choices
            ],
            "classes": " ".join(classes.get(box.kind, INPUT_CLASSES)),
        }


class SchemaField(forms.Field):
    """An object that follows a flat JSON Schema; `labels` names the codes of its lists.

    What cannot be read as a number stays the text that was typed: the model's schema refuses it,
    as it does for the API and the files.
    """

    widget: SchemaWidget

    def __init__(
        self,
        schema: Mapping[str, Any],
        *,
        labels: Labels | None = None,
        flag: Choices | None = None,
        **options: Any,
    ) -> None:
        """`flag` names the three states of a true, false or absent property."""
        self.labels, self.flag = labels or {}, flag or FLAG
        super().__init__(required=False, widget=SchemaWidget(), **options)
        self.follow(schema)

    def follow(self, schema: Mapping[str, Any]) -> None:
        """Show the boxes of this schema from now on."""
        self.widget.boxes = tuple(_boxes(schema, self.labels, self.flag))

    def clean(self, value: Any) -> dict[str, Any]:
        """Return the object; the model checks it by its schema."""
        return value or {}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the objects."""
        return bool((initial or {}) != (data or {}))

    def worded(self, error: ValidationError) -> ValidationError:
        """Name the properties as the boxes do."""
        titles = {box.key: box.title for box in self.widget.boxes}
        place, separator, text = str(error.message).partition(" : ")
        key = place.partition("/")[0]
        if separator and key in titles:
            return ValidationError(f"« {titles[key]} » : {text}", code=error.code)
        if error.code != "schema.required":
            return error
        named = re.sub(
            r"[a-z][a-z0-9_]*(?=[,)])", lambda m: titles.get(m[0], m[0]), str(error.message)
        )
        return ValidationError(named, code=error.code)


def object_in_words(schema: Mapping[str, Any], value: Any, labels: Labels | None = None) -> str:
    """Return an object for a read-only page: « Âge minimum : 18, Zones : Bretagne »."""
    boxes = {box.key: box for box in _boxes(schema, labels or {}, FLAG)}
    given = dict(value or {})
    # In the order of the boxes, whatever the order of the database.
    keys = [*(key for key in boxes if key in given), *(given.keys() - boxes.keys())]
    told = {
        boxes[key].title if key in boxes else key: _named(boxes.get(key), given[key])
        for key in keys
    }
    return structured(told) or EMPTY


def _named(box: Box | None, value: Any) -> Any:
    names = dict(box.choices) if box else {}
    if isinstance(value, list):
        return ", ".join(names.get(str(item), str(item)) for item in value)
    return names.get(value, value) if isinstance(value, str) else value


def _boxes(schema: Mapping[str, Any], labels: Labels, flag: Choices) -> Iterator[Box]:
    required = schema.get("required", [])
    for key, field in schema.get("properties", {}).items():
        kind, codes = _kind(field)
        names = labels.get(key, {})
        choices = [(code, names.get(code, code)) for code in codes]
        if kind == "choice":
            choices = [("", "—"), *choices]
        yield Box(
            key=key,
            title=field.get("title", key),
            kind=kind,
            help=field.get("description", _HELP.get(kind, "")),
            choices=tuple(flag if kind == "flag" else choices),
            required=key in required,
            length=field.get("maxLength", 0),
        )


_HELP = {"codes": "Codes séparés par des virgules."}


def _kind(field: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the kind of box, and the codes of a closed list."""
    if field.get("type") == "array":
        codes = field["items"].get("enum", [])
        return ("ticks" if codes else "codes"), codes
    if "enum" in field:
        return "choice", field["enum"]
    if field.get("type") in ("integer", "number"):
        return "number", []
    if field.get("type") == "boolean":
        return "flag", []
    return ("date" if field.get("format") == "date" else "text"), []


def _all_of(data: Any, name: str) -> list[str]:
    if hasattr(data, "getlist"):
        return [str(one) for one in data.getlist(name)]
    found = data.get(name, [])
    return found if isinstance(found, list) else [found]
