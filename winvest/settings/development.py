"""`make run`: this machine only, the secret key is drawn at the first start."""

from django.core.management.utils import get_random_secret_key

from winvest.settings import env
from winvest.settings.base import *

SECRET_KEY = env.text("WINVEST_SECRET_KEY") or get_random_secret_key()
MASTER_KEYS = env.master_keys(own_file=VAR_DIR / "master-keys")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.names("WINVEST_ALLOWED_HOSTS")]

# Served from where they are: gathering and compressing them takes minutes (production does).
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True

PASSWORD_HASHERS = ["winvest.backoffice.demo.hashers.DrawnPasswordHasher"]
