"""The theme of the back-office as settings: pure data, no model is imported (1-22, 13-06).

The colours live in `static/winvest/theme.css`, because the Content-Security-Policy refuses the
`<style>` element that django-unfold would write.
"""

from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.http import HttpRequest
from django.templatetags.static import static

CSP_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
    },
}


def logo(request: HttpRequest) -> str:
    """Return the address of the logo."""
    return static("winvest/logo.svg")


def stylesheet(request: HttpRequest) -> str:
    """Return the address of our style sheet."""
    return static("winvest/theme.css")


def script(request: HttpRequest) -> str:
    """Return the address of the script that adapts django-unfold to Alpine's CSP build."""
    return static("winvest/theme.js")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Winvest",
    "SITE_HEADER": "Winvest",
    "SITE_SUBHEADER": "Catalogue produits",
    "SITE_URL": None,
    "SITE_ICON": logo,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": logo}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "STYLES": [stylesheet],
    "SCRIPTS": [script],
    "LOGIN": {"form": "winvest.core.admin.forms.SignInForm"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
    },
}
