"""Pages left unwritten, where only the status of an answer is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.template.response import SimpleTemplateResponse


@contextmanager
def blank_pages() -> Iterator[None]:
    """Do everything but the HTML: writing it is most of the time of a page."""
    with patch.object(SimpleTemplateResponse, "rendered_content", ""):
        yield
