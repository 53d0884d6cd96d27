"""The tiles of the dashboard and of « Mes tâches », read as their reader sees them."""

import json
import re
from html import unescape

from django.urls import reverse

from catalog.choices import VersionState
from documents.choices import DocumentState
from tests.factories import (
    START,
    DocumentFactory,
    PublicationFactory,
    VersionFactory,
)


def published(**document):
    return DocumentFactory(state=DocumentState.PUBLISHED, published_at=START, **document)


def on_sale(company, name, start, product=(), **sale):
    version = VersionFactory(
        product__company=company,
        product__name=name,
        **{f"product__{key}": value for key, value in dict(product).items()},
        state=VersionState.RELEASED,
        released_at=START,
        content_hash="sha256:test",
    )
    PublicationFactory(product_version=version, start_at=start, **sale)


def shown(client, name):
    answer = client.get(reverse("dashboard-figures", args=[name]))
    assert answer.status_code == 200, name
    return answer.content.decode()


def chart(page):
    """Return the values of each series by label of the bar, as the drawing gets them."""
    drawn = json.loads(unescape(re.search(r'data-chart="([^"]+)"', page)[1]))
    return {
        one["label"]: dict(zip(drawn["labels"], one["values"], strict=True))
        for one in drawn["series"]
    }


def lines(page):
    """Return what stands on the right of each line, by its label."""
    found = re.findall(
        r'tile-label">\s*(?:<a href="[^"]*">)?([^<]+).*?badge[^>]*>([^<]*)<', page, re.DOTALL
    )
    return {unescape(label).strip(): unescape(value) for label, value in found}


def tiles(page):
    return re.findall(r'id="tile-([a-z]+)"', page)
