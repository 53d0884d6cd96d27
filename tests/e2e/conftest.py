"""A real browser against the real product with the demo data."""

import os
import shutil
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import handlers
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.watch import Watch, settled, visit
from tests.support.databases import clone
from winvest.core.models import User

HERE = Path(__file__).parent
# A page answers in a tenth of a second; a machine that runs everything else too may need this.
PATIENCE = 30_000
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Its date boxes read jj/mm/aaaa where its languages are installed (Debian's `chromium-l10n`).
FRENCH = {"LANGUAGE": "fr_FR"}


def pytest_collection_modifyitems(items):
    """Run every browser test in one worker: two browsers would starve each other."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser():
    """Start one Chromium for all browser tests."""
    # Playwright's loop runs in this thread, where the tests use the database too.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(QUIET), env={**os.environ, **FRENCH}
        )
        yield chromium
        chromium.close()


class KeptFiles(StaticFilesHandler):
    """Static files that the browser keeps, as those of production: a page has thirty of them."""

    def serve(self, request):
        """Serve the file for the whole test."""
        response = super().serve(request)
        response["Cache-Control"] = "max-age=3600"
        return response


@pytest.fixture(scope="session", autouse=True)
def kept_files():
    """Let the live server serve such files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "StaticFilesHandler", KeptFiles)
        yield


@pytest.fixture
def demo(transactional_db, media, demo_template):
    """Give the test its own copy of the demo data and of its files, which the pages show."""
    name, made = demo_template
    clone(name, connection.settings_dict["NAME"])
    shutil.copytree(made.path.parent / "media", settings.MEDIA_ROOT)
    return made


@pytest.fixture
def open_page(demo, live_server, browser: Browser):
    """Return a function that opens a watched page, signed in as somebody or not."""
    contexts = []

    def open_(
        email: str = "",
        *,
        width: int = 1440,
        scheme: Literal["light", "dark"] = "light",
        scripts: bool = True,
    ) -> tuple[Page, Watch]:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if not scripts:
            context.route("**/static/**", lambda route: route.abort())
        context.set_default_timeout(PATIENCE)
        if email:
            client = Client()
            client.force_login(User.objects.get(email=email), settings.AUTHENTICATION_BACKENDS[0])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
            )
        page = context.new_page()
        return page, Watch(page)

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(demo, open_page):
    """Return a function that opens a page for a person, who signs in by the form on his way to it."""
    passwords = {one["email"]: one["password"] for one in demo.accounts["accounts"]}

    def enter(email: str, path: str) -> tuple[Page, Watch]:
        page, watch = open_page()
        visit(page, path)
        page.locator("[name=username]").fill(email)
        page.locator("[name=password]").fill(passwords[email])
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(lambda url: not urlsplit(url).path.startswith("/login/"))
        settled(page)
        return page, watch

    return enter
