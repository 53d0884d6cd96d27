"""How far an external system is linked to a product (Annexe C.2)."""

from enum import StrEnum

from winvest.core.errors import Problem


class IntegrationStatus(StrEnum):
    """The five statuses of C.2."""

    NONE = "none"
    REQUESTED = "requested"
    API = "api"
    IMPORT = "import"
    INACTIVE = "inactive"


# What a partner's API serves, or the partner has ended: no file says otherwise.
KEPT = frozenset({IntegrationStatus.API, IntegrationStatus.INACTIVE})


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
    KEPT = (
        "integration.kept",
        "Un code « Intégré API » ou « Inactif » se change sur sa fiche, pas par import.",
    )
    NOT_BY_IMPORT = (
        "integration.not_by_import",
        "L'import pose « Intégré Import » ; un autre statut se choisit sur la fiche.",
    )


def status_by_import(before: str, said: str = "", *, changed: bool) -> str | IntegrationProblem:
    """Return the status that an import gives to a code, or why it gives none (C.2).

    `said` is the status in the file, empty without one; what it only repeats stays as it is.
    """
    if before in KEPT:
        return before if said in ("", before) and not changed else IntegrationProblem.KEPT
    if said not in ("", before, IntegrationStatus.IMPORT):
        return IntegrationProblem.NOT_BY_IMPORT
    return before if said == before and not changed else IntegrationStatus.IMPORT
