"""The sheet of a product as a person reads it."""

import re
from html import unescape

from django.urls import reverse


def read(client, product, **query):
    """Return a page of the sheet as text, its spaces made one."""
    answer = client.get(reverse("product-sheet", args=[product.pk]), query)
    assert answer.status_code == 200
    page = answer.content.decode()
    main = page[page.index('class="sheet-head') :] if 'class="sheet-head' in page else page
    return plain(main)


def plain(text):
    """Return what a part of a page says."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
