"""What a browser would post back from a page of the back-office."""

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """The values of the inputs, choices and texts of a page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self._select: str | None = None
        self._area: str | None = None
        self._inside = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if not self._inside and "form" not in given:
            return
        if tag == "input" and name and "disabled" not in given:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self._add(name, given.get("value", "on") or "")
            elif kind not in ("submit", "file", "button"):
                self._add(name, given.get("value") or "")
        elif tag == "select" and "disabled" not in given:
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._add(self._select, given.get("value") or "")
        elif tag == "textarea" and "disabled" not in given:
            self._area = name
            self.data[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.data[self._area] += data

    def _add(self, name: str, value: str) -> None:
        if name in self.data and name != "csrfmiddlewaretoken":
            held = self.data[name]
            self.data[name] = [*(held if isinstance(held, list) else [held]), value]
        else:
            self.data[name] = value


def form_of(answer: Any) -> dict[str, Any]:
    """Return the fields of the page's first form with their values, buttons left out."""
    text = answer.content.decode()
    start = text.index("<form", text.index('id="content'))
    reader = _Form()
    reader.feed(text[start:])
    return {name: value for name, value in reader.data.items() if "__prefix__" not in name}
