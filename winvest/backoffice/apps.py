"""Django application: cross-app screens of the back-office."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """Screens that need several applications at once."""

    name = "winvest.backoffice"
    verbose_name = "Back-office"

    def ready(self) -> None:
        """Count the tasks that wait beside their entry of the menu."""
        from winvest.backoffice.dashboard.counts import tasks_waiting
        from winvest.core.admin.menu_entries import TASKS
        from winvest.core.admin.sidebar import Counter, register_counter

        register_counter(TASKS, Counter("À faire", tasks_waiting))
