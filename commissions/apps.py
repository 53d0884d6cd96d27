"""Django application: commissions."""

from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    """Commission schemes, their tiers and their beneficiaries."""

    name = "commissions"
    verbose_name = "Commissions"

    def ready(self) -> None:
        """Register the commissions' part of a version, and their check."""
        from catalog import parts
        from commissions.part import SCHEMES
        from commissions.selectors.wording import logged_split
        from commissions.services.publication import check_commissions
        from winvest.core.selectors import wording

        parts.register(SCHEMES)
        wording.register_log_words("commission_scheme", "split", logged_split)
        parts.register_check("commissions", check_commissions)
