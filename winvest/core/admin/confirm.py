"""Pages between a button and what it does: a question, and a secret shown once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from winvest.core.admin.base import refuse
from winvest.core.admin.ways_back import asked_way
from winvest.core.errors import DomainError


def found(page: Any, request: HttpRequest, object_id: str) -> Any:
    """Return the object that the user sees on this page; any other does not exist."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    obj = page.get_object(request, unquote(object_id))
    if obj is None:
        raise Http404
    return obj


def address(obj: Any) -> str:
    """Return the address of the object's own page."""
    meta = obj._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])


def back_of(request: HttpRequest, obj: Any, *, otherwise: str = "") -> str:
    """Return where the person came from (`next`), if it is a page of ours.

    Else `otherwise`, or the object's own page.
    """
    return asked_way(request) or otherwise or address(obj)


def step(
    page: Any,
    request: HttpRequest,
    obj: Any,
    *,
    title: str,
    question: str,
    done: str,
    run: Callable[[], object],
    **asked: Any,
) -> HttpResponse:
    """Ask (GET), then run a service (POST) and go back (`back_of`) with what came of it.

    `asked` completes the question: `about` names the row, `choices` are for the field `to`,
    `with_reason` for `reason`.
    """
    if request.method != "POST":
        return ask(page, request, obj, title=title, question=question, **asked)
    try:
        run()
    except DomainError as error:
        return refuse(request, error, back_of(request, obj))
    messages.success(request, done)
    return HttpResponseRedirect(back_of(request, obj))


def ask(
    page: Any, request: HttpRequest, obj: Any, *, title: str, question: str, **asked: Any
) -> HttpResponse:
    """Ask before doing: the form posts to the same address, « Annuler » goes back."""
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "question": question,
        "back": back_of(request, obj),
        **asked,
    }
    return TemplateResponse(request, "admin/confirm.html", context)


def show_once(
    page: Any, request: HttpRequest, obj: Any, *, title: str, secret: str
) -> HttpResponse:
    """Show a secret in the answer itself, which no message, cookie or cache ever holds."""
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "secret": secret,
        "subject": obj,
        "back": address(obj),
    }
    return TemplateResponse(request, "admin/secret.html", context)
