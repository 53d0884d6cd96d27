"""PDF/A from HTML of our own: the only place that imports WeasyPrint."""

import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

from PIL import ImageFile
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

VARIANT = "pdf/a-2b"
IMAGE = "image:"

# The import has just made Pillow take truncated images, in the whole process: an upload that was
# cut would pass for whole.
ImageFile.LOAD_TRUNCATED_IMAGES = False


class ForeignAddress(ValueError):
    """The page asked for something that is not inside it."""


class _Given(URLFetcher):  # type: ignore[misc]
    """Fetches neither files nor addresses, only what was given with the page (`quality.md`, files)."""

    def __init__(self, images: Mapping[str, bytes]) -> None:
        """Take the images, each by the name that the page gives it."""
        super().__init__(fail_on_errors=True)
        self.images = images

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return an image of the page; refuse everything else."""
        content = self.images.get(url.removeprefix(IMAGE)) if url.startswith(IMAGE) else None
        if content is None:
            raise ForeignAddress(url)
        return URLFetcherResponse(url, content)


def render_pdf(html: str, *, images: Mapping[str, bytes] | None = None) -> bytes:
    """Return `html` as a PDF/A-2b (B.7, D-07); equal pages give equal files.

    The page may load nothing but the `images` given with it, as `image:NAME`: raises
    `ForeignAddress` where it tries to.
    """
    document = HTML(string=html, url_fetcher=_Given(images or {}))
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
