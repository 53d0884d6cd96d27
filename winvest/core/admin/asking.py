"""A page with a small form between a button and the service that it runs."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from winvest.core.admin.confirm import back_of
from winvest.core.errors import DomainError, Forbidden


def form_step(
    page: Any,
    request: HttpRequest,
    obj: Any,
    *,
    title: str,
    text: str,
    done: str | Callable[[Any], str],
    form: type[forms.Form],
    run: Callable[[dict[str, Any]], object],
    initial: dict[str, Any] | None = None,
    follow: Callable[[Any], str] | None = None,
    about: str = "",
) -> HttpResponse:
    """Show the form (GET), then run the service with what was typed (POST) and go back (`back_of`);
    with `follow`, where it says the row that the service returns is. `done` says what was done, or
    says it of that row; `about` names the page's own.

    A refusal is told in the form, beside its field where there is one.
    """
    typed = request.POST if request.method == "POST" else None
    filled = form(typed, label_suffix="", initial=initial)
    if filled.is_valid():
        try:
            came = run(filled.cleaned_data)
        except Forbidden as error:
            raise PermissionDenied from error
        except (DomainError, ValidationError) as error:
            add_refusal(filled, error)
        else:
            messages.success(request, done(came) if callable(done) else done)
            return HttpResponseRedirect(follow(came) if follow else back_of(request, obj))
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "text": text,
        "about": about,
        "form": filled,
        "back": back_of(request, obj),
    }
    return TemplateResponse(request, "admin/form_step.html", context)


def add_refusal(form: forms.Form, error: DomainError | ValidationError) -> None:
    """Tell a refusal in the form, beside its field where there is one."""
    if isinstance(error, DomainError):
        for reason in error.reasons:
            form.add_error(reason.path if reason.path in form.fields else None, reason.message)
        return
    problems = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, messages_of_name in problems.items():
        form.add_error(name if name in form.fields else None, messages_of_name)
