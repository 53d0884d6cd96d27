"""Django application: commissions."""

from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    """Commission schemes and lines."""

    name = "commissions"
    verbose_name = "Commissions"
