"""Pages whose dates are those of a company's time zone, typed and shown (reading M-24)."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from winvest.core.models.company import Company


def local_page(company: Company | None, respond: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the page, made and written in the company's zone; without one, in the site's."""
    if company is None:
        return respond()
    with timezone.override(ZoneInfo(company.timezone)):
        response = respond()
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        return response
