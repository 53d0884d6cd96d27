"""PDF/A from HTML of our own: the only place that imports WeasyPrint."""

import warnings
from functools import cache
from typing import Any

from PIL import ImageFile
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

VARIANT = "pdf/a-2b"

# The import has just made Pillow take truncated images, in the whole process: an upload that was
# cut would pass for whole.
ImageFile.LOAD_TRUNCATED_IMAGES = False


class ForeignAddress(ValueError):
    """The page asked for something that is not inside it."""


class _Nothing(URLFetcher):  # type: ignore[misc]
    """Fetches neither files nor addresses (`quality.md`, files)."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Refuse."""
        raise ForeignAddress(url)


def render_pdf(html: str) -> bytes:
    """Return `html` as a PDF/A-2b (B.7, D-07); equal pages give equal files.

    The page may load nothing: raises `ForeignAddress` where it tries to.
    """
    document = HTML(string=html, url_fetcher=_Nothing(fail_on_errors=True))
    try:
        with warnings.catch_warnings():
            # The library leaves the file of its colour profile to the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            content: bytes = document.write_pdf(pdf_variant=VARIANT, font_config=_fonts())
    except FatalURLFetchingError as error:
        raise ForeignAddress(str(error)) from error
    return content


@cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()
