"""Django application: partners."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Partners and their activation by company."""

    name = "partners"
    verbose_name = "Partenaires"
