"""How far an external system is linked to a product (Annexe C.2)."""

from winvest.core.errors import Problem


class IntegrationProblem(Problem):
    """Why a product cannot be said to be linked."""

    CREDENTIAL = (
        "integration.credential",
        "« Intégré API » suppose que le partenaire du produit ait un accès API en service.",
    )
    LIVE_CREDENTIAL = (
        "integration.live_credential",
        "Un produit en vente « Intégré API » suppose que son partenaire ait un accès API en "
        "service, de production.",
    )
