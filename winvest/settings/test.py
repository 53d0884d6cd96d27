"""Tests: real PostgreSQL and Redis, quick password hashes, no compressed static files."""

from pathlib import Path

from winvest.settings import env
from winvest.settings.base import *

SECRET_KEY = "test-key-that-protects-nothing-and-is-long-enough-for-the-checks"
MASTER_KEYS = {
    "BACKEND": "winvest.core.crypto.local.LocalKeys",
    "OPTIONS": {"values": ["dGVzdC1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW5nLTE="]},
}
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Nothing is collected: the live server finds the sources itself.
STATIC_ROOT = None  # type: ignore[assignment]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The processes of one test run share these keys of the one Redis, and no others.
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = env.text("WINVEST_TEST_KEYS", "test")
MEDIA_ROOT = Path(env.text("WINVEST_TEST_MEDIA") or MEDIA_ROOT)
