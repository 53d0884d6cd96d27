"""Pages whose dates are those of a company's time zone, typed and shown (reading M-24)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.text import capfirst

from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY, instant_text
from winvest.core.admin.rights import companies_allowing
from winvest.core.models.company import Company

# Zones that are named after a place whose French name is another.
PLACES = {
    "America/Guadeloupe": "la Guadeloupe",
    "America/Martinique": "la Martinique",
    "Europe/Brussels": "Bruxelles",
    "Europe/London": "Londres",
    "Indian/Reunion": "La Réunion",
    "Pacific/Noumea": "Nouméa",
}
# Where the page keeps the company whose time it shows, for its form to name the zone.
_COMPANY = "company_of_page"


def local_text(value: datetime | None, zone: str) -> str:
    """Return an instant on the wall of a zone, which is named where it is not the site's."""
    if value is None:
        return EMPTY
    text = instant_text(timezone.localtime(value, ZoneInfo(zone)))
    return text if zone == settings.TIME_ZONE else f"{text} ({zone_in_words(zone)})"


def zone_in_words(zone: str) -> str:
    """Return a time zone as people call it: « heure de Paris », « heure de La Réunion »."""
    place = PLACES.get(zone, zone.rpartition("/")[2].replace("_", " "))
    return f"heure de {place}"


def local_instant(name: str, description: str) -> Callable[[Any, Any], str]:
    """Return the column of an instant on the wall of the row's company, which the list reads."""

    @display(description=description, ordering=name)
    def shown(_page: Any, obj: Any) -> str:
        return local_text(getattr(obj, name), obj.company.timezone)

    return shown


def local_page(company: Company | None, respond: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the page, made and written in the company's zone; without one, in the site's."""
    if company is None:
        return respond()
    with timezone.override(ZoneInfo(company.timezone)):
        response = respond()
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        return response


class LocalPages:
    """Mixin of pages whose instants are typed and shown on the wall of their company.

    `zone_field` names the company of a new row, or something that the company owns.
    """

    zone_field: ClassVar[str] = "company"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Type and show instants in the company's time zone."""
        show = super().changeform_view  # type: ignore[misc]
        company = self._company_of_page(request, object_id)
        setattr(request, _COMPANY, company)
        return local_page(company, lambda: show(request, object_id, form_url, extra_context))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say in which zone an instant is typed."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(db_field, DateTimeField):
            known = getattr(request, _COMPANY, None)
            zone = zone_in_words(known.timezone) if known else "heure de la société"
            field.help_text = f"{capfirst(zone)}. {db_field.help_text}".strip()
        return field

    def _company_of_page(self, request: HttpRequest, object_id: str | None) -> Company | None:
        """Return the company of the row, or of what the form names, or the only one to choose."""
        page: Any = self
        if object_id is not None:
            row = page.get_object(request, object_id)
            return None if row is None else row.company
        named = request.POST.get(self.zone_field) or request.GET.get(self.zone_field)
        rows = page.opts.get_field(self.zone_field).related_model.objects
        try:
            found = rows.filter(pk=named).first() if named else None
        except ValidationError:
            found = None  # no identifier at all: the form says so
        if found is not None:
            return found if isinstance(found, Company) else found.company
        companies = companies_allowing(request, page.edit_action)
        return Company.objects.get(pk__in=companies) if len(companies) == 1 else None
