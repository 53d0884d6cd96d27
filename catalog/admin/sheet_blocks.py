"""What the tabs of a product's sheet are made of: facts, tables and drawings (E.2.2).

A block is plain text until it is shown: the page, the PDF and the file of the sheet say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from winvest.core.admin.formatting import EMPTY, badge, number


@dataclass(frozen=True, slots=True)
class Cell:
    """A value: `color` makes a badge of it, `link` leads to it, `detail` stands below it."""

    text: str
    color: str = ""
    link: str = ""
    detail: str = ""
    is_number: bool = False

    @property
    def html(self) -> SafeString:
        """The value as the page shows it."""
        shown: Any = self.text or EMPTY
        if self.color:
            shown = badge(self.text, self.color)
        elif self.is_number:
            shown = number(shown)
        if self.link:
            shown = format_html('<a href="{}">{}</a>', self.link, shown)
        if self.detail:
            return format_html('{}<span class="sheet-detail">{}</span>', shown, self.detail)
        return format_html("{}", shown)

    def __str__(self) -> str:
        return f"{self.text} ({self.detail})" if self.text and self.detail else self.text


@dataclass(frozen=True, slots=True)
class Link:
    """Where the sheet leads: to the form of what it shows, or to a longer list."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values; what has none is left out."""

    title: str
    rows: Sequence[tuple[str, Cell]]
    links: Sequence[Link] = ()
    kind: ClassVar[str] = "facts"

    @property
    def filled(self) -> list[tuple[str, Cell]]:
        """The names that have a value."""
        return [(name, cell) for name, cell in self.rows if cell.text not in ("", EMPTY)]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below their headings; `empty` says what to do when there is none."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""
    links: Sequence[Link] = ()
    kind: ClassVar[str] = "table"

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each value with its heading."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence: why something is not there, or what comes, which a file may leave out."""

    title: str
    text: str
    links: Sequence[Link] = ()
    is_on_paper: bool = True
    kind: ClassVar[str] = "note"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the page alone shows: a form, a chart."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[Link] = ()
    kind: ClassVar[str] = "drawing"


Block = Facts | Table | Note | Drawing


def cells(*values: object) -> list[Cell]:
    """Return a row whose values are texts, or cells already."""
    return [value if isinstance(value, Cell) else Cell(str(value or "")) for value in values]


def fact(name: str, value: object) -> tuple[str, Cell]:
    """Return a name with its value."""
    return name, cells(value)[0]
