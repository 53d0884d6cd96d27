"""The three panes of the catalogue, read as their reader sees them."""

import re

from django.urls import reverse

PANES = {"HX-Request": "true", "HX-Target": "panes"}


def shown(client, query="", **headers):
    answer = client.get(f"{reverse('catalogue')}{query}", headers=headers or PANES)
    assert answer.status_code == 200
    return answer.content.decode()


def names(page):
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)<', page)


def lines(page, pane):
    """Return the labels and the counts of a pane."""
    (nav,) = re.findall(rf'<nav class="pane" aria-label="{pane}">(.*?)</nav>', page, re.DOTALL)
    found = re.findall(
        r'pane-label">(.*?)</span>\s*<span class="pane-count">(.*?)</span>\s*</a>', nav, re.DOTALL
    )
    return {
        " ".join(re.sub(r"<[^>]+>", " ", label).split()): " ".join(
            re.sub(r"<[^>]+>", " ", count).split()
        )
        for label, count in found
    }
