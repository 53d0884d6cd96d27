"""PDF files for tests, made by the library that the product reads them with."""

from io import BytesIO

from pypdf import PdfWriter


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
