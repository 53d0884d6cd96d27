"""Django application: commissions."""

from django.apps import AppConfig

# What empty columns stand for, by table.
NOTHING = {
    "commission_scheme": {
        "plan": "Toutes les formules",
        "channel": "Tous les canaux",
        "seller": "Toutes les sociétés",
        "partner": "Tous les partenaires",
        "valid_from": "Sans limite",
        "valid_to": "Sans limite",
        "min_amount": "Sans minimum",
        "max_amount": "Sans maximum",
    },
    "commission_tier": {"max": "Sans limite"},
}


class CommissionsConfig(AppConfig):
    """Commission schemes, their tiers and their beneficiaries."""

    name = "commissions"
    verbose_name = "Commissions"

    def ready(self) -> None:
        """Register the commissions' part of a version, and their check."""
        from catalog import parts
        from commissions.part import SCHEMES
        from commissions.selectors.wording import logged_split, logged_value
        from commissions.services.publication import check_commissions
        from winvest.core.selectors import wording

        parts.register(SCHEMES)
        for table, nothing in NOTHING.items():
            wording.register_nothing(table, nothing)
        wording.register_log_words("commission_scheme", "split", logged_split)
        wording.register_log_words("commission_tier", "value", logged_value)
        parts.register_check("commissions", check_commissions)
