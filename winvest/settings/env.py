"""Environment variables, with `var/environment` (written by `make run`) as a fallback."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("WINVEST_VAR") or BASE_DIR / "var")


def _written_by_make_run() -> dict[str, str]:
    try:
        lines = (VAR_DIR / "environment").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


_fallback = _written_by_make_run()


def text(name: str, default: str = "") -> str:
    """Return the variable `name`, else what `make run` wrote, else `default`."""
    return os.environ.get(name) or _fallback.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no variable: 1, true, yes and oui mean yes."""
    value = text(name)
    return value.lower() in {"1", "true", "yes", "oui"} if value else default


def names(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """Return Django's settings of a `postgresql://user:password@host:port/name?host=/socket` URL."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "winvest",
        "USER": unquote(parts.username or query.get("user", [""])[0]),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": query.get("port", [str(parts.port or "")])[0],
    }


def master_keys(*, own_file: Path | None = None) -> dict[str, Any]:
    """Return the setting of the master keys: WINVEST_MASTER_KEYS, else WINVEST_MASTER_KEY_FILE.

    Without either, `own_file` is made at the first use; where there is none, nothing starts.
    """
    options: dict[str, Any] = {"values": names("WINVEST_MASTER_KEYS")}
    if not options["values"]:
        given = text("WINVEST_MASTER_KEY_FILE")
        options = {"path": given or own_file, "create": not given}
        if options["path"] is None:
            raise ImproperlyConfigured(
                "Il manque WINVEST_MASTER_KEYS ou WINVEST_MASTER_KEY_FILE : les secrets ne peuvent "
                "pas être chiffrés."
            )
    return {"BACKEND": "winvest.core.crypto.local.LocalKeys", "OPTIONS": options}


def celery_broker(url: str) -> str:
    """Return the Celery form of a Redis URL (`unix://` is `redis+socket://` there)."""
    if url.startswith("unix://"):
        return "redis+socket://" + url.removeprefix("unix://").split("?", 1)[0] + "?virtual_host=0"
    return url
