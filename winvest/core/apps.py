"""Django application of the core, and our own admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CoreConfig(AppConfig):
    """Company, users, rights, scope, audit, jobs and the bases of the other applications."""

    name = "winvest.core"
    label = "core"
    verbose_name = "Accès et référentiels"


class WinvestAdminConfig(AdminConfig):
    """`django.contrib.admin` with the back-office as its default site."""

    default_site = "winvest.core.admin.site.WinvestAdminSite"
