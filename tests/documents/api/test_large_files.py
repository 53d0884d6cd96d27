"""A file of 200 MB, sent to the web server of the product by each of its doors."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from documents.models import ProductDocument
from tests.factories import VersionFactory
from tests.support.server import blocks, chunks, serving
from winvest.core import scoping
from winvest.core.domain.roles import Role

SIZE = 200 * 2**20
MARK = "----limite"
FORM = f"multipart/form-data; boundary={MARK}"


class Form:
    """A form with a PDF of 200 MB of zeros, made as it is sent."""

    def __init__(self, fields: dict[str, str], *, name: str) -> None:
        parts = [
            f'--{MARK}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        parts.append(
            f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"; filename="a.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n%PDF-1.7\n"
        )
        self.head, self.tail = "".join(parts).encode(), f"\r\n--{MARK}--\r\n".encode()
        self.length = str(len(self.head) + SIZE + len(self.tail))

    def __iter__(self) -> Iterator[bytes]:
        return chain([self.head], blocks(SIZE), [self.tail])


def watched(form: Form, folder: Path, seen: list[int]) -> Iterator[bytes]:
    """Give the form, and count the files of the folder just before its end."""
    yield form.head
    yield from blocks(SIZE)
    seen.append(len(list(folder.iterdir())))
    yield form.tail


@pytest.mark.django_db(transaction=True)
def test_two_hundred_megabytes_are_refused_by_every_door(api, user_with, company, tmp_path):
    lawyer = user_with(Role.LEGAL, company)
    with scoping.everything():
        version = VersionFactory(product__company=company)
    token = api(lawyer).defaults["HTTP_AUTHORIZATION"]
    browser = Client()
    browser.force_login(lawyer, backend="django.contrib.auth.backends.ModelBackend")
    session = (
        f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    )
    media = tmp_path / "files"
    path = f"/api/catalog/versions/{version.pk}/documents"
    by_api = {"Authorization": token, "Content-Type": FORM}
    seen: list[int] = []
    form = Form({"type": "FAQ", "title": "Trop long"}, name="file")

    with serving(tmp_path, media) as server:
        answer, body = server.ask("GET", path, {"Authorization": token})
        assert (answer.status, json.loads(body)["results"]) == (200, [])
        memory = server.peak

        answer, body = server.send(
            "POST", path, by_api | {"Content-Length": form.length}, iter(form)
        )
        assert (answer.status, json.loads(body)["code"]) == (413, "too_large")
        unsaid = by_api | {"Transfer-Encoding": "chunked"}
        answer, body = server.send("POST", path, unsaid, chunks(iter(form)))
        assert (answer.status, json.loads(body)["code"]) == (400, "length_required")

        page = reverse("admin:documents_productdocument_add")
        answer, body = server.ask("GET", page, {"Cookie": session})
        proof = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', body)[1]
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        typed = {
            "csrfmiddlewaretoken": proof,
            "product_version": str(version.pk),
            "type": "FAQ",
            "title": "Trop long",
        }
        form = Form(typed, name="file")
        by_page = {"Cookie": f"{session}; {cookie}", "Content-Type": FORM}
        by_page["Content-Length"] = form.length
        answer, body = server.send("POST", page, by_page, watched(form, server.temporary, seen))
        assert answer.status == 200
        assert seen == [1]  # the form waits there, as long as it is looked at
        assert "Ce fichier dépasse 25 Mo." in body

        answer, body = server.ask("GET", path, {"Authorization": token})
        assert (answer.status, json.loads(body)["results"]) == (200, [])
        assert list(server.temporary.iterdir()) == []
        assert server.peak - memory < 64 * 1024  # never held whole
    assert not media.exists() or list(media.rglob("*.pdf")) == []
    with scoping.everything():
        assert not ProductDocument.objects.exists()
