"""Form fields for colours, images and instants."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminFileFieldWidget

from winvest.core.domain.logo import MAX_BYTES, logo_name, redrawn
from winvest.core.domain.periods import MAX_YEAR, MIN_YEAR, PeriodProblem, resolve_local
from winvest.core.errors import Invalid


class ColorField(forms.RegexField):
    """A colour `#rrggbb`."""

    def __init__(self, **options: Any) -> None:
        """Use the browser's colour chooser."""
        super().__init__(
            r"\A#[0-9a-fA-F]{6}\Z",
            widget=UnfoldAdminColorInputWidget(),
            error_messages={"invalid": "Une couleur s'écrit #rrvvbb."},
            **options,
        )


class LogoWidget(UnfoldAdminFileFieldWidget):  # type: ignore[misc]
    """A file chooser that shows no address: the page shows the logo itself."""

    template_name = "admin/widgets/logo.html"


class LogoField(forms.FileField):
    """A PNG or JPEG logo, known by its content and drawn again; its name is its content's."""

    def __init__(self, **options: Any) -> None:
        """Accept images in the file chooser."""
        widget = LogoWidget(attrs={"accept": "image/png,image/jpeg"})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the new file, the old one, or False to remove it."""
        given = super().clean(data, initial)
        if not data:
            return given
        try:
            content, extension = redrawn(given.read(MAX_BYTES + 1))
        except Invalid as error:
            raise ValidationError([reason.message for reason in error.reasons]) from error
        return ContentFile(content, name=logo_name(content, extension))


class LocalInstantField(forms.SplitDateTimeField):
    """A day and a time on the wall of the page's time zone.

    A time that a daylight-saving change skips is refused; of a time that comes twice, the first
    (`docs/rules/periodes.md`).
    """

    def compress(self, data_list: Any) -> datetime | None:
        """Return the instant in UTC, None when nothing was typed."""
        if not data_list:
            return None
        day, time = data_list
        if day in self.empty_values:
            raise ValidationError(self.error_messages["invalid_date"], code="invalid_date")
        if time in self.empty_values:
            raise ValidationError(self.error_messages["invalid_time"], code="invalid_time")
        try:
            return resolve_local(datetime.combine(day, time), timezone.get_current_timezone_name())
        except Invalid as error:
            raise ValidationError(str(error), code=error.code) from error


class DayField(forms.DateField):
    """A day, of the years that the API takes."""

    def to_python(self, value: Any) -> date | None:
        """Refuse a day far outside our time: a form fails on its midnight."""
        day = super().to_python(value)
        if day is not None and not MIN_YEAR <= day.year <= MAX_YEAR:
            problem = PeriodProblem.FAR
            message = problem.message.format(low=MIN_YEAR, high=MAX_YEAR)
            raise ValidationError(message, code=problem.value)
        return day


def sound_keys(opts: Any, initial: dict[str, Any]) -> dict[str, Any]:
    """Return what an address fills a form with, less the keys that are no identifiers, and NUL.

    The form would fail on them.
    """
    kept = {name: value for name, value in initial.items() if "\x00" not in str(value)}
    for field in opts.concrete_fields:
        if field.is_relation and field.name in kept and not _is_key(field, kept[field.name]):
            del kept[field.name]
    return kept


class RowChoice(AutocompleteSelect):
    """A row of a long list: a text that names none is shown again as no choice."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Look for keys only: the list is asked for whatever was sent, and fails on the rest."""
        keys = [one for one in value if _is_key(self.field, one)]
        return super().optgroups(name, keys, attr)


def _is_key(field: Any, value: Any) -> bool:
    try:
        field.target_field.to_python(value)
    except ValidationError:
        return False
    return "\x00" not in str(value)
