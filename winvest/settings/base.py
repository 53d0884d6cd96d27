"""Settings shared by every environment (`design/architecture.md` §1)."""

from celery.schedules import crontab

from winvest.core.admin import theme
from winvest.settings import env

BASE_DIR = env.BASE_DIR
VAR_DIR = env.VAR_DIR
DEBUG = env.flag("WINVEST_DEBUG")
PUBLIC_URL = env.text("WINVEST_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "winvest.core.apps.WinvestAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
    "import_export",
    "simple_history",
    "pgtrigger",
    "csp",
    "django_htmx",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "winvest.core.apps.CoreConfig",
    "partners",
    "catalog",
    "documents",
    "commissions",
    "accounting",
    "integrations",
    "winvest.backoffice",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "winvest.core.middleware.PagePolicyMiddleware",
    "winvest.core.middleware.RequestIdMiddleware",
    "winvest.core.middleware.BrowserSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "winvest.core.middleware.BrowserUserMiddleware",
    "winvest.core.middleware.ScopeMiddleware",
    "winvest.core.middleware.BrowserMessagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "winvest.core.middleware.BrowserHtmxMiddleware",
]

ROOT_URLCONF = "winvest.urls"
# Our own `templates/` also holds the widgets of forms.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
WSGI_APPLICATION = "winvest.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": env.database(env.text("DATABASE_URL", "postgresql://winvest@127.0.0.1/winvest"))
    | {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # pgtrigger looks for `pgtrigger.ignore` before each row and catches an error where it is
        # not set, which costs more and more as a transaction writes more rows.
        "OPTIONS": {
            "options": "-c statement_timeout=60000 -c lock_timeout=10000 -c pgtrigger.ignore={}"
            # Solid-state disks read any page alike, and a page of a list is no work for several.
            " -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0"
            # From where names are worth comparing: « forfiat » is still « forfait ».
            " -c pg_trgm.similarity_threshold=0.5 -c pg_trgm.word_similarity_threshold=0.5"
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{REDIS_URL}?db=1" if REDIS_URL.startswith("unix:") else REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    },
}

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
# An anonymous visitor holds no right on any object: no row stands for him.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "winvest.core.api.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# The pictures of the guides are those of `docs/`, shown by the product's own help.
STATICFILES_DIRS = [BASE_DIR / "static", ("guide", BASE_DIR / "docs" / "images")]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    # Never served by the web server: a download passes by a view that asks for the right.
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# How long before its end a document turns orange (E.2.5).
DOCUMENT_WARNING_DAYS = int(env.text("WINVEST_DOCUMENT_WARNING_DAYS", "30"))
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

CONTENT_SECURITY_POLICY = theme.CSP_POLICY
UNFOLD = theme.UNFOLD

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "winvest.core.api.authentication.BearerAuthentication",
        "winvest.core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["winvest.core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["winvest.core.api.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "winvest.core.api.problems.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Catalogue Winvest",
    "DESCRIPTION": "Produits, prix, opérations et exports comptables du groupe Winvest.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RuleSetEnum": "catalog.choices.RuleSet",
        "ChannelEnum": "catalog.choices.Channel",
        "DiscountKindEnum": "catalog.choices.DiscountKind",
        "EntryTypeEnum": "accounting.choices.EntryType",
        "ExportKindEnum": "accounting.choices.ExportKind",
        "ImportStateEnum": "winvest.core.choices.ImportState",
        "JobStateEnum": "winvest.core.choices.JobState",
        "LifecycleStatusEnum": "catalog.choices.LifecycleStatus",
        "OperationKindEnum": "accounting.choices.OperationKind",
        "OperationStateEnum": "accounting.choices.OperationState",
        "PartnerTypeEnum": "partners.choices.PartnerType",
        "PricingModelEnum": "catalog.choices.PricingModel",
        "PricingTypeEnum": "catalog.choices.PricingType",
        "TierModeEnum": "catalog.choices.TierMode",
        "VersionStateEnum": "catalog.choices.VersionState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "winvest.core.api.schema.add_problems",
    ],
}

# R-11: keys of the partners' production systems are kept on the production installation only.
PRODUCTION_CREDENTIALS = False

CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 1800
CELERY_TASK_TIME_LIMIT = 1830
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The restore interval and throttle give an unacknowledged message back within seconds of the
# visibility timeout, which stands above the longest task.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, int | str] = {
    "visibility_timeout": 1900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    # A request does not wait for a dead broker: the sweeper sends again.
    "max_retries": 0,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# A worker that stays silent for a lease loses its job, which the next sweep gives to another.
JOB_LEASE_SECONDS = int(env.text("WINVEST_JOB_LEASE_SECONDS", "60"))
JOB_SWEEP_SECONDS = int(env.text("WINVEST_JOB_SWEEP_SECONDS", "15"))
CELERY_BEAT_SCHEDULE = {
    "resend-jobs": {
        "task": "winvest.core.tasks.resend_jobs",
        "schedule": JOB_SWEEP_SECONDS,
        "options": {"expires": JOB_SWEEP_SECONDS},
    },
    "month-partitions": {
        "task": "winvest.core.tasks.create_partitions",
        "schedule": crontab(hour=3, minute=10),
    },
    "audit-seal": {
        "task": "winvest.core.tasks.seal_audit",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "audit-root": {
        "task": "winvest.core.tasks.keep_audit_root",
        "schedule": crontab(hour=0, minute=20),
    },
    "audit-trails": {
        "task": "winvest.core.tasks.write_audit_trails",
        "schedule": crontab(hour=2, minute=40),
    },
    "idempotency-keys": {
        "task": "winvest.core.tasks.purge_idempotency_keys",
        "schedule": crontab(hour=3, minute=40),
    },
    "product-transitions": {
        "task": "catalog.tasks.apply_due_moves",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "dashboard-figures": {
        "task": "winvest.backoffice.tasks.count_figures",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "reminders": {
        "task": "catalog.tasks.remind",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "documents": {
        "task": "documents.tasks.sweep",
        "schedule": 900,
        "options": {"expires": 900},
    },
    "document-files": {
        "task": "documents.tasks.verify",
        "schedule": crontab(hour=4, minute=10),
    },
    "notifications": {
        "task": "winvest.core.tasks.mail_notifications",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "book-parked": {
        "task": "accounting.tasks.book_parked",
        "schedule": 60,
        "options": {"expires": 60},
    },
}

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.text("WINVEST_MAIL_FROM", "Catalogue Winvest <catalogue@winvest.example>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # One line for each step of each page.
        "weasyprint.progress": {"level": "WARNING"},
    },
}
