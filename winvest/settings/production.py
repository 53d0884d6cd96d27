"""Production: behind a TLS proxy; every secret comes from the environment."""

from winvest.settings import env
from winvest.settings.base import *

DEBUG = False
SECRET_KEY = env.text("WINVEST_SECRET_KEY")
MASTER_KEYS = env.master_keys()
PRODUCTION_CREDENTIALS = env.flag("WINVEST_PRODUCTION_CREDENTIALS", default=True)
ALLOWED_HOSTS = env.names("WINVEST_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-winvest"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("WINVEST_SMTP_HOST", "localhost")
EMAIL_PORT = int(env.text("WINVEST_SMTP_PORT", "587"))
EMAIL_HOST_USER = env.text("WINVEST_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("WINVEST_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("WINVEST_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 10
