"""Tests: real PostgreSQL and Redis, quick password hashes, no compressed static files."""

from winvest.settings.base import *

SECRET_KEY = "test-key-that-protects-nothing-and-is-long-enough-for-the-checks"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
