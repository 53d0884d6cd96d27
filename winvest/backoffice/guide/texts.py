"""The guides of `docs/guide/`, one by role, turned from Markdown into what a page shows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from winvest.core.domain.roles import Role

FOLDER = settings.BASE_DIR / "docs" / "guide"
PICTURES = "../images/"
# French writes a space there that no line ends at.
BESIDE = re.compile(r"(?<=«) | (?=[»:;!?])")
# Whoever holds several roles first reads the guide of the one that does most of the daily work.
GUIDES: dict[str, Role] = {
    "catalogue": Role.CATALOG_MANAGER,
    "compta": Role.ACCOUNTING,
    "adv": Role.ADV,
    "juriste": Role.LEGAL,
    "it": Role.IT,
    "marketing": Role.MARKETING,
    "vente": Role.SALES,
    "audit": Role.AUDITOR,
    "admin-societe": Role.COMPANY_ADMIN,
    "admin-groupe": Role.GROUP_ADMIN,
}


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide ready to be shown: its title, its chapters (anchor and title) and its HTML."""

    title: str
    chapters: tuple[tuple[str, str], ...]
    html: SafeString


def guides_of(roles: Iterable[Role]) -> list[str]:
    """Return the names of the guides of these roles, the first to be read first."""
    held = frozenset(roles)
    return [name for name, role in GUIDES.items() if role in held]


@cache
def guide(name: str) -> Guide:
    """Read a guide; its pictures and its links to other guides are those of the product."""
    # Raw HTML stays text: a guide can show nothing that the page's own rules refuse.
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
    tokens = parser.parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    title, *chapters = _headings(tokens)
    for token in tokens:
        for child in token.children or ():
            _point(child)
            if child.type == "text":
                child.content = BESIDE.sub("\N{NO-BREAK SPACE}", child.content)
    # The title is the page's own: three tokens, its beginning, its words and its end.
    html = parser.renderer.render(tokens[3:], parser.options, {})
    return Guide(title[1], tuple(chapters), mark_safe(html))  # noqa: S308 -- raw HTML is off


def _headings(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """Yield the title and the chapters, each of which takes the anchor that a link names."""
    for opening, words in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag in {"h1", "h2"}:
            text = strip_tags(words.content.replace("**", ""))
            opening.attrSet("id", slugify(text))
            yield slugify(text), text


def _point(token: Token) -> None:
    """Lead a picture to its static file and a link between guides to its page."""
    source = str(token.attrGet("src") or "")
    if token.type == "image" and source.startswith(PICTURES):
        token.attrSet("src", static(f"guide/{source.removeprefix(PICTURES)}"))
        token.attrSet("loading", "lazy")
    target = str(token.attrGet("href") or "")
    if target.removesuffix(".md") in GUIDES:
        token.attrSet("href", reverse("guide", args=[target.removesuffix(".md")]))
