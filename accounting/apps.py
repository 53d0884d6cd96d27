"""Django application: accounting."""

from django.apps import AppConfig


class AccountingConfig(AppConfig):
    """Mappings, operations, entries and exports."""

    name = "accounting"
    verbose_name = "Comptabilité"

    def ready(self) -> None:
        """Declare the jobs that a worker runs here, and the check of a publication."""
        from accounting.jobs import EXPORT, PRICE_GRID
        from accounting.selectors.wording import AMOUNTS, logged_amount, logged_body
        from accounting.services.exports import run_export
        from accounting.services.publication import check_accounting
        from catalog import parts
        from winvest.core.domain.roles import Action
        from winvest.core.jobs import register
        from winvest.core.selectors import wording

        parts.register_check("accounting", check_accounting)
        for table in ("accounting_entry", "accounting_counter"):
            wording.register_log_words(table, "year", lambda _, year: str(year))
        for table, columns in AMOUNTS.items():
            for column in columns:
                wording.register_log_words(table, column, logged_amount)
        wording.register_log_words("operation", "body", logged_body)
        register(EXPORT, run=run_export, action=Action.EXPORT_RUN, label="Export comptable")
        register(PRICE_GRID, run=run_export, action=Action.CATALOG_VIEW_ALL, label="Grille de prix")
