"""Form fields for colours and images."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminFileFieldWidget

from winvest.core.domain.logo import MAX_BYTES, redrawn
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
        name = hashlib.sha256(content).hexdigest()[:32]
        return ContentFile(content, name=f"{name}.{extension}")
