"""Sale agreements: why one is not changed (R-10)."""

from winvest.core.errors import Problem


class AgreementProblem(Problem):
    """Why an agreement is not changed."""

    STARTED = (
        "agreement.started",
        "Cet accord a commencé : seules ses conditions et sa fin changent encore.",
    )
    KEPT = "agreement.kept", "Un accord commencé se termine, il ne s'efface pas."
    IN_USE = (
        "agreement.in_use",
        "Une publication repose sur cet accord : changez-en la fin, elle finira avec lui.",
    )
