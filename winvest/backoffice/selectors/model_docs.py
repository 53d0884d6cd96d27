"""The data model as documents: MCD, dictionary, lexicon (Annexes A and L), from the models."""

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import ForeignKey, Model, OneToOneField, UniqueConstraint
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now
from simple_history.models import HistoricalChanges

APPS = ("core", "partners", "catalog", "commissions", "documents", "accounting", "integrations")
WRITTEN = "<!-- Écrit par `python manage.py write_model_docs` : ne pas modifier à la main. -->\n"
MEANINGS = {
    "PROTECT": "suppression refusée",
    "RESTRICT": "suppression refusée",
    "CASCADE": "supprimé avec",
    "SET_NULL": "vidé",
    "DO_NOTHING": "",
}


def documents() -> dict[str, str]:
    """Return the text of each document by its file name."""
    return {"mcd.md": _diagrams(), "dictionnaire.md": _dictionary(), "lexique.md": _lexicon()}


def business_models(app: str) -> list[type[Model]]:
    """Return the models of an application that hold rows of the business, by table."""
    models = [
        model
        for model in apps.get_app_config(app).get_models()
        if model._meta.managed
        and not model._meta.proxy
        and not issubclass(model, HistoricalChanges)
    ]
    return sorted(models, key=lambda model: model._meta.db_table)


def _diagrams() -> str:
    parts = [
        WRITTEN,
        "# Modèle conceptuel de données (MCD/MER)\n",
        "Une ligne par clé étrangère : « un — plusieurs ». Le détail des colonnes est dans le "
        "[dictionnaire](dictionnaire.md).\n",
    ]
    for app in APPS:
        models = business_models(app)
        if models:
            parts.append(f"## {_title(app)}\n")
            parts.append("```mermaid\nerDiagram\n" + "\n".join(_relations(models)) + "\n```\n")
    return "\n".join(parts)


def _relations(models: Iterable[type[Model]]) -> Iterator[str]:
    for model in models:
        own = model._meta.db_table
        yield f'  {own}["{model._meta.verbose_name}"]'
        for field in _columns(model):
            if isinstance(field, ForeignKey) and _is_business(field.related_model):
                one = "|o" if field.null else "||"
                many = "o|" if isinstance(field, OneToOneField) else "o{"
                parent = field.related_model._meta.db_table
                yield f'  {parent} {one}--{many} {own} : "{field.verbose_name}"'
            elif above := _keys_above(model).get(field.column):
                one = "|o" if field.null else "||"
                yield f'  {above} {one}--o{{ {own} : "{field.verbose_name}"'


def _dictionary() -> str:
    parts = [WRITTEN, "# Dictionnaire de données\n", _how_to_read()]
    for app in APPS:
        models = business_models(app)
        if not models:
            continue
        parts.append(f"## {_title(app)}\n")
        parts += [_table(model) for model in models]
    parts.append("## Schémas JSON\n")
    for path in sorted(Path(settings.BASE_DIR).glob("*/schemas/**/*.json")):
        parts.append(_schema(path))
    for path in sorted(Path(settings.BASE_DIR).glob("winvest/*/schemas/**/*.json")):
        parts.append(_schema(path))
    return "\n".join(parts)


def _how_to_read() -> str:
    return (
        "Types de PostgreSQL. Les instants sont en UTC, les montants en `numeric`, les périodes "
        "vont du début inclus à la fin exclue. « Défaut » est la valeur que la base donne elle-même."
        "\n"
    )


def _table(model: type[Model]) -> str:
    lines = [
        f"### `{model._meta.db_table}` — {model._meta.verbose_name}\n",
        "| colonne | type | vide ? | défaut | libellé | valeurs et règles |",
        "|---|---|---|---|---|---|",
        *(_column(model, field) for field in _columns(model)),
        "",
    ]
    rules = [*_uniques(model), *_messages(model)]
    if rules:
        lines += ["Règles :\n", *(f"- {rule}" for rule in rules), ""]
    return "\n".join(lines)


def _column(model: type[Model], field: Any) -> str:
    cells = (
        f"`{field.column}`",
        field.db_type(connection) or "",
        "oui" if field.null else "",
        _default(field),
        str(field.verbose_name),
        _meaning(model, field),
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _default(field: Any) -> str:
    value = field.db_default
    if value is NOT_PROVIDED:
        return ""
    if isinstance(value, Now):
        return "maintenant"
    value = getattr(value, "value", value)
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"


def _meaning(model: type[Model], field: Any) -> str:
    said = []
    if field.primary_key:
        said.append("clé primaire")
    if isinstance(field, ForeignKey):
        action = MEANINGS[getattr(field.remote_field.on_delete, "__name__", "")]
        said.append(f"→ `{field.related_model._meta.db_table}`" + (f", {action}" if action else ""))
    elif parent := _keys_above(model).get(field.column):
        said.append(f"→ `{parent}`")
    if field.unique and not field.primary_key:
        said.append("unique")
    if field.choices:
        said.append(", ".join(f"`{code}` {label}" for code, label in field.flatchoices))
    if field.generated:
        said.append("calculée par la base")
    if field.help_text:
        said.append(str(field.help_text))
    return " ; ".join(said)


def _uniques(model: type[Model]) -> Iterator[str]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.fields:
            names = ", ".join(f"`{name}`" for name in constraint.fields)
            partial = " (pour une partie des lignes)" if constraint.condition else ""
            yield f"unique : {names}{partial}"


def _messages(model: type[Model]) -> Iterator[str]:
    """Yield the French sentences of the constraints; Django's own default is not one of them."""
    for constraint in model._meta.constraints:
        message = str(constraint.violation_error_message)
        if message != str(constraint.default_violation_error_message):
            yield f"« {message} »"


def _schema(path: Path) -> str:
    name = path.relative_to(settings.BASE_DIR).as_posix()
    return f"### `{name}`\n\n```json\n{path.read_text(encoding='utf-8').strip()}\n```\n"


def _lexicon() -> str:
    parts = [
        WRITTEN,
        "# Lexique des codes\n",
        "Annexe L : « société » est `company`, « compagnie » ou « partenaire » est `partner`, "
        "« risque » ou « famille » est `risk`, « formule » est `plan`. Ci-dessous, chaque code "
        "enregistré et son libellé.\n",
    ]
    for app in APPS:
        for model in business_models(app):
            parts += [_codes(model, field) for field in _columns(model) if field.choices]
    return "\n".join(parts)


def _codes(model: type[Model], field: Any) -> str:
    rows = [
        f"| `{code.value if isinstance(code, StrEnum) else code}` | {label} |"
        for code, label in field.flatchoices
    ]
    title = f"## `{model._meta.db_table}.{field.column}` — {field.verbose_name}\n"
    return "\n".join([title, "| code | libellé |", "|---|---|", *rows, ""])


def _columns(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.column]


def _keys_above(model: type[Model]) -> dict[str, str]:
    """Return the keys that a migration of an application above makes foreign."""
    above = getattr(model, "keys_above", {})
    return {column: parent.partition(".")[0] for column, parent in above.items()}


def _is_business(model: Any) -> bool:
    return model._meta.app_label in APPS


def _title(app: str) -> str:
    return str(apps.get_app_config(app).verbose_name)
