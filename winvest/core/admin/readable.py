"""Fields whose boxes make way for a readable text where the user may not write them."""

from typing import Any, ClassVar

from django.http import HttpRequest

from winvest.core.admin.base import BaseAdmin


class ReadableInstead(BaseAdmin):
    """Mixin of pages: `readable` names the text that replaces a field; None leaves it out.

    A new row has no text to show: the field is left out. Posting it is refused in any case.
    """

    readable: ClassVar[dict[str, str | None]] = {}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Put the texts in the place of the boxes."""
        shown = []
        for title, options in super().get_fieldsets(request, obj):
            lines = [self._line(request, line, obj) for line in options["fields"]]
            if kept := [line for line in lines if line]:
                shown.append((title, {**options, "fields": kept}))
        return shown

    def _line(self, request: HttpRequest, line: Any, obj: Any) -> Any:
        names = [
            self._name(request, name, obj) for name in ([line] if isinstance(line, str) else line)
        ]
        kept = tuple(name for name in names if name)
        return kept[0] if len(kept) == 1 else kept

    def _name(self, request: HttpRequest, name: str, obj: Any) -> str | None:
        if name not in self.readable or self._is_open(request, name, obj):
            return name
        return None if obj is None else self.readable[name]

    def _is_open(self, request: HttpRequest, name: str, obj: Any) -> bool:
        frozen = obj is not None and not self.has_change_permission(request, obj)
        return not frozen and self.may_write(request, name, obj)

    def _closed_fields(self, request: HttpRequest, obj: Any) -> list[str]:
        """Add the boxes that were replaced."""
        replaced = [name for name in self.readable if not self.may_write(request, name, obj)]
        return list(dict.fromkeys([*super()._closed_fields(request, obj), *replaced]))
