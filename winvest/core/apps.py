"""Django application of the core, and our own admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import Tags, register
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Company, users, rights, scope, audit, jobs and the bases of the other applications."""

    name = "winvest.core"
    label = "core"
    verbose_name = "Accès et référentiels"

    def ready(self) -> None:
        """Have a database that stopped halfway refused before it is migrated."""
        from winvest.core.selectors.migrations import halfway

        register(halfway, Tags.database)


class WinvestAdminConfig(SimpleAdminConfig):
    """`django.contrib.admin` with the back-office as its default site.

    Only our own `admin/registry.py` are looked for: the pages of libraries know nothing of the
    scope.
    """

    default_site = "winvest.core.admin.site.WinvestAdminSite"

    def ready(self) -> None:
        """Register the pages of every application."""
        super().ready()
        from django.contrib import admin

        autodiscover_modules("admin.registry", register_to=admin.site)
