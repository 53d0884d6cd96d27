"""Every error of the API as `application/problem+json` (RFC 9457, `design/api.md`)."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import ProtectedError, RestrictedError
from django.db.utils import IntegrityError
from django.http import Http404, HttpResponse
from psycopg import errors as database_errors
from rest_framework import exceptions
from rest_framework.settings import api_settings

from winvest.core import context
from winvest.core.api.renderers import render
from winvest.core.errors import DomainError, Problem, Reason
from winvest.core.models.checks import sentence_of

logger = logging.getLogger(__name__)

MAX_ERRORS = 100
MAX_PATH = 200

TITLES = {
    400: "Requête illisible",
    401: "Authentification requise",
    403: "Action interdite",
    404: "Introuvable",
    405: "Méthode refusée",
    406: "Format de réponse indisponible",
    409: "État incompatible",
    412: "Fiche changée entre-temps",
    413: "Requête trop longue",
    415: "Format de requête refusé",
    422: "Contenu refusé",
    429: "Trop de requêtes",
    500: "Erreur interne",
    503: "Service indisponible",
}


class ApiProblem(Problem):
    """What is said by the door itself, not by a business rule."""

    INVALID = "invalid", "Le contenu ne respecte pas les règles : voir la liste des erreurs."
    NOT_FOUND = "not_found", "Cet objet n'existe pas."
    FORBIDDEN = "access.forbidden", "Votre rôle ne permet pas cette action."
    IN_USE = "in_use", "Cet objet est utilisé ailleurs : il ne peut pas être supprimé."
    FROZEN = "frozen", "Ce contenu est figé : il ne peut plus être modifié."
    DUPLICATE = "duplicate", "Cette valeur est déjà prise."
    UNKNOWN = "unknown", "Cet objet n'existe pas."
    REFERENCE = "reference", "Un objet désigné n'existe pas."
    CONSTRAINT = "constraint", "Une règle de la base de données refuse ces données."
    METHOD = "method_not_allowed", "Cette adresse n'accepte pas la méthode {method}."
    MEDIA_TYPE = (
        "unsupported_media_type",
        "Le corps de la requête est en application/json, ou en multipart/form-data quand il "
        "apporte un fichier.",
    )
    INTERNAL = (
        "internal",
        "Une erreur inattendue s'est produite. Donnez l'identifiant de la requête au support.",
    )
    STALE = (
        "precondition_failed",
        "Quelqu'un a changé cette fiche depuis que vous l'avez lue : relisez-la.",
    )
    BAD_REQUEST = "bad_request", "La requête est refusée."


@dataclass(frozen=True, slots=True)
class Answer:
    """A problem ready to be written."""

    status: int
    code: str
    detail: str
    errors: list[Reason] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, problem: Problem, **params: object) -> "Answer":
        """Return the answer that says only `problem`."""
        return cls(status, problem.value, problem.message.format(**params))

    def response(self) -> HttpResponse:
        """Return the HTTP answer, with the id of the request."""
        body = {
            "type": f"urn:winvest:problem:{self.code}",
            "title": TITLES.get(self.status, "Erreur"),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": [
                {"path": reason.path[:MAX_PATH], "code": reason.code, "message": reason.message}
                for reason in self.errors[:MAX_ERRORS]
            ],
            "request_id": context.request_id.get(),
        }
        return HttpResponse(
            render(body),
            status=self.status,
            content_type="application/problem+json",
            headers=self.headers,
        )


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """Return the problem of any exception raised by a view of the API."""
    return answer_of(exc).response()


def answer_of(exc: Exception) -> Answer:
    """Return the problem of an exception; one that nobody foresaw is logged, and says nothing."""
    match exc:
        case DomainError():
            return Answer(exc.status, exc.code, str(exc), exc.reasons)
        case exceptions.ValidationError():
            return _invalid(list(_flatten(exc.detail, "")))
        case DjangoValidationError():
            return _invalid(list(_flatten_django(exc)))
        case exceptions.APIException():
            return _of_framework(exc)
        case Http404():
            return Answer.of(404, ApiProblem.NOT_FOUND)
        case PermissionDenied():
            return Answer.of(403, ApiProblem.FORBIDDEN)
        case ProtectedError(protected_objects=rows) | RestrictedError(restricted_objects=rows):
            return _in_use(rows)
        case IntegrityError() if (answer := _of_constraint(exc)) is not None:
            return answer
    logger.error("API: unexpected error", exc_info=exc)
    return Answer.of(500, ApiProblem.INTERNAL)


def _in_use(rows: Iterable[Any]) -> Answer:
    """Name the kinds of what uses an object, and nothing of the rows: they may be another company's."""
    problem = ApiProblem.IN_USE
    kinds = sorted({str(row._meta.verbose_name_plural) for row in rows})
    reasons = [Reason(problem.value, f"Il sert à : {kind}.") for kind in kinds]
    return Answer(409, problem.value, problem.message, reasons)


def _invalid(errors: list[Reason]) -> Answer:
    return Answer(422, ApiProblem.INVALID.value, ApiProblem.INVALID.message, errors)


def _of_framework(exc: exceptions.APIException) -> Answer:
    headers = {}
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    match exc:
        case exceptions.NotFound():
            return Answer.of(404, ApiProblem.NOT_FOUND)
        case exceptions.MethodNotAllowed():
            return Answer.of(405, ApiProblem.METHOD, method=exc.args[0] if exc.args else "")
        case exceptions.UnsupportedMediaType():
            return Answer.of(415, ApiProblem.MEDIA_TYPE)
    code, detail = str(exc.get_codes()), str(exc.detail)
    # What is too long is wrong in its content, as what a field refuses is.
    errors = [Reason(code, detail)] if exc.status_code == 413 else []
    return Answer(exc.status_code, code, detail, errors, headers)


def _join(path: str, part: object) -> str:
    return f"{path}.{part}" if path else str(part)


def _flatten(detail: Any, path: str) -> Iterator[Reason]:
    """Yield each error of a serializer with the path of its field: `lines.0.amount`."""
    if isinstance(detail, dict):
        for name, below in detail.items():
            own = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flatten(below, path if own else _join(path, name))
    elif isinstance(detail, list):
        for index, below in enumerate(detail):
            inside = isinstance(below, dict | list)
            yield from _flatten(below, _join(path, index) if inside else path)
    else:
        yield Reason(str(getattr(detail, "code", "invalid")), str(detail), path)


def _flatten_django(exc: DjangoValidationError) -> Iterator[Reason]:
    """Yield each error of a model's `full_clean`."""
    by_field = exc.error_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.error_list}
    for name, errors in by_field.items():
        for error in errors:
            path = "" if name == NON_FIELD_ERRORS else name
            yield Reason(str(error.code or "invalid"), " ".join(error.messages), path)


def _of_constraint(exc: IntegrityError) -> Answer | None:
    """Return the French sentence of the constraint that refused, as its model gives it."""
    cause = exc.__cause__
    if isinstance(cause, database_errors.RestrictViolation):
        return Answer.of(409, ApiProblem.FROZEN)
    if isinstance(cause, database_errors.ForeignKeyViolation):
        return Answer.of(422, ApiProblem.REFERENCE)
    if not isinstance(cause, database_errors.IntegrityError):
        return None
    name, message = sentence_of(exc)
    clash = isinstance(cause, database_errors.UniqueViolation | database_errors.ExclusionViolation)
    if message:
        return Answer(409 if clash else 422, f"constraint.{name}", message)
    return Answer.of(409, ApiProblem.DUPLICATE) if clash else None
