"""`Idempotency-Key`: the same POST sent again gives the same answer (decision 7).

Key, effect and answer are one transaction: whatever stops the request, both stay or neither.
An error had no effect and is not kept, so that the caller may mend his request under its key.
The rights on which the answer rests are kept with it: whoever has lost one is not told it again.
"""

import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from winvest.core import json, locks, permissions
from winvest.core.api.renderers import JsonAnswer, render
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, Problem
from winvest.core.models import IdempotencyKey, User

_key = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyProblem(Problem):
    """Why a key is refused."""

    KEY = "idempotency.key", "Idempotency-Key a de 1 à 255 caractères ASCII, sans espace."
    OTHER_BODY = (
        "idempotency.other_body",
        "Cette clé d'idempotence a déjà servi pour une autre requête.",
    )
    IN_PROGRESS = (
        "idempotency.in_progress",
        "La même requête est en cours : réessayez dans un instant.",
    )


def idempotent(handler: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make the `post` of a view heed the header."""

    @functools.wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not _key.fullmatch(key):
            raise Invalid(IdempotencyProblem.KEY, path="Idempotency-Key")
        return _once(view.user, request, key, lambda: handler(view, request, *args, **kwargs))

    return answer


def _once(
    user: User, request: Request, key: str, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    asked = _request_hash(request)
    with transaction.atomic():
        if not locks.try_lock(f"idempotency:{user.pk}:{key}"):
            raise Conflict(IdempotencyProblem.IN_PROGRESS)
        kept = IdempotencyKey.objects.filter(user=user, key=key).first()
        if kept is not None:
            if kept.request_hash != asked:
                raise Conflict(IdempotencyProblem.OTHER_BODY)
            for action, company, risk in kept.rights:
                permissions.require(user, Action(action), _id(company), _id(risk))
            return HttpResponse(
                kept.body,
                status=kept.status,
                content_type="application/json",
                headers={"Idempotent-Replayed": "true"},
            )
        with permissions.noting() as granted:
            response = run()
        if isinstance(response, Response | JsonAnswer) and response.status_code < 400:
            IdempotencyKey.objects.create(
                user=user,
                key=key,
                request_hash=asked,
                status=response.status_code,
                body=render(response.data).decode(),
                rights=[[one and str(one) for one in right] for right in granted],
            )
        return response


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _request_hash(request: Request) -> str:
    data = request.data
    if isinstance(data, dict):
        data = {name: _file_hash(value) for name, value in data.items()}
    text = json.dumps([request.method, request.get_full_path(), data], canonical=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _file_hash(value: Any) -> Any:
    """Return what stands for a file: its name and content; any other value is itself."""
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for block in value.chunks():
        digest.update(block)
    value.seek(0)
    return [value.name, digest.hexdigest()]
