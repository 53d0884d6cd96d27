"""PDF/A of our own pages, which load nothing from outside."""

import re
import zlib
from io import BytesIO

import pytest
from PIL import Image

from winvest.core.pdf.render import ForeignAddress, render_pdf


def test_a_page_becomes_a_pdf_a():
    content = render_pdf("<html lang='fr'><title>Été</title><h1>Conditions générales</h1></html>")
    assert content.startswith(b"%PDF-")
    inflated = b"".join(
        zlib.decompress(stream)
        for stream in re.findall(rb"stream\n(x\x9c.*?|x\xda.*?)\nendstream", content, re.DOTALL)
    )
    assert re.search(rb"pdfaid:part>?=?.?2", inflated)
    assert content == render_pdf(
        "<html lang='fr'><title>Été</title><h1>Conditions générales</h1></html>"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<img src='file:///etc/passwd'>",
        "<img src='http://127.0.0.1/x.png'>",
        "<link rel='stylesheet' href='https://example.org/x.css'>",
    ],
)
def test_a_page_loads_nothing(html):
    with pytest.raises(ForeignAddress):
        render_pdf(html)


def test_a_page_shows_the_images_given_with_it_and_no_other():
    output = BytesIO()
    Image.new("RGB", (40, 40), "green").save(output, "PNG")
    page = "<html lang='fr'><title>Logo</title><img src='image:logo' alt='Logo'></html>"
    content = render_pdf(page, images={"logo": output.getvalue()})
    assert b"/Subtype /Image" in content or b"/Image" in content
    with pytest.raises(ForeignAddress):
        render_pdf(page, images={"other": output.getvalue()})


def test_the_engine_does_not_let_truncated_images_pass_elsewhere():
    output = BytesIO()
    Image.new("RGB", (40, 40), "green").save(output, "PNG")
    with pytest.raises(OSError, match="truncated"):
        Image.open(BytesIO(output.getvalue()[:60])).load()
