"""PDF files for tests, made by the library that the product reads them with."""

import hashlib
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pypdf import PdfReader, PdfWriter


def pdf(note: str = "", *, password: str = "", pages: int = 1) -> bytes:
    """Return a small PDF; `note` makes another file of it."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=72, height=72)
    writer.add_metadata({"/Title": note})
    if password:
        writer.encrypt(password)
    content = BytesIO()
    writer.write(content)
    return content.getvalue()


def kept_pdf(name: str) -> tuple[str, str]:
    """Keep a file in the storage; return its name there and its hash."""
    content = pdf(name)
    url = default_storage.save(f"documents/test/{name}.pdf", ContentFile(content))
    return url, f"sha256:{hashlib.sha256(content).hexdigest()}"


def pdf_text(content: bytes) -> str:
    """Return what a PDF says."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
