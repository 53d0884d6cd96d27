"""Django application: cross-app screens of the back-office."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """Screens that need several applications at once."""

    name = "winvest.backoffice"
    verbose_name = "Back-office"
